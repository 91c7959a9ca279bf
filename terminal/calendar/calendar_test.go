package calendar_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The table of festivals is what testdata/festivals.mjs found by three ways.
func TestFestivalsAreThoseFound(t *testing.T) {
	want, err := os.ReadFile("testdata/festivals.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for _, f := range calendar.Festivals() {
		for _, d := range calendar.Festival(f).Days() {
			got++
			if line := fmt.Sprintf("%s %s\n", f, d); !strings.Contains(string(want), line) {
				t.Errorf("festival %s: it was not found", strings.TrimSpace(line))
			}
		}
		if n := calendar.Festival(f).Name(); n.ZH == "" || n.EN == "" {
			t.Errorf("festival %s has no name", f)
		}
	}
	if n := strings.Count(string(want), "\n"); got != n {
		t.Errorf("the table has %d days, %d were found", got, n)
	}
}

func moment(t *testing.T, at string) calendar.Moment {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04", at)
	if err != nil {
		t.Fatal(err)
	}
	m := calendar.Moment{Day: lot.DayOf(when), Business: lot.DayOf(when), Minute: when.Hour()*60 + when.Minute()}
	if m.Minute < 4*60 {
		m.Business--
	}
	return m
}

func read(t *testing.T, yaml string) calendar.Window {
	t.Helper()
	w, err := parse(yaml)
	if err != nil {
		t.Fatalf("Read(%s): %v", yaml, err)
	}
	return w
}

func parse(yaml string) (calendar.Window, error) {
	var faults document.Faults
	root := document.Read([]byte("window: "+yaml+"\n"), 1000, &faults, nil)
	w := calendar.Read(root, "window")
	root.Done()
	return w, faults.Err()
}

// Rule S10: windows are half-open on the clock of the wall, dates whole days.
func TestWindowsOpenAndClose(t *testing.T) {
	tests := map[string]struct {
		window       string
		open, closed []string
	}{
		"always":     {"{}", []string{"2027-01-01 00:00"}, nil},
		"dates":      {`{from: "2027-02-01", until: "2027-02-03"}`, []string{"2027-02-01 00:00", "2027-02-03 23:59"}, []string{"2027-01-31 23:59", "2027-02-04 00:00"}},
		"hours":      {`{hours: [{from: "10:00", until: "14:00"}]}`, []string{"2027-02-01 10:00", "2027-02-01 13:59"}, []string{"2027-02-01 09:59", "2027-02-01 14:00"}},
		"two-parts":  {`{hours: [{from: "10:00", until: "12:00"}, {from: "18:00", until: "24:00"}]}`, []string{"2027-02-01 11:00", "2027-02-01 23:59"}, []string{"2027-02-01 12:00", "2027-02-02 00:00"}},
		"night":      {`{weekdays: [fri], hours: [{from: "22:00", until: "02:00"}]}`, []string{"2027-02-05 22:00", "2027-02-06 01:59"}, []string{"2027-02-05 01:00", "2027-02-06 02:00", "2027-02-06 22:00"}},
		"last-night": {`{from: "2027-02-05", until: "2027-02-05", hours: [{from: "22:00", until: "02:00"}]}`, []string{"2027-02-06 01:59"}, []string{"2027-02-05 01:59"}},
		"weekend":    {`{weekdays: [sat, sun]}`, []string{"2027-02-06 12:00", "2027-02-07 12:00"}, []string{"2027-02-05 12:00", "2027-02-08 00:00"}},
		"month-days": {`{month_days: [8, 31]}`, []string{"2027-02-08 12:00", "2027-03-31 12:00"}, []string{"2027-02-28 12:00"}},
		"festival":   {`{festival: {name: spring, days_before: 7, days_after: 15}}`, []string{"2027-01-30 00:00", "2027-02-06 12:00", "2027-02-21 23:59"}, []string{"2027-01-29 23:59", "2027-02-22 00:00", "2051-02-11 12:00"}},
		"laba-twice": {`{festival: {name: laba}}`, []string{"2022-01-10 12:00", "2022-12-30 12:00"}, []string{"2023-12-30 12:00"}},
		"business":   {`{from: "2027-02-05", until: "2027-02-05", basis: business}`, []string{"2027-02-06 03:59", "2027-02-05 04:00"}, []string{"2027-02-05 03:59", "2027-02-06 04:00"}},
		"leap-day":   {`{month_days: [29], from: "2027-02-01"}`, []string{"2028-02-29 12:00"}, []string{"2027-02-28 12:00"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := read(t, test.window)
			for _, at := range test.open {
				if !w.Open(moment(t, at)) {
					t.Errorf("%s at %s: got closed, want open", test.window, at)
				}
			}
			for _, at := range test.closed {
				if w.Open(moment(t, at)) {
					t.Errorf("%s at %s: got open, want closed", test.window, at)
				}
			}
		})
	}
}

func TestWindowsThatAreWrong(t *testing.T) {
	tests := map[string]struct{ window, want string }{
		"ends-first":     {`{from: "2027-02-03", until: "2027-02-01"}`, "line 1:1: it ends before it begins"},
		"no-such-day":    {`{from: "2027-02-29"}`, `line 1:10: "from" must be a day such as "2027-12-31"`},
		"never-weekday":  {`{from: "2027-02-01", until: "2027-02-02", weekdays: [sun]}`, "line 1:1: this window is never open"},
		"never-monthday": {`{from: "2027-02-01", until: "2027-02-28", month_days: [30]}`, "line 1:1: this window is never open"},
		"no-time":        {`{hours: [{from: "10:00", until: "10:00"}]}`, "line 1:1: this window is never open"},
		"hour-25":        {`{hours: [{from: "10:00", until: "25:00"}]}`, `line 1:34: "until" must be a time from "00:00" to "24:00"`},
		"no-festival":    {`{festival: {name: christmas}}`, `line 1:21: "name" must be double-ninth, dragon-boat, laba, lantern, mid-autumn, new-year-eve, qingming, qixi or spring`},
		"festival-over":  {`{from: "2060-01-01", festival: {name: spring}}`, "line 1:1: this window is never open"},
		"weekday":        {`{weekdays: [monday]}`, `line 1:21: "weekdays" must name weekdays: mon, tue, wed, thu, fri, sat, sun`},
		"basis":          {`{basis: lunar}`, `line 1:10: "basis" must be wall or business`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(test.window); err == nil || err.Error() != test.want {
				t.Errorf("Read(%s): got %v, want %s", test.window, err, test.want)
			}
		})
	}
}

func TestWindowsWithinOthers(t *testing.T) {
	tests := []struct {
		inner, outer string
		want         bool
	}{
		{`{from: "2027-02-01", until: "2027-02-03"}`, "{}", true},
		{`{from: "2027-02-01", until: "2027-02-03"}`, `{from: "2027-01-01", until: "2027-02-03"}`, true},
		{`{from: "2027-02-01", until: "2027-02-04"}`, `{from: "2027-01-01", until: "2027-02-03"}`, false},
		{"{}", `{weekdays: [sat, sun]}`, false},
		{`{weekdays: [sat]}`, `{weekdays: [sat, sun]}`, true},
		{`{festival: {name: spring, days_after: 3}}`, `{festival: {name: spring, days_after: 7}}`, true},
		{`{festival: {name: spring, days_after: 3}}`, `{festival: {name: laba, days_after: 7}}`, false},
	}
	for _, test := range tests {
		inner, outer := read(t, test.inner), read(t, test.outer)
		if got := inner.Within(&outer); got != test.want {
			t.Errorf("%s within %s: got %v, want %v", test.inner, test.outer, got, test.want)
		}
	}
}
