// Package warm keeps a ledger's folded state decoded from one transaction to the
// next: a lane that is served names the same member again and again. A state is
// handed out once at a time, only to a transaction that sees the very head that it
// has, and comes back only when it is as the journal has it. It decides nothing.
package warm

import (
	"sync/atomic"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// recordsMax bounds what is kept decoded.
const recordsMax = 1000

// State is a folded state that is kept, or none. It is safe for concurrent use:
// who comes while somebody else has it reads the journal.
type State struct {
	kept atomic.Pointer[fold.State]
	off  atomic.Bool
}

// Off has nothing handed out any more. Who folds the journal anew calls it before they
// commit: what was read of the fold before may have the same head.
func (w *State) Off() { w.off.Store(true) }

// Take is the state as a transaction sees it.
func (w *State) Take(t ledger.TerminalID, table fold.Table) (*fold.State, error) {
	if s := w.kept.Swap(nil); s != nil && !w.off.Load() {
		if same, err := s.Still(table); same || err != nil {
			return s.On(table), err
		}
	}
	return fold.Load(t, table)
}

// Keep takes a state back that was only read, or that is written and on the disk.
func (w *State) Keep(s *fold.State) {
	if s.Flushed() && s.Records() <= recordsMax {
		w.kept.Store(s.On(nil))
	}
}
