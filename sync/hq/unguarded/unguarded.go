// Package unguarded is what HQ does when the simulation has turned one of its
// rules off, so that it can see what the rule is for. Nobody else ever does.
package unguarded

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// reclaimAfter is the silence after which what a terminal holds is taken back.
const reclaimAfter = 24 * time.Hour

// Reclaim takes back what silent terminals hold: time moves rights.
func Reclaim(w *decision.Work, off guard.Off, now time.Time) error {
	if !off.TimeMovesNothing {
		return nil
	}
	rows, err := w.Tx.Ledger(lot.ID{}, 1_000_000)
	if err != nil {
		return err
	}
	for _, a := range rows {
		if a.Place.Kind != book.AtTerminal || a.Amount <= 0 {
			continue
		}
		t, err := w.Tx.Terminal(a.Place.Terminal)
		if err != nil {
			return err
		}
		if now.Sub(t.Heard) < reclaimAfter {
			continue
		}
		to := a.Place
		to.Kind, to.Terminal, to.Incarnation = book.AtHQ, 0, 0
		if err := w.Tx.Post([]book.Post{{Lot: a.Lot.ID, Place: a.Place, Amount: -a.Amount}, {Lot: a.Lot.ID, Place: to, Amount: a.Amount}}); err != nil {
			return err
		}
	}
	return nil
}
