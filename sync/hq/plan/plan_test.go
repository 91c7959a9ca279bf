package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const points = lot.Asset("points:green")

func id(n uint32) lot.ID {
	return lot.ID{Origin: lot.Origin{Terminal: 3, Incarnation: 7, Seq: 5}, N: n}
}

func draws(n ...lot.Amount) (out []lot.Draw) {
	for i, amount := range n {
		out = append(out, lot.Draw{Lot: id(uint32(i + 1)), Amount: amount})
	}
	return out
}

func TestNet(t *testing.T) {
	award := func(n uint32, amount, atHQ, netted lot.Amount) plan.Award {
		return plan.Award{Holding: lot.Holding{Lot: lot.Lot{ID: id(n), Asset: points, Amount: amount}, Amount: atHQ}, Netted: netted}
	}
	owed := func(since lot.Day, n lot.Amount) office.Owing {
		return office.Owing{Owner: 1, Asset: points, Since: since, Amount: n}
	}
	for name, c := range map[string]struct {
		owed   []office.Owing
		awards []plan.Award
		parts  []office.Owing
		draws  []lot.Draw
	}{
		"half-rounded-down":         {[]office.Owing{owed(1, 100)}, []plan.Award{award(1, 21, 21, 0)}, []office.Owing{owed(1, 10)}, draws(10)},
		"of-one-nothing":            {[]office.Owing{owed(1, 100)}, []plan.Award{award(1, 1, 1, 0)}, nil, nil},
		"no-more-than-is-there":     {[]office.Owing{owed(1, 100)}, []plan.Award{award(1, 20, 3, 0)}, []office.Owing{owed(1, 3)}, draws(3)},
		"half-of-it-all-together":   {[]office.Owing{owed(1, 100)}, []plan.Award{award(1, 20, 17, 3)}, []office.Owing{owed(1, 7)}, draws(7)},
		"no-more-than-is-owed":      {[]office.Owing{owed(1, 4)}, []plan.Award{award(1, 20, 20, 0)}, []office.Owing{owed(1, 4)}, draws(4)},
		"oldest-first-of-each":      {[]office.Owing{owed(1, 4), owed(2, 9)}, []plan.Award{award(1, 10, 10, 0), award(2, 20, 20, 0)}, []office.Owing{owed(1, 4), owed(2, 1), owed(2, 8)}, draws(5, 8)},
		"another-asset-is-left-out": {[]office.Owing{{Owner: 1, Asset: "points:red", Since: 1, Amount: 4}}, []plan.Award{award(1, 20, 20, 0)}, nil, nil},
	} {
		var parts []office.Owing
		var taken []lot.Draw
		for _, n := range plan.Net(c.owed, c.awards) {
			parts, taken = append(parts, n.Parts...), append(taken, n.Draws...)
		}
		if diff := cmp.Diff(c.parts, parts) + cmp.Diff(c.draws, taken); diff != "" {
			t.Errorf("%s: Net() (-want +got):\n%s", name, diff)
		}
	}
}

// Of more debts than one entry can name each entry takes as much as it writes off.
func TestNetOfManyDebts(t *testing.T) {
	var owed []office.Owing
	for n := range 1100 {
		owed = append(owed, office.Owing{Owner: 1, Asset: points, Since: lot.Day(n + 1), Amount: 1})
	}
	var awards []plan.Award
	for n := range 3 {
		awards = append(awards, plan.Award{Holding: lot.Holding{Lot: lot.Lot{ID: id(uint32(n + 1)), Asset: points, Amount: 700}, Amount: 700}})
	}
	taken := map[lot.ID]lot.Amount{}
	var all lot.Amount
	for _, n := range plan.Net(owed, awards) {
		var parts lot.Amount
		for _, o := range n.Parts {
			parts += o.Amount
		}
		for _, d := range n.Draws {
			taken[d.Lot] += d.Amount
		}
		if len(n.Parts) > lot.HoldingsMax || parts != lot.Sum(n.Draws) {
			t.Errorf("an entry writes off %d in %d parts and takes %d", parts, len(n.Parts), lot.Sum(n.Draws))
		}
		all += parts
	}
	if all != 1050 || taken[id(1)] != 350 || taken[id(2)] != 350 || taken[id(3)] != 350 {
		t.Errorf("%d were netted, %v of each award, want 1050 and half of each", all, taken)
	}
}
