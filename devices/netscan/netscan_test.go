package netscan_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/devices/netscan"
	"github.com/jifen-pos/jifen/devices/scan"
)

const patience = 10 * time.Second

type reader struct {
	*netscan.Source
	t      *testing.T
	events chan scan.Event
	cancel context.CancelFunc
	done   chan error
}

func start(t *testing.T, opt netscan.Options) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &reader{Source: netscan.New(opt), t: t, events: make(chan scan.Event, 4096), cancel: cancel, done: make(chan error, 1)}
	go func() { r.done <- r.Run(ctx, func(e scan.Event) { r.events <- e }) }()
	t.Cleanup(r.stop)
	return r
}

func (r *reader) stop() {
	r.t.Helper()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("Run = %v, want nil", err)
		}
		r.done <- nil
	case <-time.After(patience):
		r.t.Error("Run has not ended")
	}
}

func (r *reader) await(want scan.State) scan.Status {
	r.t.Helper()
	for limit := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		if s := r.Status(); s.State == want {
			return s
		}
		if time.Now().After(limit) {
			r.t.Fatalf("state = %v, want %v", r.Status().State, want)
		}
	}
}

func (r *reader) next() scan.Event {
	r.t.Helper()
	select {
	case e := <-r.events:
		return e
	case <-time.After(patience):
		r.t.Fatal("no scan came")
		return scan.Event{}
	}
}

func (r *reader) want(want ...scan.Event) {
	r.t.Helper()
	for _, w := range want {
		if diff := cmp.Diff(w, r.next(), cmpopts.IgnoreFields(scan.Event{}, "At")); diff != "" {
			r.t.Errorf("event (-want +got):\n%s", diff)
		}
	}
}

func (r *reader) dial() net.Conn {
	r.t.Helper()
	r.await(scan.Ready)
	conn, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := fmt.Fprint(conn, text); err != nil {
		t.Fatalf("send %q: %v", text, err)
	}
}

func TestScansOverTCP(t *testing.T) {
	r := start(t, netscan.Options{Listen: "127.0.0.1:0"})
	one, two := r.dial(), r.dial()
	send(t, one, "]E06901234567892\r\nJF1.A ")
	r.want(scan.Event{AIM: "]E0", Text: "6901234567892"})
	send(t, two, "B2\n") // does not end what another has begun
	r.want(scan.Event{Text: "B2"})
	send(t, one, " B\n")
	r.want(scan.Event{Text: "JF1.A  B"})
	send(t, one, "690123")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	r.want(scan.Event{Bad: scan.Partial})
	send(t, two, strings.Repeat("9", scan.DefaultMaxFrame+1)+"\nC3\n")
	r.want(scan.Event{Bad: scan.Overlong}, scan.Event{Text: "C3"})
}

func TestOneProgramTooManyIsHungUpOn(t *testing.T) {
	r := start(t, netscan.Options{Listen: "127.0.0.1:0"})
	for i := range netscan.ConnectionsMax {
		send(t, r.dial(), fmt.Sprintf("A%d\n", i))
		r.next()
	}
	extra := r.dial()
	if err := extra.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if n, err := extra.Read(make([]byte, 1)); err == nil {
		t.Errorf("Read on one connection too many = %d, nil, want it hung up", n)
	}
}

// An address that another program has is told, and taken once it is free.
func TestAddressInUse(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, netscan.Options{Listen: other.Addr().String()})
	got := r.await(scan.Busy).Sentence
	if !strings.Contains(got.EN, other.Addr().String()) || !strings.Contains(got.ZH, "占用") {
		t.Errorf("sentence of an address in use = %+v", got)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	send(t, r.dial(), "A1\n")
	r.want(scan.Event{Text: "A1"})
}

func TestScansFromAStream(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := start(t, netscan.Options{Stream: in})
	if _, err := out.WriteString("6901234567892\nA"); err != nil {
		t.Fatal(err)
	}
	r.want(scan.Event{Text: "6901234567892"}, scan.Event{Bad: scan.Partial}) // half, then silence
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if got := r.await(scan.Missing).Sentence; !strings.Contains(got.EN, "has ended") || !strings.Contains(got.ZH, "已结束") {
		t.Errorf("sentence at the end of the stream = %+v", got)
	}
}

func TestNothingRunsOn(t *testing.T) {
	before := runtime.NumGoroutine()
	r := start(t, netscan.Options{Listen: "127.0.0.1:0"})
	conn := r.dial()
	send(t, conn, "A1\n")
	r.next()
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run ended after %v, want within a second", took)
	}
	for limit := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines after the end, want %d", runtime.NumGoroutine(), before)
		}
	}
	if r.Addr() != nil {
		t.Errorf("Addr() after the end = %v, want none", r.Addr())
	}
}
