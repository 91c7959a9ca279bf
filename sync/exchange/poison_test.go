package exchange_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// brittle is an office that breaks over one terminal's batches.
type brittle struct {
	*office
	over ledger.TerminalID
}

func (o *brittle) Ingest(from ledger.TerminalID, list ...*wire.Batch) (ledger.Head, bool, error) {
	if from == o.over {
		panic("poison")
	}
	return o.office.Ingest(from, list...)
}

// A message over which HQ breaks costs nobody but the terminal that sent it: after
// three in a row it is kept aside, and that terminal is told (fault B10).
func TestMessageThatHQBreaksOverIsKeptAside(t *testing.T) {
	o := &brittle{newOffice(), id}
	d := &desk{T: t, office: o.office, now: start}
	d.end = exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: o})
	batch := func(n int) *wire.Batch {
		return &wire.Batch{Incarnation: 1, First: ledger.Seq(n), Entries: [][]byte{{byte(n)}}}
	}
	fed := func(from ledger.TerminalID, n int, key ed25519.PrivateKey) error {
		return d.end.Receive(from, wire.Seal(from, 0, batch(n), key), d.now)
	}
	for n := range 3 {
		if len(d.refused) != 0 {
			t.Errorf("after %d times: %v kept aside, want none", n, d.refused)
		}
		if err := fed(id, 1, boardKey); !errors.Is(err, exchange.ErrPanic) {
			t.Errorf("Receive() that HQ breaks over = %v, want ErrPanic", err)
		}
		if err := fed(2, n+1, boardKey); err != nil {
			t.Errorf("Receive() of another terminal = %v, want nil", err)
		}
		d.hear(&wire.Report{}) // what else it says goes on
	}
	if len(d.refused) != 1 || !errors.Is(d.refused[0], exchange.ErrPanic) {
		t.Errorf("after three times: %v kept aside, want the message", d.refused)
	}
	if got := sayings(d.said()); !slices.Equal(got, []string{"Ack", "Ack", "Denied", "Ack"}) {
		t.Errorf("said %v, want acks for the other one, and a denial", got)
	}
	frames := [][]byte{wire.Seal(id, 0, batch(1), boardKey), wire.Seal(id, 0, batch(2), boardKey)}
	if err := d.end.ReceiveTogether(id, frames, d.now); !errors.Is(err, exchange.ErrPanic) {
		t.Errorf("ReceiveTogether() = %v, want ErrPanic", err)
	}
	o.over = 0 // HQ was mended
	d.refused = nil
	if err := d.end.ReceiveTogether(id, frames, d.now); err != nil {
		t.Errorf("ReceiveTogether() after HQ was mended = %v, want nil", err)
	}
	d.hear(batch(3))
	o.over = id
	if err := fed(id, 4, boardKey); !errors.Is(err, exchange.ErrPanic) || len(d.refused) != 0 {
		t.Errorf("Receive() of the next = %v, %v kept aside, want it tried again first", err, d.refused)
	}
}
