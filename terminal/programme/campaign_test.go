package programme_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// whole is the rich document with campaigns, games and all the rest.
var whole = strings.NewReplacer(
	"merchants:\n", "stores:\n  - {id: S1, name: {zh: 一店, en: One}, region: north}\n  - {id: S2, name: {zh: 二店, en: Two}}\nmerchants:\n",
	"unit_cost: 1000}\n", "unit_cost: 1000, ceiling_fen: 100000, concessions: [{rate_bp: 300, categories: [tea]}, {rate_bp: 100}]}\n",
).Replace(rich) + `effective: "2027-01-01"
campaigns:
  - id: spring-double
    name: {zh: 春节双倍, en: Spring double}
    window: {festival: {name: spring, days_before: 7, days_after: 15}}
    scope: {stores: [S1], tiers: [gold], categories: [tea]}
    when: basket.fen >= 10000
    multiply: {rule: base, multiplier_bp: 20000}
  - {id: a-member, name: {zh: 会员价, en: Member price}, scope: {items: ["6901234567892"]}, member_price: {price_fen: 900}}
  - {id: half, name: {zh: 第二件半价, en: Second half}, line_off: {off_bp: 5000, every_pieces: 2}}
  - {id: hundred, name: {zh: 满减, en: Steps}, priority: 5, bill_off: {steps: [{from_fen: 10000, off_fen: 1000}, {from_fen: 20000, off_fen: 3000}]}}
  - {id: each, name: {zh: 每满减, en: Each}, bill_off: {steps: [{from_fen: 5000, off_fen: 300}], each: true, max_fen: 900}}
  - {id: gift, name: {zh: 加赠, en: Gift}, scope: {tenders: [cash]}, funder: m1, bonus: {asset: points:green, points: 10, from_fen: 100}}
  - {id: flash, name: {zh: 限时, en: Flash}, window: {hours: [{from: "10:00", until: "12:00"}]}, redeem_off: {benefits: [tea-set], off_bp: 2000}}
groups:
  - {id: bills, campaigns: [hundred, each]}
terms:
  number: 2
  effective: "2027-01-01"
  organiser: {zh: 主办, en: Organiser}
  contact: {zh: 电话, en: Phone}
  conversion: {zh: 每30积分抵1元, en: 30 points pay ¥1}
  clauses: [{id: a, text: {zh: 一, en: One}}]
limits: {transfer_points_day: 2000, household_members: 6}
make_good: {outage_days: 7, withdraw_days: 30, grace_days: 30, goodwill: [{from_hours: 4, asset: points:green, points: 50}]}
receipt: {footer: {zh: 谢谢, en: Thank you}}
medals:
  - {id: tea-lover, name: {zh: 茶友, en: Tea lover}, set: year, reward: tea-set}
games:
  - id: wheel
    name: {zh: 转盘, en: Wheel}
    kind: wheel
    stake: {asset: points:green, points: 10}
    batch: 1000
    prizes:
      - {id: medal, name: {zh: 勋章, en: Medal}, weight: 1000, worth_fen: 100, medal: tea-lover}
      - {id: points, name: {zh: 积分, en: Points}, weight: 99000, worth_fen: 10, asset: points:green, points: 10}
      - {id: none, name: {zh: 谢谢, en: Thanks}, weight: 900000, nothing: true}
tasks:
  - {id: visits, name: {zh: 三次, en: Thrice}, metric: visits, target: 3, gives: {medal: tea-lover}}
schemes:
  - {id: vip, name: {zh: 专属, en: VIP}, adviser: {zh: 李, en: Li}, spend_fen: 100000, gives: {benefit: tea-set}}
birthday: {benefit: tea-set}
referral: {asset: points:green, referrer_points: 100, newcomer_points: 50, per_month: 5}
activities:
  - {id: lecture, name: {zh: 讲座, en: Lecture}, gives: {asset: points:green, points: 20}}
surveys:
  - {id: taste, version: 1, name: {zh: 口味, en: Taste}, gives: {asset: points:green, points: 5}, questions: [{text: {zh: 好吗, en: Good}}]}
`

func TestCampaignsAreReadInTheirOrder(t *testing.T) {
	p := parse(t, whole)
	x := p.Index()
	var order []string
	for i := range x.Len() {
		order = append(order, x.At(int32(i)).ID)
	}
	// By the steps of rule S03, then by priority, then by id.
	if diff := cmp.Diff([]string{"a-member", "half", "hundred", "each", "spring-double", "gift"}, order); diff != "" {
		t.Errorf("order of campaigns: -want +got\n%s", diff)
	}
	spring := p.Campaigns[0]
	if spring.Window.Festival != "spring" || spring.When.Text() != "basket.fen >= 10000" || spring.MultiplierBP != 20_000 ||
		!cmp.Equal(spring.Scope, programme.Scope{Stores: []string{"S1"}, Tiers: []string{"gold"}, Categories: []string{"tea"}}) {
		t.Errorf("spring-double: got %+v", spring)
	}
	if p.Campaigns[3].Group != "bills" || p.Campaigns[4].Group != "bills" || p.Region("S1") != "north" || p.Region("S2") != "" {
		t.Errorf("groups and regions: got %q, %q, %q", p.Campaigns[3].Group, p.Campaigns[4].Group, p.Region("S1"))
	}
	if got := p.ConcessionBP(&programme.Product{Merchant: "m1", Category: "tea"}); got != 300 {
		t.Errorf("ConcessionBP of tea: got %d, want 300", got)
	}
	if got := p.ConcessionBP(&programme.Product{Merchant: "m1"}); got != 100 {
		t.Errorf("ConcessionBP of others: got %d, want 100", got)
	}
	if p.Terms.Number != 2 || p.MakeGood.Goodwill[0].Points != 50 || p.Games[0].Count(p.Games[0].Prizes[1]) != 99 || p.Referral.Depth != 1 ||
		p.Surveys[0].Questions[0].Text.EN != "Good" || p.Tasks[0].Medal != "tea-lover" || p.Effective.String() != "2027-01-01" {
		t.Error("terms, make-good, games, referral, surveys, tasks or effective: not as written")
	}
}

// What is wrong with campaigns, groups, substitutes and conditions is told with
// its place, all at once.
func TestFaultsOfCampaigns(t *testing.T) {
	tests := map[string]struct {
		edit []string
		want []string
	}{
		"unknown-effect":      {[]string{"line_off: {off_bp", "lines_off: {off_bp"}, []string{`"bill_off" is missing`, `"lines_off" is not a key known here`}},
		"wrong-unit":          {[]string{"line_off: {off_bp: 5000", "line_off: {off_percent: 50"}, []string{`"off_fen" is missing`, `"off_percent" is not a key known here`}},
		"two-groups":          {[]string{"campaigns: [hundred, each]}", "campaigns: [hundred, each]}\n  - {id: more, campaigns: [each]}"}, []string{`"each" is in two groups that exclude each other, "bills" and "more"`}},
		"group-of-two-steps":  {[]string{"campaigns: [hundred, each]}", "campaigns: [hundred, half]}"}, []string{`"half" acts at another step than others of its group`}},
		"group-of-a-stranger": {[]string{"campaigns: [hundred, each]}", "campaigns: [hundred, fest]}"}, []string{`"campaigns" must name campaigns of this programme`}},
		"unreachable-step":    {[]string{"{from_fen: 20000, off_fen: 3000}", "{from_fen: 20000, off_fen: 1000}"}, []string{`a step must begin above the one before it and take off more, else it is never used`}},
		"step-above-itself":   {[]string{"{from_fen: 20000, off_fen: 3000}", "{from_fen: 20000, off_fen: 20001}"}, []string{`a step must not take off more than it begins at`}},
		"each-of-two":         {[]string{"off_fen: 3000}]", "off_fen: 3000}], each: true"}, []string{`"each" takes one step only`}},
		"unknown-store":       {[]string{"stores: [S1]", "stores: [S9]"}, []string{`"stores" must name stores of this programme`}},
		"unknown-tier":        {[]string{"tiers: [gold]", "tiers: [platinum]"}, []string{`"tiers" must name tiers of this programme`}},
		"unknown-rule":        {[]string{"rule: base", "rule: bass"}, []string{`"bass" is not a earn rule of this programme`}},
		"id-of-a-rule":        {[]string{"- {id: gift,", "- {id: base,"}, []string{`"base" stands here twice`}},
		"price-by-tender":     {[]string{"scope: {items: [\"6901234567892\"]}, member_price", "scope: {tenders: [card]}, member_price"}, []string{`a price must not depend on the tender, which comes after it`}},
		"condition-type":      {[]string{"when: basket.fen >= 10000", `when: basket.fen >= "100"`}, []string{`condition: at 12: ">=" does not go with what stands beside it`}},
		"condition-cost":      {[]string{"when: basket.fen >= 10000", "when: " + strings.Repeat(`basket.fen_of_brand("x")+`, 19) + `1>0`}, []string{`condition: it may cost 231, the limit is 200`}},
		"redeem-by-basket":    {[]string{"redeem_off: {", "when: basket.fen > 1, redeem_off: {"}, []string{`what a benefit costs does not depend on a basket: no condition`}},
		"weights-short":       {[]string{"weight: 900000", "weight: 899000"}, []string{`the weights add up to 999000, not to 1000000`}},
		"weights-inexact":     {[]string{"weight: 1000,", "weight: 1500,", "weight: 99000", "weight: 98500"}, []string{`a batch of 1000 holds no whole number of prize "medal"`, `a batch of 1000 holds no whole number of prize "points"`}},
		"no-way-to-play":      {[]string{"    stake: {asset: points:green, points: 10}\n", ""}, []string{`a game needs a "stake", a "from_fen" or a "per_day"`}},
		"circle-of-one":       {[]string{"worth_fen: 600\n", "worth_fen: 600\n    substitutes: [tea-set]\n"}, []string{`the substitutes go round in a circle: tea-set → tea-set`}},
		"unknown-substitute":  {[]string{"worth_fen: 600\n", "worth_fen: 600\n    substitutes: [coffee]\n"}, []string{`"coffee" is not a benefit of this programme`}},
		"benefit-by-goods":    {[]string{"worth_fen: 600\n", "worth_fen: 600\n    scope: {brands: [x]}\n"}, []string{`the scope of a benefit is stores, regions, tiers and green grades only`}},
		"none-concede":        {[]string{"concessions: [{rate_bp: 300, categories: [tea]}, {rate_bp: 100}]", "strict: true", "rate: {points: 2, fen: 100}", "concession: true, rate: {points: 2, fen: 100}"}, []string{`no merchant has concessions`}},
		"capital-category":    {[]string{"categories: [tea]}\n    when", "categories: [Tea]}\n    when"}, []string{`"categories" must name categories in lower-case letters, digits and hyphens`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := programme.Parse([]byte(edited(t, whole, test.edit)))
			var faults programme.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("Parse: got %v, want faults", err)
			}
			var got []string
			for _, f := range faults {
				if f.Line == 0 || f.Column == 0 || f.ZH == f.EN {
					t.Errorf("fault without a place or without Chinese: %+v", f)
				}
				got = append(got, f.EN)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults: -want +got\n%s", diff)
			}
		})
	}
}

// A campaign of a group that another always beats is found.
func TestACampaignThatNeverAppliesIsFound(t *testing.T) {
	group := `campaigns:
  - {id: low, name: {zh: 低, en: Low}, scope: {merchants: [m1]}, window: {from: "2027-01-01", until: "2027-01-31"}, line_off: {off_fen: 1}}
  - {id: high, name: {zh: 高, en: High}, priority: 1, window: {from: "2027-01-01"}, line_off: {off_fen: 1}}
groups:
  - {id: one, campaigns: [low, high]}
`
	_, err := programme.Parse([]byte(document + group))
	checkFaults(t, err, []string{`line 31:5: it can never apply: "high" of its group goes first and covers all of it`})
	parse(t, document+strings.Replace(group, `window: {from: "2027-01-01"}, line`, `window: {from: "2027-01-02"}, line`, 1))
}

func TestASubstituteMayNotLeadBack(t *testing.T) {
	benefit := func(id, to string) string {
		return fmt.Sprintf("  - {id: %s, name: {zh: 一, en: X}, cost: {asset: points:green, points: 1}, valid_days: 1, merchant: m1, worth_fen: 1, terms: {zh: 一, en: X}, substitutes: [%s]}\n", id, to)
	}
	_, err := programme.Parse([]byte(strings.Replace(document, "allotment:", benefit("a", "b")+benefit("b", "c")+benefit("c", "a")+"allotment:", 1)))
	checkFaults(t, err, []string{"line 29:5: the substitutes go round in a circle: a → b → c → a"})
}

// Cap C2: who holds a voucher of a benefit that was withdrawn chooses among what
// stands in for it; before, where the document says so for want of stock.
func TestChoicesOfAVoucher(t *testing.T) {
	text := strings.Replace(document, "worth_fen: 600\n", "worth_fen: 600\n    withdrawn: \"2027-03-01\"\n    substitutes: [health-box]\n", 1)
	text = strings.Replace(text, "allotment:", "  - {id: health-box, name: {zh: 健康礼盒, en: Health box}, cost: {asset: points:green, points: 1}, valid_days: 1, merchant: m1, worth_fen: 700, terms: {zh: 一, en: X}}\nallotment:", 1)
	if list := parse(t, text).Choices("tea-set", day(t, "2027-02-28")); len(list) != 1 || list[0].ID != "tea-set" {
		t.Errorf("Choices of a benefit whose points come back when it is out of stock: got %+v, want itself", list)
	}
	p := parse(t, strings.Replace(text, "    substitutes:", "    out_of_stock: substitute\n    substitutes:", 1))
	for on, want := range map[string]string{"2027-02-28": "tea-set health-box", "2027-03-01": "health-box"} {
		var got []string
		for _, b := range p.Choices("tea-set", day(t, on)) {
			got = append(got, b.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Choices on %s: got %v, want %s", on, got, want)
		}
		b, _ := p.Benefit("tea-set")
		if open := b.Offered(&programme.Occasion{At: calendar.Moment{Day: day(t, on)}, Trusted: true}); open != (on < "2027-03-01") {
			t.Errorf("Offered on %s: got %v", on, open)
		}
	}
}

// Cap C1: a benefit is cheaper while a campaign says so; without a clock that
// can be trusted nothing limited in time is.
func TestBenefitsAreCheaperForAWhile(t *testing.T) {
	p := parse(t, whole)
	b, _ := p.Benefit("tea-set")
	for name, test := range map[string]struct {
		at   programme.Occasion
		want lot.Amount
	}{
		"in-the-morning": {programme.Occasion{At: calendar.Moment{Day: 20_000, Minute: 11 * 60}, Trusted: true}, 400},
		"at-noon":        {programme.Occasion{At: calendar.Moment{Day: 20_000, Minute: 12 * 60}, Trusted: true}, 500},
		"clock-unknown":  {programme.Occasion{At: calendar.Moment{Day: 20_000, Minute: 11 * 60}}, 500},
	} {
		if got, by := p.Price(b, &test.at); got != test.want || (len(by) == 1) != (test.want == 400) {
			t.Errorf("%s: Price(tea-set): got %d by %v, want %d", name, got, by, test.want)
		}
	}
}

func FuzzParseWhole(f *testing.F) {
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 8192 {
			return
		}
		p, marks, err := programme.ParseMarked(text)
		if (p == nil) == (err == nil) || p != nil && len(marks) == 0 {
			t.Fatalf("ParseMarked(%q): got %v and %v", text, p, err)
		}
	})
}
