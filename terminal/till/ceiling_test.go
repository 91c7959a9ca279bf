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

// What is taken back of an award gives its part of the ceiling back, to the point,
// and the next sale may concede it again, that of an exchange at once (cap P9).
func TestReturnGivesTheCeilingItsPartBack(t *testing.T) {
	b := newLanes(t)
	b.UseRules(t, rules(t, "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 100, strict: true}"))
	must(t, b.Till.SignIn(by))
	ceiling := lot.CeilingAsset("m1", b.Programme.BusinessDay(b.Clock.Now().Wall))
	const point = 1000 // thousandths of a fen
	b.Give(t, lot.Lot{Asset: ceiling, Amount: 76 * point})
	of, sale := payOf(t, b, wang, rice, millet) // 49.90 and 26.80: 76 points of m1, and green ones of others
	if got := available(t, b, ceiling); got != 0 || lot.Sum(sale.Ceilings) != 76*point {
		t.Fatalf("the sale conceded %d and left %d, want all of the ceiling", lot.Sum(sale.Ceilings), got)
	}
	back := giveBack(t, b, of, 0, 1) // the rice stays
	left := available(t, b, ceiling)
	if want := taken(back, sale, "m1"); want == 0 || left != want*point || lot.Sum(back.Ceilings) != left {
		t.Fatalf("%d points of m1 were taken back, the ceiling has %d again (entry %+v)", want, left, back.Ceilings)
	}
	again, second := payOf(t, b, wang, millet)
	if got := lot.Sum(second.Ceilings); got == 0 || got > left {
		t.Errorf("a sale after the return conceded %d of %d, want some of it", got, left)
	}
	void, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: again, Void: true, Tender: "cash"})
	must(t, err)
	if got := lot.Sum(void.Entry.Body.(*ledger.Return).Ceilings); got != lot.Sum(second.Ceilings) || available(t, b, ceiling) != left {
		t.Errorf("the void gave %d back and left %d, want %d as before the sale", got, available(t, b, ceiling), left)
	}
	if giveBack(t, b, of, 1); available(t, b, ceiling) != 76*point {
		t.Errorf("after all came back the ceiling has %d, want %d", available(t, b, ceiling), 76*point)
	}
	of, _ = payOf(t, b, wang, rice, millet)
	scan(t, b, wang, rice)
	_, swap := exchange(t, b, of) // the ceiling had nothing left but what comes back
	if got := lot.Sum(swap.Sale.Ceilings); got != 49*point {
		t.Errorf("an exchange of the same goods conceded %d of the %d that came back, want its own 49 points", got, lot.Sum(swap.Ceilings))
	}
	b.Verify(t)
}

// taken is how many points of a funder's a return takes back.
func taken(back *ledger.Return, sale *ledger.Sale, funder string) (n lot.Amount) {
	for _, d := range back.Claw {
		if sale.Awards[d.Lot.N].Funder == funder {
			n += d.Amount
		}
	}
	return n
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
