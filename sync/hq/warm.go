package hq

import (
	"sync"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Limits of what is kept in memory from one batch of a terminal to its next.
const (
	warmStates  = 64
	warmRecords = 20_000 // of one state
)

// warm keeps the states of the terminals heard of last, decoded: a terminal
// that sends a backlog names the same members in each batch. A state is handed
// out once and comes back only when what it was changed by is committed.
type warm struct {
	mu     sync.Mutex
	states map[ledger.TerminalID]*fold.State
}

// take is the state of a terminal as the book has it.
func (w *warm) take(t book.Terminal, table fold.Table) (*fold.State, error) {
	w.mu.Lock()
	s := w.states[t.ID]
	delete(w.states, t.ID)
	w.mu.Unlock()
	if s != nil && s.Head() == t.Has {
		return s.On(table), nil
	}
	return fold.Load(t.ID, table)
}

// keep takes a state back that is flushed and committed.
func (w *warm) keep(s *fold.State) {
	if s == nil || !s.Flushed() || s.Records() > warmRecords {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.states) >= warmStates {
		for id := range w.states { // any
			delete(w.states, id)
			break
		}
	}
	w.states[s.Terminal()] = s.On(nil)
}
