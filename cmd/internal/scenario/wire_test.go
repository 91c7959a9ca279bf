package scenario_test

import (
	"errors"
	"io"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// What the line to HQ costs, counted where it runs: between the built daemons,
// with MQTT, TLS and TCP.

// Of a segment: its own IP and TCP headers with timestamps, and a bare
// acknowledgement by the other side, which often rides along with an answer.
const segmentBytes = 2 * (20 + 32)

// What they may cost.
const (
	saleBytesMax = 900
	askBytesMax  = 900
)

// toll passes connections on to an address, and counts what goes by.
type toll struct {
	far             time.Duration // how long a segment is under way
	bytes, segments atomic.Int64
	up, down        atomic.Pointer[time.Time] // when the newest segment came here from a terminal, and was passed on to it
}

// tollTo listens in front of an address.
func tollTo(t testing.TB, address string, far time.Duration) (*toll, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	x := &toll{far: far}
	go func() {
		for {
			near, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				_ = near.Close()
				continue
			}
			go x.pass(near, far, func() { x.up.Store(now()) }, func() {})
			go x.pass(far, near, func() {}, func() { x.down.Store(now()) })
		}
	}()
	return x, l.Addr().String()
}

func now() *time.Time {
	t := time.Now()
	return &t
}

// pass counts what is written at once as one segment: on loopback it is one.
func (x *toll) pass(from, to net.Conn, came, went func()) {
	defer to.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			x.bytes.Add(int64(n))
			x.segments.Add(1)
			came()
			time.Sleep(x.far)
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
			went()
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, from)
			return
		}
	}
}

// quiet waits until nothing has gone by for a second, and returns what all of it
// came to so far.
func (x *toll) quiet(t testing.TB) (total int64) {
	t.Helper()
	for end := time.Now().Add(startLimit); time.Now().Before(end); {
		before := x.bytes.Load()
		time.Sleep(time.Second)
		if x.bytes.Load() == before {
			return before + segmentBytes*x.segments.Load()
		}
	}
	t.Fatal("the line is never quiet")
	return 0
}

// newTolled is HQ and a terminal that has nothing to tell it, on a line that counts,
// and takes so long each way.
func newTolled(t testing.TB, far time.Duration) (w *world, x *toll) {
	t.Helper()
	w = newWorld(t)
	w.openHQ()
	x, w.set.broker = tollTo(t, w.set.broker, far)
	w.openTill()
	w.at.sees("HQ, and nothing waiting for it", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	return w, x
}

func TestSaleAndAskCostFewBytesOnTheWire(t *testing.T) {
	t.Parallel()
	w, x := newTolled(t, 0)
	w.sell(rice) // what only a first sale brings about
	w.at.sees("HQ to have the first sale", func(v view) bool { return v.Ledger.Backlog == 0 })
	sale := x.cheapest(t, func() {
		w.sell(rice, red, millet)
		w.at.sees("HQ to have the sale", func(v view) bool { return v.Ledger.Backlog == 0 })
	})
	cards := []string{lei, "HM10001686F", "HM10001549V"}
	ask := x.cheapest(t, func() {
		w.scan(cards[0])
		w.at.sees("the member's points", func(v view) bool { return v.Member != nil && !v.Member.Asking })
		cards = cards[1:]
	})
	t.Logf("a sale of three lines: %d bytes; an ask and its note: %d", sale, ask)
	if sale > saleBytesMax || ask > askBytesMax {
		t.Errorf("a sale of three lines costs %d bytes and an ask with its note %d, want at most %d and %d", sale, ask, saleBytesMax, askBytesMax)
	}
}

// cheapest is what something costs that is done three times: now and then the
// terminal's report falls into it, which comes anyway.
func (x *toll) cheapest(t *testing.T, do func()) int64 {
	t.Helper()
	least := int64(math.MaxInt64)
	for range 3 {
		before := x.quiet(t)
		do()
		least = min(least, x.quiet(t)-before)
	}
	return least
}
