package paper

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// noSale says that HQ does not know the sale of what came back.
const noSale = "claim-no-sale"

// goods settles the points' side of goods that came back at a till that
// does not hold the sale's right of return: once, and not beyond what was sold,
// all returns of the sale taken together. Before HQ has the sale, the claim
// waits; what it cannot work out it leaves to a person, and so a sale of which HQ will
// not hear any more.
func goods(w *decision.Work, of lot.Origin, claim *ledger.ReturnClaim) error {
	r, why, err := returnable(w, claim)
	if errors.Is(err, book.ErrNotFound) {
		may, err := mayCome(w, claim.Of, claim.Member)
		if err != nil || may {
			return err
		}
		return w.Park(of, noSale)
	}
	if err != nil {
		return err
	}
	if why != "" {
		return w.Park(of, why)
	}
	if r.Qty = plan.Quantities(r.Known, claim.Lines); r.Qty == nil {
		if err := w.Alarm(ledger.TerminalID(of.Terminal), "alarm-returned-twice", of.String()); err != nil {
			return err
		}
		return w.Refuse(of, r.Sale.Member, Returned)
	}
	held, err := w.Free(r.Sale.Member)
	if err != nil {
		return err
	}
	back, err := refund.Plan(r, held)
	if err != nil {
		return w.Park(of, "claim-rules")
	}
	if back.Refund != claim.Refund {
		if err := w.Alarm(ledger.TerminalID(of.Terminal), "alarm-refund", of.String()); err != nil {
			return err
		}
	}
	body := &office.SettleClaim{Of: of, Owner: r.Sale.Member, Granted: true, Back: plan.Returned(r, back), By: w.By(decision.ByPolicy("claim"))}
	body.Back.Fen = claim.Refund
	if _, err := w.Answer(body); err != nil {
		return err
	}
	w.Touch(r.Sale.Member)
	return w.Collect(r.Sale.Member)
}

// returnable gathers what HQ knows of the sale that a claim is about. why says
// what HQ cannot work out.
func returnable(w *decision.Work, claim *ledger.ReturnClaim) (r refund.Request, why string, err error) {
	e, err := w.EntryOf(claim.Of)
	if err != nil {
		return r, "", err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if back, is := e.Body.(*ledger.Return); is && back.Sale != nil { // goods of an exchange
		sale, ok = back.Sale, true
	}
	if !ok {
		return r, noSale, nil
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
	rules, err := w.Rules(e.Programme)
	switch {
	case !ok, claim.Member != 0 && !slices.Contains(owners, claim.Member): // a till that does not know the sale does not know whose it was
		return r, noSale, nil
	case err != nil, rules == nil:
		return r, "claim-rules", err
	}
	sold, err := w.Desk.Sold(claim.Of)
	if err != nil {
		return r, "", err
	}
	return refund.Request{
		Of: claim.Of, Sale: sale, Known: plan.Together(known, sold), Rules: rules, Day: claim.Day, Today: w.Today(),
	}, "", nil
}
