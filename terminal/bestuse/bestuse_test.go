package bestuse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const head = `programme: test
version: 1
name: {zh: 测试, en: Test}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - {asset: points:consumption, name: {zh: 消费, en: C}, worth: {points: 100, fen: 100}, expires: {months: 12, at: month-end}}
  - {asset: points:green, name: {zh: 绿色, en: G}, worth: {points: 1, fen: 1}, expires: {months: 1, at: day}}
merchants: [{id: m1, name: {zh: 一, en: One}, unit_cost: 1000}]
earn: [{id: base, asset: points:consumption, rate: {points: 1, fen: 100}}]
allotment: {keep_fen: 0, ask_fen: 0}
deduct: {asset: points:consumption, step_fen: 1, max_share_bp: %d, min_points: %d, max_fen: 1000000}
coupons:
  - {id: ten-of-hundred, name: {zh: 一, en: X}, off_fen: 1000, min_fen: 10000, valid_days: 9}
  - {id: tenth, name: {zh: 一, en: X}, off_bp: 1000, valid_days: 9}
  - {id: tea-five, name: {zh: 一, en: X}, off_fen: 500, scope: {categories: [tea]}, valid_days: 9}
  - {id: alone, name: {zh: 一, en: X}, off_fen: 1800, exclusive: true, valid_days: 9}
  - {id: half-most, name: {zh: 一, en: X}, off_bp: 5000, max_fen: 700, min_fen: 9500, valid_days: 9}
benefits:
  - {id: buy-ten, name: {zh: 一, en: X}, cost: {asset: points:consumption, points: 600}, coupon: ten-of-hundred, valid_days: 9, merchant: m1, worth_fen: 1000, terms: {zh: 一, en: X}}
  - {id: buy-green, name: {zh: 一, en: X}, cost: {asset: points:green, points: 50}, coupon: tea-five, valid_days: 9, merchant: m1, worth_fen: 500, terms: {zh: 一, en: X}}
`

func request(t interface {
	Helper()
	Fatalf(string, ...any)
}, share, least int64, points, green lot.Amount, coupons map[string]lot.Amount, basket ...pricing.Line) pricing.Request {
	t.Helper()
	p, err := programme.Parse(fmt.Appendf(nil, head, share, least))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	at := time.Date(2027, 2, 6, 12, 0, 0, 0, p.Location())
	r := pricing.Request{Programme: p, Member: 7, Proof: 2, Today: lot.Today{Day: p.Day(at), Trusted: true}, At: p.Moment(at), Lines: basket}
	hold := func(asset lot.Asset, n lot.Amount) {
		l := lot.Lot{ID: lot.ID{N: uint32(len(r.Holdings) + 1)}, Owner: 7, Asset: asset, Amount: n}
		r.Holdings = append(r.Holdings, lot.Holding{Lot: l, Amount: n})
	}
	hold("points:consumption", points)
	hold("points:green", green)
	for _, c := range p.Coupons {
		if n := coupons[c.ID]; n > 0 {
			hold(lot.CouponAsset(c.ID), n)
		}
	}
	return r
}

func line(fen lot.Fen, category string) pricing.Line {
	return pricing.Line{Product: programme.Product{GTIN: "06900001000112", Fen: fen, Merchant: "m1", Category: category}, Qty: 1}
}

// Greedy answers are not enough: the order and what is left for the next count.
func TestBestUse(t *testing.T) {
	tests := map[string]struct {
		r    pricing.Request
		want string
	}{
		"nothing-to-use":   {request(t, 10_000, 0, 0, 0, nil, line(9900, "")), "saves 0.00"},
		"points-alone":     {request(t, 5000, 0, 800, 0, nil, line(1000, "")), "saves 5.00: deduct 5.00"},
		"least-not-met":    {request(t, 5000, 600, 800, 0, nil, line(1000, "")), "saves 0.00"},
		"sum-before-share": {request(t, 0, 0, 0, 0, map[string]lot.Amount{"ten-of-hundred": 1, "tenth": 1}, line(10500, "")), "saves 19.50: ten-of-hundred tenth"},
		"least-first":      {request(t, 0, 0, 0, 0, map[string]lot.Amount{"ten-of-hundred": 1, "half-most": 1}, line(10000, "")), "saves 10.00: ten-of-hundred"},
		"both-leasts":      {request(t, 0, 0, 0, 0, map[string]lot.Amount{"ten-of-hundred": 1, "half-most": 1}, line(10700, "")), "saves 17.00: ten-of-hundred half-most"},
		"alone-is-better":  {request(t, 0, 0, 0, 0, map[string]lot.Amount{"tenth": 1, "alone": 1}, line(10000, "")), "saves 18.00: alone"},
		"alone-is-worse":   {request(t, 0, 0, 0, 0, map[string]lot.Amount{"ten-of-hundred": 1, "tenth": 1, "alone": 1}, line(10000, "")), "saves 19.00: ten-of-hundred tenth"},
		"bought":           {request(t, 0, 0, 600, 0, nil, line(10000, "")), "saves 10.00: ten-of-hundred, buy buy-ten"},
		"bought-or-spent":  {request(t, 10_000, 0, 900, 0, nil, line(10000, "")), "saves 13.00: ten-of-hundred, buy buy-ten, deduct 3.00"},
		"one-is-held":      {request(t, 10_000, 0, 900, 0, map[string]lot.Amount{"ten-of-hundred": 1}, line(20000, "")), "saves 23.00: ten-of-hundred ten-of-hundred, buy buy-ten, deduct 3.00"},
		"other-points":     {request(t, 10_000, 0, 900, 50, nil, line(3000, "tea")), "saves 14.00: tea-five, buy buy-green, deduct 9.00"},
		"fewest-points":    {request(t, 10_000, 0, 900, 50, nil, line(500, "tea")), "saves 5.00: tea-five, buy buy-green"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := best(t, test.r)
			got := fmt.Sprintf("saves %s", p.Saved)
			var more []string
			if p.Order != nil {
				more = append(more, strings.Join(p.Order, " "))
			}
			if p.Buy != nil {
				more = append(more, "buy "+strings.Join(p.Buy, " "))
			}
			if p.Deduct > 0 {
				more = append(more, "deduct "+p.Deduct.String())
			}
			if more != nil {
				got += ": " + strings.Join(more, ", ")
			}
			if got != test.want || !p.Complete {
				t.Errorf("Best: got %s (complete %v), want %s", got, p.Complete, test.want)
			}
		})
	}
}

func TestWhatIsNearestIsNamed(t *testing.T) {
	p := best(t, request(t, 0, 0, 0, 0, map[string]lot.Amount{"ten-of-hundred": 1, "half-most": 1}, line(9000, "")))
	if diff := cmp.Diff(&bestuse.Gap{Coupon: "half-most", Missing: 500}, p.Next); diff != "" {
		t.Errorf("Next: -want +got\n%s", diff)
	}
}

// Against brute force: every ordered choice of held coupons with all the points
// there are, priced whole. And the plan's own choice prices as it says.
func TestBestIsNeverWorseThanAnyChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coupons := map[string]lot.Amount{}
		for _, id := range []string{"ten-of-hundred", "tenth", "tea-five", "alone", "half-most"} {
			coupons[id] = lot.Amount(rapid.IntRange(0, 2).Draw(t, id))
		}
		var basket []pricing.Line
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			basket = append(basket, line(lot.Fen(rapid.Int64Range(1, 8000).Draw(t, "price")), rapid.SampledFrom([]string{"", "tea"}).Draw(t, "category")))
		}
		r := request(t, rapid.SampledFrom([]int64{0, 3000, 10_000}).Draw(t, "share"), rapid.SampledFrom([]int64{0, 100}).Draw(t, "least"),
			lot.Amount(rapid.Int64Range(0, 500).Draw(t, "points")), 0, coupons, basket...)
		p := best(t, r)
		least := price(t, r, nil, pricing.DeductMax)
		var try func(used []pricing.CouponUse)
		try = func(used []pricing.CouponUse) {
			least = min(least, price(t, r, used, pricing.DeductMax))
			if len(used) == 3 {
				return
			}
			for _, h := range r.Holdings {
				if h.Lot.Asset.Coupon() != "" {
					try(append(slices.Clone(used), pricing.CouponUse{Lot: h.Lot.ID, Asset: h.Lot.Asset}))
				}
			}
		}
		try(nil)
		if p.ToPay > least {
			t.Fatalf("Best leaves %s to pay by %+v, another choice %s", p.ToPay, p.Choice, least)
		}
		if got := price(t, r, p.Coupons, p.Deduct); p.Buy == nil && got != p.ToPay {
			t.Fatalf("the plan %+v says %s to pay, its quote %s", p.Choice, p.ToPay, got)
		}
	})
}

// When the bound is hit the answer says so, and is still as good as any single
// choice; it is the same every time.
func TestTheBoundIsToldAndKept(t *testing.T) {
	var basket []pricing.Line
	for i := range 100 {
		basket = append(basket, line(lot.Fen(400+i), []string{"", "tea"}[i%2]))
	}
	r := request(t, 3000, 0, 500, 0, map[string]lot.Amount{"ten-of-hundred": 5, "tenth": 5, "tea-five": 5, "half-most": 5}, basket...)
	p := best(t, r)
	if p.Complete {
		t.Error("Best: got complete, want the bound to be hit")
	}
	for _, h := range r.Holdings {
		if h.Lot.Asset.Coupon() == "" {
			continue
		}
		if single := price(t, r, []pricing.CouponUse{{Lot: h.Lot.ID, Asset: h.Lot.Asset}}, pricing.DeductMax); single < p.ToPay {
			t.Errorf("%s alone leaves %s, the best %s", h.Lot.Asset, single, p.ToPay)
		}
	}
	if diff := cmp.Diff(p, best(t, r)); diff != "" {
		t.Errorf("Best again: -first +again\n%s", diff)
	}
}

func best(t interface {
	Helper()
	Fatalf(string, ...any)
}, r pricing.Request) bestuse.Plan {
	t.Helper()
	p, err := bestuse.Best(r)
	if err != nil {
		t.Fatalf("Best: %v", err)
	}
	return p
}

func price(t interface {
	Helper()
	Fatalf(string, ...any)
}, r pricing.Request, use []pricing.CouponUse, deduct lot.Fen) lot.Fen {
	t.Helper()
	r.Coupons, r.DeductFen = use, deduct
	q, err := pricing.Price(r)
	if err != nil {
		t.Fatalf("Price: %v", err)
	}
	return q.ToPay
}
