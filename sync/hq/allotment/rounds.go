package allotment

import (
	"sync"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// atOnce is how many members one report of a terminal makes HQ look at.
const atOnce = 50

// Round is how far HQ is with giving a terminal beforehand what members may want
// to use there.
type Round struct {
	life  ledger.Incarnation
	day   lot.Day
	after member.ID
	done  bool
}

// Rounds are those of all terminals. An empty one is ready; it is safe for concurrent
// use.
type Rounds struct {
	mu sync.Mutex
	of map[ledger.TerminalID]Round
}

// Next goes on with a terminal's round, one a day in each of its lives, and returns
// how far it is then. That counts only once it is committed: Keep it then. A
// transaction that is given up, or run again, looks at the same members again.
func (r *Rounds) Next(w *decision.Work, id ledger.TerminalID) (Round, error) {
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return Round{}, err
	}
	r.mu.Lock()
	now := r.of[id]
	r.mu.Unlock()
	if now.life != t.Has.Incarnation || now.day != w.Today().Day {
		now = Round{life: t.Has.Incarnation, day: w.Today().Day}
	}
	if now.done || t.Backlog > 0 {
		return now, nil
	}
	now.after, err = Allot(w, id, now.after, atOnce)
	now.done = now.after == 0
	return now, err
}

// Keep notes how far a terminal's round is.
func (r *Rounds) Keep(id ledger.TerminalID, now Round) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of = map[ledger.TerminalID]Round{}
	}
	r.of[id] = now
}
