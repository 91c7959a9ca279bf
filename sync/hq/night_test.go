package hq_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// counted is a book that counts how often an entry is looked up by itself.
type counted struct {
	book.Book
	lookups int
}

func (c *counted) Update(fn func(book.Tx) error) error {
	return c.Book.Update(func(tx book.Tx) error { return fn(countedTx{tx, c}) })
}

type countedTx struct {
	book.Tx
	c *counted
}

func (x countedTx) Entry(id ledger.TerminalID, i ledger.Incarnation, seq ledger.Seq) (book.Entry, error) {
	x.c.lookups++
	return x.Tx.Entry(id, i, seq)
}

// counts starts HQ anew on a book that counts.
func (b *bench) counts() *counted {
	b.Helper()
	c := &counted{Book: b.book}
	o := b.options(b.log)
	o.Book = c
	again, err := hq.New(o)
	b.ok("New", err)
	b.HQ = again
	return c
}

// HQ that starts with weeks of sales to follow looks at each of them once in a night,
// and at no more than the first thousand or so: nobody is answered meanwhile.
func TestANightLooksAtWeeksOfSalesOnce(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	b.now = time.Date(2026, 12, 5, 2, 0, 0, 0, time.UTC) // a task counts December's visits
	for n := range 1500 {
		who := wang
		if n >= 1200 {
			who = zhao
		}
		one.do(&ledger.Sale{Member: who, Day: b.programme.Day(b.now), Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
	}
	one.sync()
	c := b.counts()
	b.ok("Nightly", b.Nightly())
	if c.lookups == 0 || c.lookups > 1100 {
		t.Errorf("a night looked up entries %d times, want once each of the first 1100 at most", c.lookups)
	}
}

// What can count towards no task is not looked up: of a hundred sales and two answers
// to surveys, before any task that counts sales has begun, the answers alone.
func TestWhatCountsTowardsNothingIsNotLookedUp(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	for range 100 {
		one.do(&ledger.Sale{Member: wang, Day: b.programme.Day(b.now), Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
	}
	one.do(&ledger.Answer{Member: wang, Survey: "tea", Version: 1, Day: b.programme.Day(b.now)})
	one.do(&ledger.Answer{Member: wang, Survey: "box", Version: 1, Day: b.programme.Day(b.now)})
	one.sync()
	c := b.counts()
	b.ok("Nightly", b.Nightly())
	b.ok("Nightly", b.Nightly())
	if c.lookups == 0 || c.lookups > 2*2 {
		t.Errorf("two nights looked up entries %d times, want the two answers", c.lookups)
	}
}
