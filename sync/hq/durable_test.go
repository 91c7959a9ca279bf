package hq_test

import (
	"bytes"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// hasty is a book in which something happens each time before it is looked at.
type hasty struct {
	book.Book
	happens func()
}

func (h *hasty) Glance(fn func(book.Tx) error) error {
	if h.happens != nil {
		h.happens()
	}
	return h.Book.Glance(fn)
}

// What a person or another terminal's question brings about while a terminal is sent
// its entries is in the grant log before it goes out with them.
func TestWhatGoesOutMeanwhileIsInTheGrantLog(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.sync()
	b.give(wang, 300)
	o := b.options(b.log)
	beside := &hasty{Book: b.book}
	o.Book = beside
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ = made
	var asked lot.AskID
	beside.happens = func() {
		asked++
		one.ask(asked, 100)
	}
	raws, err := b.Down(1, 0)
	b.ok("Down", err)
	if len(raws) == 0 {
		t.Fatal("nothing goes out, want the note that was given meanwhile")
	}
	records, err := b.log.Records(0, 100)
	b.ok("Records", err)
	for _, raw := range raws {
		in := false
		for _, r := range records {
			g, err := grant.Open(r)
			b.ok("Open", err)
			in = in || g.Down != nil && bytes.Equal(g.Down.Raw, raw)
		}
		if !in {
			t.Errorf("an entry of %d bytes goes out that is not in the grant log", len(raw))
		}
	}
}
