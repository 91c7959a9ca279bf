package simworld

import (
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/truth"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// newTruth is what really happens in a world.
func newTruth(w *World) *truth.Truth {
	return truth.New(truth.Options{Engine: w.Engine, People: func() int { return len(w.people) }, Ended: w.endedBoards, Lot: w.lotOf, Limited: w.rules.Limited})
}

// endedBoards are those that HQ has ended.
func (w *World) endedBoards() (list []ledger.TerminalID) {
	for _, b := range w.boards {
		if b.over {
			list = append(list, b.id)
		}
	}
	return list
}

// lotOf is a lot that any HQ ever issued.
func (w *World) lotOf(id lot.ID) (lot.Lot, bool) {
	for _, h := range w.hqs() {
		if l, ok := h.Issued(id); ok {
			return l, true
		}
	}
	return lot.Lot{}, false
}

// asStore is a board as the truth has it.
func (b *board) asStore() truth.Store {
	return truth.Store{ID: b.id, Name: b.store(), Forgot: b.back, Twin: b.cloned}
}

// happened adds what happened to a store.
func (b *board) happened(e tale.Event) { b.w.truth.Tell(tale.Line{Store: b.store(), Event: e}) }
