package desk

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// heldUp keeps a voucher that was scanned and was handed out here, whoever made it:
// its goods may come back. What is scanned after it takes its place. The paper
// proves nothing: the journal says what was handed out.
func (d *Desk) heldUp(lane uint32, text string) error {
	named, ok := token.VoucherOf(text)
	if ok {
		err := d.o.Journal.View(func(tx journal.Tx) error {
			state, err := d.State(tx)
			if err != nil {
				return err
			}
			v, err := wasHanded(state, named.Lot)
			ok = v.Status == fold.VoucherUsed
			return err
		})
		if err != nil {
			return err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.handed, lane)
	if ok {
		d.handed[lane] = named.Lot
	}
	return nil
}

// wasHanded is a voucher that was handed out here, or the zero one. A coupon comes
// back with the goods that it was used for.
func wasHanded(state *fold.State, id lot.ID) (fold.Voucher, error) {
	v, _, err := state.Voucher(id)
	if err != nil || v.Status != fold.VoucherUsed || v.Lot.Asset.Coupon() != "" {
		return fold.Voucher{}, err
	}
	return v, nil
}

// viewHanded shows the voucher whose goods may come back.
func (d *Desk) viewHanded(state *fold.State, lane uint32) (*view.Voucher, error) {
	d.mu.Lock()
	id, ok := d.handed[lane]
	d.mu.Unlock()
	if !ok {
		return nil, nil
	}
	v, err := wasHanded(state, id)
	if err != nil || v.Status != fold.VoucherUsed {
		return nil, err
	}
	out := view.VoucherOf(d.Programme(), v.Lot)
	return &out, nil
}

// TakeVoucherBack takes a voucher back, or the goods that it was handed out for, and
// says whether the points are given here or by HQ.
func (d *Desk) TakeVoucherBack(by clerk.By, ref string, id lot.ID, used bool) (clerk.Done, error) {
	done, err := d.Till.TakeVoucherBack(by, ref, id, used)
	if err != nil {
		return done, err
	}
	code := "voucher-back-done"
	if b, ok := done.Entry.Body.(*ledger.VoucherBack); ok && len(b.Back)+len(b.Anew) == 0 && id.Terminal != 0 && id.Terminal != uint32(d.Terminal()) {
		code = "voucher-back-claimed"
	}
	d.mu.Lock()
	delete(d.handed, by.Lane)
	d.mu.Unlock()
	return done, d.Tell(by, till.OK, code)
}
