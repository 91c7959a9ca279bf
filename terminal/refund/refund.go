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
	after, err := pricing.Return(soldFor(r.Sale, r.Rules), before, qty)
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
	claw(body, held, before, after)
	body.Back, body.Anew = GiveBack(r.Known.Paid, after.Points-before.Points, r.Today)
	return body, nil
}

func soldFor(sale *ledger.Sale, rules *programme.Programme) pricing.Sold {
	s := pricing.Sold{Rules: rules}
	for _, l := range sale.Lines {
		s.Lines = append(s.Lines, pricing.SoldLine{Product: l.Product, Qty: l.Qty, Fen: l.Fen, Deducted: l.Deducted, Merchant: l.Merchant, Eco: l.Eco})
	}
	for _, a := range sale.Awards {
		s.Awards = append(s.Awards, pricing.SoldAward{Rule: a.Rule, Funder: a.Funder, Amount: a.Amount})
	}
	if sale.Deduction != nil {
		s.Points = lot.Sum(sale.Deduction.Draws)
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
		r.Points += p.Back
	}
	return r
}

// claw takes what the goods earned out of the sale's own lots, as far as it is
// held; the rest is due, and HQ alone settles that.
func claw(body *ledger.Return, held []lot.Holding, before, after pricing.Returned) {
	for i := range after.Clawed {
		n := after.Clawed[i] - before.Clawed[i]
		id := lot.ID{Origin: body.Of, N: uint32(i)}
		var here lot.Amount
		for _, h := range held {
			if h.Lot.ID == id {
				here = min(h.Amount, n)
			}
		}
		if here > 0 {
			body.Claw = append(body.Claw, lot.Draw{Lot: id, Amount: here})
		}
		if n > here {
			body.Due = append(body.Due, ledger.Due{Award: uint32(i), Amount: n - here})
		}
	}
}

// GiveBack says to which lots points go back: the one drawn last first, since
// it lasts longest; to a new one where a lot has lapsed.
func GiveBack(paid []fold.Paid, n lot.Amount, today lot.Today) (back []lot.Draw, anew []ledger.Anew) {
	for _, p := range slices.Backward(paid) {
		m := min(n, p.Amount-p.Back)
		if m <= 0 {
			continue
		}
		n -= m
		if today.Usable(p.Lot.Expires) {
			back = append(back, lot.Draw{Lot: p.Lot.ID, Amount: m})
			continue
		}
		anew = append(anew, ledger.Anew{From: p.Lot.ID, Amount: m, Expires: max(p.Lot.Expires, today.Day+BackDays)})
	}
	return back, anew
}
