package printport_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/printport"
)

func TestPrintOnPaper(t *testing.T) {
	b := newBench(t, nil)
	for i, text := range []string{"第一张", "第二张", "第三张"} {
		got, err := b.port.Print(t.Context(), "T00"+string(rune('1'+i)), slip(t, text))
		if err != nil || got.State != printport.Sent || !got.Confirmed {
			t.Fatalf("Print(%s) = %+v, %v, want Sent and confirmed", text, got, err)
		}
		if p := b.next(t); !strings.Contains(p.Text, text) {
			t.Errorf("paper says %q, want %q in it", p.Text, text)
		}
	}
	if s := b.port.Status(); !s.Connected || !s.Answers || s.Trouble != printport.None {
		t.Errorf("Status() = %+v, want connected, answering, no trouble", s)
	}
}

// A refused job never reaches the paper, and is printed when the cause is gone.
func TestPrintRefusesBeforeTheFirstByte(t *testing.T) {
	tests := []struct {
		name    string
		spoil   func(*bench)
		mend    func(*bench)
		trouble printport.Trouble
	}{
		{"no-paper", func(b *bench) { b.printer.SetPaperOut(true) }, func(b *bench) { b.printer.SetPaperOut(false) }, printport.NoPaper},
		{"cover-open", func(b *bench) { b.printer.SetCoverOpen(true) }, func(b *bench) { b.printer.SetCoverOpen(false) }, printport.CoverOpen},
		{"switched-off", func(b *bench) { b.printer.PowerOff() }, func(b *bench) { _ = b.printer.PowerOn() }, printport.Off},
		{"mute-all-at-once", func(b *bench) { b.printer.SetMute(true) }, func(b *bench) { b.printer.SetMute(false) }, printport.Silent},
	}
	for _, tt := range tests {
		for _, warm := range []bool{false, true} {
			name := tt.name + map[bool]string{false: "-at-first", true: "-later"}[warm]
			if tt.trouble == printport.Silent && !warm {
				continue // a printer that never answered counts as one without a back channel
			}
			t.Run(name, func(t *testing.T) {
				b := newBench(t, nil)
				if warm {
					if _, err := b.port.Print(t.Context(), "WARM", slip(t, "先来")); err != nil {
						t.Fatal(err)
					}
					b.next(t)
				}
				tt.spoil(b)
				inTime(t, 3*time.Second, func() {
					got, err := b.port.Print(t.Context(), "BAD1", slip(t, "不该打"))
					if got.State != printport.NotSent || got.Trouble != tt.trouble || !errors.Is(err, tt.trouble) || got.Written != 0 {
						t.Fatalf("Print = %+v, %v, want NotSent and %v", got, err, tt.trouble)
					}
				})
				tt.mend(b)
				got, err := b.port.Print(t.Context(), "GOOD", slip(t, "再来"))
				if err != nil || !got.Confirmed {
					t.Fatalf("Print after mending = %+v, %v, want confirmed", got, err)
				}
				if p := b.next(t); strings.Contains(p.Text, "不该打") || !strings.Contains(p.Text, "再来") {
					t.Errorf("paper says %q, want only 再来", p.Text)
				}
			})
		}
	}
}

func TestPrintOnMutePrinter(t *testing.T) {
	for _, known := range []bool{false, true} {
		t.Run(map[bool]string{false: "found-out", true: "by-profile"}[known], func(t *testing.T) {
			b := newBench(t, func(o *printport.Options) { o.Profile.BackChannel = !known })
			b.printer.SetMute(true)
			for range 4 {
				got, err := b.port.Print(t.Context(), "MUTE", slip(t, "没有回答"))
				if err != nil || got.State != printport.Sent || got.Confirmed {
					t.Fatalf("Print = %+v, %v, want Sent and not confirmed", got, err)
				}
				if p := b.next(t); !strings.Contains(p.Text, "没有回答") {
					t.Errorf("paper says %q", p.Text)
				}
			}
			b.printer.PowerOff()
			if got, _ := b.port.Print(t.Context(), "MUTE", slip(t, "关机")); got.State != printport.NotSent || got.Trouble != printport.Off {
				t.Errorf("Print on a printer that is off = %+v, want NotSent, Off", got)
			}
		})
	}
}

// The connection kept from the last job is dead after a power cut; that must
// not cost the next job.
func TestPrintAfterPowerCycle(t *testing.T) {
	b := newBench(t, nil)
	for range 3 {
		if got, err := b.port.Print(t.Context(), "CYCL", slip(t, "又来")); err != nil || !got.Confirmed {
			t.Fatalf("Print = %+v, %v, want confirmed", got, err)
		}
		b.next(t)
		b.printer.PowerOff()
		if err := b.printer.PowerOn(); err != nil {
			t.Fatal(err)
		}
	}
}

// A mute printer that lost its power without a word must not get a job on the
// old connection, where the system would take the bytes.
func TestMutePrinterIsCalledAnew(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		_ = listener.Close()
		if err == nil {
			readN(conn, 1<<30)
			_ = conn.Close()
		}
	}()
	port := newPort(t, listener.Addr().String(), func(o *printport.Options) { o.Profile.BackChannel = false })
	if got, err := port.Print(t.Context(), "ONCE", slip(t, "一")); got.State != printport.Sent {
		t.Fatalf("Print = %+v, %v, want Sent", got, err)
	}
	if got, err := port.Print(t.Context(), "TWO2", slip(t, "二")); got.State != printport.NotSent || got.Trouble != printport.Off {
		t.Errorf("Print on a dead line = %+v, %v, want NotSent and Off", got, err)
	}
	<-done
}

// Once something may be on paper the outcome is Unknown, whatever comes later.
func TestPrintStopsHalfWay(t *testing.T) {
	first, second := slip(t, "开头"), slip(t, "结尾")
	job := whole(bytes.Join([][]byte{first.Bytes, second.Bytes}, nil))
	tests := []struct {
		name    string
		when    int
		trouble printport.Trouble
	}{
		{"paper-ends-early", 1000, printport.NoPaper},
		{"paper-ends-late", len(job.Bytes) - 100, printport.NoPaper},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, nil)
			if _, err := b.port.Probe(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.printer.EndPaperAfter(tt.when)
			inTime(t, 3*time.Second, func() {
				got, err := b.port.Print(t.Context(), "HALF", job)
				if got.State != printport.Unknown || got.Confirmed || !errors.Is(err, tt.trouble) || got.Written == 0 {
					t.Fatalf("Print = %+v, %v, want Unknown and %v", got, err, tt.trouble)
				}
			})
			b.printer.SetPaperOut(false)
			got, err := b.port.Print(t.Context(), "NEXT", slip(t, "下一张"))
			if err != nil || !got.Confirmed {
				t.Fatalf("Print after new paper = %+v, %v, want confirmed", got, err)
			}
			for p := b.next(t); !strings.Contains(p.Text, "下一张"); p = b.next(t) {
				t.Logf("paper before: %q", p.Text)
			}
		})
	}
}

func TestPrinterThatMisbehaves(t *testing.T) {
	tests := []struct {
		name    string
		script  func(net.Conn)
		state   printport.State
		trouble printport.Trouble
	}{
		{"hangs-up-at-once", func(net.Conn) {}, printport.NotSent, printport.Off},
		{"reads-nothing", func(c net.Conn) { _ = c.(*net.TCPConn).SetReadBuffer(4096); welcome(c); wait(c) }, printport.Unknown, printport.Silent},
		{"hangs-up-half-way", func(c net.Conn) { welcome(c); readN(c, 20000) }, printport.Unknown, printport.Off},
		{"swallows-all", func(c net.Conn) { welcome(c); readN(c, 1<<30) }, printport.Unknown, printport.Silent},
		{"answers-garbage", func(c net.Conn) { go readN(c, 1<<30); babble(c) }, printport.Sent, printport.None},
		{"echoes-another-token", func(c net.Conn) {
			welcome(c)
			readN(c, 2000+11) // job and fence
			_, _ = c.Write([]byte("\x37\x22OLD1\x00"))
			readN(c, 1<<30)
		}, printport.Unknown, printport.Silent},
		{"is-slow", func(c net.Conn) { slowly(c) }, printport.Sent, printport.None},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			port := newPort(t, rough(t, tt.script), nil)
			job := bytes.Repeat([]byte("0123456789ABCDE\n"), printport.MaxJob/16)
			if tt.state != printport.Unknown {
				job = job[:40000]
			}
			inTime(t, 8*time.Second, func() {
				ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
				defer cancel()
				if tt.name == "swallows-all" || tt.name == "echoes-another-token" {
					job = job[:2000]
				}
				got, err := port.Print(ctx, "ROUG", whole(job))
				if got.State != tt.state || got.Trouble != tt.trouble || (err == nil) != (tt.state == printport.Sent) {
					t.Errorf("Print = %+v, %v, want state %d, trouble %v", got, err, tt.state, tt.trouble)
				}
			})
		})
	}
}

// welcome answers the greeting as a printer that is ready.
func welcome(c net.Conn) {
	readN(c, 5)
	_, _ = c.Write([]byte{0x14, 0x00, 0x00, 0x0F})
}

// wait holds the connection open until the other side is gone or the test ends.
func wait(c net.Conn) {
	for c.SetDeadline(time.Now().Add(time.Millisecond)) == nil {
		if _, err := c.Write([]byte{0x11}); err != nil && !os.IsTimeout(err) {
			return
		}
	}
}

func readN(c net.Conn, n int64) { _, _ = io.CopyN(io.Discard, c, n) }

// babble answers garbage until the other side is gone.
func babble(c net.Conn) {
	for {
		if _, err := c.Write([]byte{0xFF, 0x00, 0x35, 0xAA, 0x37, 0x22, 0xC8, 0x80}); err != nil {
			return
		}
	}
}

// slowly takes a little at a time with rests and answers nothing.
func slowly(c net.Conn) {
	piece := make([]byte, 600)
	rest := time.NewTicker(5 * time.Millisecond)
	defer rest.Stop()
	for range rest.C {
		if _, err := c.Read(piece); err != nil {
			return
		}
	}
}

func TestPrintEndsWithItsContext(t *testing.T) {
	port := newPort(t, rough(t, func(c net.Conn) { readN(c, 1<<30) }), func(o *printport.Options) { o.Answer, o.Stall = time.Minute, time.Minute })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	inTime(t, 2*time.Second, func() {
		got, err := port.Print(ctx, "STOP", slip(t, "停"))
		if got.State != printport.NotSent || !errors.Is(err, context.Canceled) || !errors.Is(err, printport.Interrupted) {
			t.Errorf("Print = %+v, %v, want NotSent, Interrupted by Canceled", got, err)
		}
	})
	// Whoever comes while another prints may be told to stop before it is their turn.
	got, err := port.Print(ctx, "STOP", slip(t, "停"))
	if got.State != printport.NotSent || !errors.Is(err, context.Canceled) || !errors.Is(err, printport.Interrupted) {
		t.Errorf("Print once it is ended = %+v, %v, want NotSent, Interrupted by Canceled", got, err)
	}
}

func TestCloseEndsPrint(t *testing.T) {
	port := newPort(t, rough(t, func(c net.Conn) { readN(c, 1<<30) }), func(o *printport.Options) { o.Answer, o.Stall = time.Minute, time.Minute })
	time.AfterFunc(100*time.Millisecond, func() { _ = port.Close() })
	inTime(t, 2*time.Second, func() {
		if got, err := port.Print(t.Context(), "STOP", slip(t, "停")); got.State != printport.NotSent || err == nil {
			t.Errorf("Print = %+v, %v, want NotSent and an error", got, err)
		}
	})
	if _, err := port.Print(t.Context(), "STOP", slip(t, "停")); !errors.Is(err, printport.ErrClosed) {
		t.Errorf("Print after Close = %v, want ErrClosed", err)
	}
}

func TestPrintToFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.bin")
	port := newPort(t, path, func(o *printport.Options) { o.Kind = printport.File })
	job := slip(t, "文件")
	got, err := port.Print(t.Context(), "FILE", job)
	if err != nil || got.State != printport.Sent || got.Confirmed {
		t.Fatalf("Print = %+v, %v, want Sent and not confirmed", got, err)
	}
	data, err := os.ReadFile(path)
	if err != nil || !bytes.HasSuffix(data, job.Bytes) {
		t.Errorf("file holds %d bytes, %v, want the job of %d bytes at its end", len(data), err, len(job.Bytes))
	}
}

func TestNewRefusesBadOptions(t *testing.T) {
	for name, o := range map[string]printport.Options{
		"no-address": {Kind: printport.TCP},
		"bad-kind":   {Kind: "pigeon", Address: "x"},
		"bad-baud":   {Kind: printport.Serial, Address: "x", Baud: 12345},
		"bad-flow":   {Kind: printport.Serial, Address: "x", Flow: "up"},
	} {
		if _, err := printport.New(o); !errors.Is(err, printport.ErrOptions) {
			t.Errorf("New(%s) = %v, want ErrOptions", name, err)
		}
	}
}

// A mute printer never answers, so only its call tells that it is there.
func TestIdleMutePrinterOnTCPIsMissed(t *testing.T) {
	var log bytes.Buffer
	b := newBench(t, func(o *printport.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	b.printer.SetMute(true)
	for _, token := range []string{"MUT1", "MUT2"} {
		if got, err := b.port.Print(t.Context(), token, slip(t, "哑打印机")); err != nil || got.State != printport.Sent || got.Confirmed {
			t.Fatalf("Print on a mute printer = %+v, %v, want it sent", got, err)
		}
	}
	log.Reset()
	if b.port.Miss(t.Context()) || b.port.Look(t.Context()) || log.Len() > 0 {
		t.Errorf("Miss or Look of a mute printer that is there, and idle: the status is %+v, and the port says %q, want that it is left in peace", b.port.Status(), log.String())
	}
	b.printer.PowerOff()
	for range 100 {
		if b.port.Miss(t.Context()); !b.port.Status().Connected {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !b.port.Look(t.Context()) || b.port.Status().Trouble != printport.Off {
		t.Errorf("after a mute printer went away Look leaves %+v, want that it is off", b.port.Status())
	}
	if err := b.printer.PowerOn(); err != nil {
		t.Fatal(err)
	}
	if !b.port.Look(t.Context()) || b.port.Status().Trouble != printport.None {
		t.Errorf("after it came back Look leaves %+v, want that nothing is wrong", b.port.Status())
	}
}

// What an idle printer says by itself is heard without asking.
func TestIdlePrinterIsHeard(t *testing.T) {
	b := newBench(t, nil)
	if _, err := b.port.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.printer.SetPaperOut(true)
	heard := false
	for range 100 {
		if heard = b.port.Miss(t.Context()); heard {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !heard || b.port.Status().Trouble != printport.NoPaper {
		t.Errorf("after the paper ran out Miss leaves %+v, want that it is out", b.port.Status())
	}
}
