package assemble_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/supply"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// A strict ceiling reaches the till by HQ's hand, is spent while the line is cut,
// and over the whole month nobody concedes more than it, to the point (cap P9).
func TestStrictCeilingHoldsOverAMonth(t *testing.T) {
	text := bytes.Replace(demo.Programme, []byte("unit_cost: 1000}"), []byte("unit_cost: 1000, ceiling_fen: 3000, strict: true}"), 1)
	p := newPairUnder(t, 3, text)
	p.connect()
	settled := func() {
		t.Helper()
		p.settle()
	}
	settled()
	var earned, last lot.Amount
	var of lot.Origin // the last sale that earned anything of m1, and how much
	sell := func() (n lot.Amount) {
		t.Helper()
		p.must("Scan", p.bench.Till.Scan(by, "", "HM10001138Y"))
		p.must("Scan", p.bench.Till.Scan(by, "", "6900001000228"))
		v, err := p.bench.Till.View(1)
		p.must("View", err)
		done, err := p.bench.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
		p.must("Pay", err)
		for _, a := range done.Entry.Body.(*ledger.Sale).Awards {
			if a.Funder == "m1" {
				n += a.Amount
			}
		}
		if earned += n; n > 0 {
			of, last = done.Origin, n
		}
		p.step(time.Second)
		return n
	}
	if sell() == 0 {
		t.Fatal("nothing is earned at first: HQ gave the till nothing of the ceiling")
	}
	p.cut()
	before := earned
	for range 5 { // offline it is spent as far as it is here
		sell()
	}
	if earned == before {
		t.Error("offline nothing was earned")
	}
	for range 6 { // what HQ gives by halves comes as it is used up
		settled()
		for sell() > 0 {
		}
	}
	if earned != 3000 { // ¥30.00 pays for so many points at ¥10.00 a thousand
		t.Errorf("m1 conceded %d points over the month, want the 3000 that its ceiling pays for", earned)
	}
	_, err := p.bench.Till.Return(by, till.Returning{Ref: "void-1", Of: of, Void: true, Tender: "cash"})
	p.must("Return", err)
	earned -= last
	settled()
	for sell() > 0 { // what was taken back may be conceded again
	}
	if earned != 3000 {
		t.Errorf("after a sale was undone m1 conceded %d points over the month, want 3000 again", earned)
	}
	settled()
	p.compare()
}

// Pieces of a limited benefit are added by a person, and reach the till.
func TestStockReachesTheTill(t *testing.T) {
	text := bytes.Replace(demo.Programme, []byte("    valid_days: 60\n    merchant: m1"), []byte("    valid_days: 60\n    limited: true\n    merchant: m1"), 1)
	p := newPairUnder(t, 3, text)
	p.connect()
	p.settle()
	by := hq.By{Actor: "zhou", Reason: "delivery"}
	p.must("Stock", p.hq.Decide(func(w *decision.Work) error { return supply.Stock(w, "tea-set", 5, by) }))
	if err := p.hq.Decide(func(w *decision.Work) error { return supply.Stock(w, "gift-pack", 5, by) }); err == nil {
		t.Error("Stock of a benefit that is not limited: no error")
	}
	p.settle()
	var n lot.Amount
	for _, h := range p.bench.Holds(t, 0) {
		if h.Lot.Asset == lot.StockAsset("tea-set") {
			n += h.Amount
		}
	}
	if n == 0 || n > 5 {
		t.Errorf("the till holds %d of the five pieces, want some", n)
	}
	p.compare()
}
