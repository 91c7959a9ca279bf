package simworld

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// ApplyDown takes in entries of HQ's journal. What comes too late must not stay.
func (b *board) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	b.announce(raws)
	late, others := b.waits.Met(raws)
	most := b.usable(late)
	at, err := b.till.ApplyDown(raws)
	if len(late) == 0 || err != nil || slices.ContainsFunc(raws, frees) { // which were frozen here already
		return at, err
	}
	b.w.Mark("answered-late")
	for _, n := range others {
		for _, h := range n.Holdings {
			most += h.Amount
		}
	}
	if has := b.usable(late); has > most {
		b.w.Fail("kept-after-given-up", "%s keeps %d of what came after it had said that HQ does not answer", b.id, has-most)
	}
	return at, nil
}

// frees reports whether an entry of HQ's journal is a person's word that frees something.
func frees(raw []byte) bool {
	d, err := ledger.OpenDown(raw, nil)
	return err == nil && d.Release != nil
}

// usable is what may be used here of the lots of some notes.
func (b *board) usable(notes []*lot.Note) (n lot.Amount) {
	if len(notes) == 0 {
		return 0
	}
	b.w.Must("read what members may use", b.disk.View(func(tx journal.Tx) error {
		state, err := fold.Load(b.id, tx)
		counted := map[lot.ID]bool{}
		for _, note := range notes {
			for _, h := range note.Holdings {
				if counted[h.Lot.ID] { // in two of them
					continue
				}
				counted[h.Lot.ID] = true
				held, bad := state.Usable(h.Lot.Owner)
				err = errors.Join(err, bad)
				for _, u := range held {
					if u.Lot.ID == h.Lot.ID {
						n += u.Amount
					}
				}
			}
		}
		return err
	}))
	return n
}
