package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// TestBackupWhileSalesGoOn is fault S24: each backup is a ledger that
// verifies, and holds what the ledger held at one moment.
func TestBackupWhileSalesGoOn(t *testing.T) {
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	defer closeStore(t, s.store)
	const sales = 1000
	heads := make(map[ledger.Head]bool, sales)
	done := make(chan error, 1)
	var mu sync.Mutex
	go func() {
		for range sales {
			head, err := s.sell()
			if err != nil {
				done <- err
				return
			}
			mu.Lock()
			heads[head] = true
			mu.Unlock()
		}
		done <- nil
	}()
	to := filepath.Join(filepath.Dir(path), "backup.db")
	backups, last := 0, ledger.Seq(0)
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("sell: %v", err)
			}
			running = false
		default:
		}
		if err := s.store.Backup(t.Context(), to); err != nil {
			t.Fatalf("Backup() = %v, want nil", err)
		}
		head := verified(t, to)
		if mu.Lock(); head.Seq < last || head.Seq > 0 && running && !heads[head] && head.Seq < ledger.Seq(len(heads)) {
			t.Errorf("backup %d ends at %s after one that ended at %d", backups, head, last)
		}
		mu.Unlock()
		backups, last = backups+1, head.Seq
	}
	if backups < 3 || last != sales {
		t.Errorf("%d backups, the last one of %d entries; want some, and one of %d", backups, last, sales)
	}
}

// verified verifies a ledger from its first entry and returns its head.
func verified(t testing.TB, path string) ledger.Head {
	t.Helper()
	s, err := boltstore.OpenRead(path)
	if err != nil {
		t.Fatalf("OpenRead(%s) = %v, want nil", filepath.Base(path), err)
	}
	defer closeStore(t, s)
	report, err := audit.Verify(s, tilltest.Terminal, nil)
	if err != nil {
		t.Fatalf("Verify(%s) = %v, want nil", filepath.Base(path), err)
	}
	return report.Head
}

func TestBackupReplacesNothingButABackup(t *testing.T) {
	s := open(t, newPath(t))
	defer closeStore(t, s)
	folder := t.TempDir()
	text := filepath.Join(folder, "letter.txt")
	put(t, text, []byte("dear customer"))
	foreign := filepath.Join(folder, "foreign.db")
	closeStore(t, mustOpen(t, foreign, 77))
	for _, c := range []struct {
		name, to string
		want     error
	}{{"a-text", text, boltstore.ErrDamaged}, {"another-terminals-ledger", foreign, boltstore.ErrForeign}, {"no-folder", filepath.Join(folder, "no", "x.db"), os.ErrNotExist}} {
		t.Run(c.name, func(t *testing.T) {
			if err := s.Backup(t.Context(), c.to); !errors.Is(err, c.want) {
				t.Errorf("Backup() = %v, want an error that matches %q", err, c.want)
			}
		})
	}
	if b, err := os.ReadFile(text); string(b) != "dear customer" {
		t.Errorf("the text is %q, %v", b, err)
	}
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if err := s.Backup(late, filepath.Join(folder, "late.db")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Backup(no time) = %v, want that its time is over", err)
	}
	left, err := os.ReadDir(folder)
	if len(left) != 2 {
		t.Errorf("the folder holds %v, %v; want what was there", left, err)
	}
}

func TestBackupOntoTheLedgerItselfIsRefused(t *testing.T) {
	path := newPath(t)
	s := open(t, path)
	defer closeStore(t, s)
	if err := s.Backup(t.Context(), path); err == nil {
		t.Error("Backup(the ledger itself) = nil, want an error")
	}
}

func TestCompactKeepsEverythingInLessRoom(t *testing.T) {
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	for range 200 {
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	for size := range 3 { // room that is needed no longer
		err := s.store.Update(func(tx journal.Tx) error { return tx.PutNote("big", make([]byte, 4<<20>>(8*size))) })
		if err != nil {
			t.Fatalf("PutNote() = %v, want nil", err)
		}
	}
	want := dump(s.store, s.refs)
	if err := boltstore.Compact(path); !errors.Is(err, boltstore.ErrInUse) {
		t.Errorf("Compact(in use) = %v, want ErrInUse", err)
	}
	closeStore(t, s.store)
	before := len(used(t, path))
	if err := boltstore.Compact(path); err != nil {
		t.Fatalf("Compact() = %v, want nil", err)
	}
	if after := len(used(t, path)); after > before/2 {
		t.Errorf("%d bytes after compaction, %d before", after, before)
	}
	verified(t, path)
	s.store = open(t, path)
	defer closeStore(t, s.store)
	if got := dump(s.store, s.refs); got != want {
		t.Errorf("the compacted ledger reads as %s, want %s", got, want)
	}
	if _, err := s.sell(); err != nil {
		t.Errorf("sale after compaction: %v", err)
	}
}

// TestFailedWriteIsRewrittenAtTheNextStart is the mark that a failed write
// leaves, and bolt R10.
func TestFailedWriteIsRewrittenAtTheNextStart(t *testing.T) {
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	for range 30 {
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	want := dump(s.store, s.refs)
	closeStore(t, s.store)
	put(t, path+".failed", []byte("a write failed"))
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s.store = open(t, path)
	defer closeStore(t, s.store)
	after, err := os.Stat(path)
	if err != nil || os.SameFile(before, after) {
		t.Errorf("the file is the old one, %v; want another", err)
	}
	if got := dump(s.store, s.refs); got != want {
		t.Errorf("the rewritten ledger reads as %s, want %s", got, want)
	}
	if _, err := os.Stat(path + ".failed"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark is still there: %v", err)
	}
	if _, err := s.sell(); err != nil {
		t.Errorf("sale after the rewrite: %v", err)
	}
}

func TestLedgerThatWasThereIsNotMadeAnew(t *testing.T) {
	path := newPath(t)
	if s, err := boltstore.OpenExisting(path, tilltest.Terminal); !errors.Is(err, boltstore.ErrMissing) {
		t.Errorf("OpenExisting(no file) = %v, %v, want ErrMissing", s, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
}

func TestRoomIsTold(t *testing.T) {
	s := &seller{store: open(t, newPath(t)), i: 1}
	defer closeStore(t, s.store)
	before, err := s.store.Room()
	if err != nil || before.Ballast || !before.Short || before.Used == 0 || before.Free == 0 || before.Largest < 64<<20 {
		t.Errorf("Room() = %+v, %v", before, err)
	}
	if err := s.store.KeepBallast(); err != nil {
		t.Fatalf("KeepBallast() = %v, want nil", err)
	}
	for range 200 {
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	after, err := s.store.Room()
	if err != nil || !after.Ballast || after.Short || after.Used <= before.Used {
		t.Errorf("Room() = %+v, %v; want the ballast, and more used than %d", after, err, before.Used)
	}
}

// TestWorkOnWholeFilesThatIsKilled is faults S23 and S25: whatever a child does
// with whole files is killed at some moment, again and again.
func TestWorkOnWholeFilesThatIsKilled(t *testing.T) {
	whole := sold(t, 300)
	for _, does := range []string{"backup", "compact", "rewrite"} {
		t.Run(does, func(t *testing.T) {
			path := newPath(t)
			put(t, path, whole.file)
			backup := path + ".backup"
			put(t, backup, whole.file)
			killed := 0
			for after := time.Duration(0); after < 60*time.Millisecond; after += 3 * time.Millisecond {
				c := child(t.Context(), does, path)
				out, err := c.StdoutPipe()
				if err == nil {
					err = c.Start()
				}
				if err != nil {
					t.Fatal(err)
				}
				_, _ = out.Read(make([]byte, 1)) // it has begun
				time.Sleep(after)
				if c.Process.Kill() == nil && c.Wait() != nil {
					killed++
				}
				for _, at := range []string{path, backup} {
					if head := verified(t, at); head != whole.head {
						t.Errorf("killed after %s: %s ends at %s, want %s", after, strings.TrimPrefix(at, path), head, whole.head)
					}
				}
			}
			if killed < 10 {
				t.Errorf("killed %d times: the test shows little", killed)
			}
		})
	}
}

// workForEver does something with whole files until it is killed.
func workForEver(does string) func(string) error {
	return func(path string) error {
		for {
			var err error
			switch does {
			case "compact":
				err = boltstore.Compact(path)
			case "rewrite":
				err = boltstore.Rewrite(path)
			default:
				err = backUp(path)
			}
			if err != nil {
				return err
			}
			fmt.Println(does)
		}
	}
}

func backUp(path string) error {
	s, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	fmt.Println("open")
	return errors.Join(s.Backup(context.Background(), path+".backup"), s.Close())
}

// A basket that is damaged keeps no till closed for good: what is copied for a
// rebuild goes without it, and says so.
func TestDamagedNoteIsLeftOutOfARebuild(t *testing.T) {
	path := newPath(t)
	s, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	err = s.Update(func(tx journal.Tx) error {
		return errors.Join(tx.PutNote("lane-1", []byte("a basket of rice")), tx.PutNote("acked", []byte("all of it")))
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, bytes.ReplaceAll(b, []byte("basket of rice"), []byte("basket of mice")))
	if s, err = boltstore.OpenRead(path); err != nil {
		t.Fatalf("OpenRead: %v", err)
	}
	copied := newPath(t)
	left, err := s.CopyJournals(copied)
	if err := errors.Join(err, s.Close()); err != nil || len(left) != 1 || !strings.Contains(left[0], "lane-1") {
		t.Fatalf("CopyJournals = %q, %v; want lane-1 left out", left, err)
	}
	if s, err = boltstore.Open(copied, tilltest.Terminal); err != nil {
		t.Fatalf("Open the copy: %v", err)
	}
	defer closeStore(t, s)
	err = s.View(func(tx journal.Tx) error {
		basket, err := tx.Note("lane-1")
		acked, err2 := tx.Note("acked")
		if basket != nil || string(acked) != "all of it" {
			t.Errorf("copied %q and %q", basket, acked)
		}
		return errors.Join(err, err2, tx.Check())
	})
	if err != nil {
		t.Error(err)
	}
}
