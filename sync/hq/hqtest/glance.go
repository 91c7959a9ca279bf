package hqtest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// glances holds what a Glance reads against a View, one thing at a time.
func (b *bench) glances(when string) {
	b.t.Helper()
	for n := range 6 {
		for what, read := range map[string]func(tx book.Tx) (any, error){
			"Terminal(3)":                       func(tx book.Tx) (any, error) { return tx.Terminal(3) },
			"Streams(3)":                        func(tx book.Tx) (any, error) { return tx.Streams(3) },
			"Meta(epoch)":                       func(tx book.Tx) (any, error) { return tx.Meta("epoch") },
			"Desk(k)":                           func(tx book.Tx) (any, error) { return tx.Desk().Get([]byte("k")) },
			"Recent(2)":                         func(tx book.Tx) (any, error) { return tx.Recent(2) },
			fmt.Sprintf("Down(3, %d)", 40*n):    func(tx book.Tx) (any, error) { return tx.Down(3, ledger.DownSeq(40*n), 50) },
			fmt.Sprintf("Down(3, %d, 1)", 40*n): func(tx book.Tx) (any, error) { return tx.Down(3, ledger.DownSeq(40*n), 1) },
			fmt.Sprintf("Grants(%d)", 40*n):     func(tx book.Tx) (any, error) { return tx.Grants(uint64(40*n), 50) },
		} {
			var want, got any
			look := func(into *any) func(book.Tx) error {
				return func(tx book.Tx) (err error) {
					*into, err = read(tx)
					if errors.Is(err, book.ErrNotFound) {
						*into, err = "none", nil
					}
					return err
				}
			}
			if err := b.View(look(&want)); err != nil {
				b.t.Fatalf("View() = %v, want nil", err)
			}
			if err := b.Glance(look(&got)); err != nil {
				b.t.Fatalf("%s: Glance() = %v, want nil", when, err)
			}
			b.same(when+": "+what+" at a glance", fmt.Sprint(got), nil, fmt.Sprint(want))
		}
	}
}

// more writes so many entries of HQ's journal for a terminal, and grants.
func more(tx book.Tx, from, n uint64) (err error) {
	for k := range n {
		err = errors.Join(err, tx.AppendDown(3, ledger.DownSeq(from+k), fmt.Append(nil, "down", from+k)), tx.PutGrant(from+k, fmt.Append(nil, "grant", from+k)))
	}
	return err
}

// glanceSeesNewest: at a glance all is as in a View, though nothing need be read.
func glanceSeesNewest(_ *testing.T, b *bench) {
	b.glances("in an empty book")
	b.update(everything)
	b.glances("after everything")
	b.update(func(tx book.Tx) error { return more(tx, 2, 30) })
	b.glances("after thirty more")
	b.refused("what is given up", func(tx book.Tx) error {
		other := sampleTerminal(3)
		other.Trouble = "trouble-fork"
		err := errors.Join(more(tx, 32, 3), tx.DropGrants(20), tx.PutTerminal(other), tx.PutMeta("epoch", "2"))
		b.glances("while it is written")
		return errors.Join(err, errors.New("stop"))
	})
	b.glances("after it is given up")
	b.update(func(tx book.Tx) error { return errors.Join(more(tx, 32, 90), tx.DropGrants(45)) })
	b.glances("after so many that not all are remembered, and some are gone")
	b.update(func(tx book.Tx) error { return tx.DropGrants(200) })
	b.glances("after all grants are gone")
	b.update(func(tx book.Tx) error { return tx.PutGrant(122, nil) })
	b.glances("after one came")
	b.reopen()
	b.glances("opened again")
	b.update(func(tx book.Tx) error { return errors.Join(more(tx, 122, 0), tx.AppendDown(3, 122, []byte("after"))) })
	b.glances("after one that follows on what was there")
}
