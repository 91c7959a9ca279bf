package takeback

import (
	"errors"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Look is a sale of this terminal, and what a return of it would do.
type Look struct {
	Sale    *ledger.Sale
	Known   fold.Sale      // what has come back of it before
	Plan    *ledger.Return // nil where nothing is chosen, or for Why
	Facts   slip.Facts     // of the paper that it would print
	Why     *view.Refusal
	CanVoid bool
}

// Look shows what a return would do; it writes nothing. A sale that is not of
// this terminal is a *view.Refusal.
func (t *Taker) Look(x *clerk.Txn, by clerk.By, r Returning) (look Look, err error) {
	if look.Sale, _, err = t.sold(x, r.Of); err != nil {
		return look, err
	}
	if look.Known, _, _, err = x.State.Sale(r.Of); err != nil {
		return look, err
	}
	void := r
	void.Void = true
	_, err = t.Plan(x, by, void)
	look.CanVoid = err == nil
	if err = refusal(err, &look.Why); err != nil {
		return look, err
	}
	look.Why = nil
	chosen := r.Void
	for _, n := range r.Qty {
		chosen = chosen || n > 0
	}
	if !chosen {
		return look, nil
	}
	if look.Plan, err = t.Plan(x, by, r); err == nil {
		look.Facts, err = t.Facts(x, look.Plan)
	}
	return look, refusal(err, &look.Why)
}

// refusal keeps what was refused, and returns any other error.
func refusal(err error, why **view.Refusal) error {
	if errors.As(err, why) {
		return nil
	}
	return err
}

// Left is how much of a line has not come back.
func (l Look) Left(line int) int64 {
	n := l.Sale.Lines[line].Qty
	if line < len(l.Known.Lines) {
		n -= l.Known.Lines[line].Returned + l.Known.ClaimedOf(uint32(line))
	}
	return n
}

// View shows the sale with how much of each line is chosen, and what a return
// would do.
func (l Look) View(products *programme.Products, chosen []int64) *view.Return {
	v := &view.Return{Receipt: l.Sale.Receipt, Day: l.Sale.Day, Member: l.Sale.Member, CanVoid: l.CanVoid}
	for i, sold := range l.Sale.Lines {
		line := view.ReturnLine{Name: view.Plain(strings.TrimPrefix(sold.Product, "0")), Sold: sold.Qty, Returned: sold.Qty - l.Left(i), Net: sold.Net()}
		if product, ok := products.Find(sold.Product); ok {
			line.Name = product.Name
		}
		if i < len(chosen) {
			line.Chosen = chosen[i]
		}
		v.Lines = append(v.Lines, line)
	}
	if l.Why != nil {
		v.Why = l.Why.Code
	}
	if p := l.Plan; p != nil {
		v.Plan = &view.ReturnPlan{Refund: p.Refund, Back: l.Facts.Back, Claw: lot.Sum(p.Claw) + l.Facts.Won, Due: l.Facts.WonDue,
			Coupons: len(l.Facts.Coupons), Vouchers: len(p.Vouchers), Prizes: len(l.Facts.Prizes)}
		for _, d := range p.Due {
			v.Plan.Due += d.Amount
		}
	}
	return v
}
