// Package referral rewards who brings a new member along, and the new member, for the
// first real purchase (cap M6). It goes one level deep and no deeper, pays a fixed
// reward, whatever is bought, and for so many a month at most (law L25). HQ alone
// gives it, once.
package referral

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Enrolled remembers who brought a new member along.
func Enrolled(w *decision.Work, e *ledger.Enrol) error {
	if e.Referrer == 0 || e.Referrer == e.Member {
		return nil
	}
	return w.Desk.Joined(e.Member, e.Referrer)
}

// Bought remembers a purchase of a new member that may count.
func Bought(w *decision.Work, of lot.Origin, sale *ledger.Sale) error {
	r := w.Programme().Referral
	if r == nil || sale.Member == 0 || sale.Net() < max(r.FirstPurchaseFromFen, 1) {
		return nil
	}
	person, err := w.Desk.Person(sale.Member)
	if err != nil || person.Referrer == 0 || person.Referred != 0 {
		return err
	}
	return w.Desk.Joined(sale.Member, person.Referrer, of)
}

// Settle rewards those whose first purchase has stood the time.
func Settle(w *decision.Work) error {
	if w.Programme().Referral == nil {
		return nil
	}
	keys, _, err := w.Tx.DeskRows(office.PersonRows)
	for _, key := range keys {
		id := office.PersonOf(key)
		person, failed := w.Desk.Person(id)
		if failed != nil {
			return failed
		}
		if person.Referrer == 0 || person.Referred != 0 || len(person.Bought) == 0 || person.To != 0 {
			continue // a merged one was known before, and brought by nobody
		}
		if err := look(w, id, person); err != nil {
			return err
		}
	}
	return err
}

func look(w *decision.Work, id member.ID, person *office.Person) error {
	by, err := w.Desk.Persons(person.Referrer)
	if err != nil || by[0] == id {
		return err
	}
	if known, err := w.Known(id); err != nil || !known {
		return err
	}
	for _, of := range person.Bought {
		stands, err := stands(w, of)
		if err != nil {
			return err
		}
		if stands {
			return reward(w, w.Programme().Referral, id, by[0], of)
		}
	}
	return nil
}

// stands reports whether a purchase lies back far enough and still is one.
func stands(w *decision.Work, of lot.Origin) (bool, error) {
	t := ledger.TerminalID(of.Terminal)
	row, err := w.Tx.Entry(t, ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
	if err != nil {
		return false, err
	}
	e, err := ledger.Decode(row.Raw)
	if err != nil {
		return false, err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if !ok || sale.Day+lot.Day(w.Programme().Referral.Settled) > w.Today().Day {
		return false, nil
	}
	state, err := fold.Load(t, w.Tx.State(t))
	if err != nil {
		return false, err
	}
	known, _, ok, err := state.Sale(of)
	left := func(l fold.SoldLine) bool { return l.Returned < l.Qty }
	if err != nil || !ok || !slices.ContainsFunc(known.Lines, left) {
		return false, err
	}
	sold, err := w.Desk.Sold(of)
	return sale.Net()-known.Refund-sold.Fen >= max(w.Programme().Referral.FirstPurchaseFromFen, 1), err
}

func reward(w *decision.Work, r *programme.Referral, newcomer, referrer member.ID, of lot.Origin) error {
	body := &office.Refer{Newcomer: newcomer, Referrer: referrer, Sale: of, By: w.By(decision.ByPolicy("referral"))}
	who, err := w.Desk.Person(referrer)
	if err != nil {
		return err
	}
	ruling, err := w.Desk.Ruling(referrer)
	if err != nil {
		return err
	}
	give := func(owner member.ID, n lot.Amount) {
		i := ledger.Issue{Asset: r.Asset, Amount: n}
		if fen, err := w.Programme().Worth(r.Asset).Inverse().Ceil(1000); err == nil { // the programme itself bears it
			i.UnitCost = lot.Fen(fen)
		}
		i.Active, i.Expires = w.Programme().TermsOf(r.Asset, body.Day)
		if n > 0 {
			body.Lots = append(body.Lots, w.Lots(owner, []ledger.Issue{i}, body.Day, w.Programme().Version())...)
		}
	}
	give(newcomer, r.Newcomer)
	full := r.PerMonth > 0 && who.BroughtIn == body.Day.MonthEnd() && who.Brought >= r.PerMonth
	if !full && !ruling.Blocked {
		give(referrer, r.Referrer)
	}
	at, err := w.Enter(body)
	if err != nil {
		return err
	}
	lots := body.Moves(at).Lots
	for _, id := range []member.ID{newcomer, referrer} {
		var own []lot.Lot
		for _, l := range lots {
			if l.Owner == id {
				own = append(own, l)
			}
		}
		err = errors.Join(err, w.Net(id, own))
	}
	return err
}
