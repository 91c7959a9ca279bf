package lot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Rule S13: own lots soonest expiry first, then the sharers', each within what
// they let the pool spend.
func TestPoolSpendsWithinAllowances(t *testing.T) {
	const points, quota = lot.Asset("points:consumption"), lot.Asset("quota:pool:2026-11")
	today := lot.Today{Day: 100, Trusted: true}
	held := func(n uint32, asset lot.Asset, amount lot.Amount, expires lot.Day) lot.Holding {
		return lot.Holding{Lot: lot.Lot{ID: lot.ID{N: n}, Asset: asset, Expires: expires}, Amount: amount}
	}
	draw := func(n uint32, amount lot.Amount) lot.Draw { return lot.Draw{Lot: lot.ID{N: n}, Amount: amount} }
	own := []lot.Holding{held(1, points, 30, 120), held(2, points, 20, 110), held(3, points, 99, 90)}
	sharer := func(id member.ID, allowance lot.Amount, lots ...lot.Holding) lot.Sharer {
		return lot.Sharer{Member: id, Holdings: lots, Allowance: []lot.Holding{held(uint32(id), quota, allowance, 130)}}
	}
	mother := sharer(71, 50, held(11, points, 40, 105), held(12, points, 40, 140))
	father := sharer(72, 25, held(21, points, 40, 107))
	tests := map[string]struct {
		want  lot.Amount
		mine  []lot.Draw
		parts []lot.PoolDraw
		has   lot.Amount // where it is short
	}{
		"nothing":            {want: 0},
		"own-soonest-first":  {want: 25, mine: []lot.Draw{draw(2, 20), draw(1, 5)}},
		"all-of-ones-own":    {want: 50, mine: []lot.Draw{draw(2, 20), draw(1, 30)}},
		"one-more":           {want: 51, mine: []lot.Draw{draw(2, 20), draw(1, 30)}, parts: []lot.PoolDraw{{71, []lot.Draw{draw(11, 1)}, []lot.Draw{draw(71, 1)}}}},
		"soonest-of-all":     {want: 100, mine: []lot.Draw{draw(2, 20), draw(1, 30)}, parts: []lot.PoolDraw{{71, []lot.Draw{draw(11, 40)}, []lot.Draw{draw(71, 40)}}, {72, []lot.Draw{draw(21, 10)}, []lot.Draw{draw(72, 10)}}}},
		"up-to-allowances":   {want: 125, mine: []lot.Draw{draw(2, 20), draw(1, 30)}, parts: []lot.PoolDraw{{71, []lot.Draw{draw(11, 40), draw(12, 10)}, []lot.Draw{draw(71, 50)}}, {72, []lot.Draw{draw(21, 25)}, []lot.Draw{draw(72, 25)}}}},
		"beyond-allowances":  {want: 126, has: 125},
		"lapsed-never-count": {want: 200, has: 125},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			mine, parts, err := lot.PlanPool(own, []lot.Sharer{mother, father}, points, test.want, today)
			var short *lot.ShortError
			if errors.As(err, &short) != (test.has > 0) || short != nil && short.Has != test.has {
				t.Fatalf("PlanPool(%d) = %v, want %d to be had", test.want, err, test.has)
			}
			if diff := cmp.Diff(test.mine, mine) + cmp.Diff(test.parts, parts); diff != "" {
				t.Errorf("PlanPool(%d) (-want +got):\n%s", test.want, diff)
			}
		})
	}
}
