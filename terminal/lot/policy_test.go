package lot_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Rules S07 and S10: every basis at the ends of months, quarters and years.
func TestPolicyTerms(t *testing.T) {
	pend := func(p lot.Policy, days int) lot.Policy {
		p.PendingDays = days
		return p
	}
	on := func(text string) lot.Policy { return lot.Policy{Basis: lot.OnDate, On: day(t, text)} }
	by := func(b lot.Basis, n int) lot.Policy { return lot.Policy{Basis: b, N: n} }
	tests := map[string]struct {
		policy                  lot.Policy
		earned, active, expires string // "" is at once, never
	}{
		"never":                     {by(lot.Never, 0), "2026-11-22", "", ""},
		"never-pending":             {pend(by(lot.Never, 0), 7), "2026-11-22", "2026-11-29", ""},
		"days":                      {by(lot.ForDays, 90), "2026-11-22", "", "2027-02-20"},
		"one-day":                   {by(lot.ForDays, 1), "2026-12-31", "", "2027-01-01"},
		"no-day-more":               {by(lot.ForDays, 0), "2026-12-31", "", "2026-12-31"},
		"days-over-a-leap-day":      {by(lot.ForDays, 2), "2028-02-28", "", "2028-03-01"},
		"days-no-leap-day":          {by(lot.ForDays, 2), "2027-02-28", "", "2027-03-02"},
		"days-most":                 {by(lot.ForDays, lot.PolicyDaysMax), "2026-01-01", "", "2036-01-09"},
		"rule-s10-vector":           {by(lot.ForMonths, 1), "2027-01-31", "", "2027-02-28"},
		"months-leap":               {by(lot.ForMonths, 1), "2028-01-31", "", "2028-02-29"},
		"months-leap-day-a-year":    {by(lot.ForMonths, 12), "2028-02-29", "", "2029-02-28"},
		"months-most":               {by(lot.ForMonths, lot.PolicyMonthsMax), "2026-11-22", "", "2036-11-22"},
		"month-end":                 {by(lot.ToMonthEnd, 0), "2026-11-01", "", "2026-11-30"},
		"month-end-on-it":           {by(lot.ToMonthEnd, 0), "2026-11-30", "", "2026-11-30"},
		"month-end-a-year-later":    {by(lot.ToMonthEnd, 12), "2027-02-10", "", "2028-02-29"},
		"quarter-one":               {by(lot.ToQuarter, 0), "2027-01-01", "", "2027-03-31"},
		"quarter-one-last-day":      {by(lot.ToQuarter, 0), "2027-03-31", "", "2027-03-31"},
		"quarter-two":               {by(lot.ToQuarter, 0), "2027-04-01", "", "2027-06-30"},
		"quarter-three":             {by(lot.ToQuarter, 0), "2027-08-31", "", "2027-09-30"},
		"quarter-four":              {by(lot.ToQuarter, 0), "2027-10-15", "", "2027-12-31"},
		"quarter-three-months-on":   {by(lot.ToQuarter, 3), "2026-11-30", "", "2027-03-31"},
		"year-end":                  {by(lot.ToYearEnd, 0), "2026-01-01", "", "2026-12-31"},
		"year-end-on-it":            {by(lot.ToYearEnd, 0), "2026-12-31", "", "2026-12-31"},
		"year-end-a-month-later":    {by(lot.ToYearEnd, 1), "2026-12-31", "", "2027-12-31"},
		"year-end-next-year":        {by(lot.ToYearEnd, 12), "2028-02-29", "", "2029-12-31"},
		"fixed":                     {on("2027-12-31"), "2026-11-22", "", "2027-12-31"},
		"fixed-on-it":               {on("2026-11-22"), "2026-11-22", "", "2026-11-22"},
		"fixed-gone-by":             {on("2026-11-21"), "2026-11-22", "", "2026-11-22"},
		"fixed-while-pending":       {pend(on("2026-11-25"), 7), "2026-11-22", "2026-11-29", "2026-11-29"},
		"inactivity":                {by(lot.WhileActive, 365), "2026-11-22", "", "2027-11-22"},
		"rule-s07-from-activation":  {pend(by(lot.ForDays, 30), 7), "2026-11-22", "2026-11-29", "2026-12-29"},
		"rule-s07-over-a-month-end": {pend(by(lot.ToMonthEnd, 0), 7), "2026-11-24", "2026-12-01", "2026-12-31"},
		"rule-s07-clamped":          {pend(by(lot.ForMonths, 1), 1), "2027-01-30", "2027-01-31", "2027-02-28"},
		"rule-s07-over-the-year":    {pend(by(lot.ToYearEnd, 0), 1), "2026-12-31", "2027-01-01", "2027-12-31"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			active, expires := test.policy.Terms(day(t, test.earned))
			if dayOr(active) != test.active || dayOr(expires) != test.expires {
				t.Errorf("%+v.Terms(%s): got %q and %q, want %q and %q", test.policy, test.earned, dayOr(active), dayOr(expires), test.active, test.expires)
			}
		})
	}
}

func dayOr(d lot.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func TestActivityExtends(t *testing.T) {
	idle := lot.Policy{Basis: lot.WhileActive, N: 10}
	tests := map[string]struct {
		policy                  lot.Policy
		expires, activity, want lot.Day
	}{
		"later":             {idle, 110, 101, 111},
		"same-day":          {idle, 110, 100, 110},
		"earlier-activity":  {idle, 110, 99, 110},
		"never-stays-never": {idle, 0, 99, 0},
		"other-basis":       {lot.Policy{Basis: lot.ForDays, N: 10}, 110, 105, 110},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.policy.Extended(test.expires, test.activity); got != test.want {
				t.Errorf("%+v.Extended(%d, %d): got %d, want %d", test.policy, test.expires, test.activity, got, test.want)
			}
		})
	}
}

// Rules S07 and S10: a lot is usable from 00:00 of its first day to the end of
// its last; the days beside them are not.
func TestFirstAndLastDay(t *testing.T) {
	active, expires := lot.Policy{Basis: lot.ForDays, N: 3, PendingDays: 7}.Terms(100)
	l := lot.Lot{Active: active, Expires: expires}
	for on, want := range map[lot.Day]bool{100: false, 106: false, 107: true, 110: true, 111: false} {
		if got := (lot.Today{Day: on, Trusted: true}).Spendable(l); got != want {
			t.Errorf("Spendable on day %d of a lot of days %d to %d: got %v, want %v", on, active, expires, got, want)
		}
	}
}

// Whatever the policy, a lot earned later never ends earlier, and never before
// the day on which it becomes usable.
func TestLaterEarnedNeverEndsEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := lot.Policy{
			Basis: lot.Basis(rapid.IntRange(int(lot.Never), int(lot.WhileActive)).Draw(t, "basis")),
			N:     rapid.IntRange(0, lot.PolicyMonthsMax).Draw(t, "n"), On: 20_000,
			PendingDays: rapid.IntRange(0, lot.PendingDaysMax).Draw(t, "pending"),
		}
		earned := lot.Day(rapid.Int32Range(1, 40_000).Draw(t, "earned"))
		active, expires := p.Terms(earned)
		_, next := p.Terms(earned + 1)
		if next < expires || expires != 0 && expires < max(active, earned) {
			t.Fatalf("%+v.Terms(%s): got %s and %s, a day later %s", p, earned, active, expires, next)
		}
	})
}

func TestParseDay(t *testing.T) {
	if got, err := lot.ParseDay("2028-02-29"); err != nil || got.String() != "2028-02-29" {
		t.Errorf("ParseDay(2028-02-29): got %s, %v", got, err)
	}
	for _, text := range []string{"", "2027-02-29", "2026-1-1", "1970-01-01", "1969-12-31", "2026-11-22 "} {
		if got, err := lot.ParseDay(text); err == nil {
			t.Errorf("ParseDay(%q): got %s, want an error", text, got)
		}
	}
}
