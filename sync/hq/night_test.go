package hq_test

import (
	"testing"

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

// HQ that starts with weeks of sales to follow looks at each of them once in a night,
// and at no more than the first thousand or so: nobody is answered meanwhile.
func TestANightLooksAtWeeksOfSalesOnce(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	for n := range 1500 {
		who := wang
		if n >= 1200 {
			who = zhao
		}
		one.do(&ledger.Sale{Member: who, Day: b.programme.Day(b.now), Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
	}
	one.sync()
	c := &counted{Book: b.book}
	o := b.options(b.log)
	o.Book = c
	again, err := hq.New(o)
	b.ok("New", err)
	b.HQ = again
	b.ok("Nightly", b.Nightly())
	if c.lookups == 0 || c.lookups > 1100 {
		t.Errorf("a night looked up entries %d times, want once each of the first 1100 at most", c.lookups)
	}
}
