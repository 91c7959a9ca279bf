package desk

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// best is the best use of what the member has for the basket, nil where nothing
// can be saved and nothing is near.
func (d *Desk) best(v till.View) (*view.Best, error) {
	if v.Member == nil || !v.Member.Proof.MaySpend() || v.Member.Blocked || len(v.Lines) == 0 {
		return nil, nil
	}
	plan, q, err := d.plan(v.Lane)
	if err != nil || plan.Saved == 0 && plan.Next == nil {
		return nil, err
	}
	return view.BestOf(d.Programme(), plan, q), nil
}

func (d *Desk) plan(lane uint32) (bestuse.Plan, pricing.Quote, error) {
	q, r, err := d.Asked(lane)
	if err != nil {
		return bestuse.Plan{}, q, err
	}
	plan, err := bestuse.Best(r)
	return plan, q, err
}

// UseBest pays the basket with the best use of what the member has; what is
// bought on the way is redeemed at once, each in an entry of its own. Where it
// is paid that way already, points and coupons are put back instead.
func (d *Desk) UseBest(by clerk.By) error {
	v, err := d.Till.View(by.Lane)
	switch {
	case err != nil:
		return err
	case v.Member == nil:
		return d.Refuse(by, "no-member")
	case len(v.Lines) == 0:
		return d.Refuse(by, "empty-basket")
	case !v.Member.Proof.MaySpend():
		return d.Refuse(by, "not-proved")
	}
	plan, now, err := d.plan(by.Lane)
	switch {
	case err != nil:
		return err
	case plan.Saved == 0:
		return d.Refuse(by, "nothing-to-save")
	case now.ToPay <= plan.ToPay:
		if err := d.PayWith(by, nil, 0); err != nil {
			return err
		}
		return d.Tell(by, till.OK, "best-dropped")
	}
	coupons, err := d.buy(by, plan)
	if err != nil {
		return err
	}
	if err := d.PayWith(by, coupons, plan.Deduct); err != nil {
		return err
	}
	return d.Tell(by, till.OK, "best-taken", view.Plain(plan.Saved))
}

// buy redeems what a plan buys, and gives its coupons in the order of the plan.
func (d *Desk) buy(by clerk.By, plan bestuse.Plan) (coupons []lot.ID, err error) {
	bought := map[string][]lot.ID{}
	for _, id := range plan.Buy {
		v, err := d.Till.View(by.Lane)
		if err != nil {
			return nil, err
		}
		done, err := d.Redeem(by, v.Ref, id)
		if err != nil {
			return nil, err
		}
		coupon := done.Entry.Body.(*ledger.Redeem).Voucher.Asset.Coupon()
		bought[coupon] = append(bought[coupon], lot.ID{Origin: done.Origin})
	}
	held := slices.Clone(plan.Coupons)
	for _, id := range plan.Order {
		n := slices.IndexFunc(held, func(u pricing.CouponUse) bool { return u.Asset.Coupon() == id })
		switch {
		case n >= 0:
			coupons, held = append(coupons, held[n].Lot), slices.Delete(held, n, n+1)
		case len(bought[id]) > 0:
			coupons, bought[id] = append(coupons, bought[id][0]), bought[id][1:]
		}
	}
	return coupons, nil
}
