// Package asking answers what a terminal asks HQ for: so much of a member's points,
// or the right of a voucher whose paper somebody has in hand. It gives only what
// HQ itself holds; what lies at another terminal it asks back, and says where it
// lies and since when nothing was heard from there.
package asking

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Terms are what questions are answered by.
type Terms struct {
	Now   time.Time
	Own   []byte // HQ's public key
	Again bool   // a question that was answered is answered anew: for the simulation only
}

// Answer gives a terminal what it asks for, as far as HQ holds it, and says what
// else there is.
func Answer(w *decision.Work, t Terms, id ledger.TerminalID, m *wire.Ask) (*wire.Answer, error) {
	answer := &wire.Answer{Ask: m.ID, Member: m.Member}
	var err error
	if answer.Given, err = w.Answered(id, m.Incarnation, m.ID); err != nil {
		return nil, err
	}
	fresh := !answer.Given || t.Again
	if m.Voucher != "" {
		if fresh {
			err = voucher(w, t, id, m, answer)
		}
		return answer, err
	}
	var given decision.Given
	if fresh {
		if given, err = w.Give(id, m); err != nil {
			return nil, err
		}
		answer.Given = len(given.Holdings) > 0
	}
	persons, err := w.Desk.Persons(m.Member)
	if err != nil {
		return nil, err
	}
	if answer.Left, err = balances(w, id, persons, given); err != nil || !fresh {
		return answer, err
	}
	return answer, callBack(w, t, id, persons, m.Wants, answer)
}

// Called says that what is missing was called back from where it lies: it is worth
// asking again.
const Called = "points-called"

// callBack asks other terminals that HQ is in touch with for what a member wants to
// use here and HQ does not have: points go where their owner is.
func callBack(w *decision.Work, t Terms, id ledger.TerminalID, persons []member.ID, wants []wire.Want, a *wire.Answer) error {
	short := map[lot.Asset]bool{}
	for _, want := range wants {
		if slices.ContainsFunc(a.Left, func(b wire.Balance) bool { return b.Asset == want.Asset && b.HQ == 0 && b.Elsewhere > 0 }) {
			short[want.Asset] = true
		}
	}
	if len(short) == 0 {
		return nil
	}
	for _, p := range persons {
		away, err := w.RecallAll(p, func(x book.Account) bool {
			return short[x.Lot.Asset] && x.Place.Kind == book.AtTerminal && x.Place.Terminal != id && inTouch(w, t, x.Place.Terminal)
		}, decision.ByPolicy("asked"))
		if err != nil {
			return err
		}
		if away {
			a.Code = Called
		}
	}
	return nil
}

// inTouch reports whether a terminal was heard a moment ago.
func inTouch(w *decision.Work, t Terms, id ledger.TerminalID) bool {
	row, err := w.Tx.Terminal(id)
	return err == nil && !row.Heard.IsZero() && t.Now.Sub(row.Heard) <= silentAfter
}

// balances is what a terminal is told of a member's points that it does not
// have: what it has itself, and what is on its way to it, is not elsewhere.
func balances(w *decision.Work, at ledger.TerminalID, persons []member.ID, given decision.Given) ([]wire.Balance, error) {
	held, there := given.Held, map[lot.Asset]lot.Amount{}
	if held == nil || slices.ContainsFunc(held, func(a book.Account) bool { return a.Place.Kind == book.InFlight || a.Place.Terminal == at }) {
		var err error
		if held, err = w.Held(persons[0]); err != nil {
			return nil, err
		}
		if there, err = underway.There(w.Tx, at, persons); err != nil {
			return nil, err
		}
		given.Holdings = nil
	}
	lost, err := adrift.Near(w.Tx, held)
	if err != nil {
		return nil, err
	}
	elsewhere := map[lot.Asset]lot.Amount{}
	for _, a := range held {
		switch a.Place.Kind {
		case book.AtTerminal:
			elsewhere[a.Lot.Asset] += a.Amount
		case book.InFlight:
			n, _ := adrift.Of(lost, a.Lot.ID)
			elsewhere[a.Lot.Asset] += a.Amount - n
		}
	}
	free := decision.AtHQ(held)
	for _, gone := range given.Holdings {
		n := slices.IndexFunc(free, func(h lot.Holding) bool { return h.Lot.ID == gone.Lot.ID })
		free[n].Amount -= gone.Amount
	}
	var out []wire.Balance
	for _, kind := range w.Programme().Points {
		out = append(out, wire.Balance{
			Asset: kind.Asset, HQ: lot.Available(free, kind.Asset, w.Today()),
			Elsewhere: max(elsewhere[kind.Asset]-there[kind.Asset], 0),
		})
	}
	return out, nil
}
