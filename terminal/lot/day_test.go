package lot_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/lot"
)

func day(t *testing.T, text string) lot.Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return lot.DayOf(at)
}

// Rule S10: month arithmetic clamps to the month's last day.
func TestMonths(t *testing.T) {
	tests := map[string]struct {
		from      string
		months    int
		want, end string
	}{
		"rule-s10-vector":      {"2027-01-31", 1, "2027-02-28", "2027-02-28"},
		"leap-february":        {"2028-01-31", 1, "2028-02-29", "2028-02-29"},
		"leap-day-and-a-year":  {"2028-02-29", 12, "2029-02-28", "2029-02-28"},
		"leap-day-and-four":    {"2028-02-29", 48, "2032-02-29", "2032-02-29"},
		"no-leap-in-2100":      {"2100-01-30", 1, "2100-02-28", "2100-02-28"},
		"leap-in-2000":         {"2000-01-30", 1, "2000-02-29", "2000-02-29"},
		"thirty-days":          {"2026-10-31", 1, "2026-11-30", "2026-11-30"},
		"not-clamped":          {"2026-11-30", 1, "2026-12-30", "2026-12-31"},
		"over-the-year":        {"2026-11-22", 2, "2027-01-22", "2027-01-31"},
		"december":             {"2026-11-30", 13, "2027-12-30", "2027-12-31"},
		"no-month":             {"2026-11-22", 0, "2026-11-22", "2026-11-30"},
		"ten-years":            {"2026-11-22", 120, "2036-11-22", "2036-11-30"},
		"before-the-beginning": {"1969-12-31", 2, "1970-02-28", "1970-02-28"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := day(t, test.from).AddMonths(test.months)
			if got.String() != test.want {
				t.Errorf("AddMonths(%s, %d): got %s, want %s", test.from, test.months, got, test.want)
			}
			if got := got.MonthEnd(); got.String() != test.end {
				t.Errorf("MonthEnd(%s): got %s, want %s", test.want, got, test.end)
			}
		})
	}
}

func TestDayIsThatOfTheLocation(t *testing.T) {
	east := time.FixedZone("east", 8*3600)
	at := time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)
	if got := lot.DayOf(at).String(); got != "2026-11-22" {
		t.Errorf("DayOf(%s): got %s, want 2026-11-22", at, got)
	}
	if got := lot.DayOf(at.In(east)).String(); got != "2026-11-23" {
		t.Errorf("DayOf(%s): got %s, want 2026-11-23", at.In(east), got)
	}
	if got := lot.DayOf(time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)); got != -1 {
		t.Errorf("DayOf(the day before the first): got %d, want -1", got)
	}
	if got := day(t, "1970-01-02"); got != 1 {
		t.Errorf("DayOf(1970-01-02): got %d, want 1", got)
	}
}

func TestUsable(t *testing.T) {
	sure, unsure := lot.Today{Day: 100, Trusted: true}, lot.Today{Day: 100}
	tests := map[string]struct {
		today   lot.Today
		expires lot.Day
		want    bool
	}{
		"tomorrow":              {sure, 101, true},
		"last-day":              {sure, 100, true},
		"yesterday":             {sure, 99, false},
		"never":                 {sure, 0, true},
		"yesterday-clock-doubt": {unsure, 99, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.today.Usable(test.expires); got != test.want {
				t.Errorf("%+v.Usable(%d): got %v, want %v", test.today, test.expires, got, test.want)
			}
		})
	}
}
