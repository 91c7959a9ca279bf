package decision

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// settleReturn settles the points' side of goods that came back at a till that
// does not hold the sale's right of return: once, and not beyond what was sold,
// all returns of the sale taken together. Before HQ has the sale, the claim
// waits; what it cannot work out it leaves to a person.
func (w *Work) settleReturn(of lot.Origin, claim *ledger.ReturnClaim) error {
	r, why, err := w.returnable(claim)
	if errors.Is(err, book.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if why != "" {
		return w.park(of, why)
	}
	if r.Qty = quantities(r.Known, claim.Lines); r.Qty == nil {
		if err := w.Alarm(ledger.TerminalID(of.Terminal), "alarm-returned-twice", of.String()); err != nil {
			return err
		}
		return w.refuse(of, claim.Member, "claim-returned")
	}
	held, err := w.Free(claim.Member)
	if err != nil {
		return err
	}
	plan, err := refund.Plan(r, held)
	if err != nil {
		return w.park(of, "claim-rules")
	}
	if plan.Refund != claim.Refund {
		if err := w.Alarm(ledger.TerminalID(of.Terminal), "alarm-refund", of.String()); err != nil {
			return err
		}
	}
	back := returned(r, plan)
	back.Fen = claim.Refund
	body := &office.SettleClaim{Of: of, Owner: r.Sale.Member, Granted: true, Back: back, By: w.By(ByPolicy("claim"))}
	if _, err := w.Answer(body); err != nil {
		return err
	}
	w.Touch(r.Sale.Member)
	return w.Collect(r.Sale.Member)
}

// returnable gathers what HQ knows of the sale that a claim is about. why says
// what HQ cannot work out.
func (w *Work) returnable(claim *ledger.ReturnClaim) (r refund.Request, why string, err error) {
	e, err := w.entryOf(claim.Of)
	if err != nil {
		return r, "", err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if back, is := e.Body.(*ledger.Return); is && back.Sale != nil { // goods of an exchange
		sale, ok = back.Sale, true
	}
	if !ok {
		return r, "claim-no-sale", nil
	}
	t := ledger.TerminalID(claim.Of.Terminal)
	state, err := fold.Load(t, w.Tx.State(t))
	if err != nil {
		return r, "", err
	}
	known, _, ok, err := state.Sale(claim.Of)
	if err != nil {
		return r, "", err
	}
	owners, err := w.Desk.Persons(sale.Member)
	if err != nil {
		return r, "", err
	}
	rules, err := w.o.Rules(w.Tx, e.Programme)
	switch {
	case !ok, !slices.Contains(owners, claim.Member):
		return r, "claim-no-sale", nil
	case err != nil, rules == nil:
		return r, "claim-rules", err
	case byHand(sale):
		return r, "claim-by-hand", nil
	}
	sold, err := w.Desk.Sold(claim.Of)
	if err != nil {
		return r, "", err
	}
	return refund.Request{
		Of: claim.Of, Sale: sale, Known: together(known, sold), Rules: rules, Day: claim.Day, Today: w.Today(),
	}, "", nil
}

// byHand reports whether a sale has more to give back than points that it
// earned and points of its member that paid.
func byHand(s *ledger.Sale) bool {
	pool := s.Deduction != nil && len(s.Deduction.Pool) > 0
	return pool || len(s.Coupons) > 0 || len(s.Redemptions) > 0 || len(s.Plays) > 0
}

// together is what has come back of a sale, at its terminal and by claims.
func together(known fold.Sale, sold *office.Sold) fold.Sale {
	known.Refund += sold.Fen
	for _, l := range sold.Lines {
		known.Lines[l.Line].Returned += l.Qty
	}
	for _, t := range sold.Taken {
		known.Awards[t.Award].Clawed += t.Amount
	}
	for _, g := range sold.Given {
		if n := slices.IndexFunc(known.Paid, func(p fold.Paid) bool { return p.Lot.ID == g.Lot }); n >= 0 {
			known.Paid[n].Back += g.Amount
		}
	}
	return known
}

// quantities are what comes back of each line, or nil if more does than is left.
func quantities(known fold.Sale, lines []ledger.ReturnLine) []int64 {
	qty := make([]int64, len(known.Lines))
	for _, l := range lines {
		if int(l.Line) >= len(qty) {
			return nil
		}
		qty[l.Line] += l.Qty
		if qty[l.Line] > known.Lines[l.Line].Qty-known.Lines[l.Line].Returned {
			return nil
		}
	}
	return qty
}

// returned is what a plan gives and takes, as HQ books it.
func returned(r refund.Request, plan *ledger.Return) *office.Returned {
	out := &office.Returned{Of: r.Of, Lines: plan.Lines, Claw: plan.Claw, Back: plan.Back, Month: r.Sale.Day.MonthEnd()}
	gone := map[uint32]lot.Amount{}
	for _, d := range plan.Claw {
		gone[d.Lot.N] += d.Amount
	}
	for _, d := range plan.Due {
		id := lot.ID{Origin: r.Of, N: d.Award}
		out.Due = append(out.Due, office.Due{Lot: id, Asset: r.Sale.Awards[d.Award].Asset, Amount: d.Amount})
		gone[d.Award] += d.Amount
	}
	for n, a := range r.Known.Awards {
		out.Base += unqualified(a, a.Clawed+gone[uint32(n)]) - unqualified(a, a.Clawed)
	}
	for _, a := range plan.Anew {
		n := slices.IndexFunc(r.Known.Paid, func(p fold.Paid) bool { return p.Lot.ID == a.From })
		out.Anew = append(out.Anew, office.GoOn(lot.Holding{Lot: r.Known.Paid[n].Lot, Amount: a.Amount}, a.Expires))
	}
	return out
}

// unqualified is how much of an award's base counts no more when so much of it
// was taken back: in proportion, as a terminal counts.
func unqualified(a fold.SoldAward, clawed lot.Amount) lot.Amount {
	n, err := lot.Ratio{Num: int64(clawed), Den: int64(max(a.Amount, 1))}.Floor(int64(a.Base))
	if err != nil {
		return 0
	}
	return lot.Amount(n)
}
