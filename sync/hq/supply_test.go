package hq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/wire"
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

// A programme of many merchants with long names must not make an entry that is too
// long to be read: nothing behind it would ever reach the terminal.
func TestManyStrictMerchantsGetTheirCeilingsInNotesThatFit(t *testing.T) {
	b := newBench(t)
	var own strings.Builder
	own.WriteString("\nmerchants:\n")
	for n := range 520 {
		fmt.Fprintf(&own, "  - {id: shenzhen-nanshan-huaqiang-%05d, name: {zh: 店, en: Shop}, unit_cost: 1000, ceiling_fen: 300000, strict: true}\n", n)
	}
	own.WriteString("  # was: ")
	b.ok("Release", b.Release(b.changed("2", "\nmerchants: ", own.String()), byZhou))
	one := b.terminals[0]
	one.sync()
	for range 10 {
		b.ok("Report", b.Report(1, &wire.Report{Head: one.state.Head()}))
	}
	var has map[lot.ID]bool
	raws, err := b.Down(1, 0)
	b.ok("Down", err)
	for n, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		if err != nil {
			t.Fatalf("entry %d of %d bytes = %v, want one that can be read", n+1, len(raw), err)
		}
		if d.Note == nil {
			continue
		}
		for _, h := range d.Note.Holdings {
			if has == nil {
				has = map[lot.ID]bool{}
			}
			has[h.Lot.ID] = true
		}
	}
	if len(has) != 520 {
		t.Errorf("the terminal was given of %d ceilings, want 520", len(has))
	}
}
