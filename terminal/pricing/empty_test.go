package pricing_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
)

// A basket of nothing, goods for nothing, and goods that points pay to the last
// fen or all but one: nothing goes wrong, and nothing is earned on nothing (rules
// S01, S03 and S04).
func TestEmptyBasketAndZeroBill(t *testing.T) {
	p := open.parse(t)
	for name, c := range map[string]struct {
		basket         []pricing.Line
		deduct         lot.Fen
		deducted, left lot.Fen
		earned         lot.Amount
	}{
		"empty-basket":          {nil, pricing.DeductMax, 0, 0, 0},
		"goods-for-nothing":     {lines(goods("m1", 0)), pricing.DeductMax, 0, 0, 0},
		"nothing-beside-goods":  {lines(goods("m1", 0), goods("m2", 100)), 0, 0, 100, 1},
		"one-fen":               {lines(goods("m1", 1)), 0, 0, 1, 0},
		"paid-to-the-last-fen":  {lines(goods("m1", 500)), pricing.DeductMax, 500, 0, 0},
		"paid-to-all-but-a-fen": {lines(goods("m1", 500)), 499, 499, 1, 0},
		"all-but-what-earns":    {lines(goods("m1", 500)), 400, 400, 100, 1},
	} {
		t.Run(name, func(t *testing.T) {
			q := price(t, card(p, c.basket, 1000, c.deduct))
			var earned lot.Amount
			for _, a := range q.Awards {
				earned += a.Amount
			}
			if q.Deduction.Fen != c.deducted || q.ToPay != c.left || earned != c.earned {
				t.Errorf("deducted %s, to pay %s, earned %d; want %s, %s, %d", q.Deduction.Fen, q.ToPay, earned, c.deducted, c.left, c.earned)
			}
		})
	}
}
