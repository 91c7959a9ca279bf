package printport_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/virtual"
)

// A fault may come at any byte of a job. Whatever it is, a job is confirmed only
// if the whole of it is on paper, the next job is printed whole, and a job that
// was refused left nothing.
func TestFaultAtEveryPointOfAJob(t *testing.T) {
	faults := map[string]func(b *bench, stop context.CancelFunc){
		"paper-ends":  func(b *bench, _ context.CancelFunc) { b.printer.SetPaperOut(true) },
		"cover-opens": func(b *bench, _ context.CancelFunc) { b.printer.SetCoverOpen(true) },
		"cover-opens-and-shuts": func(b *bench, _ context.CancelFunc) {
			b.printer.SetCoverOpen(true)
			b.printer.SetCoverOpen(false)
		},
		"power-fails":  func(b *bench, _ context.CancelFunc) { b.printer.PowerOff() },
		"link-fails":   func(b *bench, _ context.CancelFunc) { b.printer.HangUp() },
		"daemon-stops": func(_ *bench, stop context.CancelFunc) { stop() },
	}
	hello := len(escpos.Hello())
	whole := slip(t, "整张").Bytes
	job := escpos.Job{Bytes: whole, Tail: slip(t, "整张").Tail}
	points := map[string]int{
		"first-byte": hello + 1, "in-the-text": hello + 20, "in-the-code": hello + job.Tail/2,
		"last-byte": hello + job.Tail - 1, "before-the-proof": hello + job.Tail, "before-the-cut": hello + job.Tail + 11,
	}
	for fault, strike := range faults {
		for point, at := range points {
			t.Run(fault+"-at-"+point, func(t *testing.T) {
				b := newBench(t, nil)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				b.printer.AtByte(at, func() { strike(b, stop) })
				got, err := b.port.Print(ctx, "ONE1", job)
				if got.Confirmed && got.State != printport.Sent || got.State == printport.NotSent && got.Written > 0 {
					t.Errorf("Print = %+v, %v: the parts of the outcome contradict each other", got, err)
				}
				if got.State == printport.Sent && !got.Confirmed {
					t.Errorf("Print = %+v, %v, want a proof or Unknown from a printer that proves", got, err)
				}
				confirmed := got.State == printport.Sent && got.Confirmed
				if confirmed && point != "before-the-cut" && fault != "daemon-stops" && (got.Incident == printport.None || fault != "cover-opens-and-shuts") {
					t.Errorf("Print = %+v, confirmed over a fault that came before the proof", got)
				}
				b.printer.SetPaperOut(false)
				b.printer.SetCoverOpen(false)
				if err := b.printer.PowerOn(); err != nil {
					t.Fatal(err)
				}
				next, err := b.port.Print(t.Context(), "TWO2", slip(t, "下一张"))
				if err != nil || !next.Confirmed {
					t.Fatalf("Print after the fault = %+v, %v, want confirmed", next, err)
				}
				said := b.until(t, "下一张")
				if confirmed && !strings.Contains(said, "整张") {
					t.Errorf("confirmed, and the papers say %q", said)
				}
				if got.State == printport.NotSent && strings.Contains(said, "整") {
					t.Errorf("not sent, and the papers say %q", said)
				}
			})
		}
	}
}

// until collects what papers say until one says text in full.
func (b *bench) until(t *testing.T, text string) string {
	t.Helper()
	var all strings.Builder
	for !strings.Contains(all.String(), text) {
		fmt.Fprintln(&all, b.next(t).Text)
	}
	return all.String()
}

func TestPrinterCharacters(t *testing.T) {
	tests := []struct {
		name      string
		character virtual.Character
		profile   func(*escpos.Profile)
		want      []printport.State // of one job after another
		confirmed bool              // the last one
	}{
		{"lies-about-its-name", virtual.Character{Name: "TM-T88V"}, nil, []printport.State{printport.Sent}, true},
		{"says-all-twice", virtual.Character{EchoTwice: true}, nil, []printport.State{printport.Sent, printport.Sent, printport.Sent}, true},
		{"knows-no-process-id", virtual.Character{NoEcho: true, Name: "TM-T88V"}, nil,
			[]printport.State{printport.Unknown, printport.Unknown, printport.Sent}, false},
		{"proves-by-queue", virtual.Character{NoEcho: true}, func(p *escpos.Profile) { p.Proof = escpos.ProofQueued },
			[]printport.State{printport.Sent, printport.Sent}, true},
		{"is-slow-with-a-small-buffer", virtual.Character{Pace: 3 * time.Millisecond, Buffer: 2048}, nil, []printport.State{printport.Sent}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBenchOf(t, tt.character, func(o *printport.Options) {
				if tt.profile != nil {
					tt.profile(&o.Profile)
				}
			})
			for i, want := range tt.want {
				text := fmt.Sprintf("第%d张", i+1)
				job, err := escpos.NewJob(*receiptOf(text), escpos.Generic80)
				if err != nil {
					t.Fatal(err)
				}
				got, err := b.port.Print(t.Context(), fmt.Sprintf("CH%02d", i), job)
				if got.State != want {
					t.Errorf("Print no. %d = %+v, %v, want state %d", i+1, got, err, want)
				}
				if i == len(tt.want)-1 && got.Confirmed != tt.confirmed {
					t.Errorf("Print no. %d = %+v, want confirmed %v", i+1, got, tt.confirmed)
				}
				b.until(t, text)
			}
		})
	}
}

// A cutter that gets stuck does not make a printed voucher less printed.
func TestStuckCutter(t *testing.T) {
	b := newBench(t, nil)
	b.printer.JamCutter(true)
	got, err := b.port.Print(t.Context(), "JAM1", slip(t, "没切"))
	if err != nil || !got.Confirmed || !got.Uncut {
		t.Errorf("Print with a stuck cutter = %+v, %v, want confirmed and not cut", got, err)
	}
	if zh, en := got.Sentence(); !strings.Contains(zh, "撕") || !strings.Contains(en, "Tear") {
		t.Errorf("the cashier is told %q, %q", zh, en)
	}
	if s := b.port.Status(); s.Trouble != printport.Fault {
		t.Errorf("Status() = %+v, want the fault of the printer", s)
	}
	if next, err := b.port.Print(t.Context(), "JAM2", slip(t, "等着")); next.State != printport.NotSent || next.Trouble != printport.Fault {
		t.Errorf("Print on a printer that is stuck = %+v, %v, want NotSent and Fault", next, err)
	}
	b.printer.JamCutter(false)
	if next, err := b.port.Print(t.Context(), "JAM3", slip(t, "又好了")); err != nil || !next.Confirmed || next.Uncut {
		t.Errorf("Print after freeing the cutter = %+v, %v, want confirmed and cut", next, err)
	}
}

// A printer that the last daemon left inside a picture takes the next job for
// dots, unless it is brought into step first.
func TestTornJobOfAnEarlierDaemon(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(map[bool]string{true: "told", false: "found-out"}[told], func(t *testing.T) {
			b := newBench(t, nil)
			job := slip(t, "半张")
			ctx, stop := context.WithCancel(t.Context())
			b.printer.AtByte(len(escpos.Hello())+job.Tail/2, func() { b.printer.HangUp(); stop() })
			if got, _ := b.port.Print(ctx, "TORN", job); got.State != printport.Unknown {
				t.Fatalf("Print = %+v, want Unknown", got)
			}
			port := newPort(t, b.printer.Addr(), func(o *printport.Options) { o.Torn = told })
			got, err := port.Print(t.Context(), "NEXT", slip(t, "整张"))
			if err != nil || !got.Confirmed {
				t.Fatalf("Print after a restart = %+v, %v, want confirmed", got, err)
			}
			if said := b.until(t, "整张"); strings.Contains(said, "□") {
				t.Errorf("the papers say %q, want no garbage", said)
			}
		})
	}
}

func TestDrawerOpensOnce(t *testing.T) {
	b := newBench(t, nil)
	d := receiptOf("开钱箱")
	d.Drawer()
	p := escpos.Generic80
	p.Drawer = escpos.Pin2
	for _, doc := range []struct {
		again bool
		kicks int
	}{{false, 1}, {true, 1}} {
		paper := d
		if doc.again {
			paper = d.Again("补打")
		}
		job, err := escpos.NewJob(*paper, p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := b.port.Print(t.Context(), "DRAW", job); err != nil || !got.Confirmed {
			t.Fatalf("Print = %+v, %v", got, err)
		}
		if b.printer.Kicks() != doc.kicks {
			t.Errorf("%d drawer pulses, want %d", b.printer.Kicks(), doc.kicks)
		}
	}
}
