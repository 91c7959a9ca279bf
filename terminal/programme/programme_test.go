package programme_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const document = `programme: green
version: 3
name: {zh: 绿色消费积分, en: Green points}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - asset: points:consumption
    name: {zh: 消费积分, en: Consumption points}
    worth: {points: 30, fen: 100}
    expires: {months: 1, at: day}
  - asset: points:green
    name: {zh: 绿色积分, en: Green points}
    worth: {points: 1, fen: 1}
    expires: {months: 12, at: month-end}
merchants:
  - {id: m1, name: {zh: 超市, en: Market}, unit_cost: 1000}
earn:
  - {id: base, asset: points:consumption, rate: {points: 1, fen: 100}}
  - {id: eco, asset: points:green, rate: {points: 2, fen: 100}, eco_only: true}
deduct: {asset: points:consumption, step_fen: 1, max_share_bp: 5000, min_points: 100, max_fen: 20000}
benefits:
  - id: tea-set
    name: {zh: 茶具, en: Tea set}
    cost: {asset: points:consumption, points: 500}
    valid_days: 60
    merchant: m1
    worth_fen: 600
    terms: {zh: 可退换。, en: May be returned.}
allotment: {keep_fen: 5000, ask_fen: 20000}
`

func TestDocumentIsReadWhole(t *testing.T) {
	got := parse(t, document)
	want := &programme.Programme{
		ID: "green", Number: 3,
		Name: programme.Text{ZH: "绿色消费积分", EN: "Green points"},
		Points: []programme.Points{
			{Asset: "points:consumption", Name: programme.Text{ZH: "消费积分", EN: "Consumption points"}, Worth: lot.Ratio{Num: 30, Den: 100}, Expires: lot.Policy{Basis: lot.ForMonths, N: 1}},
			{Asset: "points:green", Name: programme.Text{ZH: "绿色积分", EN: "Green points"}, Worth: lot.Ratio{Num: 1, Den: 1}, Expires: lot.Policy{Basis: lot.ToMonthEnd, N: 12}},
		},
		Merchants: []programme.Merchant{{ID: "m1", Name: programme.Text{ZH: "超市", EN: "Market"}, UnitCost: 1000}},
		Rules: []programme.Rule{
			{ID: "base", Asset: "points:consumption", Rate: lot.Ratio{Num: 1, Den: 100}},
			{ID: "eco", Asset: "points:green", Rate: lot.Ratio{Num: 2, Den: 100}, EcoOnly: true},
		},
		Deduction: programme.Deduction{Asset: "points:consumption", StepFen: 1, MaxShareBP: 5000, MinPoints: 100, MaxFen: 20000},
		Benefits: []programme.Benefit{{
			ID: "tea-set", Name: programme.Text{ZH: "茶具", EN: "Tea set"},
			Cost: programme.Cost{Asset: "points:consumption", Amount: 500}, ValidDays: 60, Merchant: "m1", WorthFen: 600,
			Terms: programme.Text{ZH: "可退换。", EN: "May be returned."},
		}},
		Allotment: programme.Allotment{KeepFen: 5000, AskFen: 20000, Stores: 2, Days: 90},
		Carry:     programme.Carry{MemberFen: 5000, TerminalFen: 50_000, VoucherFen: 5000, Vouchers: 10},

		MaxMultiplierBP: 50_000,
	}
	if diff := cmp.Diff(want, got, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
		t.Errorf("Parse(document): -want +got\n%s", diff)
	}
}

// The version is stored as the terms of every lot: it must never come out
// otherwise for the same bytes.
func TestVersionNamesTheBytes(t *testing.T) {
	got := parse(t, document).Version()
	if want := "3-89398985"; got != want {
		t.Errorf("Version(): got %s, want %s", got, want)
	}
	if other := parse(t, document+"# a comment\n").Version(); other == got {
		t.Errorf("Version() of other bytes: got %s again", other)
	}
}

func TestFaultsComeWithTheirPlaceAllAtOnce(t *testing.T) {
	tests := map[string]struct {
		edit []string // old, new, old, new…
		want []string
	}{
		"unknown-key":        {[]string{"version: 3", "version: 3\ncolour: red"}, []string{`line 3:1: "colour" is not a key known here`}},
		"unknown-inner-key":  {[]string{"{points: 1, fen: 1}", "{points: 1, fen: 1, bonus: 2}"}, []string{`line 13:32: "bonus" is not a key known here`}},
		"missing-key":        {[]string{"    valid_days: 60\n", ""}, []string{`line 22:5: "valid_days" is missing`}},
		"missing-section":    {[]string{"zone: Asia/Shanghai\n", ""}, []string{`line 1:1: "zone" is missing`}},
		"fraction":           {[]string{"min_points: 100", "min_points: 1.5"}, []string{`line 20:70: "min_points" must be a whole number from 0 to 1000000000`}},
		"number-in-quotes":   {[]string{"min_points: 100", `min_points: "100"`}, []string{`line 20:70: "min_points" must be a whole number from 0 to 1000000000`}},
		"hexadecimal":        {[]string{"min_points: 100", "min_points: 0x10"}, []string{`line 20:70: "min_points" must be a whole number from 0 to 1000000000`}},
		"negative":           {[]string{"unit_cost: 1000", "unit_cost: -1"}, []string{`line 16:42: "unit_cost" must be a whole number from 0 to 10000000000000`}},
		"above-whole-bill":   {[]string{"max_share_bp: 5000", "max_share_bp: 10001"}, []string{`line 20:50: "max_share_bp" must be a whole number from 0 to 10000`}},
		"no-divisor":         {[]string{"{points: 30, fen: 100}", "{points: 30, fen: 0}"}, []string{`line 9:25: "fen" must be a whole number from 1 to 1000000`}},
		"flag-as-word":       {[]string{"eco_only: true", "eco_only: yes please"}, []string{`line 19:65: "eco_only" must be true or false`}},
		"unknown-asset":      {[]string{"{asset: points:consumption, points: 500}", "{asset: points:gold, points: 500}"}, []string{`line 24:12: "points:gold" is not a kind of points of this programme`}},
		"unknown-merchant":   {[]string{"merchant: m1", "merchant: m2"}, []string{`line 26:5: "m2" is not a merchant of this programme`}},
		"unknown-zone":       {[]string{"Asia/Shanghai", "Asia/Atlantis"}, []string{`line 4:1: "Asia/Atlantis" is not a time zone such as Asia/Shanghai`}},
		"zone-of-machine":    {[]string{"Asia/Shanghai", "Local"}, []string{`line 4:1: "Local" is not a time zone such as Asia/Shanghai`}},
		"afternoon-cut":      {[]string{`"04:00"`, `"16:00"`}, []string{`line 5:1: "business_day_cut" must be a time from "00:00" to "12:00"`}},
		"double-id":          {[]string{"{id: eco,", "{id: base,"}, []string{`line 19:6: "base" stands here twice`}},
		"double-asset":       {[]string{"- asset: points:green", "- asset: points:consumption"}, []string{`line 11:5: "points:consumption" stands here twice`, `line 19:15: "points:green" is not a kind of points of this programme`}},
		"capital-id":         {[]string{"id: tea-set", "id: Tea-Set"}, []string{`line 22:5: "id" must be at most 32 lower-case letters, digits and hyphens, starting with a letter`}},
		"asset-of-benefits":  {[]string{"- asset: points:green", "- asset: benefit:green"}, []string{`line 11:5: "asset" must be "points:" and a name of lower-case letters, digits and hyphens`, `line 19:15: "points:green" is not a kind of points of this programme`}},
		"expiry-at-noon":     {[]string{"at: day", "at: noon"}, []string{`line 10:26: "at" must be day, month-end, quarter-end or year-end`}},
		"one-language":       {[]string{"{zh: 茶具, en: Tea set}", "{zh: 茶具}"}, []string{`line 23:11: "en" is missing`}},
		"printer-command":    {[]string{"en: Tea set", `en: "Tea\e@set"`}, []string{`line 23:20: "en" holds a control character or an invisible one`}},
		"text-turned-around": {[]string{"en: Tea set", `en: "Tea\u202eset"`}, []string{`line 23:20: "en" holds a control character or an invisible one`}},
		"list-expected":      {[]string{"benefits:\n  - id: tea-set", "benefits:\n    id: tea-set"}, []string{`line 21:1: "benefits" must be a list of at most 1000`}},
		"anchor":             {[]string{"{zh: 超市, en: Market}", "&x {zh: 超市, en: Market}"}, []string{`line 16:20: a list of keys with values belongs here`}},
		"syntax":             {[]string{"deduct: {asset", "deduct: }{asset"}, nil},
		"two-faults":         {[]string{"version: 3", "version: 0", "keep_fen: 5000", "keep_fen: five"}, []string{`line 2:1: "version" must be a whole number from 1 to 1000000000`, `line 29:13: "keep_fen" must be a whole number from 0 to 10000000000000`}},
		"two-documents":      {[]string{"allotment:", "---\nallotment:"}, []string{"the text must hold one document"}},
		"double-key":         {[]string{"version: 3", "version: 3\nversion: 4"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Parse([]byte(edited(t, document, test.edit)))
			checkFaults(t, err, test.want)
		})
	}
}

func TestHostileDocumentsAreRefused(t *testing.T) {
	tests := map[string]string{
		"empty":        "",
		"only-comment": "# nothing\n",
		"scalar":       "hello",
		"list":         "- a\n- b\n",
		"not-utf-8":    "programme: \xff",
		"too-long":     "# " + strings.Repeat("x", programme.DocumentBytesMax),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Parse([]byte(text))
			checkFaults(t, err, nil)
		})
	}
	// The YAML reader's time grows with the square of the depth.
	_, err := programme.Parse([]byte(strings.Repeat("[", 20_000)))
	checkFaults(t, err, []string{"line 1:17: nested more than 16 levels deep"})
	_, err = programme.Parse([]byte(strings.Repeat("- ", 20_000)))
	checkFaults(t, err, []string{"line 1:65: nested more than 16 levels deep"})
}

func TestDaysInTheProgrammesZone(t *testing.T) {
	p := parse(t, document)
	tests := map[string]struct {
		utc           string
		day, business string
	}{
		"noon":              {"2026-11-22T04:00:00Z", "2026-11-22", "2026-11-22"},
		"before-midnight":   {"2026-11-22T15:59:59Z", "2026-11-22", "2026-11-22"},
		"after-midnight":    {"2026-11-22T16:00:00Z", "2026-11-23", "2026-11-22"},
		"just-before-cut":   {"2026-11-22T19:59:59Z", "2026-11-23", "2026-11-22"},
		"at-the-cut":        {"2026-11-22T20:00:00Z", "2026-11-23", "2026-11-23"},
		"new-year-at-night": {"2026-12-31T17:00:00Z", "2027-01-01", "2026-12-31"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, test.utc)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Day(at).String(); got != test.day {
				t.Errorf("Day(%s): got %s, want %s", test.utc, got, test.day)
			}
			if got := p.BusinessDay(at).String(); got != test.business {
				t.Errorf("BusinessDay(%s): got %s, want %s", test.utc, got, test.business)
			}
		})
	}
}

func TestExpiryFollowsTheKindOfPoints(t *testing.T) {
	p := parse(t, document)
	tests := map[string]struct {
		asset        lot.Asset
		earned, want string
	}{
		"same-day-next-month":  {"points:consumption", "2026-11-22", "2026-12-22"},
		"clamped-to-february":  {"points:consumption", "2027-01-31", "2027-02-28"},
		"end-of-month-reached": {"points:green", "2026-11-01", "2027-11-30"},
		"leap-february":        {"points:green", "2027-02-10", "2028-02-29"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := p.ExpiryOf(test.asset, day(t, test.earned)).String(); got != test.want {
				t.Errorf("ExpiryOf(%s, %s): got %s, want %s", test.asset, test.earned, got, test.want)
			}
		})
	}
	if got := p.ExpiryOf("points:unknown", 20_000); got != 0 {
		t.Errorf("ExpiryOf(points:unknown): got %s, want never", got)
	}
}

func TestQuestionsAtTheTill(t *testing.T) {
	p := parse(t, document)
	if got, want := p.Worth("points:consumption"), (lot.Ratio{Num: 30, Den: 100}); got != want {
		t.Errorf("Worth(points:consumption): got %v, want %v", got, want)
	}
	if _, err := p.Worth("points:unknown").Floor(1); err == nil {
		t.Error("Worth(points:unknown).Floor(1): got no error, want one")
	}
	if got := p.PointsName("points:green").In("en"); got != "Green points" {
		t.Errorf("PointsName(points:green) in English: got %q, want Green points", got)
	}
	benefit, ok := p.Benefit("tea-set")
	if got := benefit.ExpiryFrom(day(t, "2026-11-22")).String(); !ok || got != "2027-01-21" {
		t.Errorf("Benefit(tea-set) from 2026-11-22: got %s, %v; want 2027-01-21", got, ok)
	}
	if _, ok := p.Benefit("tea"); ok {
		t.Error("Benefit(tea): got one, want none")
	}
	if m, ok := p.Merchant("m1"); !ok || m.UnitCost != 1000 {
		t.Errorf("Merchant(m1): got %v, %v; want unit cost 1000", m, ok)
	}
}

func TestTextInALanguage(t *testing.T) {
	both, zh := programme.Text{ZH: "茶", EN: "Tea"}, programme.Text{ZH: "茶"}
	for _, test := range []struct {
		text       programme.Text
		lang, want string
	}{{both, "en", "Tea"}, {both, "zh", "茶"}, {both, "fr", "茶"}, {zh, "en", "茶"}} {
		if got := test.text.In(test.lang); got != test.want {
			t.Errorf("%v.In(%s): got %s, want %s", test.text, test.lang, got, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(document))
	f.Add([]byte(rich))
	f.Add([]byte("a: &x [*x]\n<<: {b: 1}\n? c\n: !!int 5\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 {
			return // the YAML reader's time grows with the square of odd texts
		}
		p, err := programme.Parse(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("Parse(%q): got %v and %v", text, p, err)
		}
		if p != nil && p.BusinessDay(time.Unix(0, 0)) > p.Day(time.Unix(0, 0)) {
			t.Fatalf("Parse(%q): business day after the day", text)
		}
	})
}

func parse(t *testing.T, text string) *programme.Programme {
	t.Helper()
	p, err := programme.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return p
}
