package netscan_test

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/devices/netscan"
	"github.com/jifen-pos/jifen/devices/scan"
)

const patience = devicetest.Patience

// cable is a program that sends scans over TCP; pulled, it hangs up.
type cable struct {
	t      *testing.T
	source *netscan.Source
	conn   net.Conn
}

func (c *cable) Plug() {
	c.t.Helper()
	var err error
	if c.conn, err = net.Dial("tcp", c.source.Addr().String()); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cable) Unplug() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

func (c *cable) Type(text string) {
	c.t.Helper()
	if c.conn == nil { // the source listens by now
		c.Plug()
	}
	send(c.t, c.conn, text)
}

// TestContract is what every source of scans keeps.
func TestContract(t *testing.T) {
	devicetest.TestScanner(t, devicetest.Kind{Gone: scan.Ready, New: func(t *testing.T) (devicetest.Source, devicetest.Cable) {
		source := netscan.New(netscan.Options{Listen: "127.0.0.1:0"})
		c := &cable{t: t, source: source}
		t.Cleanup(c.Unplug)
		return source, c
	}})
}

// reader is a source and the calls to it.
type reader struct {
	*devicetest.Reader
	t      *testing.T
	source *netscan.Source
}

func start(t *testing.T, opt netscan.Options) *reader {
	t.Helper()
	source := netscan.New(opt)
	return &reader{devicetest.Read(t, source), t, source}
}

func (r *reader) dial() net.Conn {
	r.t.Helper()
	r.Await(scan.Ready)
	conn, err := net.Dial("tcp", r.source.Addr().String())
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
	r.Want(scan.Event{AIM: "]E0", Text: "6901234567892"})
	send(t, two, "B2\n") // does not end what another has begun
	r.Want(scan.Event{Text: "B2"})
	send(t, one, " B\n")
	r.Want(scan.Event{Text: "JF1.A  B"})
	send(t, one, "690123")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	r.Want(scan.Event{Bad: scan.Partial})
	send(t, two, strings.Repeat("9", scan.DefaultMaxFrame+1)+"\nC3\n")
	r.Want(scan.Event{Bad: scan.Overlong}, scan.Event{Text: "C3"})
}

func TestOneProgramTooManyIsHungUpOn(t *testing.T) {
	r := start(t, netscan.Options{Listen: "127.0.0.1:0"})
	for i := range netscan.ConnectionsMax {
		send(t, r.dial(), fmt.Sprintf("A%d\n", i))
		r.Next()
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
	got := r.Await(scan.Busy).Sentence
	if !strings.Contains(got.EN, other.Addr().String()) || !strings.Contains(got.ZH, "占用") {
		t.Errorf("sentence of an address in use = %+v", got)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	send(t, r.dial(), "A1\n")
	r.Want(scan.Event{Text: "A1"})
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
	r.Want(scan.Event{Text: "6901234567892"}, scan.Event{Bad: scan.Partial}) // half, then silence
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if got := r.Await(scan.Missing).Sentence; !strings.Contains(got.EN, "has ended") || !strings.Contains(got.ZH, "已结束") {
		t.Errorf("sentence at the end of the stream = %+v", got)
	}
}

func TestNothingRunsOn(t *testing.T) {
	before := runtime.NumGoroutine()
	r := start(t, netscan.Options{Listen: "127.0.0.1:0"})
	conn := r.dial()
	send(t, conn, "A1\n")
	r.Next()
	began := time.Now()
	r.Stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run ended after %v, want within a second", took)
	}
	for limit := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines after the end, want %d", runtime.NumGoroutine(), before)
		}
	}
	if r.source.Addr() != nil {
		t.Errorf("Addr() after the end = %v, want none", r.source.Addr())
	}
}
