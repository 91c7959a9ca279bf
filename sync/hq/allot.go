package hq

import (
	"github.com/jifen-pos/jifen/sync/hq/allotment"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// allotAtOnce is how many members one report of a terminal makes HQ look at.
const allotAtOnce = 50

// round is how far HQ is with giving a terminal beforehand what members may want
// to use there.
type round struct {
	life  ledger.Incarnation
	day   lot.Day
	after member.ID
	done  bool
}

// allot goes on with a terminal's round, one a day in each of its lives. A
// transaction that is then given up looks at the same members again.
func (h *HQ) allot(w *decision.Work, id ledger.TerminalID) error {
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	r := h.rounds[id]
	h.mu.Unlock()
	if r.life != t.Has.Incarnation || r.day != w.Today().Day {
		r = round{life: t.Has.Incarnation, day: w.Today().Day}
	}
	if r.done || t.Backlog > 0 {
		return nil
	}
	if r.after, err = allotment.Allot(w, id, r.after, allotAtOnce); err != nil {
		return err
	}
	r.done = r.after == 0
	h.mu.Lock()
	h.rounds[id] = r
	h.mu.Unlock()
	return nil
}
