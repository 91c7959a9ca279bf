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

// conceded is a sale at the first terminal for which a strict ceiling of ¥3.00 conceded
// 60 points, 50 of which HQ has since; what it drew on, too.
func (b *bench) conceded() (id lot.ID, draws []lot.Draw) {
	b.Helper()
	b.ok("Release", b.Release(b.changed("2", "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 300, strict: true}"), byZhou))
	one := b.terminals[0]
	one.sync()
	one.reports()
	one.do(&ledger.Mark{})
	held, err := one.state.Usable(0)
	b.ok("Usable", err)
	day := b.programme.Day(b.now)
	draws, err = lot.Plan(held, lot.CeilingAsset("m1", day), 60_000, lot.Today{Day: day, Trusted: true})
	b.ok("Plan", err)
	sold := one.do(&ledger.Sale{
		Member: wang, Day: day, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 6000, Merchant: "m1"}}, Ceilings: draws,
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 60, Funder: "m1", UnitCost: 1000, Expires: 21000}}},
	})
	one.giveBack(sold.Issued[0].ID, 50)
	one.sync()
	b.leaves("after 60 points", 240_000)
	return sold.Issued[0].ID, draws
}

// cameBack is a return of all of that: 10 points are taken at once, 50 are due.
func (t *terminal) cameBack(id lot.ID, draws []lot.Draw) {
	t.do(&ledger.Return{
		Of: id.Origin, Day: t.b.programme.Day(t.b.now), Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Claw: []lot.Draw{{Lot: id, Amount: 10}}, Due: []ledger.Due{{Amount: 50}},
		Ceilings: []lot.Draw{{Lot: draws[0].Lot, Amount: 10_000}},
	})
}

// leaves holds what m1 may still concede against what is wanted.
func (b *bench) leaves(when string, want lot.Amount) {
	b.Helper()
	if got := b.ceiling("m1"); got != want {
		b.Errorf("%s ¥%s of the ceiling are left, want ¥%s", when, lot.Fen(got/1000), lot.Fen(want/1000))
	}
}

// Points that were due when goods came back cost their merchant until HQ has them:
// then a strict ceiling gets its part back, once, and not more than it gave (cap P9).
func TestCeilingGetsBackWhatADueTakesLater(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.cameBack(b.conceded())
	for range 3 {
		one.sync()
		one.reports()
		b.leaves("after all came back", 300_000)
	}
	b.ok("Release", b.Release(b.changed("3", "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 400, strict: true}"), byZhou))
	one.reports()
	b.leaves("after the ceiling was raised", 400_000)
}

// HQ's book goes back to before a due was taken, with its grant log and without: what
// the ceiling gets back of it is one, and what lay at HQ of the points is the member's
// or taken, and not owed.
func TestCeilingGetsADueBackOnceThoughHQGoesBack(t *testing.T) {
	for _, log := range []bool{true, false} {
		t.Run(map[bool]string{true: "with-the-grant-log", false: "without"}[log], func(t *testing.T) {
			b := newBench(t)
			if log {
				b, _ = logged(t)
			}
			one, two := b.terminals[0], b.terminals[1]
			id, draws := b.conceded()
			two.sync()
			one.reports()
			two.reports()
			backup := b.backup()
			one.cameBack(id, draws)
			one.sync()
			for range 3 { // both are given of it
				one.reports()
				two.reports()
			}
			b.leaves("before the book goes back", 300_000)
			b.goesBack(backup)
			for range 3 {
				for _, x := range []*terminal{two, one} {
					x.hello()
					x.do(&ledger.Mark{})
					x.syncAll()
					x.reports()
				}
			}
			b.leaves("after the book went back", 300_000)
			b.owes("after the book went back", wang, 0, 0)
		})
	}
}

// A till whose former life nobody proved has nothing of a ceiling that it may use. While
// a witness may still come it gets no more; once a person has freed what can be freed,
// which a ceiling cannot, it does.
func TestCeilingIsPlacedAnewWhereItStaysFrozen(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.changed("2", "unit_cost: 1000}", "unit_cost: 1000, ceiling_fen: 10000, strict: true}"), byZhou))
	one := b.terminals[0]
	one.sync()
	usable := func() (n lot.Amount) {
		one.turns()
		held, err := one.state.Usable(0)
		b.ok("Usable", err)
		for _, h := range held {
			n += h.Amount
		}
		return n
	}
	one.sell(10) // what a person can free
	one.sync()
	if usable() == 0 {
		t.Fatal("the till has nothing of the ceiling before it starts anew")
	}
	one.open(0x102)
	one.sync()
	if n := usable(); n != 0 {
		t.Errorf("¥%s of the ceiling while a witness may come, want none", lot.Fen(n/1000))
	}
	_, err := b.release(1000)
	b.ok("Release", err)
	if usable() == 0 {
		t.Error("nothing of the ceiling once a person has freed what lay there, want a part of what HQ has")
	}
	b.leaves("in all", 10_000_000)
	b.ok("Check", b.Check())
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
