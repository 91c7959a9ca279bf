package pricing_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Rule S01, the published vector: 29.99 at ×2 is base 29, total 59, bonus 30,
// allocated 20, 20 and 19. Multiplied by the rule or by the tier, it is the same.
func TestDoublePoints(t *testing.T) {
	for name, edit := range map[string]func(*programme.Programme, *pricing.Request){
		"by-the-rule": func(p *programme.Programme, _ *pricing.Request) { p.Rules[0].MultiplierBP = 20_000 },
		"by-the-tier": func(p *programme.Programme, r *pricing.Request) {
			p.Tiers.Ladder, r.Tier = []programme.Tier{{ID: "basic", MultiplierBP: 10_000}, {ID: "gold", MultiplierBP: 20_000}}, "gold"
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := open.parse(t)
			r := card(p, lines(goods("m1", 1000), goods("m1", 1000), goods("m1", 999)), 0, 0)
			edit(p, &r)
			q := price(t, r)
			if diff := cmp.Diff(shares(20, 20, 19), q.Awards[0].Shares); diff != "" || q.Awards[0].Amount != 59 {
				t.Errorf("Price: got %d points; shares -want +got\n%s", q.Awards[0].Amount, diff)
			}
			want := []pricing.RuleQuote{{Rule: "base", Asset: consumption, BaseFen: 2999, Points: 59, Bonus: 30, Multiplier: lot.Ratio{Num: 200_000_000, Den: 100_000_000}}}
			if diff := cmp.Diff(want, q.Rules); diff != "" {
				t.Errorf("Price: rules -want +got\n%s", diff)
			}
		})
	}
}

// A threshold of a rule is met by reaching it, on what is paid for its lines.
func TestThresholdOfARule(t *testing.T) {
	for bill, want := range map[lot.Fen]lot.Amount{0: 0, 99: 0, 2499: 24, 2500: 50, 2501: 50, 2999: 59} {
		p := open.parse(t)
		p.Rules[0].MultiplierBP, p.Rules[0].ThresholdFen = 20_000, 2500
		q := price(t, card(p, lines(goods("m1", bill)), 0, 0))
		if got := awarded(q, "base"); got != want {
			t.Errorf("Price(%s): got %d points, want %d", bill, got, want)
		}
		q = price(t, card(p, lines(goods("m1", bill+100)), 100, 100))
		if got := awarded(q, "base"); got != want {
			t.Errorf("Price(%s, 1.00 of it by points): got %d points, want %d", bill+100, got, want)
		}
	}
}

// Rule S26: tier and rule together multiply by five at most.
func TestStackedMultipliers(t *testing.T) {
	p := open.parse(t)
	p.Tiers.Ladder = []programme.Tier{{ID: "basic", MultiplierBP: 10_000}, {ID: "gold", MultiplierBP: 25_000}}
	for rule, want := range map[int64]lot.Amount{0: 25, 10_000: 25, 15_000: 37, 19_999: 49, 20_000: 50, 20_001: 50, 100_000: 50} {
		p.Rules[0].MultiplierBP = rule
		r := card(p, lines(goods("m1", 1000)), 0, 0)
		r.Tier = "gold"
		if got := awarded(price(t, r), "base"); got != want {
			t.Errorf("Price at ×%d/10,000 and gold: got %d points, want %d", rule, got, want)
		}
	}
}

// Rule S28: caps of a receipt and of a member's business day, one below, at and
// above; the quote says which one bit and how much it took.
func TestCaps(t *testing.T) {
	tests := map[string]struct {
		cap     programme.Cap
		counted lot.Amount
		want    lot.Amount // of 29
		limit   pricing.CapLimit
	}{
		"none":               {programme.Cap{}, 1000, 29, pricing.CapNone},
		"receipt-above":      {programme.Cap{PerReceipt: 30}, 0, 29, pricing.CapNone},
		"receipt-equal":      {programme.Cap{PerReceipt: 29}, 0, 29, pricing.CapNone},
		"receipt-below":      {programme.Cap{PerReceipt: 28}, 0, 28, pricing.CapReceipt},
		"receipt-each-time":  {programme.Cap{PerReceipt: 28}, 1000, 28, pricing.CapReceipt},
		"day-above":          {programme.Cap{PerMemberDay: 40}, 10, 29, pricing.CapNone},
		"day-equal":          {programme.Cap{PerMemberDay: 40}, 11, 29, pricing.CapNone},
		"day-below":          {programme.Cap{PerMemberDay: 40}, 12, 28, pricing.CapMemberDay},
		"day-one-left":       {programme.Cap{PerMemberDay: 40}, 39, 1, pricing.CapMemberDay},
		"day-used-up":        {programme.Cap{PerMemberDay: 40}, 40, 0, pricing.CapMemberDay},
		"day-overdone":       {programme.Cap{PerMemberDay: 40}, 90, 0, pricing.CapMemberDay},
		"both-day-is-lower":  {programme.Cap{PerReceipt: 20, PerMemberDay: 40}, 25, 15, pricing.CapMemberDay},
		"both-equal":         {programme.Cap{PerReceipt: 20, PerMemberDay: 40}, 20, 20, pricing.CapReceipt},
		"both-receipt-lower": {programme.Cap{PerReceipt: 20, PerMemberDay: 40}, 19, 20, pricing.CapReceipt},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := open.parse(t)
			p.Rules[0].Cap = test.cap
			r := card(p, lines(goods("m1", 1000), goods("m2", 1999)), 0, 0)
			r.Counted = map[string]lot.Amount{"base": test.counted, "eco": 7}
			q := price(t, r)
			if got := q.Rules[0]; got.Points != test.want || got.Cap != test.limit || got.Cut != 29-test.want {
				t.Errorf("Price: got %+v, want %d points and cap %q", got, test.want, test.limit)
			}
			if got := awarded(q, "base"); got != test.want {
				t.Errorf("Price: got awards of %d, want %d", got, test.want)
			}
		})
	}
}

// What a cap leaves is shared again over the lines.
func TestCapIsSharedAgain(t *testing.T) {
	p := open.parse(t)
	p.Rules[0].Cap.PerReceipt, p.Rules[0].MultiplierBP = 32, 20_000
	q := price(t, card(p, lines(goods("m1", 1000), goods("m1", 1000), goods("m1", 999)), 0, 0))
	if diff := cmp.Diff(shares(11, 11, 10), q.Awards[0].Shares); diff != "" {
		t.Errorf("Price: shares -want +got\n%s", diff)
	}
	if got := q.Rules[0]; got.Bonus != 3 || got.Cut != 27 {
		t.Errorf("Price: got %+v, want a bonus of 3 and 27 cut", got)
	}
}

// Rule S03: excluded goods earn nothing and are paid all the same.
func TestExcludedGoodsEarnNothing(t *testing.T) {
	p := open.parse(t)
	bag := ecoGoods("m1", 1000)
	bag.GTIN = "06900001000228"
	p.Excluded.Earn = map[string]bool{bag.GTIN: true}
	q := price(t, card(p, lines(goods("m1", 999), bag), 0, 0))
	if diff := cmp.Diff([]pricing.Earning{{Asset: consumption, Amount: 9}}, q.WouldEarn); diff != "" || q.ToPay != 1999 {
		t.Errorf("Price: got %s to pay; would earn -want +got\n%s", q.ToPay, diff)
	}
}

// Rule S07: points of a kind that is pending say from when on they are usable.
func TestPendingAwards(t *testing.T) {
	p := open.parse(t)
	p.Points[0].Expires = lot.Policy{Basis: lot.ForDays, N: 30, PendingDays: 7}
	a := price(t, card(p, lines(goods("m1", 100)), 0, 0)).Awards[0]
	if a.Active != today.Day+7 || a.Expires != today.Day+37 || a.Earned != today.Day {
		t.Errorf("Price: got an award of day %d, usable %d to %d; want 7 and 37 days later", a.Earned, a.Active, a.Expires)
	}
}

// Rule S28: what terminals gave beyond a cap goes out of pending points only.
func TestOverrunOfACap(t *testing.T) {
	tests := map[string]struct{ limit, given, pending, taken, flagged lot.Amount }{
		"one-below":       {40, 39, 39, 0, 0},
		"just-the-cap":    {40, 40, 40, 0, 0},
		"one-above":       {40, 41, 41, 1, 0},
		"nothing-pending": {40, 58, 0, 0, 18},
		"less-pending":    {40, 58, 17, 17, 1},
		"just-pending":    {40, 58, 18, 18, 0},
		"no-cap":          {0, 58, 58, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if taken, flagged := pricing.Overrun(test.limit, test.given, test.pending); taken != test.taken || flagged != test.flagged {
				t.Errorf("Overrun(%d, %d, %d): got %d and %d, want %d and %d", test.limit, test.given, test.pending, taken, flagged, test.taken, test.flagged)
			}
		})
	}
}
