package takeback

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/refund"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Returning is what a cashier takes back: of which sale, how much of each
// line, and how the money goes back. Void undoes the whole sale on its own
// business day (rule S19).
type Returning struct {
	Ref    string
	Of     lot.Origin
	Qty    []int64 // of each line; ignored when Void
	Void   bool
	Tender string // cash, card, wallet
}

// Return takes goods back and settles what they earned and what points paid,
// all returns of a receipt together (rule S06), in one entry. Only the
// terminal that holds the sale's right of return can do so.
func (t *Taker) Return(by clerk.By, r Returning) (clerk.Done, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return clerk.Done{}, err
	}
	return t.o.Do(clerk.Action{By: by, Ref: r.Ref, Kind: ledger.KindReturn, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		body, err := t.Plan(x, by, r)
		if err != nil {
			return nil, err
		}
		facts, err := t.Facts(x, body)
		t.o.Press.Print(x, by.Lane, slip.OfReturn(body), 0, facts)
		return body, err
	})
}

// Facts are what the paper of a return says beside its entry.
func (t *Taker) Facts(x *clerk.Txn, body *ledger.Return) (slip.Facts, error) {
	known, _, _, err := x.State.Sale(body.Of)
	paid := slices.Clone(known.Paid)
	for _, b := range body.Vouchers {
		v, _, failed := x.State.Voucher(b.Voucher)
		paid, err = append(paid, v.Paid...), errors.Join(err, failed)
	}
	for _, p := range known.Plays {
		paid = append(paid, p.Paid...)
	}
	return slip.AfterReturn(body, paid, known.Plays), err
}

// Plan makes the entry of a return.
func (t *Taker) Plan(x *clerk.Txn, by clerk.By, r Returning) (*ledger.Return, error) {
	if !bill.Tender(r.Tender) {
		return nil, view.Refuse("bad-tender")
	}
	sale, rules, err := t.sold(x, r.Of)
	if err != nil {
		return nil, err
	}
	known, usable, ok, err := x.State.Sale(r.Of)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, view.Refuse("return-elsewhere")
	case !usable && !t.o.Unguarded.ReturnRight:
		return nil, view.Refuse("return-frozen")
	case r.claimed(known):
		return nil, view.Refuse("return-too-much")
	}
	held, err := x.State.Usable(sale.Member)
	if err != nil {
		return nil, err
	}
	body, err := refund.Plan(refund.Request{
		Of: r.Of, Sale: sale, Known: known, Rules: rules, Qty: r.Qty, Void: r.Void, Tender: r.Tender,
		Day: t.o.Clerk.Programme().BusinessDay(x.Now.Wall), Today: x.Today,
	}, held)
	switch {
	case errors.Is(err, refund.ErrTooLate):
		return nil, view.Refuse("void-too-late")
	case errors.Is(err, refund.ErrNothing):
		return nil, view.Refuse("return-nothing")
	case errors.Is(err, pricing.ErrReturn):
		return nil, view.Refuse("return-too-much")
	case err == nil && r.Void:
		body.Vouchers, err = t.vouchersBack(x, by, r.Of, sale)
	}
	return body, err
}

// claimed reports whether goods come back that were claimed here before, while
// the sale's right of return waited for a witness.
func (r Returning) claimed(known fold.Sale) bool {
	for n, l := range known.Lines {
		want := l.Qty
		if !r.Void {
			want = 0
			if n < len(r.Qty) {
				want = r.Qty[n]
			}
		}
		if want > 0 && want > l.Qty-l.Returned-known.ClaimedOf(uint32(n)) && known.ClaimedOf(uint32(n)) > 0 {
			return true
		}
	}
	return false
}

// vouchersBack takes back what was redeemed inside a sale that is undone.
func (t *Taker) vouchersBack(x *clerk.Txn, by clerk.By, of lot.Origin, sale *ledger.Sale) (list []ledger.VoucherBack, err error) {
	for n := range sale.Redemptions {
		id := lot.ID{Origin: of, N: uint32(ledger.VoucherFrom + n)}
		v, _, err := x.State.Voucher(id)
		switch {
		case err != nil:
			return nil, err
		case v.Status == fold.VoucherReturned:
			continue
		case v.Status == fold.VoucherUsed:
			return nil, view.Refuse("void-handed-out")
		}
		back, err := t.voucherBack(x, by, id, false)
		if err != nil {
			return nil, err
		}
		list = append(list, *back)
	}
	return list, nil
}

// sold reads the sale that an entry of this terminal wrote, and the rules that
// were in force then.
func (t *Taker) sold(x *clerk.Txn, id lot.Origin) (*ledger.Sale, *programme.Programme, error) {
	if id.Terminal != uint32(t.o.Terminal) {
		return nil, nil, view.Refuse("return-elsewhere")
	}
	r, err := x.Record(ledger.Incarnation(id.Incarnation), ledger.Seq(id.Seq))
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil, view.Refuse("return-unknown")
	}
	if err != nil {
		return nil, nil, err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return nil, nil, err
	}
	var sale *ledger.Sale
	switch b := e.Body.(type) {
	case *ledger.Sale:
		sale = b
	case *ledger.Return:
		sale = b.Sale
	}
	if sale == nil {
		return nil, nil, view.Refuse("return-unknown")
	}
	rules, err := t.o.Rules(x.Tx, e.Programme)
	return sale, rules, err
}
