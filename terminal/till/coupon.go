package till

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// UseCoupon puts one of the member's coupons into the basket, or takes it out.
func (t *Till) UseCoupon(by clerk.By, id lot.ID) error {
	return t.edit(by, func(l *lane) error {
		if l.Member == 0 {
			return refuse("no-member")
		}
		for i, c := range l.Coupons {
			if c == id {
				l.Coupons = append(l.Coupons[:i:i], l.Coupons[i+1:]...)
				return nil
			}
		}
		return t.putCoupon(by, l, id)
	})
}

// putCoupon puts one of the member's coupons into a basket.
func (t *Till) putCoupon(by clerk.By, l *lane, id lot.ID) error {
	if len(l.Coupons) == ledger.CouponsMax {
		return refuse("too-many-coupons")
	}
	return t.Read(func(tx journal.Tx, state *fold.State) error {
		return t.addCoupon(state, by.Lane, l, id)
	})
}

func (t *Till) addCoupon(state *fold.State, n uint32, l *lane, id lot.ID) error {
	held, err := t.usable(state, n, l.Member)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Lot.ID == id && h.Lot.Asset.Coupon() != "" {
			l.Coupons = append(l.Coupons, id)
			return nil
		}
	}
	return refuse("coupon-not-here", plain(fmt.Sprint(id)))
}
