package boltstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// sealedLedger has three incarnations, of which the first two are sealed, and
// entries of the third that made what is sealed leave the file.
func sealedLedger(t *testing.T) (*seller, string) {
	t.Helper()
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	t.Cleanup(func() { s.store.Close() })
	var heads []ledger.Head
	for s.i = 1; s.i <= 3; s.i++ {
		var head ledger.Head
		for range 100 {
			var err error
			if head, err = s.sell(); err != nil {
				t.Fatalf("sell: %v", err)
			}
		}
		heads = append(heads, head)
	}
	s.i = 3
	before := dump(s.store, s.refs)
	if n, err := s.store.Seal(heads[1]); n != 198 || err != nil {
		t.Fatalf("Seal() = %d, %v, want 198: the newest entry of each incarnation stays", n, err)
	}
	if n, err := s.store.Seal(heads[1]); n != 0 || err != nil {
		t.Errorf("Seal() again = %d, %v, want 0", n, err)
	}
	if got := dump(s.store, s.refs); got != before {
		t.Errorf("sealed, the ledger reads as %s, want %s", got, before)
	}
	for range 200 {
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	return s, path
}

func TestSealedEntriesLeaveTheFileAndAreStillRead(t *testing.T) {
	s, path := sealedLedger(t)
	report, err := audit.Verify(s.store, tilltest.Terminal, nil)
	if err != nil || report.Entries != 500 || report.Streams != 3 {
		t.Errorf("Verify() = %d entries in %d incarnations, %v; want 500 in 3", report.Entries, report.Streams, err)
	}
	if err := s.store.View(func(tx journal.Tx) error {
		_, err := tx.Referred(s.refs[0])
		return err
	}); err != nil {
		t.Errorf("Referred() of a sealed entry = %v, want nil", err)
	}
	archives := path + ".sealed"
	if err := os.Rename(archives, archives+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verify(s.store, tilltest.Terminal, nil); !errors.Is(err, boltstore.ErrSealed) {
		t.Errorf("Verify() without the archives = %v, want ErrSealed: the entries have not left the file", err)
	}
	if _, err := s.sell(); err != nil {
		t.Errorf("sale without the archives: %v", err)
	}
}

func TestFlippedBitOfAnArchiveIsNoticed(t *testing.T) {
	s, path := sealedLedger(t)
	names, err := filepath.Glob(path + ".sealed/*.sealed")
	if err != nil || len(names) != 2 {
		t.Fatalf("archives %v, %v, want 2", names, err)
	}
	whole, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	read := func() error { // every sealed entry of the first archive
		return s.store.View(func(tx journal.Tx) error {
			for seq := ledger.Seq(1); seq < 100; seq++ {
				if _, err := tx.Record(1, seq); err != nil {
					return err
				}
			}
			return nil
		})
	}
	noticed, tried := 0, 0
	for n := range 200 {
		bit := bitOf(n, len(whole))
		whole[bit/8] ^= 1 << (bit % 8)
		put(t, names[0], whole)
		whole[bit/8] ^= 1 << (bit % 8)
		tried++
		if err := read(); err != nil {
			noticed++
		} else if err := s.store.Backup(t.Context(), path+".backup"); err == nil {
			t.Errorf("bit %d of byte %d: nobody notices", bit%8, bit/8)
		}
	}
	put(t, names[0], whole)
	if err := read(); err != nil || noticed < tried/2 {
		t.Errorf("%d of %d flips noticed on reading, the whole archive %v", noticed, tried, err)
	}
}

func TestBackupAndRebuildTakeTheArchivesAlong(t *testing.T) {
	s, _ := sealedLedger(t)
	folder := t.TempDir()
	backup, copied := filepath.Join(folder, "backup.db"), filepath.Join(folder, "copy.db")
	if err := s.store.Backup(t.Context(), backup); err != nil {
		t.Fatalf("Backup() = %v, want nil", err)
	}
	if _, err := s.store.CopyJournals(copied); err != nil {
		t.Fatalf("CopyJournals() = %v, want nil", err)
	}
	rebuilt := open(t, copied)
	err := audit.Rebuild(rebuilt, tilltest.Terminal)
	if err := errors.Join(err, rebuilt.Close()); err != nil {
		t.Fatalf("Rebuild() = %v, want nil", err)
	}
	report, err := audit.Verify(s.store, tilltest.Terminal, nil)
	if err != nil {
		t.Fatalf("Verify() = %v, want nil", err)
	}
	want := report.Head
	for _, at := range []string{backup, copied} {
		if got := verified(t, at); got != want {
			t.Errorf("%s ends at %s, want %s", filepath.Base(at), got, want)
		}
	}
}

// TestWholeArchivesOfALongIncarnation: an incarnation that goes on is sealed in
// whole archives only.
func TestWholeArchivesOfALongIncarnation(t *testing.T) {
	s := open(t, newPath(t))
	defer closeStore(t, s)
	var head ledger.Head
	const count = 21_000
	for from := ledger.Seq(1); from <= count; from += 500 {
		err := s.Update(func(tx journal.Tx) error {
			for seq := from; seq < from+500; seq++ {
				raw := fmt.Appendf(nil, "entry %d", seq)
				head = ledger.Head{Incarnation: 1, Seq: seq, Hash: head.Hash.Next(raw)}
				if err := tx.Append(journal.Record{Head: head, Raw: raw}, ""); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("Update() = %v, want nil", err)
		}
	}
	if n, err := s.Seal(head); n != 20_000 || err != nil {
		t.Fatalf("Seal() = %d, %v, want 20000", n, err)
	}
	if _, err := s.Seal(ledger.Head{Incarnation: 1, Seq: 5}); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("Seal(another head) = %v, want ErrNotFound", err)
	}
}

// What healing adds to an incarnation that was sealed to its end is sealed with
// the rest of its archive, and is read like any entry.
func TestSealedIncarnationThatHealingMadeLonger(t *testing.T) {
	s, _ := sealedLedger(t)
	grown := ledger.Incarnation(2)
	var head ledger.Head
	if err := s.store.View(func(tx journal.Tx) error {
		streams, err := tx.Streams()
		head = streams[1]
		return err
	}); err != nil || head.Incarnation != grown {
		t.Fatalf("the second incarnation ends with %s, %v", head, err)
	}
	for n := range 3 {
		raw, err := ledger.Encode(ledger.Entry{Ref: fmt.Sprint("healed-", n), Body: &ledger.Mark{}})
		if err != nil {
			t.Fatal(err)
		}
		head.Seq, head.Hash = head.Seq+1, head.Hash.Next(raw)
		s.refs = append(s.refs, fmt.Sprint("healed-", n))
		if err := s.store.Update(func(tx journal.Tx) error {
			return tx.Append(journal.Record{Head: head, Raw: raw}, s.refs[len(s.refs)-1])
		}); err != nil {
			t.Fatalf("Append: %v", err)
		}
	}
	before := dump(s.store, s.refs)
	if n, err := s.store.Seal(head); n != 3 || err != nil {
		t.Fatalf("Seal() = %d, %v, want the 3 that are new and not the newest", n, err)
	}
	if n, err := s.store.Seal(head); n != 0 || err != nil {
		t.Errorf("Seal() again = %d, %v, want 0", n, err)
	}
	if got := dump(s.store, s.refs); got != before {
		t.Errorf("sealed, the ledger reads as %s, want %s", got, before)
	}
	for range 50 {
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	if err := s.store.View(func(tx journal.Tx) error {
		for seq := ledger.Seq(1); seq <= head.Seq; seq++ {
			if _, err := tx.Record(grown, seq); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Errorf("an entry that left the ledger: %v", err)
	}
}
