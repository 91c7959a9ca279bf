package bearer

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/member"
)

// called is a member whose points HQ has called back from another till.
type called struct {
	next  time.Duration // when they are asked for again
	tries int
}

// A till that serves the member itself keeps their points, and one whose line broke
// meanwhile is not waited for: after so many questions no more are asked. One whose
// answer was lost is asked anew when it would have been given up.
const (
	calledTries = 5
	calledLost  = 6 * time.Second
)

// call remembers that HQ has called back what a member has elsewhere.
func (b *Bearer) call(a clerk.Answer) {
	now := b.o.Clerk.Now().Mono
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.called[a.Member]
	if a.Why.Code != "points-called" || c.tries >= calledTries {
		delete(b.called, a.Member)
		return
	}
	if len(b.called) >= knownMax {
		clear(b.called)
	}
	b.called[a.Member] = called{now + askAgain, c.tries}
}

// Coming lists members whose points were called back and may be at HQ by now.
func (b *Bearer) Coming() (list []member.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.called) == 0 {
		return nil
	}
	now := b.o.Clerk.Now().Mono
	for id, c := range b.called {
		switch {
		case now < c.next:
		case c.tries >= calledTries:
			delete(b.called, id)
		default:
			b.called[id] = called{now + calledLost, c.tries + 1}
			list = append(list, id)
		}
	}
	slices.Sort(list) // the same on every run
	return list
}
