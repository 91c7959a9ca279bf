package pricing

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// CouponUse is a coupon that the member wants to use.
type CouponUse struct {
	Lot   lot.ID
	Asset lot.Asset
}

// CouponOff is what a coupon took off, or why it did not.
type CouponOff struct {
	CouponUse
	Fen    lot.Fen
	Shares []FenShare // add up to Fen; no zero shares
	Why    CouponWhy
}

// FenShare is the part of a sum that falls on a line.
type FenShare struct {
	Line int // from 0
	Fen  lot.Fen
}

// CouponWhy says why a coupon takes nothing off.
type CouponWhy string

// The reasons.
const (
	CouponApplies   CouponWhy = ""
	CouponNoMember  CouponWhy = "no-member" // nobody who holds it
	CouponProof     CouponWhy = "proof"     // a phone number alone never spends
	CouponUnknown   CouponWhy = "unknown"   // the programme does not have it
	CouponNotHeld   CouponWhy = "not-held"  // not here, used, lapsed or pending
	CouponExclusive CouponWhy = "exclusive" // it or one before it stands alone
	CouponScope     CouponWhy = "scope"     // nothing in the basket is what it is about, or not this store or member
	CouponMinimum   CouponWhy = "minimum"   // its goods come to less than its least
	CouponNothing   CouponWhy = "nothing"   // it would take off less than a fen
)

// useCoupons is the fourth step: each coupon in the order given, on what the
// ones before it left of its lines.
func (q *Quote) useCoupons(r Request, on *programme.Occasion) error {
	for _, use := range r.Coupons {
		off, err := q.useCoupon(r, on, use)
		if err != nil {
			return err
		}
		q.Coupons = append(q.Coupons, off)
	}
	return nil
}

func (q *Quote) useCoupon(r Request, on *programme.Occasion, use CouponUse) (CouponOff, error) {
	off := CouponOff{CouponUse: use}
	coupon, known := r.Programme.Coupon(use.Asset.Coupon())
	switch {
	case r.Member == 0:
		off.Why = CouponNoMember
	case !r.Proof.MaySpend():
		off.Why = CouponProof
	case !known:
		off.Why = CouponUnknown
	case !q.holds(r, use):
		off.Why = CouponNotHeld
	case q.standsAlone(r.Programme, coupon):
		off.Why = CouponExclusive
	case !coupon.Scope.Here(on):
		off.Why = CouponScope
	default:
		return off, q.takeOff(coupon, r, &off)
	}
	return off, nil
}

// holds reports whether there is one more of a coupon's lot than those used
// already.
func (q *Quote) holds(r Request, use CouponUse) bool {
	var left lot.Amount
	for _, h := range r.Holdings {
		if h.Lot.ID == use.Lot && h.Lot.Asset == use.Asset && h.Lot.Owner == r.Member && r.Today.Spendable(h.Lot) {
			left += h.Amount
		}
	}
	for _, c := range q.Coupons {
		if c.Lot == use.Lot && c.Why == CouponApplies {
			left--
		}
	}
	return left > 0
}

// standsAlone reports whether a coupon and the ones applied exclude each other
// (rule S26).
func (q *Quote) standsAlone(p *programme.Programme, coupon programme.Coupon) bool {
	return slices.ContainsFunc(q.Coupons, func(c CouponOff) bool {
		before, _ := p.Coupon(c.Asset.Coupon())
		return c.Why == CouponApplies && (coupon.Exclusive || before.Exclusive)
	})
}

// takeOff shares a coupon's discount over its lines by largest remainder.
func (q *Quote) takeOff(coupon programme.Coupon, r Request, off *CouponOff) error {
	weights, covers := make([]int64, len(q.Lines)), false
	for i, line := range q.Lines {
		if p := r.Lines[i].Product; coupon.Covers(p) && !r.Programme.Excluded.Discount[p.GTIN] {
			weights[i], covers = int64(line.Net), true
		}
	}
	base := sum(weights)
	fen, err := coupon.Off(base)
	switch {
	case err != nil:
		return err
	case !covers:
		off.Why = CouponScope
		return nil
	case base < coupon.MinFen:
		off.Why = CouponMinimum
		return nil
	case fen == 0:
		off.Why = CouponNothing
		return nil
	}
	off.Fen = fen
	for i, part := range lot.Split(int64(fen), weights) {
		if part > 0 {
			off.Shares = append(off.Shares, FenShare{i, lot.Fen(part)})
			q.Lines[i].Off += lot.Fen(part)
			q.Lines[i].Net -= lot.Fen(part)
		}
	}
	q.Off += fen
	q.ToPay -= fen
	return nil
}

// round is the sixth step: small change is left out of the bill, and each
// line's net is less by its share of it, so that the sums stay exact (rule S30).
func (q *Quote) round(rules programme.Rounding) {
	if rules.ToFen <= 1 {
		return
	}
	q.Rounding = q.ToPay % rules.ToFen
	weights := make([]int64, len(q.Lines))
	for i, line := range q.Lines {
		weights[i] = int64(line.Net)
	}
	for i, part := range lot.Split(int64(q.Rounding), weights) {
		q.Lines[i].Rounded = lot.Fen(part)
		q.Lines[i].Net -= lot.Fen(part)
	}
	q.ToPay -= q.Rounding
}
