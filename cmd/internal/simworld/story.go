package simworld

import (
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/lot"
)

func (t *truth) add(l tale.Line) {
	l.At = t.w.Now
	t.story = append(t.story, l)
}

// tell adds what a cashier was told is done.
func (t *truth) tell(b *board, done clerk.Done) {
	l := tale.Of(done.Entry.Body)
	if l.Member == 0 {
		return
	}
	l.Store, l.Entry = b.store(), done.Origin.String()
	t.add(l)
}

// happened adds what happened to a store.
func (b *board) happened(e tale.Event) { b.w.truth.add(tale.Line{Store: b.store(), Event: e}) }

// held lists where points are, by member and place.
func (w *World) held() (out []tale.Held) {
	w.view(func(tx book.Tx) error {
		rows, err := tx.Ledger(lot.ID{}, 1<<30)
		at := map[tale.Held]int{}
		for _, a := range rows {
			if a.Lot.Asset != points || a.Amount == 0 {
				continue
			}
			h := tale.Held{Member: a.Lot.Owner, Kind: a.Place.Kind}
			if a.Place.Kind == book.AtTerminal {
				h.Store = w.boards[a.Place.Terminal-1].store()
			}
			n, ok := at[h]
			if !ok {
				n = len(out)
				at[h], out = n, append(out, h)
			}
			out[n].Amount += a.Amount
		}
		return err
	})
	return out
}
