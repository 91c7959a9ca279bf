package pricing_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const (
	consumption = lot.Asset("points:consumption")
	green       = lot.Asset("points:green")
)

// once is the multiplier of neither tier nor rule.
var once = lot.Ratio{Num: 100_000_000, Den: 100_000_000}

// The day of the quotes: 2026-11-22.
var today = lot.Today{Day: 20_779, Trusted: true}

// terms are the numbers of the programme that tests vary.
type terms struct {
	earn    string // rate of rule base
	eco     string // rate of rule eco
	worth   string // of points:consumption
	share   int64
	minimum int64
	most    int64
	step    int64
}

// open caps nothing: 1 point per yuan, 100 points pay one yuan.
var open = terms{
	earn: "{points: 1, fen: 100}", eco: "{points: 1, fen: 100}", worth: "{points: 100, fen: 100}",
	share: 10_000, most: 1_000_000_000, step: 1,
}

func (x terms) with(edit func(*terms)) terms {
	edit(&x)
	return x
}

func (x terms) parse(t testing.TB) *programme.Programme {
	t.Helper()
	p, err := programme.Parse(fmt.Appendf(nil, `programme: test
version: 1
name: {zh: 测试, en: Test}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - {asset: points:consumption, name: {zh: 消费, en: Consumption}, worth: %s, expires: {months: 12, at: month-end}}
  - {asset: points:green, name: {zh: 绿色, en: Green}, worth: {points: 1, fen: 1}, expires: {months: 1, at: day}}
merchants:
  - {id: m1, name: {zh: 一, en: One}, unit_cost: 1000}
  - {id: m2, name: {zh: 二, en: Two}, unit_cost: 900}
earn:
  - {id: base, asset: points:consumption, rate: %s}
  - {id: eco, asset: points:green, rate: %s, eco_only: true}
deduct: {asset: points:consumption, step_fen: %d, max_share_bp: %d, min_points: %d, max_fen: %d}
benefits:
  - {id: dear, name: {zh: 贵, en: Dear}, cost: {asset: points:consumption, points: 900}, valid_days: 9, merchant: m1, worth_fen: 1, terms: {zh: 一, en: One}}
  - {id: cheap, name: {zh: 廉, en: Cheap}, cost: {asset: points:consumption, points: 500}, valid_days: 9, merchant: m1, worth_fen: 1, terms: {zh: 一, en: One}}
  - {id: leaf, name: {zh: 叶, en: Leaf}, cost: {asset: points:green, points: 50}, valid_days: 9, merchant: m2, worth_fen: 1, terms: {zh: 一, en: One}}
allotment: {keep_fen: 0, ask_fen: 0}
`, x.worth, x.earn, x.eco, x.step, x.share, x.minimum, x.most))
	if err != nil {
		t.Fatalf("Parse(%+v): %v", x, err)
	}
	return p
}

func goods(merchant string, fen lot.Fen) programme.Product {
	return programme.Product{GTIN: "06900001000112", Fen: fen, Merchant: merchant}
}

func ecoGoods(merchant string, fen lot.Fen) programme.Product {
	p := goods(merchant, fen)
	p.Eco = true
	return p
}

func lines(products ...programme.Product) []pricing.Line {
	basket := make([]pricing.Line, len(products))
	for i, p := range products {
		basket[i] = pricing.Line{Product: p, Qty: 1}
	}
	return basket
}

func holding(n uint32, asset lot.Asset, amount lot.Amount, expires lot.Day) lot.Holding {
	l := lot.Lot{ID: lot.ID{N: n}, Owner: 1017, Asset: asset, Amount: amount, Earned: today.Day - 10, Expires: expires}
	return lot.Holding{Lot: l, Amount: amount}
}

// card is a request of a member who showed the card and holds some points.
func card(p *programme.Programme, basket []pricing.Line, points lot.Amount, deduct lot.Fen) pricing.Request {
	return pricing.Request{
		Programme: p, Lines: basket, Member: 1017, Proof: member.ByCard,
		Holdings: []lot.Holding{holding(1, consumption, points, 0)}, Today: today, DeductFen: deduct,
	}
}

func price(t interface {
	Helper()
	Fatalf(string, ...any)
}, r pricing.Request) pricing.Quote {
	t.Helper()
	q, err := pricing.Price(r)
	if err != nil {
		t.Fatalf("Price: %v", err)
	}
	return q
}

// A whole receipt: two merchants, one eco-friendly line, half paid by points.
func TestQuoteOfABasket(t *testing.T) {
	basket := []pricing.Line{
		{Product: goods("m1", 1880), Qty: 2},
		{Product: ecoGoods("m2", 1290), Qty: 1},
		{Product: goods("m2", 50), Qty: 1},
	}
	p := open.with(func(x *terms) { x.share = 5000 }).parse(t)
	r := card(p, basket, 3000, pricing.DeductMax)
	r.Holdings = append(r.Holdings, holding(2, green, 49, 0))
	want := pricing.Quote{
		Lines: []pricing.LineQuote{
			{Fen: 3760, Deducted: 1880, Net: 1880}, {Fen: 1290, Deducted: 645, Net: 645}, {Fen: 50, Deducted: 25, Net: 25},
		},
		Total:        5100,
		Deduction:    pricing.Deduction{Asset: consumption, Fen: 2550, Points: 2550},
		MaxDeduction: pricing.MaxDeduction{Fen: 2550, Points: 2550, Limit: pricing.LimitShare},
		ToPay:        2550,
		Rules: []pricing.RuleQuote{
			{Rule: "base", Asset: consumption, BaseFen: 2550, Points: 25, Multiplier: once},
			{Rule: "eco", Asset: green, BaseFen: 645, Points: 6, Multiplier: once},
		},
		Awards: []pricing.Award{
			{
				Rule: "base", Asset: consumption, Amount: 19, Funder: "m1", UnitCost: 1000, Earned: today.Day, Expires: day(2027, 11, 30),
				Shares: []pricing.Share{{Line: 0, Amount: 19}},
			},
			{
				Rule: "base", Asset: consumption, Amount: 6, Funder: "m2", UnitCost: 900, Earned: today.Day, Expires: day(2027, 11, 30),
				Shares: []pricing.Share{{Line: 1, Amount: 6}},
			},
			{
				Rule: "eco", Asset: green, Amount: 6, Funder: "m2", UnitCost: 900, Earned: today.Day, Expires: day(2026, 12, 22),
				Shares: []pricing.Share{{Line: 1, Amount: 6}},
			},
		},
		WouldEarn:   []pricing.Earning{{Asset: consumption, Amount: 25}, {Asset: green, Amount: 6}},
		NextBenefit: &pricing.NextBenefit{ID: "leaf", Asset: green, Missing: 1},
		Offers: []pricing.Offer{
			{Benefit: "dear", Asset: consumption, Cost: 900, Was: 900, Missing: 450},
			{Benefit: "cheap", Asset: consumption, Cost: 500, Was: 500, Missing: 50},
			{Benefit: "leaf", Asset: green, Cost: 50, Was: 50, Missing: 1},
		},
	}
	if diff := cmp.Diff(want, price(t, r)); diff != "" {
		t.Errorf("Price: -want +got\n%s", diff)
	}
}

func TestWhoEarnsAndWhoDeducts(t *testing.T) {
	p := open.parse(t)
	tests := map[string]struct {
		member member.ID
		proof  member.Proof
		limit  pricing.Limit
		deduct lot.Fen
		awards int
	}{
		"nobody":           {0, member.Unproved, pricing.LimitNoMember, 0, 0},
		"nobody-with-card": {0, member.ByCard, pricing.LimitNoMember, 0, 0},
		"named":            {1017, member.Unproved, pricing.LimitProof, 0, 1},
		"phone":            {1017, member.ByPhone, pricing.LimitProof, 0, 1},
		"card":             {1017, member.ByCard, pricing.LimitPoints, 600, 1},
		"pass":             {1017, member.ByPass, pricing.LimitPoints, 600, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := card(p, lines(goods("m1", 1000)), 600, pricing.DeductMax)
			r.Member, r.Proof = test.member, test.proof
			q := price(t, r)
			if q.MaxDeduction.Limit != test.limit || q.MaxDeduction.Fen != test.deduct || q.Deduction.Fen != test.deduct {
				t.Errorf("Price: got %+v and %+v, want %d fen and limit %s", q.Deduction, q.MaxDeduction, test.deduct, test.limit)
			}
			if len(q.Awards) != test.awards || len(q.WouldEarn) != 1 {
				t.Errorf("Price: got awards %+v and %+v, want %d and what they would be", q.Awards, q.WouldEarn, test.awards)
			}
			if q.ToPay != 1000-test.deduct {
				t.Errorf("Price: got %s to pay, want %s", q.ToPay, 1000-test.deduct)
			}
		})
	}
}

// Rule S01: one floor over the receipt, then largest remainder.
func TestEarnRounding(t *testing.T) {
	tests := map[string]struct {
		rate   string
		basket []pricing.Line
		want   []pricing.Share
	}{
		"single-rate":    {"{points: 1, fen: 100}", lines(goods("m1", 1000), goods("m1", 1000), goods("m1", 999)), shares(10, 10, 9)},
		"double-rate":    {"{points: 2, fen: 100}", lines(goods("m1", 1000), goods("m1", 1000), goods("m1", 999)), shares(20, 20, 19)},
		"small-items":    {"{points: 1, fen: 100}", lines(goods("m1", 50), goods("m1", 50), goods("m1", 50)), shares(1)},
		"just-below-one": {"{points: 1, fen: 100}", lines(goods("m1", 99)), nil},
		"exactly-one":    {"{points: 1, fen: 100}", lines(goods("m1", 100)), shares(1)},
		"just-above-one": {"{points: 1, fen: 100}", lines(goods("m1", 101)), shares(1)},
		"free-goods":     {"{points: 1, fen: 100}", lines(goods("m1", 0), goods("m1", 200)), []pricing.Share{{Line: 1, Amount: 2}}},
		"no-goods":       {"{points: 1, fen: 100}", nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := open.with(func(x *terms) { x.earn = test.rate }).parse(t)
			var got []pricing.Share
			for _, award := range price(t, card(p, test.basket, 0, 0)).Awards {
				got = append(got, award.Shares...)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Price: shares -want +got\n%s", diff)
			}
		})
	}
}

// One floor over both merchants' goods: 0.60 and 0.50 earn one point together,
// and who has the larger remainder pays for it.
func TestOneFloorAcrossMerchants(t *testing.T) {
	q := price(t, card(open.parse(t), lines(goods("m1", 50), goods("m2", 60)), 0, 0))
	if len(q.Awards) != 1 || q.Awards[0].Funder != "m2" || q.Awards[0].Amount != 1 {
		t.Errorf("Price: got awards %+v, want one point of m2", q.Awards)
	}
}

// The line that paid with a point has the smaller net, and so the smaller claim.
func TestSharesFollowTheNetAmounts(t *testing.T) {
	q := price(t, card(open.parse(t), lines(goods("m1", 100), goods("m2", 100)), 1, pricing.DeductMax))
	if len(q.Awards) != 1 || q.Awards[0].Funder != "m2" {
		t.Errorf("Price: got awards %+v, want one point of m2, whose line nets one fen more", q.Awards)
	}
}

// Rule S03: what points pay earns nothing, and eco rules look at eco lines only.
func TestEarnComesAfterTheDeduction(t *testing.T) {
	basket := lines(goods("m1", 1000), ecoGoods("m1", 1000))
	for deduct, want := range map[lot.Fen][2]lot.Amount{0: {20, 10}, 1: {19, 10}, 2: {19, 9}, 1000: {10, 5}, 1999: {0, 0}, 2000: {0, 0}} {
		q := price(t, card(open.parse(t), basket, 5000, deduct))
		got := map[lot.Asset]lot.Amount{}
		for _, e := range q.WouldEarn {
			got[e.Asset] = e.Amount
		}
		if got[consumption] != want[0] || got[green] != want[1] {
			t.Errorf("Price with %s deducted: got %v, want %v", deduct, got, want)
		}
	}
}

func TestWhatBenefitsThePointsPayFor(t *testing.T) {
	p := open.parse(t)
	tests := map[string]struct {
		points, green lot.Amount
		deduct        lot.Fen
		redeemable    []string
		next          *pricing.NextBenefit
	}{
		"nothing":               {0, 0, 0, nil, &pricing.NextBenefit{ID: "leaf", Asset: green, Missing: 50}},
		"one-point-short":       {499, 0, 0, nil, &pricing.NextBenefit{ID: "cheap", Asset: consumption, Missing: 1}},
		"exactly-enough":        {500, 0, 0, []string{"cheap"}, &pricing.NextBenefit{ID: "leaf", Asset: green, Missing: 50}},
		"deduction-comes-first": {500, 0, 1, nil, &pricing.NextBenefit{ID: "cheap", Asset: consumption, Missing: 1}},
		"green-is-not-touched":  {0, 50, 1, []string{"leaf"}, &pricing.NextBenefit{ID: "cheap", Asset: consumption, Missing: 500}},
		"equally-near":          {850, 0, 0, []string{"cheap"}, &pricing.NextBenefit{ID: "dear", Asset: consumption, Missing: 50}},
		"everything":            {900, 50, 0, []string{"dear", "cheap", "leaf"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := card(p, lines(goods("m1", 1000)), test.points, test.deduct)
			r.Holdings = append(r.Holdings, holding(2, green, test.green, 0))
			q := price(t, r)
			if diff := cmp.Diff(test.redeemable, q.Redeemable); diff != "" {
				t.Errorf("Redeemable: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(test.next, q.NextBenefit); diff != "" {
				t.Errorf("NextBenefit: -want +got\n%s", diff)
			}
		})
	}
	r := card(p, nil, 900, 0)
	r.Proof = member.ByPhone
	if q := price(t, r); q.Redeemable != nil || q.NextBenefit.ID != "leaf" {
		t.Errorf("Price by phone: got %v and next %+v, want nothing redeemable and leaf next", q.Redeemable, q.NextBenefit)
	}
	r.Member = 0
	if q := price(t, r); q.Redeemable != nil || q.NextBenefit != nil {
		t.Errorf("Price for nobody: got %v and next %+v, want neither", q.Redeemable, q.NextBenefit)
	}
}

func TestLimitsOfABasket(t *testing.T) {
	p := open.with(func(x *terms) { x.earn = "{points: 1000000, fen: 1}" }).parse(t)
	many := func(n int, fen lot.Fen, qty int64) []pricing.Line {
		basket := make([]pricing.Line, n)
		for i := range basket {
			basket[i] = pricing.Line{Product: goods("m1", fen), Qty: qty}
		}
		return basket
	}
	tests := map[string]struct {
		basket []pricing.Line
		deduct lot.Fen
		want   *pricing.LimitError
	}{
		"most-lines":       {many(999, 1, 1), 0, nil},
		"line-too-many":    {many(1000, 1, 1), 0, &pricing.LimitError{What: "lines", Line: -1, Got: 1000, Max: 999}},
		"most-pieces":      {many(1, 1, 9999), 0, nil},
		"piece-too-many":   {many(1, 1, 10_000), 0, &pricing.LimitError{What: "quantity", Line: 0, Got: 10_000, Max: 9999}},
		"no-piece":         {many(2, 1, 0), 0, &pricing.LimitError{What: "quantity", Line: 0, Got: 0, Max: 9999}},
		"negative-price":   {many(1, -1, 1), 0, &pricing.LimitError{What: "price", Line: 0, Got: -1, Max: 100_000_000}},
		"price-too-high":   {many(1, 100_000_001, 1), 0, &pricing.LimitError{What: "price", Line: 0, Got: 100_000_001, Max: 100_000_000}},
		"total-too-high":   {many(11, 100_000_000, 9999), 0, &pricing.LimitError{What: "total", Line: -1, Got: 10_998_900_000_000, Max: 10_000_000_000_000}},
		"most-points":      {many(10, 10_000_000, 10), 0, nil},
		"points-too-many":  {many(10, 10_000_001, 10), 0, &pricing.LimitError{What: "points", Line: -1, Got: 1_000_000_100_000_000, Max: 1e15}},
		"points-overflow":  {many(10, 100_000_000, 9999), 0, &pricing.LimitError{What: "points", Line: -1, Got: math.MaxInt64, Max: 1e15}},
		"deduct-below-all": {nil, -2, &pricing.LimitError{What: "deduction", Line: -1, Got: -2, Max: 1e13}},
		"deduct-above-all": {nil, 1e13 + 1, &pricing.LimitError{What: "deduction", Line: -1, Got: 1e13 + 1, Max: 1e13}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pricing.Price(pricing.Request{Programme: p, Lines: test.basket, Today: today, DeductFen: test.deduct})
			var got *pricing.LimitError
			errors.As(err, &got)
			if diff := cmp.Diff(test.want, got); diff != "" || errors.Is(err, pricing.ErrLimit) != (test.want != nil) {
				t.Errorf("Price: got %v; -want +got\n%s", err, diff)
			}
		})
	}
	r := card(p, nil, 0, 0)
	r.Holdings = make([]lot.Holding, lot.MemberLotsMax+1)
	if _, err := pricing.Price(r); !errors.Is(err, pricing.ErrLimit) {
		t.Errorf("Price with %d holdings: got %v, want ErrLimit", len(r.Holdings), err)
	}
	if _, err := pricing.Price(card(p, lines(goods("m1", 1), goods("m9", 0)), 0, 0)); !errors.Is(err, pricing.ErrProduct) {
		t.Errorf("Price with goods of a stranger: got %v, want ErrProduct", err)
	}
}

func TestLimitErrorsSayWhere(t *testing.T) {
	for want, err := range map[string]error{
		"lines: 1000, the limit is 999":              &pricing.LimitError{What: "lines", Line: -1, Got: 1000, Max: 999},
		"line 3: quantity: 10000, the limit is 9999": &pricing.LimitError{What: "quantity", Line: 2, Got: 10_000, Max: 9999},
	} {
		if err.Error() != want {
			t.Errorf("Error(): got %q, want %q", err, want)
		}
	}
}

func shares(points ...lot.Amount) []pricing.Share {
	var list []pricing.Share
	for i, n := range points {
		list = append(list, pricing.Share{Line: i, Amount: n})
	}
	return list
}
