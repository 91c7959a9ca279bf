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

// gathers reports whether the entries from one on, so many of them, wait for
// others: not when they fill a batch, not for ever, not those of a former life,
// and not where somebody waits for one of them.
func (t *Terminal) gathers(i ledger.Incarnation, from ledger.Seq, waiting uint64, newest ledger.Head, now time.Time) (bool, error) {
	if t.fresh.IsZero() {
		t.fresh = now
	}
	if waiting >= wire.BatchEntriesMax || now.Sub(t.fresh) >= t.o.Gather || i != newest.Incarnation {
		return false, nil
	}
	if newest == t.looked {
		return true, nil
	}
	b, err := t.o.Station.Batch(i, from)
	if err != nil {
		return false, err
	}
	for _, raw := range b.Entries {
		if e, err := ledger.Decode(raw); err == nil && awaited(e.Body) {
			return false, nil
		}
	}
	t.looked = newest
	return true, nil
}

// awaited reports whether somebody may be waiting for HQ to have an entry: for
// rights that go to another store, or for a life to which HQ may give any.
func awaited(b ledger.Body) bool {
	switch b.(type) {
	case *ledger.Open, *ledger.Carry, *ledger.NoteGiven:
		return true
	}
	return false
}
