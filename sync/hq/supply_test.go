package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ceiling is what a merchant may still concede in the month, wherever it lies.
func (b *bench) ceiling(merchant string) (n lot.Amount) {
	b.Helper()
	asset := lot.CeilingAsset(merchant, b.programme.Day(b.now))
	b.ok("Ceiling", b.book.View(func(tx book.Tx) error {
		owned, err := tx.Owned(0)
		for _, a := range owned {
			switch a.Place.Kind {
			case book.AtHQ, book.AtTerminal, book.InFlight:
				if a.Lot.Asset == asset {
					n += a.Amount
				}
			}
		}
		return err
	}))
	return n
}

// Points that were due when goods came back cost their merchant until HQ has them:
// then a strict ceiling gets its part back, once, and not more than it gave (cap P9).
func TestCeilingGetsBackWhatADueTakesLater(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.changed("2", "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 300, strict: true}"), byZhou))
	one := b.terminals[0]
	one.sync()
	one.reports()
	one.do(&ledger.Mark{})
	held, err := one.state.Usable(0)
	b.ok("Usable", err)
	asset := lot.CeilingAsset("m1", b.programme.Day(b.now))
	draws, err := lot.Plan(held, asset, 60_000, lot.Today{Day: b.programme.Day(b.now), Trusted: true})
	b.ok("Plan", err)
	day := b.programme.Day(b.now)
	sold := one.do(&ledger.Sale{
		Member: wang, Day: day, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 6000, Merchant: "m1"}}, Ceilings: draws,
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 60, Funder: "m1", UnitCost: 1000, Expires: 21000}}},
	})
	id := sold.Issued[0].ID
	one.giveBack(id, 50)
	one.sync()
	if got := b.ceiling("m1"); got != 240_000 {
		t.Fatalf("after 60 points ¥%s of the ceiling are left, want ¥2.40", lot.Fen(got/1000))
	}
	one.do(&ledger.Return{
		Of: id.Origin, Day: day, Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Claw: []lot.Draw{{Lot: id, Amount: 10}}, Due: []ledger.Due{{Amount: 50}},
		Ceilings: []lot.Draw{{Lot: draws[0].Lot, Amount: 10_000}},
	})
	for range 3 {
		one.sync()
		one.reports()
		if got := b.ceiling("m1"); got != 300_000 {
			t.Errorf("after all came back ¥%s of the ceiling are left, want all ¥3.00", lot.Fen(got/1000))
		}
	}
	b.ok("Release", b.Release(b.changed("3", "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 400, strict: true}"), byZhou))
	one.reports()
	if got := b.ceiling("m1"); got != 400_000 {
		t.Errorf("after the ceiling was raised ¥%s are left, want ¥4.00", lot.Fen(got/1000))
	}
}
