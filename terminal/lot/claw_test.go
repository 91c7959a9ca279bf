package lot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Rules S06 and S08: pending of the receipt, the rest of its lots, other lots
// soonest expiry first, then a debt; as far as the policy goes.
func TestPlanClaw(t *testing.T) {
	pending, later := held(1, 10, trusted.Day+90), held(7, 50, 0)
	pending.Lot.Active, later.Lot.Active = trusted.Day+1, trusted.Day+1
	green := held(6, 50, 0)
	green.Lot.Asset = lot.Green
	holdings := []lot.Holding{
		held(5, 40, 0), held(4, 30, trusted.Day+5), held(3, 7, trusted.Day-1), // other lots; the last one lapsed
		held(2, 20, trusted.Day+60), pending, green, later,
	}
	own := []lot.Lot{pending.Lot, held(2, 20, 0).Lot}
	draws := func(pairs ...lot.Amount) []lot.Draw {
		var list []lot.Draw
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, lot.Draw{Lot: id(uint32(pairs[i])), Amount: pairs[i+1]})
		}
		return list
	}
	tests := map[string]struct {
		want      lot.Amount
		elsewhere lot.Amount
		policy    lot.ClawPolicy
		claw      lot.Claw
	}{
		"nothing":                         {0, 0, lot.ClawDebt, lot.Claw{}},
		"pending-first":                   {10, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10)}},
		"then-its-own-lot":                {11, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 1)}},
		"own-lots-whole":                  {30, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20)}},
		"then-soonest-expiry":             {31, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 1)}},
		"all-that-is-usable":              {100, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 30, 5, 40)}},
		"one-is-owed":                     {101, 0, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 30, 5, 40), Owed: 1}},
		"no-debt":                         {101, 0, lot.ClawBalance, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 30, 5, 40), Forgiven: 1}},
		"pending-only":                    {101, 0, lot.ClawPending, lot.Claw{Draws: draws(1, 10), Forgiven: 91}},
		"pending-only-in-part":            {9, 0, lot.ClawPending, lot.Claw{Draws: draws(1, 9)}},
		"elsewhere-is-waited-for":         {35, 5, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20)}},
		"and-no-more-than-that":           {36, 5, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 1)}},
		"elsewhere-beyond-all":            {101, 1, lot.ClawDebt, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 30, 5, 40)}},
		"no-debt-for-what-is-elsewhere":   {102, 1, lot.ClawBalance, lot.Claw{Draws: draws(1, 10, 2, 20, 4, 30, 5, 40), Forgiven: 1}},
		"pending-elsewhere-is-waited-for": {20, 4, lot.ClawPending, lot.Claw{Draws: draws(1, 10), Forgiven: 6}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := lot.PlanClaw(holdings, lot.Clawing{Lots: own, Want: test.want, Elsewhere: test.elsewhere}, trusted, test.policy)
			if diff := cmp.Diff(test.claw, got); diff != "" || err != nil {
				t.Errorf("PlanClaw(%d): got error %v; -want +got\n%s", test.want, err, diff)
			}
		})
	}
	for _, want := range []lot.Amount{-1, lot.AmountMax + 1} {
		if _, err := lot.PlanClaw(holdings, lot.Clawing{Lots: own, Want: want}, trusted, lot.ClawDebt); !errors.Is(err, lot.ErrAmount) {
			t.Errorf("PlanClaw(%d): got %v, want ErrAmount", want, err)
		}
	}
	lapsed := []lot.Holding{held(2, 20, trusted.Day-1)}
	if got, err := lot.PlanClaw(lapsed, lot.Clawing{Lots: own, Want: 20}, trusted, lot.ClawDebt); err != nil || got.Owed != 0 {
		t.Errorf("PlanClaw of a lapsed lot of the receipt: got %+v, %v; want it taken, not owed", got, err)
	}
}

// What is taken and what is owed make up what was wanted, and no holding gives
// more than it has.
func TestClawTakesNoMoreThanThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var holdings []lot.Holding
		has := map[lot.ID]lot.Amount{}
		for n := range uint32(rapid.IntRange(0, 6).Draw(t, "lots")) {
			h := held(n, lot.Amount(rapid.Int64Range(0, 30).Draw(t, "amount")), trusted.Day-2+lot.Day(rapid.Int32Range(0, 5).Draw(t, "expires")))
			h.Lot.Active = trusted.Day - 1 + lot.Day(rapid.Int32Range(0, 2).Draw(t, "active"))
			holdings, has[h.Lot.ID] = append(holdings, h), h.Amount
		}
		want := lot.Amount(rapid.Int64Range(0, 100).Draw(t, "want"))
		policy := rapid.SampledFrom([]lot.ClawPolicy{lot.ClawDebt, lot.ClawBalance, lot.ClawPending}).Draw(t, "policy")
		elsewhere := lot.Amount(rapid.Int64Range(0, 40).Draw(t, "elsewhere"))
		own := []lot.Lot{held(0, 0, 0).Lot, held(1, 0, 0).Lot}
		got, err := lot.PlanClaw(holdings, lot.Clawing{Lots: own, Want: want, Elsewhere: elsewhere}, trusted, policy)
		if waits := want - lot.Sum(got.Draws) - got.Owed - got.Forgiven; err != nil || waits < 0 || waits > elsewhere {
			t.Fatalf("PlanClaw(%v, %d, %d elsewhere): got %+v, %v", holdings, want, elsewhere, got, err)
		}
		if got.Owed > 0 && policy != lot.ClawDebt || got.Forgiven > 0 && policy == lot.ClawDebt {
			t.Fatalf("PlanClaw(%v, %d) by policy %d: got %+v", holdings, want, policy, got)
		}
		for _, d := range got.Draws {
			if has[d.Lot] -= d.Amount; d.Amount <= 0 || has[d.Lot] < 0 {
				t.Fatalf("PlanClaw(%v, %d): draws %+v", holdings, want, got.Draws)
			}
		}
	})
}
