//go:build crash

package crashproof_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// How large the ledger is, and how many of its bits are flipped, one at a time.
const (
	flipEntries = 200
	flips       = 2000
)

// members are the ones that scripts serve, and one that is never seen.
var members = []member.ID{1001, 1002, 1003, 1004}

// long is a ledger of many entries: its file, what it held after each commit,
// and the head that the boot remembers.
func long(t *testing.T) (crashproof.Image, []crashproof.Commit, ledger.Head) {
	t.Helper()
	r := &crashproof.Recorder{}
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
	s := crashproof.NewScript(t, b, r, rand.New(rand.NewPCG(1, 1)))
	for b.Verify(t).Entries < flipEntries {
		for _, step := range s.Day() {
			if err := step.Do(); err != nil {
				t.Fatalf("step %s: %v", step.Name, err)
			}
		}
	}
	if err := s.Award(); err != nil { // the newest commit has an entry: without one no head tells that it is gone
		t.Fatalf("the last award: %v", err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return crashproof.Image{Data: bytes.TrimRight(raw, "\x00"), Size: int64(len(raw))}, r.Trace().Commits, b.Verify(t).Head
}

func TestFlippedBitNeverShowsAFalseBalance(t *testing.T) {
	image, commits, head := long(t)
	truth := commits[len(commits)-1].Digest
	pool := crashproof.NewPool(t, *children)
	var mu sync.Mutex
	var right crashproof.Finding
	pool.Ask(crashproof.Question{Members: members}, image, func(f crashproof.Finding) { right = f })
	pool.Close()
	if right.Fault != "" || right.Digest != truth || len(right.Balances) < 4 {
		t.Fatalf("the ledger without a flip: %+v", right)
	}
	pool = crashproof.NewPool(t, *children)
	counts := map[string]int{}
	random := rand.New(rand.NewPCG(5, 5))
	for range flips {
		flipped := crashproof.Image{Data: slices.Clone(image.Data), Size: image.Size}
		at, bit := random.IntN(len(flipped.Data)), random.IntN(8)
		flipped.Data[at] ^= 1 << bit
		pool.Ask(crashproof.Question{Members: members}, flipped, func(f crashproof.Finding) {
			mu.Lock()
			defer mu.Unlock()
			says := verdict(f, truth, commits, head)
			counts[says]++
			if says == silent {
				t.Errorf("bit %d of byte %d: the audit passes what the ledger never held", bit, at)
			}
			if f.Fault != "" && f.Served == "" && !f.Died && !cmp.Equal(f.Balances, right.Balances) {
				counts["found by the audit alone"]++
			}
		})
	}
	pool.Close()
	fmt.Printf("crash proof: flipped bits: %d in %d KiB: %v\n", flips, len(image.Data)>>10, counts)
	if counts["found"] == 0 || counts["harmless"] == 0 {
		t.Error("the flips hit nothing, or all")
	}
}

const silent = "silent"

// verdict says what became of a flip.
func verdict(f crashproof.Finding, truth crashproof.Digest, commits []crashproof.Commit, head ledger.Head) string {
	switch {
	case f.Died && strings.Contains(f.Fault, "was not done within"): // eight seconds each: what such a run mostly waits for
		return "found, by a process that went round in circles"
	case f.Died:
		return "found, by the end of the process"
	case f.Fault != "":
		return "found"
	case f.Digest == truth:
		return "harmless"
	case len(f.Streams) > 0 && f.Streams[len(f.Streams)-1] != head && commits[len(commits)-2].Digest == f.Digest:
		return "found, by the head that the boot remembers" // the newest commit is gone with its meta page
	}
	return silent
}
