package fair_test

import (
	"cmp"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/programme/fair"
)

const document = `programme: green
version: 1
name: {zh: 绿色, en: Green}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - {asset: points:green, name: {zh: 绿色积分, en: Green points}, worth: {points: 100, fen: 100}, expires: {months: 12, at: month-end}}
merchants: [{id: m1, name: {zh: 超市, en: Market}, unit_cost: 1000}]
earn: [{id: base, asset: points:green, rate: {points: 1, fen: 100}}]
deduct: {asset: points:green, step_fen: 1, max_share_bp: 5000, min_points: 0, max_fen: 20000}
benefits:
  - {id: tea, name: {zh: 茶, en: Tea}, cost: {asset: points:green, points: 500}, valid_days: 60, merchant: m1, worth_fen: 600, terms: {zh: 可退换。, en: May be returned.}, out_of_stock: substitute, substitutes: [box]}
  - {id: box, name: {zh: 礼盒, en: Box}, cost: {asset: points:green, points: 500}, valid_days: 60, merchant: m1, worth_fen: 600, terms: {zh: 可退换。, en: May be returned.}}
allotment: {keep_fen: 0, ask_fen: 0}
coupons: [{id: ten, name: {zh: 十元券, en: Ten off}, off_fen: 1000, min_fen: 10000, valid_days: 30}]
campaigns:
  - {id: spring, name: {zh: 春节双倍, en: Double}, window: {from: "2027-02-01", until: "2027-02-20"}, multiply: {rule: base, multiplier_bp: 20000}}
  - {id: steps, name: {zh: 满减, en: Steps}, bill_off: {steps: [{from_fen: 10000, off_fen: 1000}]}}
games:
  - id: wheel
    name: {zh: 转盘, en: Wheel}
    kind: wheel
    window: {from: "2027-02-01", until: "2027-02-20"}
    stake: {asset: points:green, points: 10}
    batch: 1000
    prizes:
      - {id: tv, name: {zh: 电视, en: TV}, weight: 1000, worth_fen: 5000000, evidence: {zh: 标价, en: Price tag}, benefit: box}
      - {id: none, name: {zh: 谢谢, en: Thanks}, weight: 999000, nothing: true}
    notice: {method: {zh: 转, en: Turn}, claim: {zh: 凭票, en: Ticket}, delivery: {zh: 当场, en: At once}, forfeit: {zh: 三十天后, en: After 30 days}, organiser: {zh: 主办, en: Us}, claim_days: 30}
schemes: [{id: vip, name: {zh: 专属, en: VIP}, adviser: {zh: 李, en: Li}, criteria: {zh: 年消费满一万元, en: Spend 10000 a year}, spend_fen: 1000000, gives: {benefit: box}}]
birthday: {benefit: tea, child_benefit: box, guardian_consent: true}
referral: {asset: points:green, referrer_points: 100, newcomer_points: 50, depth: 1, per_month: 5, settled_after_days: 7}
reviews: {per_month: 31, within_days: 30, gives: {asset: points:green, points: 10}}
make_good: {outage_days: 7, withdraw_days: 30, grace_days: 30}
receipt: {footer: {zh: 谢谢惠顾, en: Thank you}}
terms:
  number: 1
  effective: "2027-01-01"
  organiser: {zh: 主办, en: Us}
  contact: {zh: 电话, en: Phone}
  conversion: {zh: 100积分抵1元, en: 100 points pay ¥1}
  notice_days: 30
  clauses: [{id: a, text: {zh: 积分到期前三十天提醒。, en: We remind you 30 days before points lapse.}}]
`

// paired are the rules of which both tests below have a document that trips them and a
// nearest one that does not.
var paired = map[string]bool{}

// A rule without such a pair is a rule of which nobody knows that it finds anything.
func TestEveryRuleHasItsPair(t *testing.T) {
	t.Run("Lint", TestRulesTripAndTheNearestDoesNot)
	t.Run("Changed", TestChangesForTheWorse)
	for _, id := range fair.Rules() {
		if !paired[id] {
			t.Errorf("%s has no document that trips it with a nearest one that does not", id)
		}
	}
}

// Each rule has a document that trips it, and the nearest one, which is the
// fair document itself or one edit of it, that does not.
func TestRulesTripAndTheNearestDoesNot(t *testing.T) {
	tests := map[string]struct {
		trip, near []string // old, new
		clause     string
		line       int
		severity   fair.Severity
	}{
		"banned-words":     {[]string{"谢谢惠顾", "最终·解释权归本店"}, []string{"谢谢惠顾", "如有疑问请向店员咨询解释"}, "receipt/footer", 35, fair.Never},
		"points-for-money": {[]string{"en: We remind", "en: You can buy points. We remind"}, []string{"en: We remind", "en: Points buy gifts. We remind"}, "terms/clauses/a/text", 43, fair.Never},
		"short-expiry":     {[]string{"months: 12", "months: 11"}, nil, "points/points:green/expires", 7, fair.Error},
		"short-expiry-day": {[]string{"expires: {months: 12, at: month-end}", `expires: {on: "2027-12-31"}`}, []string{"expires: {months: 12, at: month-end}", `expires: {on: "2028-01-01"}`}, "points/points:green/expires", 7, fair.Error},
		"top-prize-points": {[]string{"evidence: {zh: 标价, en: Price tag}, benefit: box", "evidence: {zh: 标价, en: Price tag}, asset: points:green, points: 5000001"}, []string{"evidence: {zh: 标价, en: Price tag}, benefit: box", "evidence: {zh: 标价, en: Price tag}, asset: points:green, points: 5000000"}, "games/wheel/prizes/tv/worth_fen", 27, fair.Never},
		"banned-prize":     {[]string{"zh: 电视", "zh: 电视不退不换"}, []string{"zh: 电视", "zh: 电视可退可换"}, "games/wheel/prizes/tv/name", 27, fair.Never},
		"no-expiry-notice": {[]string{"notice_days: 30", "notice_days: 29"}, nil, "terms/notice_days", 42, fair.Error},
		"no-return":        {[]string{"out_of_stock: substitute", "returns: none, out_of_stock: substitute"}, []string{"out_of_stock: substitute", "returns: exchange, out_of_stock: substitute"}, "benefits/tea/returns", 12, fair.Never},
		"no-substitute":    {[]string{"out_of_stock: substitute, substitutes: [box]", "out_of_stock: substitute"}, []string{"out_of_stock: substitute, substitutes: [box]", "out_of_stock: points"}, "benefits/tea/substitutes", 12, fair.Error},
		"worse-substitute": {[]string{"merchant: m1, worth_fen: 600, terms: {zh: 可退换。, en: May be returned.}, out", "merchant: m1, worth_fen: 601, terms: {zh: 可退换。, en: May be returned.}, out"}, nil, "benefits/tea/substitutes", 12, fair.Error},
		"no-notice":        {[]string{", claim_days: 30", ""}, nil, "games/wheel/notice", 29, fair.Error},
		"top-prize":        {[]string{"worth_fen: 5000000", "worth_fen: 5000001"}, nil, "games/wheel/prizes/tv/worth_fen", 27, fair.Never},
		"no-price":         {[]string{", evidence: {zh: 标价, en: Price tag}", ""}, nil, "games/wheel/prizes/tv", 27, fair.Error},
		"deep-referral":    {[]string{"depth: 1", "depth: 2"}, nil, "referral/depth", 32, fair.Never},
		"endless-referral": {[]string{", per_month: 5", ""}, []string{"per_month: 5", "per_month: 1"}, "referral", 32, fair.Warning},
		"early-referral":   {[]string{"settled_after_days: 7", "settled_after_days: 6"}, nil, "referral/settled_after_days", 32, fair.Warning},
		"endless-voices":   {[]string{"reviews: {per_month: 31", "reviews: {per_month: 32"}, nil, "reviews/per_month", 33, fair.Warning},
		"short-grace":      {[]string{"grace_days: 30", "grace_days: 29"}, nil, "make_good", 34, fair.Error},
		"paid-praise":      {[]string{"谢谢惠顾", "五星好评送积分"}, []string{"谢谢惠顾", "写评价送积分，好评差评都一样"}, "receipt/footer", 35, fair.Error},
		"taken-words":      {[]string{"积分到期前三十天提醒。", "本店有权公开您的评价。"}, []string{"积分到期前三十天提醒。", "您的评价经您同意后才会公开。"}, "terms/clauses/a/text", 43, fair.Error},
		"no-consent":       {[]string{", guardian_consent: true", ""}, []string{", child_benefit: box, guardian_consent: true", ""}, "birthday/child_benefit", 31, fair.Never},
		"no-criteria":      {[]string{"criteria: {zh: 年消费满一万元, en: Spend 10000 a year}, ", ""}, nil, "schemes/vip", 30, fair.Error},
		"no-conversion":    {[]string{"  conversion: {zh: 100积分抵1元, en: 100 points pay ¥1}\n", ""}, []string{"  conversion: {zh: 100积分抵1元, en: 100 points pay ¥1}\n", "", "max_share_bp: 5000", "max_share_bp: 0"}, "terms", 36, fair.Error},
		"no-terms":         {[]string{document[strings.Index(document, "terms:\n  number"):], ""}, nil, "terms", 0, fair.Error},
	}
	for name := range tests {
		paired[name] = true
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			id := cmp.Or(map[string]string{"short-expiry-day": "short-expiry", "top-prize-points": "top-prize", "banned-prize": "banned-words"}[name], name)
			found := lint(t, test.trip...)
			if len(found) != 1 || found[0].Rule != id || found[0].Clause != test.clause || found[0].Severity != test.severity {
				t.Fatalf("Lint of %v: got %+v, want %s at %s", test.trip, found, id, test.clause)
			}
			f := found[0]
			if f.Source == "" || f.What.ZH == "" || f.What.EN == "" || f.Mend.ZH == "" || f.Mend.EN == "" || strings.Contains(f.What.ZH+f.What.EN, "%!") {
				t.Errorf("finding does not say all: %+v", f)
			}
			if fair.Publishable(found) != (test.severity == fair.Warning) {
				t.Errorf("Publishable: got %v with severity %d", fair.Publishable(found), f.Severity)
			}
			if f.Line != test.line {
				t.Errorf("%s stands in line %d, want %d", id, f.Line, test.line)
			}
			if near := lint(t, test.near...); len(near) != 0 {
				t.Errorf("Lint of the nearest: got %+v, want nothing", near)
			}
		})
	}
}

// Caps F2 and law L09: a later version may be better for members, never worse.
func TestChangesForTheWorse(t *testing.T) {
	day, _ := lot.ParseDay("2027-02-10")
	after, _ := lot.ParseDay("2027-02-21")
	tests := map[string]struct {
		edit []string
		on   lot.Day
		want string
	}{
		"nothing":              {nil, day, ""},
		"expiry-shorter":       {[]string{"months: 12", "months: 11"}, day, "shorter-expiry"},
		"expiry-longer":        {[]string{"months: 12", "months: 13"}, day, ""},
		"points-devalued":      {[]string{"worth: {points: 100", "worth: {points: 101"}, day, "devalued"},
		"points-worth-more":    {[]string{"worth: {points: 100", "worth: {points: 99"}, day, ""},
		"multiplied-less":      {[]string{"multiplier_bp: 20000", "multiplier_bp: 19999"}, day, "worsened-campaign"},
		"multiplied-more":      {[]string{"multiplier_bp: 20000", "multiplier_bp: 20001"}, day, ""},
		"ends-sooner":          {[]string{`until: "2027-02-20"}, multiply`, `until: "2027-02-19"}, multiply`}, day, "worsened-campaign"},
		"ends-later":           {[]string{`until: "2027-02-20"}, multiply`, `until: "2027-02-21"}, multiply`}, day, ""},
		"over-already":         {[]string{"multiplier_bp: 20000", "multiplier_bp: 19999"}, after, ""},
		"from-a-sum":           {[]string{"multiplier_bp: 20000", "multiplier_bp: 20000, from_fen: 1"}, day, "worsened-campaign"},
		"step-takes-less":      {[]string{"from_fen: 10000, off_fen: 1000", "from_fen: 10000, off_fen: 999"}, day, "worsened-campaign"},
		"chances-of-the-draw":  {[]string{"weight: 1000,", "weight: 2000,", "weight: 999000", "weight: 998000"}, day, "worsened-draw"},
		"draw-that-is-over":    {[]string{"weight: 1000,", "weight: 2000,", "weight: 999000", "weight: 998000"}, after, ""},
		"points-pay-less":      {[]string{"max_share_bp: 5000", "max_share_bp: 4999"}, day, "worsened-deduction"},
		"points-pay-more":      {[]string{"max_share_bp: 5000", "max_share_bp: 5001"}, day, ""},
		"pays-from-more-on":    {[]string{"min_points: 0", "min_points: 1"}, day, "worsened-deduction"},
		"coupon-takes-less":    {[]string{"off_fen: 1000, min_fen", "off_fen: 999, min_fen"}, day, "worsened-coupon"},
		"coupon-takes-more":    {[]string{"off_fen: 1000, min_fen", "off_fen: 1001, min_fen"}, day, ""},
		"coupon-is-gone":       {[]string{"{id: ten,", "{id: eleven,"}, day, "worsened-coupon"},
		"benefit-is-gone":      {[]string{"  - {id: tea, name", "  - {id: tee, name", "birthday: {benefit: tea,", "birthday: {benefit: tee,"}, day, "benefit-gone"},
		"benefit-withdrawn":    {[]string{"worth_fen: 600, terms: {zh: 可退换。, en: May be returned.}, out", "worth_fen: 600, withdrawn: 2027-03-01, terms: {zh: 可退换。, en: May be returned.}, out"}, day, ""},
		"another-name-is-fine": {[]string{"en: TV", "en: Television"}, day, ""},
	}
	old := parse(t)
	nearest := map[string]string{
		"shorter-expiry": "expiry-longer", "devalued": "points-worth-more", "worsened-campaign": "multiplied-more", "worsened-draw": "draw-that-is-over",
		"worsened-deduction": "points-pay-more", "worsened-coupon": "coupon-takes-more", "benefit-gone": "benefit-withdrawn",
	}
	for _, test := range tests {
		near, ok := tests[nearest[test.want]]
		paired[test.want] = paired[test.want] || ok && near.want == ""
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range fair.Changed(old, parse(t, test.edit...), nil, test.on) {
				got = append(got, f.Rule)
			}
			if d := diff.Diff(test.want, strings.Join(got, " ")); d != "" {
				t.Errorf("Changed: -want +got\n%s", d)
			}
		})
	}
}

func edited(t *testing.T, edit []string) []byte {
	t.Helper()
	text := document
	for i := 0; i < len(edit); i += 2 {
		if strings.Count(text, edit[i]) != 1 {
			t.Fatalf("edit %q: stands %d times in the document, want once", edit[i], strings.Count(text, edit[i]))
		}
		text = strings.Replace(text, edit[i], edit[i+1], 1)
	}
	return []byte(text)
}

func parse(t *testing.T, edit ...string) *programme.Programme {
	t.Helper()
	p, err := programme.Parse(edited(t, edit))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return p
}

func lint(t *testing.T, edit ...string) []fair.Finding {
	t.Helper()
	p, marks, err := programme.ParseMarked(edited(t, edit))
	if err != nil {
		t.Fatalf("ParseMarked: %v", err)
	}
	return fair.Lint(p, marks)
}
