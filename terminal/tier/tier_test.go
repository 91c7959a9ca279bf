package tier_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/tier"
)

// rolling has three steps over any twelve months, in fen.
var rolling = programme.Tiers{NoticeDays: 30, Ladder: []programme.Tier{
	{ID: "basic", MultiplierBP: 10_000}, {ID: "silver", Threshold: 100_000, MultiplierBP: 12_000}, {ID: "gold", Threshold: 300_000, MultiplierBP: 15_000},
}}

func calendar() programme.Tiers {
	t := rolling
	t.Window = programme.CalendarYear
	return t
}

func day(t testing.TB, text string) lot.Day {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return lot.DayOf(d)
}

func spent(t testing.TB, pairs ...any) (months []fold.Month) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		months = count.AddMonth(months, fold.Month{End: day(t, pairs[i].(string)).MonthEnd(), Spent: lot.Fen(pairs[i+1].(int))})
	}
	return months
}

// Rule S12: a threshold is reached by meeting it, and a step up may pass several.
func TestStepUp(t *testing.T) {
	for fen, want := range map[int]string{
		0: "basic", 99_999: "basic", 100_000: "silver", 100_001: "silver", 299_999: "silver", 300_000: "gold", 300_001: "gold",
	} {
		got := tier.Evaluate(rolling, tier.Standing{}, spent(t, "2026-11-22", fen), day(t, "2026-11-22"))
		if got.Tier != want || got.Up != (want != "basic") || got.Down || got.Tell {
			t.Errorf("Evaluate with %d fen: got %+v, want %s", fen, got, want)
		}
	}
}

// Rule S12: what counts is the month and the eleven before it, or the year.
func TestWindows(t *testing.T) {
	c := spent(t, "2025-11-30", 1, "2025-12-01", 10, "2025-12-31", 100, "2026-01-01", 1000, "2026-11-22", 10_000, "2026-12-01", 100_000)
	tests := map[string]struct {
		rules programme.Tiers
		on    string
		want  int64
	}{
		"rolling":           {rolling, "2026-11-22", 11_110},
		"rolling-month-end": {rolling, "2026-11-30", 11_110},
		"rolling-next":      {rolling, "2026-12-01", 111_000},
		"rolling-before":    {rolling, "2026-10-31", 1111},
		"year":              {calendar(), "2026-11-22", 11_000},
		"year-last-day":     {calendar(), "2026-12-31", 111_000},
		"year-before":       {calendar(), "2025-12-31", 111},
		"year-first-day":    {calendar(), "2027-01-01", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tier.Reached(test.rules, c, day(t, test.on)); got != test.want {
				t.Errorf("Reached(%s): got %d, want %d", test.on, got, test.want)
			}
		})
	}
}

// Rule S12: a return counts in the month of its sale, whenever it is made.
func TestReturnsCountInTheMonthOfTheSale(t *testing.T) {
	rules := rolling
	rules.Metric = programme.BasePoints
	add := func(months []fold.Month, on string, fen lot.Fen, points lot.Amount) []fold.Month {
		return count.AddMonth(months, fold.Month{End: day(t, on).MonthEnd(), Spent: fen, Points: points})
	}
	c := add(add(add(nil, "2026-03-31", 100_000, 1000), "2026-04-01", 500, 5), "2026-03-15", -40_000, -400)
	want := []fold.Month{{End: day(t, "2026-03-31"), Spent: 60_000, Points: 600}, {End: day(t, "2026-04-30"), Spent: 500, Points: 5}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("AddMonth: -want +got\n%s", diff)
	}
	if got := tier.Reached(rules, c, day(t, "2026-04-30")); got != 605 {
		t.Errorf("Reached in points: got %d, want 605", got)
	}
}

// The windows of a tier are never longer than what is remembered.
func TestMonthsReachBeyondTheLongestWindow(t *testing.T) {
	var months []fold.Month
	first := day(t, "2024-01-15")
	for m := range 40 {
		months = count.AddMonth(months, fold.Month{End: first.AddMonths(m).MonthEnd(), Spent: 1})
	}
	newest := months[len(months)-1].End
	for _, rules := range []programme.Tiers{rolling, calendar()} {
		begin := newest.AddMonths(-11) // of the window before the last, too
		if got := tier.Reached(rules, months, begin); got < 12 && rules.Window != programme.CalendarYear {
			t.Errorf("Reached a year ago: got %d months of 12", got)
		}
	}
	if again := count.AddMonth(months, fold.Month{End: first.MonthEnd(), Spent: -1}); !cmp.Equal(months, again) {
		t.Errorf("AddMonth of a month forgotten: got %v, want no change", again)
	}
}

// Rule S12: down only when the period has ended, after the notice, one step.
func TestStepDown(t *testing.T) {
	gold := func(told string) tier.Standing {
		s := tier.Standing{Tier: "gold", Since: day(t, "2026-11-22"), Until: day(t, "2027-11-21")}
		if told != "" {
			s.Told = day(t, told)
		}
		return s
	}
	tests := map[string]struct {
		rules    programme.Tiers
		standing tier.Standing
		counters []fold.Month
		today    string
		want     string
		up, down bool
		tell     bool
	}{
		"within-the-period":        {rolling, gold(""), nil, "2027-10-22", "gold", false, false, false},
		"notice-begins":            {rolling, gold(""), nil, "2027-10-23", "gold", false, false, true},
		"told-already":             {rolling, gold("2027-10-23"), nil, "2027-11-21", "gold", false, false, false},
		"period-ended-notice-runs": {rolling, gold("2027-10-24"), nil, "2027-11-22", "gold", false, false, false},
		"period-ended-notice-over": {rolling, gold("2027-10-23"), nil, "2027-11-22", "silver", false, true, false},
		"late-notice-runs-out":     {rolling, gold("2027-10-24"), nil, "2027-11-23", "silver", false, true, false},
		"never-told":               {rolling, gold(""), nil, "2028-06-01", "gold", false, false, true},
		"met-in-the-ended-period":  {rolling, gold("2027-10-23"), spent(t, "2026-12-01", 300_000), "2027-12-01", "gold", false, false, false},
		"one-fen-short":            {rolling, gold("2027-10-23"), spent(t, "2026-12-01", 299_999), "2027-12-01", "silver", false, true, false},
		"met-again-today":          {rolling, gold("2027-10-23"), spent(t, "2027-12-01", 300_000), "2027-12-01", "gold", false, false, false},
		"year-not-over":            {calendar(), tier.Standing{Tier: "gold", Until: day(t, "2027-12-31"), Told: 1}, nil, "2027-12-31", "gold", false, false, false},
		"year-over":                {calendar(), tier.Standing{Tier: "gold", Until: day(t, "2027-12-31"), Told: 1}, nil, "2028-01-01", "silver", false, true, false},
		"year-met":                 {calendar(), tier.Standing{Tier: "gold", Until: day(t, "2027-12-31"), Told: 1}, spent(t, "2027-01-01", 300_000), "2028-01-01", "gold", false, false, false},
		"year-met-unseen-for-two":  {calendar(), tier.Standing{Tier: "gold", Until: day(t, "2026-12-31")}, spent(t, "2026-05-05", 300_000), "2028-01-01", "gold", false, false, true},
		"lowest-stays":             {rolling, tier.Standing{Tier: "basic"}, nil, "2030-01-01", "basic", false, false, false},
		"unknown-tier-is-lowest":   {rolling, tier.Standing{Tier: "platinum", Until: 9}, nil, "2030-01-01", "basic", false, false, false},
		"silver-to-gold":           {rolling, tier.Standing{Tier: "silver", Until: day(t, "2027-11-21")}, spent(t, "2027-01-01", 300_000), "2027-01-01", "gold", true, false, false},
		"given-without-a-period":   {rolling, tier.Standing{Tier: "gold"}, nil, "2027-01-01", "gold", false, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := tier.Evaluate(test.rules, test.standing, test.counters, day(t, test.today))
			if got.Tier != test.want || got.Up != test.up || got.Down != test.down || got.Tell != test.tell {
				t.Errorf("Evaluate(%+v) on %s: got %+v, want %s, up %v, down %v, tell %v", test.standing, test.today, got, test.want, test.up, test.down, test.tell)
			}
			if (got.Down || got.Up) && (got.Told != 0 || got.Until <= day(t, test.today)) {
				t.Errorf("Evaluate on %s: got %+v, want a new period without a notice", test.today, got)
			}
		})
	}
	if got := tier.Evaluate(programme.Tiers{}, tier.Standing{Tier: "gold"}, nil, 20_000); got != (tier.Outcome{}) {
		t.Errorf("Evaluate without a ladder: got %+v, want nothing", got)
	}
}

// A new period lasts a year from the day, over a leap day too, or to 31 December.
func TestPeriods(t *testing.T) {
	tests := map[string]struct {
		rules       programme.Tiers
		today, want string
	}{
		"rolling":          {rolling, "2026-11-22", "2027-11-21"},
		"rolling-leap-day": {rolling, "2028-02-29", "2029-02-27"},
		"rolling-new-year": {rolling, "2027-01-01", "2027-12-31"},
		"year":             {calendar(), "2026-11-22", "2026-12-31"},
		"year-last-day":    {calendar(), "2026-12-31", "2026-12-31"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := tier.Evaluate(test.rules, tier.Standing{}, spent(t, test.today, 100_000), day(t, test.today))
			if got.Until.String() != test.want {
				t.Errorf("Evaluate on %s: got a period until %s, want %s", test.today, got.Until, test.want)
			}
		})
	}
}

// Rule S12: HQ makes good what a higher tier would have earned, and never takes.
func TestTrueUp(t *testing.T) {
	rules := &programme.Programme{Tiers: rolling, Rules: []programme.Rule{{ID: "base", Asset: lot.Consumption, Rate: lot.Ratio{Num: 1, Den: 100}}}}
	capped := *rules
	capped.Rules = []programme.Rule{rules.Rules[0]}
	capped.Rules[0].Cap.PerReceipt = 33
	sold := func(p *programme.Programme, under string, m1, m2 lot.Amount) pricing.Sold {
		return pricing.Sold{Rules: p, Tier: under, Lines: []pricing.SoldLine{{Qty: 1, Fen: 2000, Merchant: "m1"}, {Qty: 1, Fen: 999, Merchant: "m2"}},
			Awards: []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: m1}, {Rule: "base", Funder: "m2", Amount: m2}}}
	}
	tests := map[string]struct {
		sold  pricing.Sold
		known string
		want  []pricing.SoldAward
	}{
		"one-step":           {sold(rules, "basic", 19, 10), "silver", []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: 4}, {Rule: "base", Funder: "m2", Amount: 2}}},
		"two-steps":          {sold(rules, "", 19, 10), "gold", []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: 10}, {Rule: "base", Funder: "m2", Amount: 5}}},
		"same-tier":          {sold(rules, "gold", 29, 15), "gold", nil},
		"same-tier-and-less": {sold(rules, "gold", 10, 5), "gold", nil},
		"lower-tier":         {sold(rules, "gold", 29, 15), "silver", nil},
		"unknown-tier":       {sold(rules, "basic", 19, 10), "platinum", nil},
		"up-to-the-cap":      {sold(&capped, "basic", 19, 10), "gold", []pricing.SoldAward{{Rule: "base", Funder: "m1", Amount: 3}, {Rule: "base", Funder: "m2", Amount: 1}}},
		"given-more-once":    {sold(rules, "basic", 40, 10), "gold", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tier.TrueUp(test.sold, test.known, nil)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("TrueUp(%s): got error %v; -want +got\n%s", test.known, err, diff)
			}
		})
	}
}

// The order in which sales and returns are counted makes no difference, more
// spending never lowers the tier, and a day never steps down by two.
func TestTiersDependOnTheSumsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type item struct {
			day lot.Day
			fen lot.Fen
		}
		start := lot.Day(20_454) // 2026-01-01
		items := rapid.SliceOf(rapid.Custom(func(t *rapid.T) item {
			return item{start + lot.Day(rapid.Int32Range(0, 500).Draw(t, "day")), lot.Fen(rapid.Int64Range(-50_000, 200_000).Draw(t, "fen"))}
		})).Draw(t, "items")
		add := func(months []fold.Month, i item) []fold.Month {
			return count.AddMonth(months, fold.Month{End: i.day.MonthEnd(), Spent: i.fen})
		}
		var there, back []fold.Month
		for i := range items {
			there, back = add(there, items[i]), add(back, items[len(items)-1-i])
		}
		if !cmp.Equal(there, back) {
			t.Fatalf("Add in two orders: %v and %v", there, back)
		}
		s := tier.Standing{Tier: rapid.SampledFrom([]string{"basic", "silver", "gold"}).Draw(t, "tier"), Since: start, Until: start + 365, Told: 1}
		today := start + lot.Day(rapid.Int32Range(0, 600).Draw(t, "today"))
		got, more := tier.Evaluate(rolling, s, there, today), tier.Evaluate(rolling, s, add(slices.Clone(there), item{today, 100_000}), today)
		if rolling.Place(more.Tier) < rolling.Place(got.Tier) {
			t.Fatalf("Evaluate(%+v, %v, %s): got %+v, with more spent %+v", s, there, today, got, more)
		}
		if rolling.Place(got.Tier) < rolling.Place(s.Tier)-1 {
			t.Fatalf("Evaluate(%+v, %v, %s): got %+v, more than one step down", s, there, today, got)
		}
	})
}
