package exchange

import (
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Gather is how long a sale waits for the news that its paper was printed, or
// for the next lane's sale: each message costs more than an entry.
const Gather = 2 * time.Second

// Hurry lets entries wait for no others any more: the terminal is about to stop.
func (t *Terminal) Hurry() { t.o.Gather = 0 }

// due reports whether so many entries of an incarnation wait for others no more:
// they fill a batch, have waited for long enough, or are of a former life.
func (t *Terminal) due(i ledger.Incarnation, waiting uint64, newest ledger.Head, now time.Time) bool {
	if t.fresh.IsZero() {
		t.fresh = now
	}
	return waiting >= wire.BatchEntriesMax || now.Sub(t.fresh) >= t.o.Gather || i != newest.Incarnation
}

// awaited reports whether somebody may be waiting for HQ to have an entry: for
// rights that go to another store, or for a life to which HQ may give any.
func awaited(raw []byte) bool {
	e, err := ledger.Decode(raw)
	if err != nil {
		return false
	}
	switch e.Body.(type) {
	case *ledger.Open, *ledger.Carry, *ledger.NoteGiven:
		return true
	}
	return false
}
