package hq

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// decide runs fn in one transaction; what terminals must be told of a member's
// ruling goes out with it.
func (h *HQ) decide(fn func(w *decision.Work) error) error {
	err := h.o.Book.Update(func(tx book.Tx) error {
		w := h.begin(tx)
		if err := fn(w); err != nil {
			return err
		}
		return w.End()
	})
	if err == nil {
		h.changed()
	}
	return err
}

// Decide runs what a person decides, or looks at, in one transaction.
func (h *HQ) Decide(fn func(w *decision.Work) error) error { return h.decide(fn) }

func (h *HQ) begin(tx book.Tx) *decision.Work { return decision.Begin(tx, &h.terms) }

// By says who decided something and why.
type By = decision.By

// hasNews remembers that something waits for a terminal. A transaction that is
// then given up leaves a word too many, which costs one look.
func (h *HQ) hasNews(id ledger.TerminalID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting[id] = true
}

// News lists the terminals for which something was written since it was asked
// last, in order.
func (h *HQ) News() []ledger.TerminalID {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := slices.Sorted(maps.Keys(h.waiting))
	clear(h.waiting)
	return list
}
