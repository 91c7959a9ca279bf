package decision

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// reclaimAfter is the silence after which what a terminal holds is taken back.
const reclaimAfter = 24 * time.Hour

// Reclaim takes back what silent terminals hold: time moves rights.
func (w *Work) Reclaim() error {
	if !w.o.Unguarded.TimeMovesNothing {
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
		if w.o.Now().Sub(t.Heard) < reclaimAfter {
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
