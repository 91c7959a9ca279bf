package printport_test

import (
	"context"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/devices/virtual"
)

// bench is a virtual printer at work, with a port to it.
type bench struct {
	printer *virtual.Printer
	port    *printport.Port
	papers  chan virtual.PaperInfo
}

func newBench(t *testing.T, change func(*printport.Options)) *bench {
	t.Helper()
	return newBenchOf(t, virtual.Character{}, change)
}

func newBenchOf(t *testing.T, character virtual.Character, change func(*printport.Options)) *bench {
	t.Helper()
	b := &bench{papers: make(chan virtual.PaperInfo, 100)}
	printer, err := virtual.NewPrinter(virtual.PrinterOptions{
		Dir: t.TempDir(), Dots: 576, OnPaper: func(p virtual.PaperInfo) { b.papers <- p }, Character: character,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.printer = printer
	background(t, printer.Run)
	b.port = newPort(t, printer.Addr(), change)
	return b
}

// background runs a part until the test ends and then waits for it.
func background(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Run goes on 5 s after the end of its context")
		}
		noneLeft(t)
	})
}

// noneLeft fails the test when a goroutine of ours is still there.
func noneLeft(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for end := time.Now().Add(2 * time.Second); ; runtime.Gosched() {
		left := ""
		for _, g := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(g, "created by github.com/jifen-pos/jifen/devices/") && !strings.Contains(g, "testing.tRunner") {
				left = g
			}
		}
		if left == "" {
			return
		}
		if time.Now().After(end) {
			t.Errorf("a goroutine is left:\n%s", left)
			return
		}
	}
}

func newPort(t *testing.T, address string, change func(*printport.Options)) *printport.Port {
	t.Helper()
	o := printport.Options{
		Kind: printport.TCP, Address: address, Profile: escpos.Generic80,
		Answer: 400 * time.Millisecond, Stall: 300 * time.Millisecond, Finish: 300 * time.Millisecond, Whole: 5 * time.Second,
	}
	if change != nil {
		change(&o)
	}
	port, err := printport.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = port.Close() })
	return port
}

// slip is a small job that says text.
func slip(t *testing.T, text string) escpos.Job {
	t.Helper()
	d := receiptOf(text)
	d.QR("JF1:0123456789ABCDEF0123456789ABCDEF", "兑换码")
	job, err := escpos.NewJob(*d, escpos.Generic80)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// receiptOf is a small document.
func receiptOf(text string) *receipt.Document {
	d := receipt.New("slip")
	d.Centre(text)
	return d
}

// next returns the next paper that came out.
func (b *bench) next(t *testing.T) virtual.PaperInfo {
	t.Helper()
	select {
	case p := <-b.papers:
		return p
	case <-time.After(5 * time.Second):
		t.Fatal("no paper came out for 5 s")
		return virtual.PaperInfo{}
	}
}

// inTime fails the test when do takes longer than limit.
func inTime(t *testing.T, limit time.Duration, do func()) {
	t.Helper()
	begin := time.Now()
	do()
	if took := time.Since(begin); took > limit {
		t.Errorf("took %v, want at most %v", took, limit)
	}
}

// rough is a printer that does on one connection what script says.
func rough(t *testing.T, script func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	background(t, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
		for ctx.Err() == nil {
			conn, err := listener.Accept()
			if err != nil {
				return nil
			}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			script(conn)
			stop()
			_ = conn.Close()
		}
		return nil
	})
	return listener.Addr().String()
}

// whole is a job of bytes that nothing is cut after.
func whole(b []byte) escpos.Job { return escpos.Job{Bytes: b, Tail: len(b)} }
