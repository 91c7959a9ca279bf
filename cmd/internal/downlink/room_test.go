package downlink

import (
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// brings has a batch come under a terminal's name that nobody has verified yet, and
// reports whether it waits now.
func brings(d *Link, id ledger.TerminalID) bool {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	before := len(d.live) + len(d.backlog)
	frame := wire.Seal(id, 0, &wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}}, key)
	d.Receive(mqttlink.Frame{Topic: wire.UpTopic(id), Payload: frame}, time.Now())
	return len(d.live)+len(d.backlog) > before
}

func TestBatchesUnderOneNameShutOutNoOther(t *testing.T) {
	d := New(slog.New(slog.DiscardHandler), nil, func(func(ledger.TerminalID) time.Duration) *exchange.HQ { return nil })
	for range 5000 {
		brings(d, 66)
	}
	if !brings(d, 7) {
		t.Errorf("a batch of t7 found no room beside %d of t66", len(d.live)+len(d.backlog))
	}
	if n := len(d.live) + len(d.backlog); n != batchesMax+1 {
		t.Errorf("%d batches wait, want %d of t66 and one of t7", n, batchesMax)
	}
}

func TestRoomOfABatchThatIsTakenInIsFree(t *testing.T) {
	var r room
	half := make([]byte, bytesMax/2)
	for n, want := range []bool{true, true, false} { // two fill a terminal's bytes
		if r.take(7, half) != want {
			t.Fatalf("batch %d found room: %v, want %v", n+1, !want, want)
		}
	}
	r.free(7, half)
	if !r.take(7, half) {
		t.Error("a batch was taken in, and the next finds no room")
	}
}
