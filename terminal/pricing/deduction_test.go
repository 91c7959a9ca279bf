package pricing_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Every cap of rule S04 one below, at and above where it bites, and the
// published vectors with 30 points for one yuan.
func TestLargestDeduction(t *testing.T) {
	thirty := open.with(func(x *terms) { x.worth = "{points: 30, fen: 100}" })
	half := open.with(func(x *terms) { x.share = 5000 })
	capped := open.with(func(x *terms) { x.most = 300 })
	least := open.with(func(x *terms) { x.minimum = 100 })
	halfLeast := half.with(func(x *terms) { x.minimum = 100 })
	tens := open.with(func(x *terms) { x.step = 10 })
	dear := open.with(func(x *terms) { x.worth = "{points: 7, fen: 3}" })
	tests := map[string]struct {
		terms  terms
		bill   lot.Fen
		points lot.Amount
		want   pricing.MaxDeduction
	}{
		"vector-whole-bill":   {thirty, 999, 300, pricing.MaxDeduction{Fen: 999, Points: 300, Limit: pricing.LimitNone}},
		"vector-points-short": {thirty, 999, 299, pricing.MaxDeduction{Fen: 996, Points: 299, Limit: pricing.LimitPoints}},
		"points-one-below":    {open, 500, 499, pricing.MaxDeduction{Fen: 499, Points: 499, Limit: pricing.LimitPoints}},
		"points-exact":        {open, 500, 500, pricing.MaxDeduction{Fen: 500, Points: 500, Limit: pricing.LimitNone}},
		"points-one-above":    {open, 500, 501, pricing.MaxDeduction{Fen: 500, Points: 500, Limit: pricing.LimitNone}},
		"no-points":           {open, 500, 0, pricing.MaxDeduction{Limit: pricing.LimitPoints}},
		"no-bill":             {open, 0, 500, pricing.MaxDeduction{Limit: pricing.LimitNone}},
		"share-odd-bill":      {half, 999, 999, pricing.MaxDeduction{Fen: 499, Points: 499, Limit: pricing.LimitShare}},
		"share-even-bill":     {half, 1000, 999, pricing.MaxDeduction{Fen: 500, Points: 500, Limit: pricing.LimitShare}},
		"share-points-fewer":  {half, 1000, 499, pricing.MaxDeduction{Fen: 499, Points: 499, Limit: pricing.LimitPoints}},
		"share-points-equal":  {half, 1000, 500, pricing.MaxDeduction{Fen: 500, Points: 500, Limit: pricing.LimitShare}},
		"max-bill-below":      {capped, 299, 999, pricing.MaxDeduction{Fen: 299, Points: 299, Limit: pricing.LimitNone}},
		"max-bill-equal":      {capped, 300, 999, pricing.MaxDeduction{Fen: 300, Points: 300, Limit: pricing.LimitNone}},
		"max-bill-above":      {capped, 301, 999, pricing.MaxDeduction{Fen: 300, Points: 300, Limit: pricing.LimitMax}},
		"minimum-not-reached": {least, 500, 99, pricing.MaxDeduction{Limit: pricing.LimitMinimum}},
		"minimum-reached":     {least, 500, 100, pricing.MaxDeduction{Fen: 100, Points: 100, Limit: pricing.LimitPoints}},
		"minimum-passed":      {least, 500, 101, pricing.MaxDeduction{Fen: 101, Points: 101, Limit: pricing.LimitPoints}},
		"minimum-small-bill":  {least, 99, 500, pricing.MaxDeduction{Limit: pricing.LimitMinimum}},
		"minimum-by-share":    {halfLeast, 199, 500, pricing.MaxDeduction{Limit: pricing.LimitMinimum}},
		"minimum-share-equal": {halfLeast, 200, 500, pricing.MaxDeduction{Fen: 100, Points: 100, Limit: pricing.LimitShare}},
		"step-below":          {tens, 999, 19, pricing.MaxDeduction{Fen: 10, Points: 10, Limit: pricing.LimitPoints}},
		"step-exact":          {tens, 999, 20, pricing.MaxDeduction{Fen: 20, Points: 20, Limit: pricing.LimitPoints}},
		"step-above":          {tens, 999, 21, pricing.MaxDeduction{Fen: 20, Points: 20, Limit: pricing.LimitPoints}},
		"step-of-whole-bill":  {tens, 999, 999, pricing.MaxDeduction{Fen: 990, Points: 990, Limit: pricing.LimitNone}},
		"rounded-up-points":   {dear, 1, 3, pricing.MaxDeduction{Fen: 1, Points: 3, Limit: pricing.LimitNone}},
		"too-few-for-one-fen": {dear, 1, 2, pricing.MaxDeduction{Limit: pricing.LimitPoints}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := price(t, card(test.terms.parse(t), lines(goods("m1", test.bill)), test.points, pricing.DeductMax))
			if q.MaxDeduction != test.want {
				t.Errorf("Price(%s with %d points): got %+v, want %+v", test.bill, test.points, q.MaxDeduction, test.want)
			}
			if q.Deduction.Fen != test.want.Fen || q.Deduction.Points != test.want.Points || q.ToPay != test.bill-test.want.Fen {
				t.Errorf("Price(%s): got %+v and %s to pay, want the same as the largest", test.bill, q.Deduction, q.ToPay)
			}
		})
	}
}

// A wish is met as far as the caps allow, so that a basket that grows or
// shrinks under it still has a price.
func TestWishedDeduction(t *testing.T) {
	p := open.with(func(x *terms) { x.share, x.minimum, x.step = 5000, 100, 10 }).parse(t)
	for wish, want := range map[lot.Fen]lot.Fen{
		0: 0, 9: 0, 99: 0, 100: 100, 109: 100, 110: 110, 490: 490, 499: 490, 500: 500, 501: 500, 9999: 500, pricing.DeductMax: 500,
	} {
		q := price(t, card(p, lines(goods("m1", 1000)), 1000, wish))
		if q.Deduction.Fen != want || q.ToPay != 1000-want {
			t.Errorf("Price with a wish of %s: got %+v and %s to pay, want %s deducted", wish, q.Deduction, q.ToPay, want)
		}
	}
}

func TestPointsThatDoNotCount(t *testing.T) {
	r := card(open.parse(t), lines(goods("m1", 1000)), 10, pricing.DeductMax)
	r.Holdings = append(r.Holdings,
		holding(2, consumption, 20, today.Day),      // its last day
		holding(3, consumption, 40, today.Day-1),    // over since yesterday
		holding(4, green, 80, 0),                    // of another kind
		holding(5, lot.BenefitAsset("cheap"), 1, 0)) // no points at all
	if got := price(t, r).Deduction.Points; got != 30 {
		t.Errorf("Price: got %d points used, want 30", got)
	}
	r.Today.Trusted = false // a clock in doubt never costs the member
	if got := price(t, r).Deduction.Points; got != 70 {
		t.Errorf("Price by a clock in doubt: got %d points used, want 70", got)
	}
}

func TestDeductionIsSharedByAmounts(t *testing.T) {
	basket := lines(goods("m1", 100), goods("m1", 0), goods("m2", 100), goods("m1", 101))
	q := price(t, card(open.parse(t), basket, 100, pricing.DeductMax))
	var got []lot.Fen
	for _, line := range q.Lines {
		got = append(got, line.Deducted)
	}
	if diff := cmp.Diff([]lot.Fen{33, 0, 33, 34}, got); diff != "" {
		t.Errorf("Price: deducted -want +got\n%s", diff)
	}
}

// What must hold for any basket, member and programme.
func TestQuotesAddUp(t *testing.T) {
	const rounds = 20_000
	random := rand.New(rand.NewPCG(20_261_122, 4))
	programmes := randomProgrammes(t, random)
	for range rounds {
		r := randomRequest(random, programmes)
		q := price(t, r)
		checkSums(t, r, q)
		checkCaps(t, r, q)
		if again := price(t, r); !cmp.Equal(q, again) {
			t.Fatalf("Price(%+v): two quotes differ\n%s", r, cmp.Diff(q, again))
		}
		if t.Failed() {
			t.Fatalf("request: %+v\nquote: %+v", r, q)
		}
	}
}

// Without a deduction, more goods never earn less by a rule.
func TestMoreGoodsNeverEarnLess(t *testing.T) {
	random := rand.New(rand.NewPCG(20_261_122, 5))
	programmes := randomProgrammes(t, random)
	for range 5000 {
		r := randomRequest(random, programmes)
		r.DeductFen = 0
		before := price(t, r)
		r.Lines = append(r.Lines, randomLine(random))
		after := price(t, r)
		for _, rule := range r.Programme.Rules {
			if less, more := awarded(before, rule.ID), awarded(after, rule.ID); less > more {
				t.Fatalf("Price(%+v): rule %s gave %d, with one line more %d", r, rule.ID, less, more)
			}
		}
	}
}

func checkSums(t *testing.T, r pricing.Request, q pricing.Quote) {
	t.Helper()
	var fen, deducted, net, eco lot.Fen
	for i, line := range q.Lines {
		if line.Fen != line.Deducted+line.Net || line.Deducted < 0 || line.Net < 0 {
			t.Errorf("line %d does not add up: %+v", i, line)
		}
		fen, deducted, net = fen+line.Fen, deducted+line.Deducted, net+line.Net
		if r.Lines[i].Product.Eco {
			eco += line.Net
		}
	}
	if fen != q.Total || deducted != q.Deduction.Fen || net != q.ToPay || q.Total != q.Deduction.Fen+q.ToPay {
		t.Errorf("lines do not add up to the bill: %d, %d, %d", fen, deducted, net)
	}
	for _, rule := range r.Programme.Rules {
		base := net
		if rule.EcoOnly {
			base = eco
		}
		want := int64(base) * rule.Rate.Num / rule.Rate.Den
		if r.Member == 0 {
			want = 0
		}
		if got := awarded(q, rule.ID); got != lot.Amount(want) {
			t.Errorf("rule %s: got %d points for %s, want %d", rule.ID, got, base, want)
		}
	}
	for _, award := range q.Awards {
		var sum lot.Amount
		for _, share := range award.Shares {
			sum += share.Amount
			if merchant := r.Lines[share.Line].Product.Merchant; merchant != award.Funder || share.Amount <= 0 {
				t.Errorf("award %+v has a share of merchant %s", award, merchant)
			}
		}
		if sum != award.Amount || sum <= 0 {
			t.Errorf("award %+v: its shares add up to %d", award, sum)
		}
	}
}

// checkCaps shows that the largest deduction is within every cap, that one
// step more is not, and that the one taken is no larger.
func checkCaps(t *testing.T, r pricing.Request, q pricing.Quote) {
	t.Helper()
	rules, most := r.Programme.Deduction, q.MaxDeduction
	held := lot.Available(r.Holdings, rules.Asset, r.Today)
	if !allowed(r, most.Fen, q.Total, held) {
		t.Errorf("largest deduction %+v is above a cap; %d points held", most, held)
	}
	more := most.Fen + rules.StepFen
	if most.Limit != pricing.LimitMinimum && r.Member != 0 && r.Proof.MaySpend() && allowed(r, more, q.Total, held) && pointsFor(r, more) >= rules.MinPoints {
		t.Errorf("largest deduction %+v: %s would be allowed too; %d points held", most, more, held)
	}
	if q.Deduction.Fen > most.Fen || q.Deduction.Points > held || q.Deduction.Points != pointsFor(r, q.Deduction.Fen) {
		t.Errorf("deduction %+v is above the largest %+v or %d points held", q.Deduction, most, held)
	}
	if r.DeductFen >= 0 && q.Deduction.Fen > r.DeductFen {
		t.Errorf("deduction %+v is above the wish %s", q.Deduction, r.DeductFen)
	}
	if q.Deduction.Fen > 0 && (q.Deduction.Points < rules.MinPoints || q.Deduction.Fen%rules.StepFen != 0) {
		t.Errorf("deduction %+v is below the minimum or off the step", q.Deduction)
	}
}

func allowed(r pricing.Request, fen, bill lot.Fen, held lot.Amount) bool {
	rules := r.Programme.Deduction
	return fen <= bill && fen <= rules.MaxFen && int64(fen)*10_000 <= int64(bill)*rules.MaxShareBP && pointsFor(r, fen) <= held
}

func pointsFor(r pricing.Request, fen lot.Fen) lot.Amount {
	worth := r.Programme.Worth(consumption)
	return lot.Amount((int64(fen)*worth.Num + worth.Den - 1) / worth.Den)
}

func awarded(q pricing.Quote, rule string) lot.Amount {
	var sum lot.Amount
	for _, award := range q.Awards {
		if award.Rule == rule {
			sum += award.Amount
		}
	}
	return sum
}

func randomProgrammes(t *testing.T, random *rand.Rand) []*programme.Programme {
	t.Helper()
	rates := []string{"{points: 1, fen: 100}", "{points: 2, fen: 100}", "{points: 3, fen: 7}", "{points: 1, fen: 1}", "{points: 30, fen: 100}", "{points: 1, fen: 1000}"}
	pick := func() string { return rates[random.IntN(len(rates))] }
	var list []*programme.Programme
	for range 40 {
		list = append(list, terms{
			earn: pick(), eco: pick(), worth: pick(), share: random.Int64N(10_001), minimum: random.Int64N(300),
			most: random.Int64N(20_000), step: []int64{1, 1, 10, 100}[random.IntN(4)],
		}.parse(t))
	}
	return list
}

func randomRequest(random *rand.Rand, programmes []*programme.Programme) pricing.Request {
	r := card(programmes[random.IntN(len(programmes))], nil, lot.Amount(random.Int64N(3000)), pricing.DeductMax)
	for range random.IntN(6) {
		r.Lines = append(r.Lines, randomLine(random))
	}
	switch random.IntN(5) {
	case 0:
		r.DeductFen = 0
	case 1:
		r.DeductFen = lot.Fen(random.Int64N(5000))
	case 2:
		r.Member = 0
	}
	r.Holdings = append(r.Holdings, holding(2, consumption, lot.Amount(random.Int64N(50)), today.Day-1), holding(3, green, 60, 0))
	return r
}

func randomLine(random *rand.Rand) pricing.Line {
	product := goods([]string{"m1", "m2"}[random.IntN(2)], lot.Fen(random.Int64N(5000)))
	product.Eco = random.IntN(3) == 0
	return pricing.Line{Product: product, Qty: 1 + random.Int64N(4)}
}

func day(year int, month time.Month, date int) lot.Day {
	return lot.DayOf(time.Date(year, month, date, 0, 0, 0, 0, time.UTC))
}
