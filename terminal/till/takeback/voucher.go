package takeback

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/refund"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// TakeVoucherBack takes a voucher back, or the goods it was handed out for, and
// gives the points that bought it back (cap P6). What paid for a voucher of another
// terminal is not known here: its entry gives nothing and claims it, and HQ gives it
// back, once. A prize had no price, and its sale is elsewhere.
func (t *Taker) TakeVoucherBack(by clerk.By, ref string, id lot.ID, used bool) (clerk.Done, error) {
	input := fmt.Appendf(nil, "%s %v", id, used)
	return t.o.Do(clerk.Action{By: by, Ref: ref, Kind: ledger.KindVoucherBack, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		return t.voucherBack(x, by, id, used)
	})
}

// voucherBack makes the entry of a voucher that comes back.
func (t *Taker) voucherBack(x *clerk.Txn, by clerk.By, id lot.ID, used bool) (*ledger.VoucherBack, error) {
	v, ok, err := x.State.Voucher(id)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, view.Refuse("voucher-unknown")
	case v.Status == fold.VoucherReturned:
		return nil, view.Refuse("voucher-returned")
	case used != (v.Status == fold.VoucherUsed), used && v.Lot.Asset.Coupon() != "": // that comes with the goods it was used for
		return nil, view.Refuse("voucher-other-state")
	case elsewhere(t.o.Terminal, id) && ledger.PlayOf(id.N) >= 0:
		return nil, view.Refuse("voucher-back-elsewhere", view.Plain(ledger.TerminalID(id.Terminal)))
	}
	if !used {
		if held, err := t.o.Usable(x.State, by.Lane, v.Member); err != nil {
			return nil, err
		} else if !slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.ID == id }) {
			return nil, view.Refuse("voucher-frozen")
		}
	}
	body := &ledger.VoucherBack{
		Member: v.Member, Voucher: id, Benefit: v.Lot.Asset.Benefit(), Used: used, Day: t.o.Clerk.Programme().BusinessDay(x.Now.Wall),
	}
	body.Back, body.Anew = refund.GiveAll(v.Paid, x.Today)
	return body, nil
}

// elsewhere reports whether another terminal made a voucher; HQ's have none.
func elsewhere(here ledger.TerminalID, id lot.ID) bool {
	return id.Terminal != 0 && id.Terminal != uint32(here)
}
