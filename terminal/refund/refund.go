// Package refund works out what a return does: how much money goes back, which
// points that paid go back to which lots, and what was earned is taken out of
// the sale's own lots or is due. It chooses nothing that the sale did not
// settle, reads no state of its own, and takes from no other lot.
package refund

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// BackDays is how long points that come back are good at least, when the lot
// they came from has lapsed (rule S06).
const BackDays = 30

// Errors of a return, beside pricing.ErrReturn.
var (
	ErrTooLate = errors.New("only a sale of the same day of which nothing came back can be voided")
	ErrNothing = errors.New("nothing comes back")
)

// Request is what a return is planned for.
type Request struct {
	Of     lot.Origin
	Sale   *ledger.Sale
	Known  fold.Sale            // what has come back of it so far
	Rules  *programme.Programme // in force when it was made
	Qty    []int64              // of each line; ignored for a void
	Void   bool                 // all of it, on its own business day (rule S19)
	Tender string               // how the money goes back
	Day    lot.Day              // business day
	Today  lot.Today
}

// Plan makes the entry of a return; held is what its writer may use of the
// member's rights.
func Plan(r Request, held []lot.Holding) (*ledger.Return, error) {
	body := &ledger.Return{Of: r.Of, Void: r.Void, Day: r.Day, Member: r.Sale.Member}
	before := returned(r.Known)
	qty := r.Qty
	if r.Void {
		if r.Day != r.Sale.Day || slices.ContainsFunc(before.Qty, func(n int64) bool { return n > 0 }) {
			return nil, ErrTooLate
		}
		qty = nil
		for _, l := range r.Sale.Lines {
			qty = append(qty, l.Qty)
		}
	}
	after, err := pricing.Return(Sold(r.Sale, r.Rules), before, qty)
	if err != nil {
		return nil, err
	}
	for i, n := range qty {
		if n > 0 {
			body.Lines = append(body.Lines, ledger.ReturnLine{Line: uint32(i), Qty: n})
		}
	}
	if len(body.Lines) == 0 {
		return nil, ErrNothing
	}
	body.Refund = after.Fen - before.Fen
	if body.Refund > 0 {
		body.Tenders = []ledger.Tender{{Kind: r.Tender, Fen: body.Refund}}
	}
	claw(body, r.held(held), before, after)
	if body.Plays, err = r.playsBack(after, r.held(held)); err != nil {
		return nil, err
	}
	body.Ceilings = r.ceilingsBack(body.Claw)
	body.Back, body.Anew = GiveBack(r.Known.Paid, after.Points-before.Points, r.Today)
	if after.Coupons { // with the last goods
		back, anew := giveWhole(r.Known.Paid, lot.ClassCoupon, r.Today)
		body.Back, body.Anew = append(body.Back, back...), append(body.Anew, anew...)
	}
	return body, nil
}

// held is what a return may take of what is held: under a programme that takes
// back only what is pending, that alone (rule S08). The rest is due, and HQ lets
// it go by the same policy. A void is the inverse of its sale and takes what the
// sale gave, pending or not (rule S19).
func (r Request) held(all []lot.Holding) []lot.Holding {
	if r.Void || r.Rules.Limits.Claw != lot.ClawPending {
		return all
	}
	var pending []lot.Holding
	for _, h := range all {
		if h.Lot.Active > r.Today.Day {
			pending = append(pending, h)
		}
	}
	return pending
}

// Sold is a sale as pricing has it, under the rules that were in force for it.
func Sold(sale *ledger.Sale, rules *programme.Programme) pricing.Sold {
	s := pricing.Sold{Rules: rules, Tier: sale.Tier}
	for _, l := range sale.Lines {
		s.Lines = append(s.Lines, pricing.SoldLine{
			Product: l.Product, Qty: l.Qty, Fen: l.Fen, Off: l.Off, Deducted: l.Deducted, Rounded: l.Rounded, Merchant: l.Merchant, Eco: l.Eco,
			Category: l.Category, Brand: l.Brand,
		})
	}
	for _, a := range sale.Awards {
		s.Awards = append(s.Awards, pricing.SoldAward{Rule: a.Rule, Funder: a.Funder, Amount: a.Amount})
	}
	if sale.Deduction != nil {
		s.Points = sale.Deduction.Points()
	}
	return s
}

// returned is how much of a sale has come back.
func returned(s fold.Sale) pricing.Returned {
	r := pricing.Returned{Fen: s.Refund, Qty: make([]int64, len(s.Lines)), Clawed: make([]lot.Amount, len(s.Awards))}
	for i, l := range s.Lines {
		r.Qty[i] = l.Returned
	}
	for i, a := range s.Awards {
		r.Clawed[i] = a.Clawed
	}
	for _, p := range s.Paid {
		if p.Lot.Asset.Points() {
			r.Points += p.Back
		}
	}
	return r
}

// claw takes what the goods earned out of the sale's own lots, as far as it is
// held; the rest is due, and HQ alone settles that.
func claw(body *ledger.Return, held []lot.Holding, before, after pricing.Returned) {
	for i := range after.Clawed {
		body.Claw, body.Due = clawLot(body.Claw, body.Due, held, lot.ID{Origin: body.Of, N: uint32(i)}, after.Clawed[i]-before.Clawed[i])
	}
}

// clawLot takes so much of one lot as far as it is held; the rest is due.
func clawLot(claw []lot.Draw, due []ledger.Due, held []lot.Holding, id lot.ID, n lot.Amount) ([]lot.Draw, []ledger.Due) {
	var here lot.Amount
	for _, h := range held {
		if h.Lot.ID == id {
			here = min(h.Amount, n)
		}
	}
	if here > 0 {
		claw = append(claw, lot.Draw{Lot: id, Amount: here})
	}
	if n > here {
		due = append(due, ledger.Due{Award: id.N, Amount: n - here})
	}
	return claw, due
}

// ceilingsBack gives back to strict ceilings what merchants conceded of them for
// the points that are taken back. Not for those that are due, which cost the
// merchant until they are had; and not when the ceiling's month is over (cap P9).
func (r Request) ceilingsBack(claw []lot.Draw) (back []lot.Draw) {
	paid := slices.Clone(r.Known.Paid)
	for _, d := range claw {
		a := &r.Sale.Awards[d.Lot.N]
		cost, of := d.Amount*lot.Amount(a.UnitCost), lot.CeilingAsset(a.Funder, r.Sale.Day)
		for n := range paid {
			p := &paid[n]
			m := min(cost, p.Amount-p.Back)
			if p.Lot.Asset != of || m <= 0 || !r.Today.Usable(p.Lot.Expires) {
				continue
			}
			cost, p.Back = cost-m, p.Back+m
			if at := slices.IndexFunc(back, func(b lot.Draw) bool { return b.Lot == p.Lot.ID }); at >= 0 {
				back[at].Amount += m
				continue
			}
			back = append(back, lot.Draw{Lot: p.Lot.ID, Amount: m})
		}
	}
	return back
}

// playsBack undoes the plays that the goods which stay would not have entered: a
// prize that was won by a purchase goes with it, as what it earned does. What the
// member staked comes back then.
func (r Request) playsBack(after pricing.Returned, held []lot.Holding) (list []ledger.PlayBack, err error) {
	for n := range min(len(r.Sale.Plays), len(r.Known.Plays)) {
		stays, err := r.stays(&r.Sale.Plays[n], after)
		if err != nil {
			return nil, err
		}
		if stays {
			continue
		}
		back := ledger.PlayBack{Play: uint32(n)}
		for m, prize := range r.Known.Plays[n].Prizes {
			id := lot.ID{Origin: r.Of, N: ledger.PrizeLot(n, m)}
			back.Claw, back.Due = clawLot(back.Claw, back.Due, held, id, prize.Amount-prize.Clawed)
		}
		back.Back, back.Anew = GiveAll(r.Known.Plays[n].Paid, r.Today)
		if len(back.Claw)+len(back.Due)+len(back.Back)+len(back.Anew) > 0 {
			list = append(list, back)
		}
	}
	return list, nil
}

// stays reports whether a play stands when so much has come back: one that the
// purchase entered, as long as the goods that stay are worth as much as its game
// asks; one that the member paid for, until the last goods come back.
func (r Request) stays(s *ledger.Stake, after pricing.Returned) (bool, error) {
	sold := Sold(r.Sale, r.Rules)
	if g, ok := r.Rules.Game(s.Game); ok && g.FromFen > 0 && len(s.Draws)+len(s.Quota) == 0 {
		left, err := sold.Left(after.Qty, &g.Scope)
		return left >= g.FromFen, err
	}
	for i, l := range r.Sale.Lines {
		if after.Qty[i] < l.Qty {
			return true, nil
		}
	}
	return false, nil
}

// GiveBack says to which lots points go back: the one drawn last first, since
// it lasts longest; to a new one where a lot has lapsed. What came from others
// of the household goes back to them, and what they let the pool spend grows by
// as much.
func GiveBack(paid []fold.Paid, n lot.Amount, today lot.Today) (back []lot.Draw, anew []ledger.Anew) {
	for _, p := range slices.Backward(paid) {
		m := min(n, p.Amount-p.Back)
		if m <= 0 || !p.Lot.Asset.Points() {
			continue
		}
		n -= m
		back, anew = giveTo(back, anew, p, m, today)
		for _, q := range slices.Backward(paid) { // the owner's allowance, where there is one
			if q.Lot.Owner == p.Lot.Owner && classOf(q) == lot.ClassQuota && m > 0 {
				k := min(m, q.Amount-q.Back-given(back, q))
				if k > 0 {
					back = append(back, lot.Draw{Lot: q.Lot.ID, Amount: k})
					m -= k
				}
			}
		}
	}
	return back, anew
}

// GiveAll gives back everything that paid: points, stock, quotas.
func GiveAll(paid []fold.Paid, today lot.Today) (back []lot.Draw, anew []ledger.Anew) {
	for _, p := range slices.Backward(paid) {
		if m := p.Amount - p.Back; m > 0 {
			back, anew = giveTo(back, anew, p, m, today)
		}
	}
	return back, anew
}

// giveWhole gives back all that is left of one class of what paid.
func giveWhole(paid []fold.Paid, class lot.Class, today lot.Today) (back []lot.Draw, anew []ledger.Anew) {
	for _, p := range paid {
		if m := p.Amount - p.Back; m > 0 && classOf(p) == class {
			back, anew = giveTo(back, anew, p, m, today)
		}
	}
	return back, anew
}

func classOf(p fold.Paid) lot.Class {
	parts, err := lot.ParseAsset(p.Lot.Asset)
	if err != nil {
		return ""
	}
	return parts.Class
}

func given(back []lot.Draw, p fold.Paid) (n lot.Amount) {
	for _, d := range back {
		if d.Lot == p.Lot.ID {
			n += d.Amount
		}
	}
	return n
}

// giveTo gives an amount back to the lot it came from; a lapsed one of what the
// member spends goes on in a new one for some days at least.
func giveTo(back []lot.Draw, anew []ledger.Anew, p fold.Paid, n lot.Amount, today lot.Today) ([]lot.Draw, []ledger.Anew) {
	lasting := classOf(p) == lot.ClassQuota || classOf(p) == lot.ClassStock
	if today.Usable(p.Lot.Expires) || lasting {
		return append(back, lot.Draw{Lot: p.Lot.ID, Amount: n}), anew
	}
	return back, append(anew, ledger.Anew{From: p.Lot.ID, Amount: n, Expires: max(p.Lot.Expires, today.Day+BackDays)})
}
