// Package obeyed is which later HQ terminals say that they keep to: one that spoke to them
// and told them nothing that they could show. No mere word begins a new life of HQ, so
// that it is remembered, and a person is told. It decides nothing.
package obeyed

import (
	"strconv"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func metaOf(id ledger.TerminalID) string { return "obeyed-" + id.String() }

// Says hears which epoch a terminal keeps to, by its own word, and raises an alarm where
// that is later than HQ's and was not said before: it believes nothing of HQ's then.
func Says(w *decision.Work, id ledger.TerminalID, epoch, own uint64) error {
	if epoch <= own {
		return nil
	}
	before, err := Of(w.Tx, id)
	if err != nil || before == epoch {
		return err
	}
	if err := w.Tx.PutMeta(metaOf(id), strconv.FormatUint(epoch, 10)); err != nil {
		return err
	}
	return w.Alarm(id, "alarm-later-epoch", strconv.FormatUint(epoch, 10))
}

// Of is the latest epoch that a terminal has said it keeps to, beyond HQ's own of then, or 0.
func Of(tx book.Tx, id ledger.TerminalID) (uint64, error) {
	s, err := tx.Meta(metaOf(id))
	if err != nil {
		return 0, err
	}
	return parse(s)
}

func parse(s string) (uint64, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.ParseUint(s, 10, 64)
}

// Seen is the latest epoch that any terminal has said so, or shown: "" is none.
func Seen(tx book.Tx, shown string) (newest uint64, err error) {
	if newest, err = parse(shown); err != nil {
		return 0, err
	}
	list, err := tx.Terminals()
	for n := 0; n < len(list) && err == nil; n++ {
		var epoch uint64
		epoch, err = Of(tx, list[n].ID)
		newest = max(newest, epoch)
	}
	return newest, err
}
