package till

import (
	"encoding/json"
	"errors"
	"fmt"
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
func (t *Till) Return(by clerk.By, r Returning) (clerk.Done, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return clerk.Done{}, err
	}
	return t.do(clerk.Action{By: by, Ref: r.Ref, Kind: ledger.KindReturn, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		body, err := t.goodsBack(x, by, r)
		if err != nil {
			return nil, err
		}
		known, _, _, err := x.State.Sale(r.Of)
		paid := slices.Clone(known.Paid)
		for _, b := range body.Vouchers {
			v, _, failed := x.State.Voucher(b.Voucher)
			paid, err = append(paid, v.Paid...), errors.Join(err, failed)
		}
		t.Print(x, by.Lane, slip.OfReturn(body), 0, slip.AfterReturn(body, paid))
		return body, err
	})
}

// goodsBack makes the entry of a return.
func (t *Till) goodsBack(x *clerk.Txn, by clerk.By, r Returning) (*ledger.Return, error) {
	if !bill.Tender(r.Tender) {
		return nil, refuse("bad-tender")
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
		return nil, refuse("return-elsewhere")
	case !usable:
		return nil, refuse("return-frozen")
	}
	held, err := x.State.Usable(sale.Member)
	if err != nil {
		return nil, err
	}
	body, err := refund.Plan(refund.Request{
		Of: r.Of, Sale: sale, Known: known, Rules: rules, Qty: r.Qty, Void: r.Void, Tender: r.Tender,
		Day: t.Programme().BusinessDay(x.Now.Wall), Today: x.Today,
	}, held)
	switch {
	case errors.Is(err, refund.ErrTooLate):
		return nil, refuse("void-too-late")
	case errors.Is(err, refund.ErrNothing):
		return nil, refuse("return-nothing")
	case errors.Is(err, pricing.ErrReturn):
		return nil, refuse("return-too-much")
	case err == nil && r.Void:
		body.Vouchers, err = t.vouchersBack(x, by, r.Of, sale)
	}
	return body, err
}

// vouchersBack takes back what was redeemed inside a sale that is undone.
func (t *Till) vouchersBack(x *clerk.Txn, by clerk.By, of lot.Origin, sale *ledger.Sale) (list []ledger.VoucherBack, err error) {
	for n := range sale.Redemptions {
		id := lot.ID{Origin: of, N: uint32(ledger.VoucherFrom + n)}
		v, _, err := x.State.Voucher(id)
		switch {
		case err != nil:
			return nil, err
		case v.Status == fold.VoucherReturned:
			continue
		case v.Status == fold.VoucherUsed:
			return nil, refuse("void-handed-out")
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
func (t *Till) sold(x *clerk.Txn, id lot.Origin) (*ledger.Sale, *programme.Programme, error) {
	if id.Terminal != uint32(t.o.Terminal) {
		return nil, nil, refuse("return-elsewhere")
	}
	r, err := x.Record(ledger.Incarnation(id.Incarnation), ledger.Seq(id.Seq))
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil, refuse("return-unknown")
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
		return nil, nil, refuse("return-unknown")
	}
	rules, err := t.rules(x.Tx, e.Programme)
	return sale, rules, err
}

func rulesNote(version string) string { return "rules-" + version }

// rules returns the programme of a version that was in force here once.
func (t *Till) rules(tx journal.Tx, version string) (*programme.Programme, error) {
	if version == t.Programme().Version() {
		return t.Programme(), nil
	}
	text, err := tx.Note(rulesNote(version))
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, refuse("return-rules")
	}
	rules, err := programme.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("rules of version %s: %w", version, err)
	}
	return rules, nil
}

// TakeVoucherBack takes a voucher back, or the goods it was handed out for, and
// gives the points that bought it back (cap P6).
func (t *Till) TakeVoucherBack(by clerk.By, ref string, id lot.ID, used bool) (clerk.Done, error) {
	input := fmt.Appendf(nil, "%s %v", id, used)
	return t.do(clerk.Action{By: by, Ref: ref, Kind: ledger.KindVoucherBack, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		return t.voucherBack(x, by, id, used)
	})
}

// voucherBack makes the entry of a voucher that comes back.
func (t *Till) voucherBack(x *clerk.Txn, by clerk.By, id lot.ID, used bool) (*ledger.VoucherBack, error) {
	v, ok, err := x.State.Voucher(id)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, refuse("voucher-unknown")
	case v.Status == fold.VoucherReturned:
		return nil, refuse("voucher-returned")
	case used != (v.Status == fold.VoucherUsed), used && v.Lot.Asset.Coupon() != "": // that comes with the goods it was used for
		return nil, refuse("voucher-other-state")
	}
	if !used {
		if held, err := t.usable(x.State, by.Lane, v.Member); err != nil {
			return nil, err
		} else if !slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.ID == id }) {
			return nil, refuse("voucher-frozen")
		}
	}
	body := &ledger.VoucherBack{
		Member: v.Member, Voucher: id, Benefit: v.Lot.Asset.Benefit(), Used: used, Day: t.Programme().BusinessDay(x.Now.Wall),
	}
	body.Back, body.Anew = refund.GiveAll(v.Paid, x.Today)
	return body, nil
}
