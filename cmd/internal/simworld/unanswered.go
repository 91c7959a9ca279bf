package simworld

import (
	"errors"
	"maps"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// unanswered is which questions of a board have no answer yet, and which of them the
// cashier was told that HQ does not answer: what comes after that must go back, since
// another store may have been told that it can have it.
type unanswered struct {
	open  map[question]time.Duration // until when it waits
	ended map[question]bool
}

// question is one of one life of a board.
type question struct {
	incarnation uint64
	ask         lot.AskID
}

func (u *unanswered) asked(a clerk.Ask, mono time.Duration) {
	if u.open == nil {
		u.open = map[question]time.Duration{}
	}
	u.open[question{uint64(a.Incarnation), a.ID}] = mono + a.Within
}

// refused hears that HQ has nothing to give: nothing waits any more.
func (u *unanswered) refused(ask lot.AskID) {
	maps.DeleteFunc(u.open, func(q question, _ time.Duration) bool { return q.ask == ask })
}

// ticked hears that the till has looked at what is overdue.
func (u *unanswered) ticked(mono time.Duration) {
	for q, until := range u.open {
		if mono >= until {
			delete(u.open, q)
			if u.ended == nil {
				u.ended = map[question]bool{}
			}
			u.ended[q] = true
		}
	}
}

// met tells the notes that answer what was given up from the others.
func (u *unanswered) met(raws [][]byte) (late, others []*lot.Note) {
	if len(u.open)+len(u.ended) == 0 {
		return nil, nil
	}
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		if err != nil || d.Note == nil {
			continue
		}
		q := question{d.Note.Incarnation, d.Note.Ask}
		delete(u.open, q)
		if u.ended[q] {
			late = append(late, d.Note)
		} else {
			others = append(others, d.Note)
		}
	}
	return late, others
}

// ApplyDown takes in entries of HQ's journal. What comes too late must not stay.
func (b *board) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	late, others := b.waits.met(raws)
	most := b.usable(late)
	at, err := b.till.ApplyDown(raws)
	if len(late) == 0 || err != nil {
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

// usable is what may be used here of the lots of some notes.
func (b *board) usable(notes []*lot.Note) (n lot.Amount) {
	if len(notes) == 0 {
		return 0
	}
	b.w.Must("read what members may use", b.disk.View(func(tx journal.Tx) error {
		state, err := fold.Load(b.id, tx)
		for _, note := range notes {
			for _, h := range note.Holdings {
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
