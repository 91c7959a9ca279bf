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

// rowsAtATime bounds the lots whose accounts are read in one go.
const rowsAtATime = 1000

// Release frees what a line of a terminal's lives holds, if it is worth no more
// than a person takes as the store's exposure. It returns what it is worth.
func (w *Work) Release(id ledger.TerminalID, i ledger.Incarnation, most lot.Fen, by By) (lot.Fen, error) {
	state, err := fold.Load(id, w.Tx.State(id))
	if err != nil {
		return 0, err
	}
	waits := false
	for _, p := range state.Waiting() {
		waits = waits || state.SameLine(p.Head.Incarnation, i)
	}
	if !waits {
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
	_, err = w.Send(id, ledger.Down{Release: &ledger.Release{Incarnation: i}})
	return worth, err
}

// Stand sets what a terminal may use on trust after every boot that nothing
// proves, beyond the programme; none takes it back.
func (w *Work) Stand(id ledger.TerminalID, bounds []ledger.Bound, by By) error {
	if gone, err := w.Gone(id); err != nil || gone {
		return errors.Join(err, fmt.Errorf("%s: %w", id, ErrGone))
	}
	if _, err := w.Enter(&office.Release{Terminal: id, Standing: bounds, By: w.By(by)}); err != nil {
		return err
	}
	_, err := w.Send(id, ledger.Down{Release: &ledger.Release{Standing: bounds}})
	return err
}

// worthOf adds up what some of a terminal's lives hold: points by what they
// pay, all else by what its funder pays for it.
func (w *Work) worthOf(id ledger.TerminalID, of func(ledger.Incarnation) bool) (sum lot.Fen, err error) {
	var after lot.ID
	for {
		rows, err := w.Tx.Ledger(after, rowsAtATime)
		if err != nil || len(rows) == 0 {
			return sum, err
		}
		for _, a := range rows {
			if after = a.Lot.ID; a.Place.Kind == book.AtTerminal && a.Place.Terminal == id && a.Amount > 0 && of(a.Place.Incarnation) {
				sum += w.worth(a.Lot, a.Amount)
			}
		}
	}
}

func (w *Work) worth(l lot.Lot, n lot.Amount) lot.Fen {
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

// Exposure is what the store may lose at a terminal: by boots that nothing
// proved, and all that is there if the board is stolen or dead.
type Exposure struct {
	Held     lot.Fen // what it holds or may have in notes on their way, in worth, as far as HQ has heard
	Frozen   lot.Fen // of it, what waits for a witness
	Released lot.Fen // by persons, in worth
	Trusted  map[lot.Asset]lot.Amount
	Waiting  []lineage.Waiting
	Standing []ledger.Bound // what HQ's standing order lets be used on trust
}

// Exposure tells what the store may lose at a terminal, as far as HQ has heard.
func (w *Work) Exposure(id ledger.TerminalID) (e Exposure, err error) {
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
	err = EachAccount(w.Tx, func(a book.Account) {
		if a.Place.Kind != book.AtTerminal || a.Place.Terminal != id || a.Amount <= 0 {
			return
		}
		worth := w.worth(a.Lot, a.Amount)
		e.Held = min(e.Held+worth, lot.FenMax)
		if waits(a.Place.Incarnation) {
			e.Frozen = min(e.Frozen+worth, lot.FenMax)
		}
	})
	flying, failed := w.onTheWay(id)
	if err = errors.Join(err, failed); err != nil {
		return e, err
	}
	for _, d := range flying {
		l, err := w.Tx.Lot(d.Lot)
		if err != nil {
			return e, err
		}
		e.Held = min(e.Held+w.worth(l, d.Amount), lot.FenMax)
	}
	e.Released, err = w.Desk.Exposed(id)
	return e, err
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
