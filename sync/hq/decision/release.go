package decision

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Errors of a release.
var (
	ErrNothingWaits = errors.New("nothing of it waits for a witness")
	ErrExposure     = errors.New("worth more than may be lost")
)

// Release frees what a line of a terminal's lives holds, if it is worth no more
// than a person takes as the store's exposure. It returns what it is worth.
func (w *Work) Release(id ledger.TerminalID, i ledger.Incarnation, most lot.Fen, by By) (lot.Fen, error) {
	state, err := fold.Load(id, w.Tx.State(id))
	if err != nil {
		return 0, err
	}
	waiting := state.Waiting()
	at := slices.IndexFunc(waiting, func(p lineage.Waiting) bool { return state.SameLine(p.Head.Incarnation, i) })
	if at < 0 {
		return 0, fmt.Errorf("incarnation %s of %s: %w", i, id, ErrNothingWaits)
	}
	worth, err := w.worthOf(id, func(at ledger.Incarnation) bool { return state.SameLine(at, i) })
	if err != nil {
		return 0, err
	}
	if worth > most {
		return worth, fmt.Errorf("incarnation %s of %s holds ￥%s: %w", i, id, worth, ErrExposure)
	}
	body := &office.Release{Terminal: id, Incarnation: i, Fen: worth, By: w.By(by)}
	if _, err := w.Enter(body); err != nil {
		return 0, err
	}
	_, err = w.Send(id, ledger.Down{Release: &ledger.Release{Incarnation: i, Moved: &waiting[at].Moved}})
	return worth, err
}

// worthOf adds up what some of a terminal's lives hold, in worth.
func (w *Work) worthOf(id ledger.TerminalID, of func(ledger.Incarnation) bool) (sum lot.Fen, err error) {
	err = book.EachAccount(w.Tx, func(a book.Account) {
		if a.Place.Kind == book.AtTerminal && a.Place.Terminal == id && a.Amount > 0 && of(a.Place.Incarnation) {
			sum += w.Worth(a.Lot, a.Amount)
		}
	})
	return sum, err
}

// Worth is what some of a lot is worth: points by what they pay, all else by what its
// funder pays for it.
func (w *Work) Worth(l lot.Lot, n lot.Amount) lot.Fen {
	for _, kind := range w.o.Programme.Points {
		if kind.Asset == l.Asset {
			fen, err := kind.Worth.Inverse().Floor(int64(n))
			if err != nil {
				return lot.FenMax
			}
			return lot.Fen(fen)
		}
	}
	fen, err := lot.Ratio{Num: int64(l.UnitCost), Den: 1000}.Floor(int64(n))
	if err != nil {
		return lot.FenMax
	}
	return lot.Fen(fen)
}

// Alarmed raises the alarms of an entry that took what was not held, claimed
// what it has no right to, or says that the end of its journal is lost.
func (w *Work) Alarmed(id ledger.TerminalID, e fold.Effects) error {
	if e.Wrong != "" {
		if err := w.Alarm(id, "alarm-wrong", e.Origin.String()+": "+e.Wrong); err != nil {
			return err
		}
	}
	if e.Risk > 0 {
		if err := w.Alarm(id, "alarm-risk", e.Origin.String()); err != nil {
			return err
		}
	}
	if d, ok := e.Entry.Body.(*ledger.Doubt); ok {
		return w.Alarm(id, "alarm-doubt", e.Origin.String()+": "+d.Named.String())
	}
	return nil
}
