package audit

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/replay"
)

// rebuildRows is how many records one transaction of a rebuild writes.
const rebuildRows = 2000

// Rebuild folds the state and the references of a ledger anew from its
// journals and writes them. The ledger's own state must be empty: a ledger
// that is in use is never rebuilt in place.
func Rebuild(j journal.Journal, id ledger.TerminalID) error {
	table := fold.Memory{}
	refs := map[string]ledger.Head{}
	err := j.View(func(tx journal.Tx) error {
		err := tx.StateRows(func(key, _ []byte) error { return fmt.Errorf("record %x: the state is not empty", key) })
		if err != nil {
			return err
		}
		w := &replay.Walk{
			Tx: tx, ID: id, Table: table,
			Open: func(raw []byte) (ledger.Down, error) { return ledger.OpenDown(raw, nil) },
			Entry: func(r journal.Record, _ ledger.Head, e fold.Effects) error {
				if e.Entry.Ref != "" {
					refs[e.Entry.Ref] = r.Head
				}
				return nil
			},
		}
		_, err = w.Run()
		return err
	})
	if err != nil {
		return fmt.Errorf("fold anew: %w", err)
	}
	for rows := range slices.Chunk(slices.Sorted(maps.Keys(table)), rebuildRows) {
		err := j.Update(func(tx journal.Tx) error {
			for _, key := range rows {
				if err := tx.PutState([]byte(key), table[key]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write the state: %w", err)
		}
	}
	for names := range slices.Chunk(slices.Sorted(maps.Keys(refs)), rebuildRows) {
		err := j.Update(func(tx journal.Tx) error {
			for _, ref := range names {
				if err := tx.Refer(ref, refs[ref]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write the references: %w", err)
		}
	}
	return nil
}
