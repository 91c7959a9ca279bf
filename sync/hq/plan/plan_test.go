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
		parts, taken := plan.Net(c.owed, c.awards)
		if diff := cmp.Diff(c.parts, parts) + cmp.Diff(c.draws, taken); diff != "" {
			t.Errorf("%s: Net() (-want +got):\n%s", name, diff)
		}
	}
}
