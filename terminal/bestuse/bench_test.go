package bestuse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// large is a document with so many campaigns, all open, and 200 benefits: nine
// in ten campaigns are about single goods, categories, brands or merchants, one
// in ten is about a festival's window and one in ten has a condition.
func large(n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, head, 5000, 0)
	for i := range 198 {
		fmt.Fprintf(&b, "  - {id: b%d, name: {zh: 一, en: X}, cost: {asset: points:consumption, points: %d}, valid_days: 9, merchant: m1, worth_fen: 1, terms: {zh: 一, en: X}}\n", i, 100+i)
	}
	b.WriteString("campaigns:\n")
	for i := range n {
		scope := [...]string{
			fmt.Sprintf("items: [\"%s\"]", gtin13(i)), fmt.Sprintf("categories: [c%d]", i/10), fmt.Sprintf("brands: [b%d]", i/10), "merchants: [m1], categories: [c1]",
			fmt.Sprintf("items: [\"%s\"]", gtin13(i)), fmt.Sprintf("items: [\"%s\"]", gtin13(i+1)), fmt.Sprintf("items: [\"%s\"]", gtin13(i+2)),
			fmt.Sprintf("brands: [b%d], eco: true", i/10), fmt.Sprintf("categories: [c%d, c%d]", i/10, i/10+1), "tiers: [gold]",
		}[i%10]
		effect := [...]string{"line_off: {off_bp: 500}", "member_price: {off_fen: 10}", "bill_off: {steps: [{from_fen: 1000, off_fen: 10}]}", "multiply: {rule: base, multiplier_bp: 12000}"}[i%4]
		extra := ""
		if i%10 == 3 {
			extra = "when: basket.fen >= 100, "
		}
		fmt.Fprintf(&b, "  - {id: k%d, name: {zh: 一, en: X}, window: {from: \"2027-01-01\", until: \"2027-12-31\"}, %sscope: {%s}, %s}\n", i, extra, scope, effect)
	}
	return []byte(strings.Replace(b.String(), "coupons:", "tiers: {metric: net-spend, window: rolling-year, ladder: [{id: basic, name: {zh: 普, en: B}, threshold_fen: 0, multiplier_bp: 10000}, {id: gold, name: {zh: 金, en: G}, threshold_fen: 1, multiplier_bp: 15000}]}\ncoupons:", 1))
}

func gtin13(n int) string {
	digits := fmt.Sprintf("69%010d", n)
	sum, weight := 0, 1
	for _, d := range digits {
		sum += int(d-'0') * weight
		weight = 4 - weight
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// hundred is a basket of a hundred different goods in ten categories and of ten
// brands, of which a few hundred of the campaigns are open at most.
func hundred(b *testing.B, n int) pricing.Request {
	p, err := programme.Parse(large(n))
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2027, 2, 6, 12, 0, 0, 0, p.Location())
	r := pricing.Request{Programme: p, Member: 7, Proof: 2, Today: lot.Today{Day: p.Day(at), Trusted: true}, At: p.Moment(at)}
	for i := range 100 {
		r.Lines = append(r.Lines, pricing.Line{Qty: 2, Product: programme.Product{
			GTIN: "0" + gtin13(i*10%n), Fen: lot.Fen(1000 + i), Merchant: "m1", Category: fmt.Sprintf("c%d", i%10), Brand: fmt.Sprintf("b%d", i%10), Eco: i%3 == 0,
		}})
	}
	for i, asset := range []lot.Asset{"points:consumption", "coupon:ten-of-hundred", "coupon:tenth", "coupon:tea-five"} {
		l := lot.Lot{ID: lot.ID{N: uint32(i)}, Owner: 7, Asset: asset, Amount: 2}
		r.Holdings = append(r.Holdings, lot.Holding{Lot: l, Amount: 2})
	}
	r.Holdings[0].Amount = 1000
	return r
}

func BenchmarkQuote(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := hundred(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pricing.Price(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBest(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := hundred(b, n)
			for b.Loop() {
				if _, err := bestuse.Best(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The whole way of a new document: reading, checking, compiling its conditions,
// making its index. The flip is one pointer.
func BenchmarkParse(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		text := large(n)
		b.Run(fmt.Sprintf("%d/%dkB", n, len(text)/1000), func(b *testing.B) {
			for b.Loop() {
				if _, err := programme.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		p, err := programme.Parse(large(n))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p.Reindex()
			}
		})
	}
}
