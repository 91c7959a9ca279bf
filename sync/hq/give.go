package hq

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/asking"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// Ask gives a terminal what it asks for, as far as HQ itself holds it: one
// commit of the note, then the answer. An ask that comes twice is answered
// once.
func (h *HQ) Ask(id ledger.TerminalID, m *wire.Ask) (*wire.Answer, error) {
	if err := h.awake(); err != nil {
		return nil, err
	}
	var answer *wire.Answer
	err := h.o.Book.Update(func(tx book.Tx) (err error) {
		w, err := h.beginAt(tx, id)
		if err != nil {
			return err
		}
		if answer, err = asking.Answer(w, asking.Terms{Now: h.o.Now(), Own: h.terms.Keys.Public(), Again: h.o.Unguarded.AskOnce}, id, m); err != nil {
			return err
		}
		return w.End()
	})
	if err != nil {
		return nil, fmt.Errorf("answer ask of %s: %w", id, err)
	}
	h.changed()
	return answer, nil
}

// Down lists the journal for a terminal after a sequence number. The grant log is
// written once that is read: it has what somebody else decided a moment before too.
func (h *HQ) Down(id ledger.TerminalID, after ledger.DownSeq) (raws [][]byte, err error) {
	err = h.o.Book.Glance(func(tx book.Tx) error {
		raws, err = tx.Down(id, after, wire.DownEntriesMax)
		return err
	})
	if err = errors.Join(h.awake(), err); err == nil {
		err = h.flush()
	}
	if err != nil {
		return nil, err
	}
	return h.withLoose(id, after, raws), nil
}

// OpenMember issues the points that a member brings along, once.
func (h *HQ) OpenMember(p roll.Person) error {
	done := decision.OpenedMeta(p.ID)
	return h.decide(func(w *decision.Work) error {
		if at, err := w.Tx.Meta(done); err != nil || at != "" {
			return err
		}
		if waits, err := w.Waits(); err != nil || waits { // it may have been done in a time that HQ has forgotten
			return err
		}
		if known, err := w.Tx.Owned(p.ID); err != nil || h.Epoch() > 1 && slices.ContainsFunc(known, madeHere) {
			return err
		}
		o := office.Opening{By: w.By(decision.ByPolicy("opening"))}
		for _, c := range p.Opening {
			if c.Amount > 0 {
				o.Lots = append(o.Lots, lot.Lot{
					Owner: p.ID, Asset: c.Asset, Amount: c.Amount, Earned: o.Day,
					Expires: w.Programme().ExpiryOf(c.Asset, o.Day), Terms: w.Programme().Version(),
				})
			}
		}
		at, err := w.Enter(&o)
		if err != nil {
			return err
		}
		if err := w.Net(p.ID, o.Moves(at).Lots); err != nil {
			return err
		}
		return w.Tx.PutMeta(done, at.String())
	})
}

// madeHere reports whether an account is of a lot that HQ issued.
func madeHere(a book.Account) bool { return a.Lot.ID.Terminal == 0 }
