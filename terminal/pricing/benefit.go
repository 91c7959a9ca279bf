package pricing

import (
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Offer is a benefit that is on offer now, and what it costs the member.
type Offer struct {
	Benefit string
	Asset   lot.Asset
	Cost    lot.Amount
	Was     lot.Amount // without campaigns
	By      []string   // campaigns that make it cheaper
	Missing lot.Amount // 0 when the points left pay for it
}

// Offers works out what each benefit on offer costs, and what of it the points
// at hand leave to be saved for. Of what is left of an asset that a deduction
// takes from, it takes spent off first.
func Offers(r Request, spent Deduction) []Offer {
	on := r.occasion()
	offers := make([]Offer, 0, len(r.Programme.Benefits))
	for i := range r.Programme.Benefits {
		b := &r.Programme.Benefits[i]
		if !b.Offered(&on) {
			continue
		}
		cost, by := r.Programme.Price(*b, &on)
		left := lot.Available(r.Holdings, b.Cost.Asset, r.Today)
		if b.Cost.Asset == spent.Asset {
			left -= spent.Points
		}
		offers = append(offers, Offer{b.ID, b.Cost.Asset, cost, b.Cost.Amount, by, max(cost-left, 0)})
	}
	return offers
}

// suggest says which benefits the member's points pay for once the deduction
// is taken, and which one is nearest of those that they do not (cap P8). With
// a phone number alone nothing can be redeemed, but the nearest one is named.
func (q *Quote) suggest(r Request) {
	if r.Member == 0 {
		return
	}
	q.Offers = Offers(r, q.Deduction)
	for _, o := range q.Offers {
		switch {
		case o.Missing > 0:
			q.nearer(NextBenefit{ID: o.Benefit, Asset: o.Asset, Missing: o.Missing})
		case r.Proof.MaySpend():
			q.Redeemable = append(q.Redeemable, o.Benefit)
		}
	}
}

// nearer keeps the benefit that misses least; of equals, the programme's first.
func (q *Quote) nearer(next NextBenefit) {
	if q.NextBenefit == nil || next.Missing < q.NextBenefit.Missing {
		q.NextBenefit = &next
	}
}

// CostOf is what a benefit costs in a sale, and whether it is on offer.
func CostOf(r Request, b programme.Benefit) (cost lot.Amount, offered bool) {
	on := r.occasion()
	cost, _ = r.Programme.Price(b, &on)
	return cost, b.Offered(&on)
}
