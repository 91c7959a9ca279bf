package hq_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/quarantine"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// breaks is a book in whose transactions something breaks when all is decided and
// nothing is committed.
type breaks struct {
	book.Book
	over ledger.TerminalID // whose entries are taken in
}

func (b *breaks) Update(fn func(book.Tx) error) error {
	return b.Book.Update(func(tx book.Tx) error {
		before, err := tx.Terminal(max(b.over, 1))
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil || b.over == 0 {
			return err
		}
		if after, err := tx.Terminal(b.over); err != nil || after.Has != before.Has {
			panic("poison")
		}
		return nil
	})
}

// What HQ breaks over leaves nothing half done: its bytes are kept aside and a person
// is told, the others go on, and a mended HQ takes it in (fault B10).
func TestNothingIsLeftOfWhatHQBreaksOver(t *testing.T) {
	b := newBench(t)
	b.give(wang, 100)
	one, two := b.terminals[0], b.terminals[1]
	one.sync()
	beside := &breaks{Book: b.book, over: 1}
	o := b.options(nil)
	o.Book = beside
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ = made
	end := exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: b})
	one.sell(7)
	before, has := b.total(), b.overview().Terminals[0].Has
	frame := wire.Seal(1, 0, one.batch(2, 2), one.key)
	for range 3 {
		if err := end.Receive(1, frame, b.now); !errors.Is(err, exchange.ErrPanic) {
			t.Errorf("Receive() = %v, want ErrPanic", err)
		}
		two.sell(3)
		two.sync()
	}
	after, now := b.total(), b.overview().Terminals[0].Has
	if after.Issued != before.Issued+9 || now != has {
		t.Errorf("%d issued after %d and t1 is at %d after %d, want what t2 sold and nothing of t1's", after.Issued, before.Issued, now, has)
	}
	if alarms := b.alarms(); !slices.Equal(alarms, []string{"alarm-refused"}) {
		t.Errorf("alarms = %v, want one", alarms)
	}
	room := quarantine.Room{Book: b.book}
	list, err := room.List()
	if err != nil || len(list) != 1 {
		t.Fatalf("kept aside: %v, %v, want one message", list, err)
	}
	if piece, err := room.Piece(1, list[0].Number); err != nil || !bytes.Equal(piece.Raw, frame) {
		t.Errorf("kept aside are %d bytes, %v, want them as they came", len(piece.Raw), err)
	}
	beside.over = 0
	b.ok("Receive once HQ is mended", end.Receive(1, frame, b.now))
	if got := b.total().Issued; got != after.Issued+7 {
		t.Errorf("%d issued, want t1's 7 more", got)
	}
}
