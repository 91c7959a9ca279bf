package hq_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// reports lets a terminal say how it stands, and hear what HQ has for it.
func (t *terminal) reports() {
	t.b.Helper()
	t.b.ok("Report", t.b.Report(t.id, &wire.Report{Head: t.state.Head(), Down: t.state.Mark()}))
	t.hear()
}

// served is a visit of the member that earns nothing.
func (t *terminal) served() {
	t.b.Helper()
	t.do(&ledger.Sale{Member: wang, Day: t.b.programme.Day(t.b.now), Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
	t.sync()
}

func TestPointsLieBeforehandWhereTheMemberIsSeen(t *testing.T) {
	for _, c := range []struct {
		name     string
		points   lot.Amount
		one, two lot.Amount // given to each
	}{
		{"half-of-little", 100, 50, 0},
		{"the-worth-of-fifty-yuan-each", 30_000, 5_000, 5_000},
		{"never-more-than-half-in-all", 12_000, 5_000, 1_000},
		{"nothing-of-one", 1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.give(wang, c.points)
			one, two := b.terminals[0], b.terminals[1]
			one.served()
			two.served()
			for range 3 { // once a day and life, however often it reports
				one.reports()
				two.reports()
			}
			if one.has() != c.one || two.has() != c.two {
				t.Errorf("of %d points, t1 has %d and t2 %d beforehand, want %d and %d", c.points, one.has(), two.has(), c.one, c.two)
			}
		})
	}
}

func TestNothingLiesBeforehandWhereItMayNot(t *testing.T) {
	for name, prepare := range map[string]func(b *bench){
		"a-member-who-was-never-there": func(b *bench) { b.terminals[0].sync() },
		"too-long-ago": func(b *bench) {
			b.terminals[0].served()
			b.now = b.now.AddDate(0, 0, 91)
		},
		"blocked": func(b *bench) {
			b.terminals[0].served()
			b.ok("SetStanding", b.SetStanding(wang, "", true, hq.By{Actor: "1"}))
		},
		"stopped-in-order": func(b *bench) {
			b.terminals[0].served()
			b.terminals[0].do(&ledger.Stop{})
			b.terminals[0].sync()
		},
		"decommissioned": func(b *bench) {
			b.terminals[0].served()
			b.ok("Decommission", b.Decommission(1, burnt))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.give(wang, 10_000)
			prepare(b)
			one := b.terminals[0]
			b.ok("Report", b.Report(1, &wire.Report{Head: one.state.Head(), Down: one.state.Mark()}))
			if got := b.total(); got.Flight != 0 || got.HQ != 10_000 {
				t.Errorf("account %+v, want all at HQ", got)
			}
		})
	}
}

// again lets the first transaction after it is set be decided and given up, and then
// run again, as a book may do.
type again struct {
	book.Book
	once bool
}

var errGivenUp = errors.New("given up")

func (a *again) Update(fn func(book.Tx) error) error {
	if a.once {
		a.once = false
		_ = a.Book.Update(func(tx book.Tx) error { return errors.Join(fn(tx), errGivenUp) })
	}
	return a.Book.Update(fn)
}

// What was decided in a transaction that the book gave up and ran again counts once,
// and counts.
func TestPointsLieBeforehandThoughTheTransactionRanAgain(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.served()
	o, kept := b.options(nil), &again{Book: b.book}
	o.Book = kept
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ, kept.once = made, true
	for range 3 {
		one.reports()
	}
	if one.has() != 50 {
		t.Errorf("t1 has %d points beforehand, want 50 of the 100", one.has())
	}
}

func TestPlanOfSeats(t *testing.T) {
	seat := func(id ledger.TerminalID, store string, day lot.Day, count uint64) plan.Seat {
		return plan.Seat{Terminal: id, Store: store, Visit: office.Visit{Day: day, Count: count}}
	}
	got := plan.Seats([]plan.Seat{
		seat(1, "a", 10, 9), seat(2, "a", 30, 1), seat(3, "b", 29, 1), seat(4, "c", 29, 3), seat(5, "d", 5, 100), seat(6, "e", 0, 0),
	}, 10, 2)
	if len(got) != 2 || got[0].Terminal != 2 || got[1].Terminal != 4 {
		t.Errorf("Seats() = %+v, want t2 and t4: seen last, then most often, one a store", got)
	}
}
