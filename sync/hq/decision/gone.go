package decision

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ErrGone says that a terminal is decommissioned already.
var ErrGone = errors.New("terminal is decommissioned")

// By one entry.
const (
	heldAtOnce  = 1000
	headsAtOnce = 2000
)

// Gone reports whether a terminal is decommissioned.
func (w *Work) Gone(id ledger.TerminalID) (bool, error) {
	g, err := w.Desk.Gone(id)
	return g != nil, err
}

// Decommission ends a terminal: what it held, and what was on its way to it,
// goes back to whom it belongs.
func (w *Work) Decommission(id ledger.TerminalID, by By) error {
	if gone, err := w.Gone(id); err != nil || gone {
		return errors.Join(err, fmt.Errorf("%s: %w", id, ErrGone))
	}
	heads, err := w.Tx.Streams(id)
	if err != nil {
		return err
	}
	held, err := w.heldBy(id)
	if err != nil {
		return err
	}
	flight, err := underway.To(w.Tx, id)
	if err != nil {
		return err
	}
	for first := true; first || len(held)+len(flight)+len(heads) > 0; first = false {
		n, m, k := min(len(held), heldAtOnce), min(len(flight), heldAtOnce), min(len(heads), headsAtOnce)
		body := &office.Decommission{Terminal: id, Heads: heads[:k], Held: held[:n], Flight: flight[:m], By: w.By(by)}
		if _, err := w.Enter(body); err != nil {
			return err
		}
		held, flight, heads = held[n:], flight[m:], heads[k:]
	}
	return w.acceptGone(id)
}

// acceptGone has HQ wait no longer for a terminal that was decommissioned: what it
// may have been told that HQ forgot, it is asked for if it turns up.
func (w *Work) acceptGone(id ledger.TerminalID) error {
	if lost, err := w.Lost(id); err != nil || !lost {
		return err
	}
	return w.accept(id)
}

// heldBy lists what a terminal holds, as far as HQ has heard.
func (w *Work) heldBy(id ledger.TerminalID) (out []office.HeldThere, err error) {
	err = book.EachAccount(w.Tx, func(a book.Account) {
		if a.Place.Kind == book.AtTerminal && a.Place.Terminal == id && a.Amount > 0 {
			out = append(out, office.HeldThere{Lot: a.Lot.ID, Incarnation: a.Place.Incarnation, Amount: a.Amount})
		}
	})
	return out, err
}

// TakeBacks takes back the notes that a terminal passed over and whose
// incarnations are over.
func (w *Work) TakeBacks(id ledger.TerminalID) error {
	over, waiting, err := w.Desk.Passed(id)
	if err != nil {
		return err
	}
	if w.o.Unguarded.OverFirst {
		over = append(over, waiting...)
	}
	for _, n := range over {
		if _, err := w.Enter(&office.TakeBack{Terminal: id, Note: n, By: w.By(ByPolicy("over"))}); err != nil {
			return err
		}
	}
	return nil
}
