package pricing

import "github.com/jifen-pos/jifen/terminal/lot"

// suggest says which benefits the member's points pay for once the deduction
// is taken, and which one is nearest of those that they do not (cap P8). With
// a phone number alone nothing can be redeemed, but the nearest one is named.
func (q *Quote) suggest(r Request) {
	if r.Member == 0 {
		return
	}
	for _, benefit := range r.Programme.Benefits {
		left := lot.Available(r.Holdings, benefit.Cost.Asset, r.Today)
		if benefit.Cost.Asset == q.Deduction.Asset {
			left -= q.Deduction.Points
		}
		missing := benefit.Cost.Amount - left
		switch {
		case missing > 0:
			q.nearer(NextBenefit{ID: benefit.ID, Asset: benefit.Cost.Asset, Missing: missing})
		case r.Proof.MaySpend():
			q.Redeemable = append(q.Redeemable, benefit.ID)
		}
	}
}

// nearer keeps the benefit that misses least; of equals, the programme's first.
func (q *Quote) nearer(next NextBenefit) {
	if q.NextBenefit == nil || next.Missing < q.NextBenefit.Missing {
		q.NextBenefit = &next
	}
}
