// Package past reads the entries of a ledger one after another, for tools that
// look at what happened. It only reads.
package past

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Entries calls for each entry of a ledger, oldest first. Those that were
// sealed and dropped, and kinds that this build does not know, are left out.
func Entries(path string, each func(lot.Origin, *ledger.Entry) error) (err error) {
	store, err := boltstore.OpenRead(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return store.View(func(tx journal.Tx) error {
		heads, err := tx.Streams()
		if err != nil {
			return err
		}
		for _, h := range heads {
			for seq := ledger.Seq(1); seq <= h.Seq; seq++ {
				o := lot.Origin{Terminal: uint32(store.Terminal()), Incarnation: uint64(h.Incarnation), Seq: uint64(seq)}
				if err := one(tx, h.Incarnation, seq, o, each); err != nil {
					return fmt.Errorf("entry %s: %w", o, err)
				}
			}
		}
		return nil
	})
}

func one(tx journal.Tx, i ledger.Incarnation, seq ledger.Seq, o lot.Origin, each func(lot.Origin, *ledger.Entry) error) error {
	r, err := tx.Record(i, seq)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := ledger.Decode(r.Raw)
	if errors.Is(err, ledger.ErrUnknownKind) {
		return nil
	}
	if err != nil {
		return err
	}
	return each(o, &e)
}
