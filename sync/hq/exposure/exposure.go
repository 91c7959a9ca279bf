// Package exposure is what a store may lose at a terminal: by boots that nothing
// proved, and all that is there if the board is stolen or dead. A person reads it
// before they decide, and says what may be used on trust.
package exposure

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Exposure is what the store may lose.
type Exposure struct {
	Held     lot.Fen // what it holds or may have in notes on their way, in worth, as far as HQ has heard
	Frozen   lot.Fen // of it, what waits for a witness
	Released lot.Fen // by persons, in worth
	Trusted  map[lot.Asset]lot.Amount
	Waiting  []lineage.Waiting
	Standing []ledger.Bound // what HQ's standing order lets be used on trust
}

// Of tells what the store may lose at a terminal, as far as HQ has heard.
func Of(w *decision.Work, id ledger.TerminalID) (e Exposure, err error) {
	state, err := fold.Load(id, w.Tx.State(id))
	if err != nil {
		return e, err
	}
	e = Exposure{Waiting: state.Waiting(), Trusted: map[lot.Asset]lot.Amount{}, Standing: state.Standing()}
	sums, err := w.Tx.Accounts()
	if err != nil {
		return e, err
	}
	for _, s := range sums {
		if n, err := state.Exposure(s.Asset); err != nil {
			return e, err
		} else if n > 0 {
			e.Trusted[s.Asset] = n
		}
	}
	waits := func(at ledger.Incarnation) bool {
		return slices.ContainsFunc(e.Waiting, func(p lineage.Waiting) bool { return state.SameLine(at, p.Head.Incarnation) })
	}
	err = book.EachAccount(w.Tx, func(a book.Account) {
		if a.Place.Kind != book.AtTerminal || a.Place.Terminal != id || a.Amount <= 0 {
			return
		}
		worth := w.Worth(a.Lot, a.Amount)
		e.Held = min(e.Held+worth, lot.FenMax)
		if waits(a.Place.Incarnation) {
			e.Frozen = min(e.Frozen+worth, lot.FenMax)
		}
	})
	more, failed := coming(w, id)
	if err = errors.Join(err, failed); err != nil {
		return e, err
	}
	e.Held = min(e.Held+more, lot.FenMax)
	e.Released, _, err = w.Desk.Exposed(id)
	return e, err
}

// coming is the worth of what a terminal may have in notes on their way. Of one that is
// gone it is what HQ did not take back: it had heard that the notes came, and has
// forgotten it.
func coming(w *decision.Work, id ledger.TerminalID) (worth lot.Fen, err error) {
	gone, err := w.Gone(id)
	if err != nil {
		return 0, err
	}
	if gone {
		parts, err := adrift.All(w.Tx)
		for _, p := range parts {
			if p.Terminal == id {
				worth = min(worth+w.Worth(p.Lot, p.Open), lot.FenMax)
			}
		}
		return worth, err
	}
	flying, err := underway.To(w.Tx, id)
	if err != nil {
		return 0, err
	}
	for _, d := range flying {
		l, err := w.Tx.Lot(d.Lot)
		if err != nil {
			return 0, err
		}
		worth = min(worth+w.Worth(l, d.Amount), lot.FenMax)
	}
	return worth, nil
}

// Stand sets what a terminal may use on trust after every boot that nothing
// proves, beyond the programme; none takes it back.
func Stand(w *decision.Work, id ledger.TerminalID, bounds []ledger.Bound, by decision.By) error {
	if gone, err := w.Gone(id); err != nil || gone {
		return errors.Join(err, fmt.Errorf("%s: %w", id, decision.ErrGone))
	}
	if _, err := w.Enter(&office.Release{Terminal: id, Standing: bounds, By: w.By(by)}); err != nil {
		return err
	}
	_, err := w.Send(id, ledger.Down{Release: &ledger.Release{Standing: bounds}})
	return err
}
