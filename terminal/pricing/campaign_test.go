package pricing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// campaigns parses a programme with campaigns; text stands below "campaigns:".
func campaigns(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) *programme.Programme {
	t.Helper()
	p, err := programme.Parse([]byte(withCampaigns(text)))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return p
}

func withCampaigns(text string) string {
	return `programme: test
version: 1
name: {zh: 测试, en: Test}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - {asset: points:consumption, name: {zh: 消费, en: Consumption}, worth: {points: 100, fen: 100}, expires: {months: 12, at: month-end}}
  - {asset: points:green, name: {zh: 绿色, en: Green}, worth: {points: 1, fen: 1}, expires: {months: 1, at: day}}
stores: [{id: S1, name: {zh: 一店, en: One}, region: north}, {id: S2, name: {zh: 二店, en: Two}}]
merchants:
  - {id: m1, name: {zh: 一, en: One}, unit_cost: 1000, concessions: [{rate_bp: 500, categories: [tea]}, {rate_bp: 100}]}
  - {id: m2, name: {zh: 二, en: Two}, unit_cost: 900}
tiers: {metric: net-spend, window: rolling-year, ladder: [{id: basic, name: {zh: 普, en: B}, threshold_fen: 0, multiplier_bp: 10000}, {id: gold, name: {zh: 金, en: G}, threshold_fen: 1, multiplier_bp: 15000}]}
earn:
  - {id: base, asset: points:consumption, rate: {points: 1, fen: 100}}
deduct: {asset: points:consumption, step_fen: 1, max_share_bp: 10000, min_points: 0, max_fen: 1000000}
coupons: [{id: ten, name: {zh: 十, en: Ten}, off_fen: 1000, min_fen: 5000, valid_days: 9}]
benefits:
  - {id: tea-set, name: {zh: 茶, en: Tea}, cost: {asset: points:consumption, points: 500}, valid_days: 9, merchant: m1, worth_fen: 1, terms: {zh: 一, en: One}}
allotment: {keep_fen: 0, ask_fen: 0}
campaigns:
` + text
}

func named(id, rest string) string {
	return fmt.Sprintf("  - {id: %s, name: {zh: %s, en: %s}, %s}\n", id, id, id, rest)
}

func product(gtin string, fen lot.Fen, category string) programme.Product {
	return programme.Product{GTIN: gtin, Fen: fen, Merchant: "m1", Category: category}
}

// noon is a moment of a day in February 2027, a Saturday.
func noon(p *programme.Programme) pricing.Request {
	at := time.Date(2027, 2, 6, 12, 0, 0, 0, p.Location())
	day := p.Day(at)
	return pricing.Request{Programme: p, Member: 1017, Proof: 1, Today: lot.Today{Day: day, Trusted: true}, At: p.Moment(at), Store: "S1"}
}

const rice, tea = "06901234567892", "04006381333931"

// Rules S03 and S26, campaign by campaign: what is taken off, by whom, and what
// is left to pay.
func TestCampaignsTakeOff(t *testing.T) {
	basket := []pricing.Line{{Product: product(rice, 1000, ""), Qty: 3}, {Product: product(tea, 4999, "tea"), Qty: 1}} // 79.99
	tests := map[string]struct {
		text string
		want map[string]lot.Fen
	}{
		"none":                {named("x", `scope: {stores: [S2]}, line_off: {off_fen: 1}`), nil},
		"price":               {named("x", `scope: {items: ["6901234567892"]}, line_off: {price_fen: 900}`), map[string]lot.Fen{"x": 300}},
		"price-above":         {named("x", `line_off: {price_fen: 100000}`), nil},
		"per-piece":           {named("x", `scope: {items: ["6901234567892"]}, line_off: {off_fen: 50}`), map[string]lot.Fen{"x": 150}},
		"more-than-it-costs":  {named("x", `scope: {items: ["6901234567892"]}, line_off: {off_fen: 5000}`), map[string]lot.Fen{"x": 3000}},
		"share-rounded-up":    {named("x", `scope: {categories: [tea]}, line_off: {off_bp: 1000}`), map[string]lot.Fen{"x": 500}},
		"second-for-half":     {named("x", `line_off: {off_bp: 5000, every_pieces: 2}`), map[string]lot.Fen{"x": 500}},
		"third-free":          {named("x", `line_off: {off_bp: 10000, every_pieces: 3}`), map[string]lot.Fen{"x": 1000}},
		"members":             {named("x", `member_price: {off_bp: 1000}`), map[string]lot.Fen{"x": 800}},
		"one-after-the-other": {named("a", `line_off: {off_bp: 5000}`) + named("b", `line_off: {off_bp: 5000}`), map[string]lot.Fen{"a": 4000, "b": 2000}},
		"priority-first":      {named("a", `line_off: {off_bp: 5000}`) + named("b", `priority: 1, line_off: {off_fen: 500}`), map[string]lot.Fen{"b": 2000, "a": 3000}},
		"steps":               {named("x", `bill_off: {steps: [{from_fen: 5000, off_fen: 500}, {from_fen: 7999, off_fen: 900}]}`), map[string]lot.Fen{"x": 900}},
		"step-not-met":        {named("x", `bill_off: {steps: [{from_fen: 5000, off_fen: 500}, {from_fen: 8000, off_fen: 900}]}`), map[string]lot.Fen{"x": 500}},
		"each":                {named("x", `bill_off: {steps: [{from_fen: 2000, off_fen: 100}], each: true}`), map[string]lot.Fen{"x": 300}},
		"each-at-most":        {named("x", `bill_off: {steps: [{from_fen: 2000, off_fen: 100}], each: true, max_fen: 250}`), map[string]lot.Fen{"x": 250}},
		"steps-of-tea":        {named("x", `scope: {categories: [tea]}, bill_off: {steps: [{from_fen: 5000, off_fen: 500}]}`), nil},
		"after-line-prices":   {named("a", `line_off: {off_fen: 1}`) + named("x", `bill_off: {steps: [{from_fen: 7999, off_fen: 900}]}`), map[string]lot.Fen{"a": 4}},
		"group-best": {named("a", `line_off: {off_bp: 1000}`) + named("b", `line_off: {off_fen: 300}`) + "groups: [{id: g, campaigns: [a, b]}]\n",
			map[string]lot.Fen{"b": 900, "a": 500}}, // each line its best
		"group-priority": {named("a", `priority: 1, scope: {categories: [tea]}, line_off: {off_bp: 1}`) + named("b", `line_off: {off_fen: 300}`) + "groups: [{id: g, campaigns: [a, b]}]\n",
			map[string]lot.Fen{"a": 1, "b": 900}},
		"group-of-steps": {named("a", `bill_off: {steps: [{from_fen: 1000, off_fen: 100}]}`) + named("b", `bill_off: {steps: [{from_fen: 1000, off_fen: 200}]}`) + "groups: [{id: g, campaigns: [a, b]}]\n",
			map[string]lot.Fen{"b": 200}},
		"group-tie": {named("b", `bill_off: {steps: [{from_fen: 1000, off_fen: 200}]}`) + named("a", `bill_off: {steps: [{from_fen: 1000, off_fen: 200}]}`) + "groups: [{id: g, campaigns: [b, a]}]\n",
			map[string]lot.Fen{"a": 200}},
		"condition":        {named("x", `when: basket.pieces_of_category("tea") == 1 && at.weekday == 6 && basket.pieces == 4, line_off: {off_fen: 1}`), map[string]lot.Fen{"x": 4}},
		"condition-not":    {named("x", `when: basket.fen < 7999, line_off: {off_fen: 1}`), nil},
		"window":           {named("x", `window: {festival: {name: spring}, hours: [{from: "10:00", until: "14:00"}]}, line_off: {off_fen: 1}`), map[string]lot.Fen{"x": 4}},
		"window-over":      {named("x", `window: {from: "2027-01-01", until: "2027-02-05"}, line_off: {off_fen: 1}`), nil},
		"region":           {named("x", `scope: {regions: [north]}, line_off: {off_fen: 1}`), map[string]lot.Fen{"x": 4}},
		"not-for-rice":     {named("x", `scope: {not_items: ["6901234567892"]}, line_off: {off_fen: 1}`), map[string]lot.Fen{"x": 1}},
		"excluded-anyhow":  {named("x", `line_off: {off_fen: 1}`) + "excluded: {discount: [\"4006381333931\"]}\n", map[string]lot.Fen{"x": 3}},
		"another-merchant": {named("x", `scope: {merchants: [m2]}, line_off: {off_fen: 1}`), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := noon(campaigns(t, test.text))
			r.Lines = basket
			q := price(t, r)
			got, all := map[string]lot.Fen{}, lot.Fen(0)
			for _, p := range q.Promotions {
				got[p.Campaign] = p.Fen
				all += p.Fen
			}
			if test.want == nil {
				test.want = map[string]lot.Fen{}
			}
			if diff := cmp.Diff(test.want, got); diff != "" || q.ToPay != 7999-all || q.Off != all {
				t.Errorf("taken off, of 79.99 with %s to pay: -want +got\n%s", q.ToPay, diff)
			}
		})
	}
}

// Members' prices are for members.
func TestMemberPricesAreForMembers(t *testing.T) {
	r := noon(campaigns(t, named("x", `member_price: {off_bp: 1000}`)))
	r.Lines = []pricing.Line{{Product: product(rice, 1000, ""), Qty: 1}}
	r.Member = 0
	if q := price(t, r); q.Off != 0 {
		t.Errorf("without a member: got %s off, want none", q.Off)
	}
}

// The vector of rule S01: lines of 10.00, 10.00 and 9.99 with twice the points
// earn 29 and 30 on top, in one exact sum.
func TestCampaignsMultiplyExactly(t *testing.T) {
	three := []pricing.Line{{Product: product(rice, 1000, ""), Qty: 1}, {Product: product(rice, 1000, ""), Qty: 1}, {Product: product(tea, 999, "tea"), Qty: 1}}
	tests := map[string]struct {
		tier, text string
		want       map[string]lot.Amount
	}{
		"twice":            {"", named("x", `multiply: {rule: base, multiplier_bp: 20000}`), map[string]lot.Amount{"base": 29, "x": 30}},
		"twice-for-tea":    {"", named("x", `scope: {categories: [tea]}, multiply: {rule: base, multiplier_bp: 20000}`), map[string]lot.Amount{"base": 29, "x": 10}},
		"gold":             {"gold", named("x", `multiply: {rule: base, multiplier_bp: 20000}`), map[string]lot.Amount{"base": 44, "x": 45}},
		"they-add-up":      {"", named("x", `multiply: {rule: base, multiplier_bp: 20000}`) + named("y", `multiply: {rule: base, multiplier_bp: 30000}`), map[string]lot.Amount{"base": 29, "x": 30, "y": 60}},
		"bound":            {"", named("x", `multiply: {rule: base, multiplier_bp: 40000}`) + named("y", `multiply: {rule: base, multiplier_bp: 30000}`), map[string]lot.Amount{"base": 29, "x": 90, "y": 30}},
		"one-of-a-group":   {"", named("x", `multiply: {rule: base, multiplier_bp: 20000}`) + named("y", `multiply: {rule: base, multiplier_bp: 30000}`) + "groups: [{id: g, campaigns: [x, y]}]\n", map[string]lot.Amount{"base": 29, "y": 60}},
		"from-a-sum":       {"", named("x", `multiply: {rule: base, multiplier_bp: 20000, from_fen: 2999}`), map[string]lot.Amount{"base": 29, "x": 30}},
		"sum-not-met":      {"", named("x", `multiply: {rule: base, multiplier_bp: 20000, from_fen: 3000}`), map[string]lot.Amount{"base": 29}},
		"at-most":          {"", named("x", `multiply: {rule: base, multiplier_bp: 20000, per_receipt: 12}`), map[string]lot.Amount{"base": 29, "x": 12}},
		"bonus":            {"", named("x", `bonus: {asset: points:green, points: 7, from_fen: 2999}`), map[string]lot.Amount{"base": 29, "x": 7}},
		"bonus-sum":        {"", named("x", `bonus: {asset: points:green, points: 7, from_fen: 3000}`), map[string]lot.Amount{"base": 29}},
		"bonus-of-a-group": {"", named("x", `bonus: {asset: points:green, points: 7}`) + named("y", `bonus: {asset: points:green, points: 8}`) + "groups: [{id: g, campaigns: [x, y]}]\n", map[string]lot.Amount{"base": 29, "y": 8}},
		"tender-unknown":   {"", named("x", `scope: {tenders: [card]}, bonus: {asset: points:green, points: 7}`), map[string]lot.Amount{"base": 29}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := noon(campaigns(t, test.text))
			r.Lines, r.Tier = three, test.tier
			got := map[string]lot.Amount{}
			for _, a := range price(t, r).Awards {
				got[a.Rule] += a.Amount
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("awards: -want +got\n%s", diff)
			}
		})
	}
}

// Cap P9: a rule that goes by concessions turns what merchants give up into
// points, by one exact sum; a campaign may have a funder of its own.
func TestConcessionsFundPoints(t *testing.T) {
	text := strings.Replace(withCampaigns(named("x", `funder: m2, multiply: {rule: give, multiplier_bp: 20000}`)), "deduct:", "  - {id: give, asset: points:green, rate: {points: 1, fen: 1}, concession: true}\ndeduct:", 1)
	p, err := programme.Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	r := noon(p)
	r.Lines = []pricing.Line{{Product: product(rice, 1050, ""), Qty: 1}, {Product: product(tea, 999, "tea"), Qty: 1}} // 10.50 + 49.95
	var got []string
	for _, a := range price(t, r).Awards {
		got = append(got, fmt.Sprintf("%s %d %s", a.Rule, a.Amount, a.Funder))
	}
	if diff := cmp.Diff([]string{"base 20 m1", "give 60 m1", "x 60 m2"}, got); diff != "" {
		t.Errorf("awards: -want +got\n%s", diff)
	}
}

// Rule S11: without a clock that can be trusted what is limited in time waits,
// and is named; the rest goes on.
func TestWithoutAClockCampaignsWait(t *testing.T) {
	r := noon(campaigns(t, named("timed", `window: {weekdays: [sat]}, line_off: {off_fen: 1}`)+named("later", `window: {weekdays: [sun]}, line_off: {off_fen: 1}`)+named("always", `line_off: {off_fen: 2}`)))
	r.Lines, r.Today.Trusted = []pricing.Line{{Product: product(rice, 1000, ""), Qty: 1}}, false
	q := price(t, r)
	if q.Off != 2 || !slices.Equal(q.ToConfirm, []string{"timed"}) || len(q.Awards) != 1 {
		t.Errorf("got %s off, to confirm %v, %d awards; want 0.02, timed and the base", q.Off, q.ToConfirm, len(q.Awards))
	}
}

// Rule S06 with campaigns: what stays keeps its share of what was multiplied as
// long as it reaches the campaign's sum; all of it goes with all the goods.
func TestReturnsTakeCampaignsBack(t *testing.T) {
	r := noon(campaigns(t, named("x", `multiply: {rule: base, multiplier_bp: 20000, from_fen: 2000}`)+named("y", `scope: {categories: [tea]}, bonus: {asset: points:green, points: 9}`)))
	r.Lines = []pricing.Line{{Product: product(rice, 1000, ""), Qty: 2}, {Product: product(tea, 999, "tea"), Qty: 1}}
	s := soldBy(r, price(t, r))
	left := func(after pricing.Returned) map[string]lot.Amount {
		m := map[string]lot.Amount{}
		for i, a := range s.Awards {
			m[a.Rule] += a.Amount - after.Clawed[i]
		}
		return m
	}
	at := s.NothingReturned()
	for _, step := range []struct {
		back []int64
		want map[string]lot.Amount
	}{
		{[]int64{0, 1}, map[string]lot.Amount{"base": 20, "x": 20, "y": 0}},
		{[]int64{1, 0}, map[string]lot.Amount{"base": 10, "x": 0, "y": 0}},
		{[]int64{1, 0}, map[string]lot.Amount{"base": 0, "x": 0, "y": 0}},
	} {
		after, err := pricing.Return(s, at, step.back)
		if err != nil {
			t.Fatalf("Return(%v): %v", step.back, err)
		}
		if diff := cmp.Diff(step.want, left(after)); diff != "" {
			t.Errorf("left after %v: -want +got\n%s", step.back, diff)
		}
		at = after
	}
}

// anyCampaigns draws campaigns beside what a programme has.
func anyCampaigns(t *rapid.T, base *programme.Programme, without ...string) *programme.Programme {
	pool := []string{
		`member_price: {off_bp: 700}`, `line_off: {off_fen: 35}`, `line_off: {price_fen: 900}`, `line_off: {off_bp: 3333, every_pieces: 2}`,
		`bill_off: {steps: [{from_fen: 1000, off_fen: 70}, {from_fen: 3000, off_fen: 333}]}`, `bill_off: {steps: [{from_fen: 700, off_fen: 31}], each: true, max_fen: 100}`,
		`multiply: {rule: base, multiplier_bp: 20000}`, `multiply: {rule: base, multiplier_bp: 33333, from_fen: 2500}`, `multiply: {rule: base, multiplier_bp: 15000, per_receipt: 9}`,
		`bonus: {asset: points:green, points: 11, from_fen: 1500}`, `funder: m2, bonus: {asset: points:green, points: 3}`,
	}
	pool = slices.DeleteFunc(pool, func(c string) bool {
		return slices.ContainsFunc(without, func(kind string) bool { return strings.Contains(c, kind) })
	})
	scopes := []string{``, ``, `scope: {categories: [tea]}, `, `scope: {merchants: [m1]}, `, `scope: {eco: true}, `}
	var text strings.Builder
	n := rapid.IntRange(1, 6).Draw(t, "campaigns")
	for i := range n {
		fmt.Fprint(&text, named(fmt.Sprintf("c%d", i), rapid.SampledFrom(scopes).Draw(t, "scope")+
			fmt.Sprintf("priority: %d, ", rapid.IntRange(0, 2).Draw(t, "priority"))+rapid.SampledFrom(pool).Draw(t, "campaign")))
	}
	from := campaigns(t, text.String())
	from.Rules, from.Coupons, from.Tiers, from.Rounding, from.Deduction, from.Excluded =
		base.Rules, base.Coupons, base.Tiers, base.Rounding, base.Deduction, base.Excluded
	from.Points = base.Points
	return from
}
