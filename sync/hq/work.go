package hq

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// decide runs fn in one transaction; what terminals must be told of a member's
// ruling goes out with it. An HQ that has nothing to say decides nothing either.
func (h *HQ) decide(fn func(w *decision.Work) error) error {
	if err := h.awake(); err != nil {
		return err
	}
	err := h.o.Book.Update(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
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

// Decide runs what a person decides in one transaction.
func (h *HQ) Decide(fn func(w *decision.Work) error) error { return h.decide(fn) }

// Look runs what somebody looks at, beside HQ's other work; what it decides is gone.
func (h *HQ) Look(fn func(w *decision.Work) error) error {
	return h.o.Book.View(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		return fn(w)
	})
}

// begin decides by what is in force.
func (h *HQ) begin(tx book.Tx) (*decision.Work, error) {
	f, err := h.inForce(tx)
	if err != nil {
		return nil, err
	}
	return h.beginWith(tx, f.All), nil
}

// beginAt decides by what is in force in the store of a terminal.
func (h *HQ) beginAt(tx book.Tx, id ledger.TerminalID) (*decision.Work, error) {
	f, err := h.inForce(tx)
	if err != nil {
		return nil, err
	}
	if !f.Parted() {
		return h.beginWith(tx, f.All), nil
	}
	t, err := tx.Terminal(id)
	return h.beginWith(tx, f.In(t.Store)), err
}

func (h *HQ) beginWith(tx book.Tx, p *programme.Programme) *decision.Work {
	terms := h.terms
	terms.Programme = p
	return decision.Begin(tx, &terms)
}

func (h *HQ) inForce(tx book.Tx) (*library.InForce, error) { return h.rules.InForce(tx, h.o.Now()) }

// version is the programme of a version that HQ knows, or nil.
func (h *HQ) version(tx book.Tx, version string) (*programme.Programme, error) {
	return h.rules.Version(tx, h.o.Now(), version)
}

// publish decides something about what is published: HQ itself goes by it from
// then on, without a word more.
func (h *HQ) publish(fn func(w *decision.Work) error) error {
	defer h.rules.Forget()
	return h.decide(fn)
}

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
