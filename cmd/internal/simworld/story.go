package simworld

import (
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/terminal/clerk"
)

func (t *truth) add(l tale.Line) {
	l.At = t.w.Now
	t.story = append(t.story, l)
}

// tell adds what a cashier was told is done.
func (t *truth) tell(b *board, done clerk.Done) {
	l := tale.Of(done.Entry.Body)
	if l.Member == 0 {
		return
	}
	l.Store, l.Entry = b.store(), done.Origin.String()
	t.add(l)
}

// happened adds what happened to a store.
func (b *board) happened(e tale.Event) { b.w.truth.add(tale.Line{Store: b.store(), Event: e}) }
