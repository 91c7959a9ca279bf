package till_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// A merchant with a strict ceiling concedes what the terminal holds of it, offline
// and to the point, and then no more; the sale goes on, and so do others (cap P9).
func TestStrictCeilingIsSpentAndRefuses(t *testing.T) {
	b := newLanes(t)
	b.UseRules(t, rules(t, "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 100, strict: true}")) // the first of the merchants
	must(t, b.Till.SignIn(by))
	m1, ok := b.Programme.Merchant("m1")
	if !ok || !m1.Strict {
		t.Fatalf("merchant m1 is %+v, want a strict ceiling", m1)
	}
	ceiling := lot.CeilingAsset("m1", b.Programme.BusinessDay(b.Clock.Now().Wall))
	sell := func() (earned, budget lot.Amount) {
		t.Helper()
		scan(t, b, wang)
		scan(t, b, rice)
		v := view(t, b)
		done, err := b.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
		must(t, err)
		sale := done.Entry.Body.(*ledger.Sale)
		for _, a := range sale.Awards {
			if earned += a.Amount; a.Funder != "m1" {
				t.Errorf("award of %s, want one of m1", a.Funder)
			}
		}
		return earned, lot.Sum(sale.Ceilings)
	}
	if earned, budget := sell(); earned != 0 || budget != 0 {
		t.Errorf("without any of the ceiling here: earned %d for %d, want nothing", earned, budget)
	}
	b.Give(t, lot.Lot{Asset: ceiling, Amount: 1_000_000})
	whole, budget := sell()
	if whole == 0 || budget != whole*lot.Amount(m1.UnitCost) {
		t.Errorf("earned %d for %d thousandths of a fen, want %d for each point", whole, budget, m1.UnitCost)
	}
	b.Give(t, lot.Lot{Asset: lot.CeilingAsset("m2", 20000), Amount: 1_000_000}) // another's, and another month's
	left := available(t, b, ceiling)
	for left >= whole*lot.Amount(m1.UnitCost) {
		sell()
		left = available(t, b, ceiling)
	}
	part := left / lot.Amount(m1.UnitCost)
	if earned, budget := sell(); earned != part || budget != part*lot.Amount(m1.UnitCost) {
		t.Errorf("with %d left: earned %d for %d, want the %d points that it pays for", left, earned, budget, part)
	}
	if earned, _ := sell(); earned != 0 {
		t.Errorf("after it was used up: earned %d, want nothing", earned)
	}
	b.Verify(t)
}

// available is what the till holds of something that the programme owns.
func available(t *testing.T, b *tilltest.Bench, asset lot.Asset) (n lot.Amount) {
	t.Helper()
	for _, h := range b.Holds(t, 0) {
		if h.Lot.Asset == asset {
			n += h.Amount
		}
	}
	return n
}
