package programme_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// rich is the document with every optional part.
var rich = strings.NewReplacer(
	"    expires: {months: 1, at: day}\n", "    expires: {idle_days: 365}\n    pending_days: 7\n",
	"eco_only: true}\n", `eco_only: true}
  - id: fest
    asset: points:consumption
    rate: {points: 1, fen: 100}
    multiplier_bp: 20000
    threshold_fen: 2500
    threshold_break: proportional
    cap: {per_receipt: 100, per_member_day: 300}
`,
	"benefits:\n", `coupons:
  - {id: five, name: {zh: 五元, en: Five yuan}, off_fen: 500, min_fen: 2000, merchant: m1, valid_days: 30, exclusive: true}
  - {id: tenth, name: {zh: 九折, en: A tenth}, off_bp: 1000, max_fen: 300, products: ["6901234567892"], valid_days: 0}
rounding: {to_fen: 10, mode: down}
excluded: {earn: ["6901234567892", "4006381333931"], deduct: ["4006381333931"]}
tiers:
  metric: net-spend
  window: rolling-year
  ladder:
    - {id: basic, name: {zh: 普通, en: Basic}, threshold_fen: 0, multiplier_bp: 10000}
    - {id: gold, name: {zh: 金卡, en: Gold}, threshold_fen: 100000, multiplier_bp: 15000}
max_multiplier_bp: 30000
benefits:
`).Replace(document)

func TestOptionalPartsAreRead(t *testing.T) {
	p := parse(t, rich)
	if got, want := p.Points[0].Expires, (lot.Policy{Basis: lot.WhileActive, N: 365, PendingDays: 7}); got != want {
		t.Errorf("expires: got %+v, want %+v", got, want)
	}
	wantRule := programme.Rule{
		ID: "fest", Asset: lot.Consumption, Rate: lot.Ratio{Num: 1, Den: 100}, MultiplierBP: 20_000, ThresholdFen: 2500,
		Proportional: true, Cap: programme.Cap{PerReceipt: 100, PerMemberDay: 300},
	}
	if diff := cmp.Diff(wantRule, p.Rules[2]); diff != "" {
		t.Errorf("rule: -want +got\n%s", diff)
	}
	rice, bulb := "06901234567892", "04006381333931"
	wantCoupons := []programme.Coupon{
		{ID: "five", Name: programme.Text{ZH: "五元", EN: "Five yuan"}, OffFen: 500, MinFen: 2000, Merchant: "m1", ValidDays: 30, Exclusive: true},
		{ID: "tenth", Name: programme.Text{ZH: "九折", EN: "A tenth"}, OffBP: 1000, MaxFen: 300, Products: map[string]bool{rice: true}},
	}
	if diff := cmp.Diff(wantCoupons, p.Coupons); diff != "" {
		t.Errorf("coupons: -want +got\n%s", diff)
	}
	wantTiers := programme.Tiers{NoticeDays: 30, Ladder: []programme.Tier{
		{ID: "basic", Name: programme.Text{ZH: "普通", EN: "Basic"}, MultiplierBP: 10_000},
		{ID: "gold", Name: programme.Text{ZH: "金卡", EN: "Gold"}, Threshold: 100_000, MultiplierBP: 15_000},
	}}
	if diff := cmp.Diff(wantTiers, p.Tiers); diff != "" {
		t.Errorf("tiers: -want +got\n%s", diff)
	}
	wantExcluded := programme.Excluded{Earn: map[string]bool{rice: true, bulb: true}, Deduct: map[string]bool{bulb: true}}
	if diff := cmp.Diff(wantExcluded, p.Excluded); diff != "" || p.Rounding.ToFen != 10 || p.MaxMultiplierBP != 30_000 {
		t.Errorf("rounding %s, at most %d bp, excluded: -want +got\n%s", p.Rounding.ToFen, p.MaxMultiplierBP, diff)
	}
}

func TestFaultsOfOptionalParts(t *testing.T) {
	tests := map[string]struct {
		edit []string
		want []string
	}{
		"two-policies":          {[]string{"{idle_days: 365}", "{idle_days: 365, days: 1}"}, []string{`line 10:15: "idle_days" is not a key known here`}},
		"no-policy":             {[]string{"{idle_days: 365}", "{}"}, []string{`line 10:14: "months" is missing`, `line 10:14: "at" is missing`}},
		"never-is-false":        {[]string{"{idle_days: 365}", "{never: false}"}, []string{`line 10:15: "never" can only be true`}},
		"no-such-day":           {[]string{"{idle_days: 365}", `{on: "2027-02-29"}`}, []string{`line 10:15: "on" must be a day such as "2027-12-31"`}},
		"no-months-at-all":      {[]string{"{idle_days: 365}", "{months: 0, at: day}"}, []string{`line 10:15: "months" must be at least 1 with at: day`}},
		"days-too-many":         {[]string{"{idle_days: 365}", "{days: 3661}"}, []string{`line 10:15: "days" must be a whole number from 1 to 3660`}},
		"months-too-many":       {[]string{"months: 12", "months: 121"}, []string{`line 15:15: "months" must be a whole number from 0 to 120`}},
		"pending-too-long":      {[]string{"pending_days: 7", "pending_days: 367"}, []string{`line 11:5: "pending_days" must be a whole number from 0 to 366`}},
		"threshold-for-nothing": {[]string{"    multiplier_bp: 20000\n", ""}, []string{`line 24:5: "threshold_fen" needs a "multiplier_bp"`}},
		"multiplier-below-one":  {[]string{"multiplier_bp: 20000", "multiplier_bp: 9999"}, []string{`line 24:5: "multiplier_bp" must be a whole number from 10000 to 100000`, `line 25:5: "threshold_fen" needs a "multiplier_bp"`}},
		"unknown-break":         {[]string{"threshold_break: proportional", "threshold_break: keep"}, []string{`line 26:5: "threshold_break" must be rerate or proportional`}},
		"cap-of-nothing":        {[]string{"per_receipt: 100", "per_receipt: 0"}, []string{`line 27:11: "per_receipt" must be a whole number from 1 to 1000000000`}},
		"cap-per-week":          {[]string{"per_receipt: 100", "per_week: 1"}, []string{`line 27:11: "per_week" is not a key known here`}},
		"coupon-of-both":        {[]string{"off_fen: 500", "off_fen: 500, off_bp: 1"}, []string{`line 30:47: "off_fen" is not a key known here`}},
		"coupon-of-neither":     {[]string{"off_fen: 500, ", ""}, []string{`line 30:5: "off_fen" is missing`}},
		"coupon-twice":          {[]string{"id: tenth", "id: five"}, []string{`line 31:6: "five" stands here twice`}},
		"coupon-of-a-stranger":  {[]string{"min_fen: 2000, merchant: m1", "min_fen: 2000, merchant: m9"}, []string{`line 30:76: "m9" is not a merchant of this programme`}},
		"coupon-above-all":      {[]string{"off_bp: 1000", "off_bp: 10001"}, []string{`line 31:46: "off_bp" must be a whole number from 1 to 10000`}},
		"product-as-number":     {[]string{`products: ["6901234567892"]`, "products: [6901234567892]"}, []string{`line 31:85: "products" must name products by quoted GTINs of 13 digits`}},
		"product-check-digit":   {[]string{`products: ["6901234567892"]`, `products: ["6901234567893"]`}, []string{`line 31:85: "products" must name products by quoted GTINs of 13 digits`}},
		"product-twice":         {[]string{`deduct: ["4006381333931"]`, `deduct: ["4006381333931", "4006381333931"]`}, []string{`line 33:80: "4006381333931" stands here twice`}},
		"products-none":         {[]string{`deduct: ["4006381333931"]`, "deduct: []"}, []string{`line 33:54: "deduct" must be a list of 1 to 1000`}},
		"rounded-up":            {[]string{"mode: down", "mode: up"}, []string{`line 32:24: "mode" must be down: rounding never makes a bill larger`}},
		"rounded-to-ten-yuan":   {[]string{"to_fen: 10,", "to_fen: 1000,"}, []string{`line 32:12: "to_fen" must be a whole number from 1 to 100`}},
		"tiers-not-rising":      {[]string{"threshold_fen: 100000", "threshold_fen: 0"}, []string{`line 39:44: a tier must begin above the one before it`}},
		"tiers-from-above":      {[]string{"threshold_fen: 0,", "threshold_fen: 1,"}, []string{`line 38:46: the first tier must begin at 0`}},
		"tiers-by-visits":       {[]string{"metric: net-spend", "metric: visits"}, []string{`line 35:3: "metric" must be net-spend or base-points`}},
		"tiers-in-points":       {[]string{"metric: net-spend", "metric: base-points"}, []string{`line 38:7: "threshold_points" is missing`, `line 38:46: "threshold_fen" is not a key known here`, `line 39:7: "threshold_points" is missing`, `line 39:44: "threshold_fen" is not a key known here`}},
		"tier-twice":            {[]string{"id: gold", "id: basic"}, []string{`line 39:8: "basic" stands here twice`}},
		"notice-too-short":      {[]string{"window: rolling-year", "window: rolling-year\n  notice_days: 29"}, []string{`line 37:3: "notice_days" must be a whole number from 30 to 366`}},
		"multiplier-too-large":  {[]string{"max_multiplier_bp: 30000", "max_multiplier_bp: 100001"}, []string{`line 40:1: "max_multiplier_bp" must be a whole number from 10000 to 100000`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Parse([]byte(edited(t, rich, test.edit)))
			checkFaults(t, err, test.want)
		})
	}
}

func TestTiersAreAtMostTen(t *testing.T) {
	ladder := func(n int) string {
		var text strings.Builder
		for i := range n {
			text.WriteString("    - {id: t" + string(rune('a'+i)) + ", name: {zh: 级, en: T}, threshold_fen: " + strings.Repeat("9", i)[:i] + "0, multiplier_bp: 10000}\n")
		}
		return document + "tiers:\n  metric: net-spend\n  window: calendar-year\n  ladder:\n" + text.String()
	}
	if p := parse(t, ladder(programme.TiersMax)); len(p.Tiers.Ladder) != 10 || p.Tiers.Window != programme.CalendarYear {
		t.Errorf("Parse with ten tiers: got %+v", p.Tiers)
	}
	_, err := programme.Parse([]byte(ladder(programme.TiersMax + 1)))
	checkFaults(t, err, []string{`line 33:3: "ladder" must be a list of at most 10`})
}

// Rule S26: tier and rule multiply together, up to the programme's bound.
func TestMultipliersStackUpToABound(t *testing.T) {
	gold := programme.Tiers{Ladder: []programme.Tier{{ID: "basic", MultiplierBP: 10_000}, {ID: "gold", MultiplierBP: 25_000}}}
	rule := func(bp int64, from lot.Fen) programme.Rule {
		return programme.Rule{MultiplierBP: bp, ThresholdFen: from}
	}
	tests := map[string]struct {
		rule programme.Rule
		tier string
		base lot.Fen
		want int64 // of 100,000,000
	}{
		"neither":         {rule(0, 0), "", 1, 100_000_000},
		"unknown-tier":    {rule(0, 0), "platinum", 1, 100_000_000},
		"tier-alone":      {rule(0, 0), "gold", 1, 250_000_000},
		"both-below":      {rule(19_999, 0), "gold", 1, 499_975_000},
		"both-at-the-cap": {rule(20_000, 0), "gold", 1, 500_000_000},
		"both-above":      {rule(20_001, 0), "gold", 1, 500_000_000},
		"threshold-below": {rule(20_000, 2500), "", 2499, 100_000_000},
		"threshold-met":   {rule(20_000, 2500), "", 2500, 200_000_000},
		"threshold-above": {rule(20_000, 2500), "", 2501, 200_000_000},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := programme.Programme{Tiers: gold, MaxMultiplierBP: 50_000}
			if got, want := p.Multiplier(test.rule, test.tier, test.base), (lot.Ratio{Num: test.want, Den: 100_000_000}); got != want {
				t.Errorf("Multiplier(%+v, %s, %s): got %v, want %v", test.rule, test.tier, test.base, got, want)
			}
		})
	}
}

// A coupon takes off no more than its lines come to, and nothing below its least.
func TestCouponOff(t *testing.T) {
	tests := map[string]struct {
		coupon    programme.Coupon
		sum, want lot.Fen
	}{
		"sum":               {programme.Coupon{OffFen: 500}, 2000, 500},
		"sum-one-above":     {programme.Coupon{OffFen: 500}, 501, 500},
		"sum-exact":         {programme.Coupon{OffFen: 500}, 500, 500},
		"sum-one-below":     {programme.Coupon{OffFen: 500}, 499, 499},
		"sum-of-nothing":    {programme.Coupon{OffFen: 500}, 0, 0},
		"least-one-below":   {programme.Coupon{OffFen: 500, MinFen: 2000}, 1999, 0},
		"least-met":         {programme.Coupon{OffFen: 500, MinFen: 2000}, 2000, 500},
		"least-passed":      {programme.Coupon{OffFen: 500, MinFen: 2000}, 2001, 500},
		"share":             {programme.Coupon{OffBP: 1000}, 999, 99},
		"share-of-all":      {programme.Coupon{OffBP: 10_000}, 999, 999},
		"share-below-a-fen": {programme.Coupon{OffBP: 1000}, 9, 0},
		"share-below-most":  {programme.Coupon{OffBP: 1000, MaxFen: 100}, 999, 99},
		"share-at-most":     {programme.Coupon{OffBP: 1000, MaxFen: 100}, 1000, 100},
		"share-above-most":  {programme.Coupon{OffBP: 1000, MaxFen: 100}, 1010, 100},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got, err := test.coupon.Off(test.sum); err != nil || got != test.want {
				t.Errorf("%+v.Off(%s): got %s, %v; want %s", test.coupon, test.sum, got, err, test.want)
			}
		})
	}
	coupon, ok := parse(t, rich).Coupon("five")
	if got := coupon.ExpiryFrom(day(t, "2026-12-31")).String(); !ok || got != "2027-01-30" {
		t.Errorf("Coupon(five) from 2026-12-31: got %s, %v; want 2027-01-30", got, ok)
	}
}

// Rule S07: points of a kind that is pending are usable from their day on, and
// expire counted from it.
func TestTermsOfPendingPoints(t *testing.T) {
	active, expires := parse(t, rich).TermsOf(lot.Consumption, day(t, "2026-12-25"))
	if active.String() != "2027-01-01" || expires.String() != "2028-01-01" {
		t.Errorf("TermsOf(2026-12-25): got %s and %s, want 2027-01-01 and 2028-01-01", active, expires)
	}
	if active, _ := parse(t, rich).TermsOf(lot.Green, 20_000); active != 0 {
		t.Errorf("TermsOf(green): got active from %s, want at once", active)
	}
}
