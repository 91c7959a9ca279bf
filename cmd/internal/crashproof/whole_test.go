//go:build crash

package crashproof_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// wholeStates is how many states of each kind of work are checked without -all.
const wholeStates = 300

// lived is a ledger after a day, in a folder of its own, that nobody has open.
func lived(t *testing.T) (dir string) {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(crashproof.Scratch(t), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, store)
	s := crashproof.NewScript(t, b, &crashproof.Recorder{}, rand.New(rand.NewPCG(1, 1)))
	dir = crashproof.Scratch(t)
	for n, step := range s.Day() {
		if err := step.Do(); err != nil {
			t.Fatalf("step %s: %v", step.Name, err)
		}
		if n == 9 { // an older backup
			must(t, "backup", store.Backup(t.Context(), filepath.Join(dir, "copy.db")))
		}
	}
	must(t, "backup", store.Backup(t.Context(), filepath.Join(dir, "ledger.db")))
	return dir
}

func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// digest is the hash of all that a ledger holds.
func digest(t *testing.T, path string) (d crashproof.Digest) {
	t.Helper()
	store, err := boltstore.OpenRead(path)
	must(t, "open", err)
	defer store.Close()
	must(t, "read", store.View(func(tx journal.Tx) error {
		d, err = crashproof.DigestOf(tx)
		return err
	}))
	return d
}

// folderJournal notes commits, as Journal does for one file.
type folderJournal struct {
	*boltstore.Store
	folder *crashproof.Folder
}

func (j folderJournal) Update(fn func(journal.Tx) error) error {
	n := 0
	err := j.Store.Update(func(tx journal.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		d, err := crashproof.DigestOf(tx)
		n = j.folder.Begin(d)
		return err
	})
	if err == nil {
		j.folder.Confirm(n)
	}
	return err
}

// backup copies a ledger over an older copy of it.
func backup(t *testing.T, f *crashproof.Folder) {
	store, err := boltstore.Open(filepath.Join(f.Dir, "ledger.db"), tilltest.Terminal)
	must(t, "open", err)
	defer store.Close()
	must(t, "backup", store.Backup(context.Background(), filepath.Join(f.Dir, "copy.db")))
}

// seal seals what is over, and sells on until some of it has left the ledger.
func seal(t *testing.T, f *crashproof.Folder) {
	store, err := boltstore.Open(filepath.Join(f.Dir, "ledger.db"), tilltest.Terminal)
	must(t, "open", err)
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, folderJournal{store, f})
	must(t, "sign in", b.Till.Record(clerk.By{Lane: 1, Actor: "c1"}, &ledger.SignIn{}))
	n, err := store.Seal(*b.Left)
	if err != nil || n == 0 {
		t.Fatalf("Seal = %d, %v; want that some are sealed", n, err)
	}
	for range 20 {
		must(t, "sell on", b.Till.Record(clerk.By{Lane: 1, Actor: "c1"}, &ledger.SignIn{}))
	}
}

// TestPowerCutDuringWorkOnWholeFiles is faults S23 and S25: whatever a power cut
// leaves of a backup, a compaction, a rewriting or a sealing, the ledger holds
// what it held, and a backup is the old one or the new one.
func TestPowerCutDuringWorkOnWholeFiles(t *testing.T) {
	for _, work := range []struct {
		name string
		do   func(*testing.T, *crashproof.Folder)
	}{
		{"backup", backup},
		{"compact", func(t *testing.T, f *crashproof.Folder) {
			must(t, "compact", boltstore.Compact(filepath.Join(f.Dir, "ledger.db")))
		}},
		{"rewrite", func(t *testing.T, f *crashproof.Folder) {
			must(t, "rewrite", boltstore.Rewrite(filepath.Join(f.Dir, "ledger.db")))
		}},
		{"seal", seal},
	} {
		for _, unflushed := range []bool{false, true} {
			name := work.name
			if unflushed {
				name += "-without-flushes"
			}
			t.Run(name, func(t *testing.T) {
				dir := lived(t)
				old, now := digest(t, filepath.Join(dir, "copy.db")), digest(t, filepath.Join(dir, "ledger.db"))
				f, err := crashproof.NewFolder(dir)
				must(t, "folder", err)
				f.NoFlush = unflushed
				f.Confirm(f.Begin(now))
				hooks.watch(f)
				work.do(t, f)
				hooks.watch(nil)
				bad := prove(t, f, name, old, now)
				if !unflushed && bad > 0 {
					t.Errorf("%d bad states", bad)
				}
				if unflushed && bad == 0 {
					t.Error("the proof sees nothing wrong with files that are never flushed")
				}
			})
		}
	}
}

// prove checks states of a folder and returns how many were bad.
func prove(t *testing.T, f *crashproof.Folder, name string, old, now crashproof.Digest) int {
	t.Helper()
	walk := func() *crashproof.FolderWalk {
		return &crashproof.FolderWalk{Folder: f, Subsets: 4, Random: rand.New(rand.NewPCG(1, 2))}
	}
	total := 0
	walk().Each(func(crashproof.FolderState) bool { total++; return true })
	step, n := max(total/wholeStates, 1), 0
	if *all {
		step = 1
	}
	count, commits := newTally(), f.Commits()
	count.expected = f.NoFlush
	pool := crashproof.NewPool(t, *children)
	walk().Each(func(s crashproof.FolderState) bool {
		if n++; n%step != 0 {
			return true
		}
		pool.Folder("ledger.db", s.Files, func(found crashproof.Finding) {
			count.file("ledger.db", found, commits[s.Confirmed].Digest, commits[s.Begun].Digest)
		})
		pool.Folder("copy.db", s.Files, func(found crashproof.Finding) { count.file("copy.db", found, old, now) })
		return !count.enough()
	})
	pool.Close()
	count.report(t, fmt.Sprintf("power cut during %s, of %d states", name, total))
	return count.bad
}

// file counts one file of a state.
func (c *tally) file(name string, f crashproof.Finding, want ...crashproof.Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states++
	if !c.expected {
		checked.Add(1)
	}
	if f.Fault == "" && slices.Contains(want, f.Digest) {
		return
	}
	c.bad++
	if len(c.said) < 5 {
		c.said = append(c.said, fmt.Sprintf("%s: %q, %x", name, f.Fault, f.Digest[:4]))
	}
}
