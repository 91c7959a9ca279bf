package devicetest

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// A Cable is a scanner as a hand at the counter has it.
type Cable interface {
	Plug()
	Unplug()
	Type(text string) // scans a text; \r ends a scan
}

// A Kind is one way to read a scanner, for the contract that all must fulfil.
type Kind struct {
	// New makes a scanner that is plugged in, and a source that reads it.
	New func(t *testing.T) (Source, Cable)
	// Gone is the state of a source whose scanner is unplugged.
	Gone scan.State
}

// How often TestScanner pulls cables: so many lanes, each so often.
const (
	lanes  = 32
	rounds = 32
)

// heapSlack is what the heap of a process may differ by from one look to the next.
const heapSlack = 2 << 20

// TestScanner is the contract of every source of scans: what is whole arrives
// once and in order, what is not arrives as a bad read and spoils nothing else,
// and a scanner may be pulled out and put in for ever.
func TestScanner(t *testing.T, k Kind) {
	t.Helper()
	t.Run("whole-scans-in-order", k.inOrder)
	t.Run("half-a-scan-then-silence", k.half)
	t.Run("unplugged-in-the-middle-and-back", k.back)
	t.Run("stop-within-a-second", k.stop)
	t.Run("a-thousand-plug-cycles", k.cycles)
}

func (k Kind) start(t *testing.T) (*Reader, Cable) {
	t.Helper()
	source, cable := k.New(t)
	r := Read(t, source)
	r.Await(scan.Ready)
	return r, cable
}

func (k Kind) inOrder(t *testing.T) {
	r, cable := k.start(t)
	cable.Type("]E06901234567892\rJF1.A B\r")
	cable.Type("A1\rA1\r")
	r.Want(scan.Event{AIM: "]E0", Text: "6901234567892"}, scan.Event{Text: "JF1.A B"}, scan.Event{Text: "A1"}, scan.Event{Text: "A1", Repeat: true})
}

func (k Kind) half(t *testing.T) {
	r, cable := k.start(t)
	cable.Type("690123")
	r.Want(scan.Event{Bad: scan.Partial})
	cable.Type("4567892\r")
	r.Want(scan.Event{Text: "4567892"})
	if s := r.Status(); s.Scans != 1 || s.BadReads != 1 {
		t.Errorf("Status() = %d scans and %d bad reads, want 1 of each", s.Scans, s.BadReads)
	}
}

func (k Kind) back(t *testing.T) {
	r, cable := k.start(t)
	cable.Type("A1\r690123")
	r.Want(scan.Event{Text: "A1"})
	cable.Unplug()
	r.Want(scan.Event{Bad: scan.Partial})
	if s := r.Await(k.Gone); k.Gone == scan.Missing && (s.Sentence.ZH == "" || s.Sentence.EN == "") {
		t.Errorf("an unplugged scanner says %+v, want what to do in both languages", s.Sentence)
	}
	cable.Plug()
	r.Await(scan.Ready)
	cable.Type("4567892\r")
	r.Want(scan.Event{Text: "4567892"})
}

func (k Kind) stop(t *testing.T) {
	r, cable := k.start(t)
	cable.Type("HALF")
	began := time.Now()
	r.Stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run ended after %v, want within a second", took)
	}
}

// cycles are loose cables for years, on many scanners at once: no scan that was
// whole is lost, none is invented, and nothing piles up.
func (k Kind) cycles(t *testing.T) {
	readers, cables := make([]*Reader, lanes), make([]Cable, lanes)
	for i := range lanes {
		readers[i], cables[i] = k.start(t)
	}
	var before use
	for c := range rounds {
		for _, r := range readers {
			r.Await(scan.Ready)
		}
		for i, cable := range cables {
			text := fmt.Sprintf("CODE %d OF %d", c, i)
			cable.Type(text + "\rHALF")
			readers[i].Want(scan.Event{Text: text})
			cable.Unplug()
		}
		for _, r := range readers {
			r.Want(scan.Event{Bad: scan.Partial})
			r.Await(k.Gone)
		}
		if c == 0 {
			before = settled(t)
		}
		if c == rounds-1 {
			before.mustHold(t)
		}
		for _, cable := range cables {
			cable.Plug()
		}
	}
	for i, r := range readers {
		r.Await(scan.Ready)
		if s := r.Status(); s.Scans != rounds || s.BadReads != rounds || len(r.Events) != 0 {
			t.Errorf("lane %d: %d scans, %d bad reads, %d events nobody made; want %d, %d and none", i, s.Scans, s.BadReads, len(r.Events), rounds, rounds)
		}
	}
	for _, r := range readers {
		r.Cancel() // all at once; the clean-up waits for each
	}
}

// use is what a process has.
type use struct {
	goroutines, files int
	heap              uint64
}

func usage(t *testing.T) use {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return use{runtime.NumGoroutine(), descriptors(t), m.HeapAlloc}
}

// settled is what a process has once two looks in a row see the same.
func settled(t *testing.T) use {
	t.Helper()
	for last := usage(t); ; {
		time.Sleep(50 * time.Millisecond)
		now := usage(t)
		if now.goroutines == last.goroutines && now.files == last.files {
			return now
		}
		last = now
	}
}

// mustHold wants the process to come to have no more than it had.
func (before use) mustHold(t *testing.T) {
	t.Helper()
	var now use
	for limit := time.Now().Add(Patience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		now = usage(t)
		if now.goroutines <= before.goroutines && now.files <= before.files && now.heap <= before.heap+heapSlack {
			return
		}
	}
	t.Errorf("after %d cycles there are %+v, want no more than %+v", lanes*rounds, now, before)
}
