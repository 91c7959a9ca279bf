// Package question keeps in mind what a simulated board asked HQ, and what its cashier
// was told of that. It asks nothing itself.
package question

import (
	"maps"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Open is which questions of a board have no answer yet, and which of them the
// cashier was told that HQ does not answer: what comes after that must go back, since
// another store may have been told that it can have it.
type Open struct {
	open  map[id]time.Duration // until when it waits
	ended map[id]bool
}

// id is one of one life of a board.
type id struct {
	incarnation uint64
	ask         lot.AskID
}

// Asked hears of a question.
func (u *Open) Asked(a clerk.Ask, mono time.Duration) {
	if u.open == nil {
		u.open = map[id]time.Duration{}
	}
	u.open[id{uint64(a.Incarnation), a.ID}] = mono + a.Within
}

// Refused hears that HQ has nothing to give: nothing waits any more.
func (u *Open) Refused(ask lot.AskID) {
	maps.DeleteFunc(u.open, func(q id, _ time.Duration) bool { return q.ask == ask })
}

// Ticked hears that the till has looked at what is overdue.
func (u *Open) Ticked(mono time.Duration) {
	for q, until := range u.open {
		if mono >= until {
			delete(u.open, q)
			if u.ended == nil {
				u.ended = map[id]bool{}
			}
			u.ended[q] = true
		}
	}
}

// Met tells the notes that answer what was given up from the others.
func (u *Open) Met(raws [][]byte) (late, others []*lot.Note) {
	if len(u.open)+len(u.ended) == 0 {
		return nil, nil
	}
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, nil)
		if err != nil || d.Note == nil {
			continue
		}
		q := id{d.Note.Incarnation, d.Note.Ask}
		delete(u.open, q)
		if u.ended[q] {
			late = append(late, d.Note)
		} else {
			others = append(others, d.Note)
		}
	}
	return late, others
}

// Restarted is what is left of it when the daemon starts anew: nothing waits.
func (u *Open) Restarted() Open { return Open{ended: u.ended} }
