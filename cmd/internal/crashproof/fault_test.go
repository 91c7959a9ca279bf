//go:build crash

package crashproof_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// faulty is a shift on a ledger whose file fails once, and what came after.
type faulty struct {
	path     string
	recorder *crashproof.Recorder
	journal  *crashproof.Journal
	bench    *tilltest.Bench
	script   *crashproof.Script
	step     string
	from     int // operations before it are as in a shift without the fault
}

func newFaulty(t *testing.T, r *crashproof.Recorder) *faulty {
	t.Helper()
	w := &faulty{path: record(t, r), recorder: r}
	store, err := boltstore.Open(w.path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if w.journal, err = crashproof.NewJournal(store, r); err != nil {
		t.Fatalf("NewJournal: %v", err)
	}
	t.Cleanup(func() { w.journal.Store.Close() })
	w.bench = tilltest.New(t, w.journal)
	w.script = crashproof.NewScript(t, w.bench, r, rand.New(rand.NewPCG(1, 1)))
	if err := w.script.SignIn(); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	return w
}

// shift works until the file fails, or to the end.
func (w *faulty) shift(t *testing.T) {
	t.Helper()
	for _, step := range w.script.Shift() {
		w.step = step.Name
		err := step.Do()
		if w.recorder.Struck() {
			if !errors.Is(err, journal.ErrUnknownResult) {
				t.Fatalf("step %s with a failed write = %v, want ErrUnknownResult", step.Name, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("step %s: %v", step.Name, err)
		}
	}
}

// refuses checks that the ledger takes no more writes and touches nothing.
func (w *faulty) refuses(t *testing.T) {
	t.Helper()
	before, _ := w.recorder.Calls()
	err := w.journal.Store.Update(func(tx journal.Tx) error { return tx.PutNote("acked", nil) })
	if !errors.Is(err, journal.ErrUnknownResult) || w.journal.Store.Failed() == nil {
		t.Errorf("Update after a failed write = %v, Failed = %v; want ErrUnknownResult", err, w.journal.Store.Failed())
	}
	if after, _ := w.recorder.Calls(); after != before {
		t.Errorf("the ledger wrote %d times after a failed write", after-before)
	}
	w.from = len(w.recorder.Trace().Ops)
}

// unmarked takes away the mark that asks for a rewrite: a process that is
// killed leaves none, and these proofs are about settling.
func (w *faulty) unmarked(t *testing.T) {
	t.Helper()
	if err := os.Remove(w.path + ".failed"); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
}

// restart opens the file again while the kernel still has what was written,
// asks for the unknown action's answer, and works on.
func (w *faulty) restart(t *testing.T) {
	t.Helper()
	w.unmarked(t)
	if err := w.journal.Store.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	w.recorder.Revive()
	store, err := boltstore.Open(w.path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open after a failed write: %v", err)
	}
	w.journal.Store = store
	if err := w.journal.Seen(); err != nil {
		t.Fatalf("read the ledger: %v", err)
	}
	w.bench.Restart(t)
	if w.script.Again != nil {
		if _, err := w.script.Again(); err != nil && !errors.Is(err, clerk.ErrDeclined) {
			t.Errorf("the same reference after the restart, in step %s: %v", w.step, err)
		}
	}
	if err := errors.Join(w.script.OpenDay(), w.script.Award()); err != nil {
		t.Errorf("sale after the restart: %v", err)
	}
}

// prove checks every state after the fault.
func (w *faulty) prove(t *testing.T, pool *crashproof.Pool, count *tally, fate int) {
	t.Helper()
	walk := crashproof.Walk{
		Trace: w.recorder.Trace(), From: w.from, Subsets: 8, Fate: fate, Random: rand.New(rand.NewPCG(uint64(fate), 3)),
	}
	walk.Each(func(s crashproof.State) bool {
		pool.Crash(s, func(f crashproof.Finding) { count.add(walk.Trace, s, f) })
		return !count.enough()
	})
}

// stride is how many points of failure are left out between two: with -all none.
func stride(points, wanted int) int {
	if *all {
		return 1
	}
	return max(points/wanted, 1)
}

// fates is how many fates of the writes that a failed flush covered are tried.
func fates() int {
	if *all {
		return 8
	}
	return 3
}

// points counts the calls and flushes before the shift and after it.
func points(t *testing.T) (calls, flushes [2]int) {
	t.Helper()
	w := newFaulty(t, &crashproof.Recorder{})
	calls[0], flushes[0] = w.recorder.Calls()
	w.shift(t)
	calls[1], flushes[1] = w.recorder.Calls()
	return calls, flushes
}

func TestOneFailedFlushAtAnyCommit(t *testing.T) {
	_, flushes := points(t)
	pool, count, tried := crashproof.NewPool(t, *children), newTally(), 0
	step := stride(flushes[1]-flushes[0], 16) | 1 // odd, so that first and second flushes of a commit take turns
	for n := flushes[0]; n < flushes[1]; n += step {
		w := newFaulty(t, &crashproof.Recorder{Fault: &crashproof.Fault{At: n}})
		w.shift(t)
		w.refuses(t)
		w.restart(t)
		for fate := range fates() {
			w.prove(t, pool, count, fate)
		}
		tried++
	}
	pool.Close()
	count.report(t, "one failed flush")
	fmt.Printf("crash proof: %d of %d flushes failed once\n", tried, flushes[1]-flushes[0])
	if count.bad > 0 {
		t.Errorf("%d bad states", count.bad)
	}
}

func TestKillAtAnyCallThenPowerCut(t *testing.T) {
	calls, _ := points(t)
	pool, count, tried := crashproof.NewPool(t, *children), newTally(), 0
	for n := calls[0]; n < calls[1]; n += stride(calls[1]-calls[0], 32) {
		w := newFaulty(t, &crashproof.Recorder{Fault: &crashproof.Fault{At: n, Kill: true}})
		w.shift(t)
		w.refuses(t)
		w.restart(t)
		w.prove(t, pool, count, 0)
		tried++
	}
	pool.Close()
	count.report(t, "kill, restart, power cut")
	fmt.Printf("crash proof: killed at %d of %d calls\n", tried, calls[1]-calls[0])
	if count.bad > 0 {
		t.Errorf("%d bad states", count.bad)
	}
}

// TestSecondFailureWhileTheLedgerIsOpened is fault P2: the start after a
// failure fails too, and the one after it does not.
func TestSecondFailureWhileTheLedgerIsOpened(t *testing.T) {
	calls, flushes := points(t)
	pool, count := crashproof.NewPool(t, *children), newTally()
	for _, second := range []struct {
		n    int
		kill bool
	}{{0, true}, {1, true}, {0, false}} {
		for n := range 12 {
			first := &crashproof.Fault{At: flushes[0] + n}
			if second.kill {
				first = &crashproof.Fault{At: calls[0] + 2*n, Kill: true}
			}
			w := newFaulty(t, &crashproof.Recorder{Fault: first})
			w.shift(t)
			w.refuses(t)
			w.unmarked(t)
			w.recorder.Revive()
			w.recorder.Next(second.n, second.kill)
			if err := w.journal.Store.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			if store, err := boltstore.Open(w.path, tilltest.Terminal); err == nil || !w.recorder.Struck() {
				t.Errorf("Open with a write that fails = %v, %v; want an error", store, err)
			}
			w.restart(t)
			w.prove(t, pool, count, n%2)
		}
	}
	pool.Close()
	count.report(t, "second failure at the start")
	if count.bad > 0 {
		t.Errorf("%d bad states", count.bad)
	}
}

func TestWithoutSettlingTheProofSeesTheLoss(t *testing.T) {
	calls, flushes := points(t)
	for _, test := range []struct {
		name string
		at   int
		kill bool
	}{{"failed-flush", flushes[0], false}, {"kill", calls[0], true}} {
		t.Run(test.name, func(t *testing.T) {
			pool, count := crashproof.NewPool(t, *children), newTally()
			count.expected = true
			for n := range 16 {
				w := newFaulty(t, &crashproof.Recorder{Fault: &crashproof.Fault{At: test.at + n, Kill: test.kill}, NoSettle: true})
				w.shift(t)
				w.refuses(t)
				w.restart(t)
				w.prove(t, pool, count, 0)
				if count.enough() {
					break
				}
			}
			pool.Close()
			count.report(t, "without settling")
			if count.bad == 0 {
				t.Error("the proof sees nothing wrong with a restart that trusts the cache")
			}
		})
	}
}

// TestSlowFlushIsOneAction is fault S13: a cashier who confirms again and again
// while the disk is slow has done it once.
func TestSlowFlushIsOneAction(t *testing.T) {
	const confirmed = 4
	w := newFaulty(t, &crashproof.Recorder{Slow: 300 * time.Millisecond})
	by := clerk.By{Lane: 1, Actor: "c1"}
	for _, code := range []string{crashproof.Cards[0], "6900001000112"} {
		must(t, "scan", w.bench.Till.Scan(by, "", code))
	}
	v, err := w.bench.Till.View(by.Lane)
	must(t, "view", err)
	before := len(w.recorder.Trace().Commits)
	answers := make(chan clerk.Done, confirmed)
	for range confirmed {
		go func() {
			done, err := w.bench.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
			if err != nil {
				t.Errorf("confirmed again: %v", err)
			}
			answers <- done
		}()
	}
	first := <-answers
	for range confirmed - 1 {
		if next := <-answers; next.Head != first.Head {
			t.Errorf("answered with %s and %s", first.Head, next.Head)
		}
	}
	if after := len(w.recorder.Trace().Commits); after != before+1 {
		t.Errorf("%d commits, want 1", after-before)
	}
}
