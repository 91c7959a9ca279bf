package exchange_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// A terminal that is about to stop does not wait for company for its last entries.
func TestLastEntriesWaitForNoOthers(t *testing.T) {
	b := newBench(t, head(1, 20))
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: id, Key: boardKey, Code: code, Station: b.station, Gather: exchange.Gather})
	b.open()
	b.said()
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 15)}})
	if n := len(b.batches()); n != 0 {
		t.Errorf("%d batches leave at once, want none", n)
	}
	b.end.Hurry()
	if n := len(b.batches()); n != 1 {
		t.Errorf("%d batches leave in a hurry, want one", n)
	}
}
