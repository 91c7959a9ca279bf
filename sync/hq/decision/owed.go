package decision

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Collect settles what is due of a member's lots, as far as it can be settled
// now. It is done again whenever something of them is heard.
func (w *Work) Collect(id member.ID) error {
	if waits, err := w.Waits(); err != nil || waits {
		return err
	}
	dues, err := w.Desk.Dues(id)
	if err != nil || len(dues) == 0 {
		return err
	}
	free, err := w.Free(id)
	if err != nil {
		return err
	}
	reserve := reserved(free, dues)
	for _, due := range dues {
		accounts, err := w.Tx.AccountsOf(due.Lot)
		if err != nil {
			return err
		}
		if len(accounts) == 0 { // a lot that was all risk and nothing else
			continue
		}
		want := lot.Clawing{Lots: []lot.Lot{accounts[0].Lot}, Want: due.Amount, Elsewhere: elsewhere(accounts)}
		if !due.Asset.Points() && want.Elsewhere > 0 { // points come by themselves, a prize stays where it was won
			if _, err := w.RecallAll(id, func(a book.Account) bool { return a.Lot.ID == due.Lot }, ByPolicy("return")); err != nil {
				return err
			}
		}
		policy := w.o.Programme.Limits.Claw
		if due.Cap {
			policy = lot.ClawPending
		}
		claw, err := lot.PlanClaw(reserve(due.Lot), want, w.Today(), policy)
		if err != nil {
			return err
		}
		take(free, claw.Draws)
		if err := w.settle(due, accounts[0].Lot.Owner, claw); err != nil {
			return err
		}
	}
	w.Touch(id)
	return nil
}

// settle enters what was planned of a due: what was taken or is owed from now
// on, and what is let go.
func (w *Work) settle(due office.Due, owner member.ID, claw lot.Claw) error {
	why, lets := "return", "claw-policy"
	if due.Cap {
		why, lets = "cap", "cap"
	}
	for draws := claw.Draws; len(draws) > 0 || claw.Owed > 0; {
		n := min(len(draws), lot.HoldingsMax)
		body := &office.SettleDue{Owner: owner, Asset: due.Asset, Lot: due.Lot, Draws: draws[:n], Cap: due.Cap, By: w.By(ByPolicy(why))}
		if draws = draws[n:]; len(draws) == 0 { // what is short of them all
			body.Short, claw.Owed = claw.Owed, 0
		}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	if claw.Forgiven == 0 {
		return nil
	}
	_, err := w.Enter(&office.Waive{Owner: owner, Lot: due.Lot, Amount: claw.Forgiven, Cap: due.Cap, By: w.By(ByPolicy(lets))})
	return err
}

// reserved lists, for one due, what is free without the parts of other lots
// that are due themselves.
func reserved(free []lot.Holding, dues []office.Due) func(lot.ID) []lot.Holding {
	return func(of lot.ID) []lot.Holding {
		out := slices.Clone(free)
		for n := range out {
			for _, d := range dues {
				if d.Lot == out[n].Lot.ID && d.Lot != of {
					out[n].Amount = max(out[n].Amount-d.Amount, 0)
				}
			}
		}
		return out
	}
}

// take draws on holdings.
func take(free []lot.Holding, draws []lot.Draw) {
	for n := range free {
		for _, d := range draws {
			if d.Lot == free[n].Lot.ID {
				free[n].Amount -= d.Amount
			}
		}
	}
}

// elsewhere adds up what terminals hold of a lot, notes on their way included.
func elsewhere(accounts []book.Account) (n lot.Amount) {
	for _, a := range accounts {
		if a.Place.Kind == book.AtTerminal || a.Place.Kind == book.InFlight {
			n += a.Amount
		}
	}
	return n
}

func At(accounts []book.Account, kind book.PlaceKind) (n lot.Amount) {
	for _, a := range accounts {
		if a.Place.Kind == kind {
			n += a.Amount
		}
	}
	return n
}

// Net takes of lots that reached HQ what their owner owes: of each award at
// most half. Lots that go on with another's terms are no awards.
func (w *Work) Net(id member.ID, lots []lot.Lot) error {
	if waits, err := w.Waits(); err != nil || waits {
		return err
	}
	owed, err := w.Desk.Owed(id)
	if err != nil || len(owed) == 0 {
		return err
	}
	var awards []plan.Award
	for _, l := range lots {
		if l.From != (lot.ID{}) {
			continue
		}
		accounts, err := w.Tx.AccountsOf(l.ID)
		if err != nil {
			return err
		}
		awards = append(awards, plan.Award{Holding: lot.Holding{Lot: l, Amount: At(accounts, book.AtHQ)}, Netted: At(accounts, book.Netted)})
	}
	for _, n := range plan.Net(owed, awards) {
		w.Touch(id)
		if _, err := w.Enter(&office.Net{Owed: n.Parts, Draws: n.Draws, By: w.By(ByPolicy("owed"))}); err != nil {
			return err
		}
	}
	return nil
}

// ForgiveOld writes off what has been owed for long enough.
func (w *Work) ForgiveOld(id member.ID) error {
	owed, err := w.Desk.Owed(id)
	if err != nil {
		return err
	}
	owed = slices.DeleteFunc(owed, func(o office.Owing) bool { return !lot.OwedLapsed(o.Since, w.Today().Day) })
	return w.Forgive(id, owed, ByPolicy("owed-too-long"))
}

// Forgive writes off parts of what a member owes.
func (w *Work) Forgive(id member.ID, owed []office.Owing, by By) error {
	for some := range slices.Chunk(owed, lot.HoldingsMax) {
		w.Touch(id)
		if _, err := w.Enter(&office.Forgive{Owed: some, By: w.By(by)}); err != nil {
			return err
		}
	}
	return nil
}
