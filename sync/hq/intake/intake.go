// Package intake takes in what terminals send: each entry is folded as its
// terminal folded it, booked lot by lot, and followed up, in the one transaction
// that the batch is. It rejects no completed sale, gives nothing, and says
// nothing to anybody: whoever called it acks when the transaction is committed.
package intake

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Errors of what a terminal sent.
var (
	// ErrFork says that other bytes came under a known number.
	ErrFork = errors.New("other bytes under a known number")
	// ErrEntry says that an entry is none, or does not follow. What HQ cannot read of
	// its own records is no error of a terminal, and does not match.
	ErrEntry = errors.New("entry of a terminal")
)

// Terms are what batches are taken in by, and what is kept in memory from one to
// the next.
type Terms struct {
	Rules func(tx book.Tx, version string) (*programme.Programme, error) // of a version, nil where HQ has it no more
	Now   func() time.Time
	// Cap is the most that a rule gives one member on one business day, or 0
	// for no limit; nil is what the programme says.
	Cap       func(rule string) lot.Amount
	Log       *slog.Logger
	Unguarded guard.Off // set by the simulation only

	warm warm
}

// cap is the most that a rule gives a member in a day, as it was when it gave.
func (in *Batch) cap(a *award) (lot.Amount, error) {
	if in.terms.Cap != nil {
		return in.terms.Cap(a.rule), nil
	}
	p, err := in.terms.Rules(in.Tx, a.version)
	if err != nil {
		return 0, err
	}
	if p == nil {
		p = in.Programme()
	}
	for i := range p.Rules {
		if r := &p.Rules[i]; r.ID == a.rule {
			return r.Cap.PerMemberDay, nil
		}
	}
	return 0, nil
}

// New begins to take in a batch of a terminal.
func New(w *decision.Work, t *Terms, id ledger.TerminalID) *Batch {
	return &Batch{Work: w, terms: t, id: id, now: t.Now().UnixMilli(), posts: map[account]lot.Amount{}}
}

// Keep is told of a batch whose transaction is committed. A terminal of whose entries
// HQ has lots already is looked at anew each time.
func (t *Terms) Keep(in *Batch) {
	if !in.named {
		t.warm.keep(in.state)
	}
}

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

// take is the state of a terminal as the book has it, and whether it was kept.
func (w *warm) take(t book.Terminal, table fold.Table) (s *fold.State, kept bool, err error) {
	w.mu.Lock()
	s = w.states[t.ID]
	delete(w.states, t.ID)
	w.mu.Unlock()
	if s != nil && s.Head() == t.Has {
		return s.On(table), true, nil
	}
	s, err = fold.Load(t.ID, table)
	return s, false, err
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
	if w.states == nil {
		w.states = map[ledger.TerminalID]*fold.State{}
	}
	w.states[s.Terminal()] = s.On(nil)
}
