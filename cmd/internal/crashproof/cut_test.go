//go:build crash

package crashproof_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// subsets is how many random subsets of what is not flushed are tried at each flush.
const subsets = 24

// play runs a day on a new ledger and returns what happened to its file.
func play(t *testing.T, r *crashproof.Recorder, seed uint64) {
	t.Helper()
	path := record(t, r)
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	j, err := crashproof.NewJournal(store, r)
	if err != nil {
		t.Fatalf("NewJournal: %v", err)
	}
	b := tilltest.New(t, j)
	s := crashproof.NewScript(t, b, r, rand.New(rand.NewPCG(seed, 1)))
	for _, step := range s.Day() {
		if err := step.Do(); err != nil {
			t.Fatalf("seed %d, step %s: %v", seed, step.Name, err)
		}
	}
	b.Verify(t)
}

// made is the operation with which the ledger was there.
func made(tr crashproof.Trace) int {
	return slices.IndexFunc(tr.Ops, func(op crashproof.Op) bool { return op.Kind == crashproof.OpConfirm })
}

func TestWithoutFlushesTheProofSeesTheLoss(t *testing.T) {
	r := &crashproof.Recorder{NoFlush: true}
	play(t, r, 1)
	count, left := newTally(), 500
	count.expected = true
	walk := crashproof.Walk{Trace: r.Trace(), Subsets: subsets, Random: rand.New(rand.NewPCG(1, 2)), From: made(r.Trace())}
	pool := crashproof.NewPool(t, *children)
	walk.Each(func(s crashproof.State) bool {
		pool.Crash(s, func(f crashproof.Finding) { count.add(walk.Trace, s, f) })
		left--
		return left > 0 && !count.enough()
	})
	pool.Close()
	count.report(t, "without flushes")
	if count.bad == 0 {
		t.Error("the proof sees nothing wrong with a ledger that is never flushed")
	}
}

func TestCutWhileTheLedgerIsMade(t *testing.T) {
	r := &crashproof.Recorder{}
	path := record(t, r)
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer store.Close()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	count := newTally()
	pool := crashproof.NewPool(t, 1)
	trace := r.Trace()
	trace.Commits = make([]crashproof.Commit, 1)
	walk := crashproof.Walk{Trace: trace, Subsets: subsets, Random: rand.New(rand.NewPCG(1, 2)), From: -1}
	var last crashproof.State
	walk.Each(func(s crashproof.State) bool {
		last = s
		pool.Ask(crashproof.Question{Birth: true}, s.Image, func(f crashproof.Finding) {
			count.mu.Lock()
			defer count.mu.Unlock()
			checked.Add(1)
			if count.states++; f.Fault != "" {
				count.bad++
				count.said = append(count.said, f.Fault)
			}
		})
		return true
	})
	pool.Close()
	count.report(t, "cut while the ledger is made")
	if count.bad > 0 {
		t.Errorf("%d bad states", count.bad)
	}
	if int64(len(image)) != last.Size || !bytes.HasPrefix(image, last.Data) {
		t.Error("the recorder has not seen all that was written")
	}
	if hooks.early(path) {
		t.Error("the ledger had its name while it was being written")
	}
	if ops := trace.Ops; ops[len(ops)-1].Kind != crashproof.OpFlush {
		t.Errorf("the ledger got its name with writes that were not flushed")
	}
}
