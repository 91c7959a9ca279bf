package exchange_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// gathering is a terminal whose entries wait for others, of which HQ has some.
func gathering(t *testing.T, has ledger.Head, streams ...ledger.Head) *bench {
	t.Helper()
	b := newBench(t, streams...)
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: id, Key: boardKey, Code: code, Station: b.station, Gather: exchange.Gather})
	b.open()
	b.said()
	b.hear(&wire.Welcome{Has: []ledger.Head{has}})
	return b
}

// TestEntriesGather: a message costs more than an entry, so what nobody waits for
// goes together; a full batch and a question do not wait.
func TestEntriesGather(t *testing.T) {
	b := gathering(t, head(1, 40), head(1, 300))
	same(t, "more than a batch", b.batches(), []string{"1/41-50"})
	same(t, "less", b.batches(), []string{})
	b.wait(exchange.Gather - time.Millisecond)
	same(t, "not yet", b.batches(), []string{})
	b.end.Ask(&wire.Ask{ID: 1})
	same(t, "a question meanwhile", sayings(b.said()), []string{"Ask"})
	b.streams = []ledger.Head{head(1, 301)}
	b.wait(time.Millisecond)
	same(t, "in time, with what came last", b.batches()[:1], []string{"1/51-60"})
}

// A terminal that is about to stop does not wait for company for its last entries.
func TestLastEntriesWaitForNoOthers(t *testing.T) {
	b := gathering(t, head(1, 15), head(1, 20))
	same(t, "at once", b.batches(), []string{})
	b.end.Hurry()
	same(t, "in a hurry", b.batches(), []string{"1/16-20"})
}

// TestWhatIsAwaitedLeavesAtOnce: what goes back to HQ is somebody's at another
// store, and to a life that HQ knows nothing of it gives nothing.
func TestWhatIsAwaitedLeavesAtOnce(t *testing.T) {
	for name, body := range map[string]ledger.Body{
		"points-given-back": &ledger.NoteGiven{Member: 7},
		"a-new-life":        &ledger.Open{},
		"points-carried":    &ledger.Carry{},
	} {
		t.Run(name, func(t *testing.T) {
			b := gathering(t, head(1, 15), head(1, 17))
			same(t, "two sales", b.batches(), []string{})
			b.bodies = map[ledger.Head]ledger.Body{head(1, 18): body}
			b.streams = []ledger.Head{head(1, 19)}
			same(t, "with what waited before it", b.batches(), []string{"1/16-19"})
			b.streams = []ledger.Head{head(1, 20)}
			same(t, "a sale after it", b.batches(), []string{})
		})
	}
	b := gathering(t, head(1, 15), head(1, 17), head(2, 1))
	same(t, "of a former life", b.batches(), []string{"1/16-17"})
}

// TestWhatIsSentAgainHasWaited: entries whose ack is missing do not gather again.
func TestWhatIsSentAgainHasWaited(t *testing.T) {
	b := gathering(t, head(1, 15), head(1, 20))
	b.said()
	b.wait(exchange.Gather)
	same(t, "first", b.batches(), []string{"1/16-20"})
	again, after := []string{}, 0
	for ; len(again) == 0 && after < 100; after++ {
		b.wait(time.Second)
		again = b.batches()
	}
	same(t, "again", again, []string{"1/16-20"})
	if after != 5 { // a terminal's patience, and no more
		t.Errorf("again after %d s, want 5", after)
	}
	b.streams = []ledger.Head{head(1, 21)}
	same(t, "one more", b.batches(), []string{})
	b.end.Closed()
	b.wait(exchange.Gather)
	b.open()
	b.said()
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 15)}})
	same(t, "after another connection", b.batches(), []string{"1/16-21"})
}
