package boltstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

func TestJournal(t *testing.T) {
	tilltest.TestJournal(t, func(t testing.TB, folder string) tilltest.Journal { return open(t, filepath.Join(folder, "ledger.db")) })
}

func open(t testing.TB, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open() = %v, want nil", err)
	}
	return s
}

func closeStore(t testing.TB, s *boltstore.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close() = %v, want nil", err)
	}
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "ledger.db") }

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"in-use", func(t *testing.T, path string) {
			s := open(t, path)
			t.Cleanup(func() { closeStore(t, s) })
		}, boltstore.ErrInUse},
		{"of-another-terminal", func(t *testing.T, path string) {
			closeStore(t, mustOpen(t, path, 2))
		}, boltstore.ErrForeign},
		{"of-another-version", func(t *testing.T, path string) { plant(t, path, "version", []byte{ledger.Version + 1, 1}) }, boltstore.ErrVersion},
		{"of-another-layout", func(t *testing.T, path string) { plant(t, path, "version", []byte{ledger.Version, 2}) }, boltstore.ErrVersion},
		{"of-the-first-layout", func(t *testing.T, path string) {
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bolt.Tx) error {
				_, err := tx.CreateBucket([]byte("meta"))
				return err
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}, boltstore.ErrVersion},
		{"version-damaged", func(t *testing.T, path string) { plant(t, path, "version", nil) }, boltstore.ErrDamaged},
		{"owner-damaged", func(t *testing.T, path string) { plant(t, path, "terminal", []byte{1}) }, boltstore.ErrDamaged},
		{"empty-file", func(t *testing.T, path string) { put(t, path, nil) }, boltstore.ErrDamaged},
		{"one-page", func(t *testing.T, path string) { put(t, path, make([]byte, 4096)) }, boltstore.ErrDamaged},
		{"zeros", func(t *testing.T, path string) { put(t, path, make([]byte, 64<<10)) }, boltstore.ErrDamaged},
		{"no-ledger", func(t *testing.T, path string) { put(t, path, bytes.Repeat([]byte("not a ledger "), 5000)) }, boltstore.ErrDamaged},
		{"another-bolt-file", func(t *testing.T, path string) {
			db, err := bolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}, boltstore.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := newPath(t)
			c.spoil(t, path)
			if s, err := boltstore.Open(path, tilltest.Terminal); !errors.Is(err, c.want) {
				t.Errorf("Open() = %v, %v, want an error that matches %q", s, err, c.want)
			}
		})
	}
}

// Who names a data folder is told so, not that a ledger is damaged.
func TestAFolderIsNoDamagedLedger(t *testing.T) {
	if s, err := boltstore.Open(t.TempDir(), tilltest.Terminal); s != nil || errors.Is(err, boltstore.ErrDamaged) || !strings.Contains(fmt.Sprint(err), "is a folder") {
		t.Errorf("Open(a folder) = %v, %v, want that it is a folder", s, err)
	}
}

func mustOpen(t *testing.T, path string, id ledger.TerminalID) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, id)
	if err != nil {
		t.Fatalf("Open(%s) = %v, want nil", id, err)
	}
	return s
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// plant writes a value of the owner's bucket with the checksum that DESIGN.md
// describes; nil plants one that is wrong.
func plant(t *testing.T, path, key string, value []byte) {
	t.Helper()
	closeStore(t, open(t, path))
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Appendf(nil, "o\x00\x00\x00%c%s%s", len(key), key, value)
	sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	sealed := append(bytes.Clone(value), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
	if value == nil {
		sealed = []byte{ledger.Version, 1, 2, 3, 4}
	}
	err = db.Update(func(tx *bolt.Tx) error { return tx.Bucket([]byte("o")).Put([]byte(key), sealed) })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnlyOpenTellsWhoseItIs(t *testing.T) {
	path := newPath(t)
	closeStore(t, mustOpen(t, path, 42))
	s, err := boltstore.OpenRead(path)
	if err != nil {
		t.Fatalf("OpenRead() = %v, want nil", err)
	}
	defer closeStore(t, s)
	if s.Terminal() != 42 {
		t.Errorf("Terminal() = %s, want t42", s.Terminal())
	}
	if err := s.Update(func(journal.Tx) error { return nil }); err == nil {
		t.Error("Update() of what is open to be read = nil, want an error")
	}
	if _, err := boltstore.OpenRead(newPath(t)); err == nil {
		t.Error("OpenRead(no file) = nil, want an error")
	}
}

func TestHalfMadeLedgerIsMadeAnew(t *testing.T) {
	path := newPath(t)
	put(t, path+".new", []byte("a power cut left this"))
	closeStore(t, open(t, path))
	if _, err := os.Stat(path + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file aside is still there: %v", err)
	}
}

func TestLedgerThatCannotBeMadeIsAnError(t *testing.T) {
	if s, err := boltstore.Open(filepath.Join(t.TempDir(), "no", "folder", "ledger.db"), 1); err == nil {
		t.Errorf("Open(no folder) = %v, want an error", s)
	}
}

func TestTruncatedFileIsRefused(t *testing.T) {
	whole := sold(t, 100)
	if len(whole.file) < 10*4096 {
		t.Fatalf("ledger of %d bytes: the test shows little", len(whole.file))
	}
	for size := 0; size < len(whole.file); size += 4096 {
		path := newPath(t)
		put(t, path, whole.file[:size])
		if s, err := boltstore.Open(path, tilltest.Terminal); !errors.Is(err, boltstore.ErrDamaged) {
			t.Errorf("Open(%d of %d bytes) = %v, %v, want ErrDamaged", size, len(whole.file), s, err)
		}
	}
	path := newPath(t)
	put(t, path, whole.file)
	s := open(t, path)
	defer closeStore(t, s)
	if got := dump(s, whole.refs); got != whole.dump {
		t.Errorf("the whole ledger reads as %s, want %s", got, whole.dump)
	}
}

func TestDamagedMetaPages(t *testing.T) {
	whole := sold(t, 3)
	spoiled := func(pages ...int) error {
		b := bytes.Clone(whole.file)
		for _, p := range pages {
			b[p*4096+40] ^= 1
		}
		path := newPath(t)
		put(t, path, b)
		s, err := boltstore.Open(path, tilltest.Terminal)
		if err != nil {
			return err
		}
		defer closeStore(t, s)
		if got := s.Doubtful(); got != (len(pages) > 0) {
			t.Errorf("Doubtful(%d meta pages damaged) = %v", len(pages), got)
		}
		_, err = audit.Verify(s, tilltest.Terminal, nil)
		return err
	}
	if err := spoiled(); err != nil {
		t.Errorf("Verify(as it was) = %v", err)
	}
	if err := spoiled(0, 1); !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("Open(both meta pages damaged) = %v, want ErrDamaged", err)
	}
	for page := range 2 { // the other one is whole: its state is a whole one
		if err := spoiled(page); err != nil {
			t.Errorf("Verify(meta page %d damaged) = %v, want nil", page, err)
		}
	}
}

func TestDamagedListOfFreePagesIsRefused(t *testing.T) {
	whole := sold(t, 20)
	const kindAt, freeList = 8, 0x10 // in the header of a page
	found := 0
	for page := 0; page < len(whole.file); page += 4096 {
		if whole.file[page+kindAt] == freeList {
			whole.file[page+kindAt] = 0
			found++
		}
	}
	if found == 0 {
		t.Fatal("the file has no list of free pages: the test shows nothing")
	}
	path := newPath(t)
	put(t, path, whole.file)
	if s, err := boltstore.Open(path, tilltest.Terminal); !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("Open() = %v, %v, want ErrDamaged", s, err)
	}
}

// TestVerifyFollowsReferences: an entry that its reference does not lead to
// could be written a second time.
func TestVerifyFollowsReferences(t *testing.T) {
	for _, c := range []struct {
		name, ref string
		want      error
	}{{"kept", "ref-1", nil}, {"missing", "", audit.ErrWrong}, {"another", "ref-2", audit.ErrWrong}} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, newPath(t))
			defer closeStore(t, s)
			err := s.Update(func(tx journal.Tx) error {
				state, err := fold.Load(tilltest.Terminal, tx)
				if err != nil {
					return err
				}
				raw, err := ledger.Encode(ledger.Entry{Ref: "ref-1", Body: &ledger.Open{}})
				if err != nil {
					return err
				}
				if _, err := state.Apply(1, raw); err != nil {
					return err
				}
				return errors.Join(tx.Append(journal.Record{Head: state.Head(), Raw: raw}, c.ref), state.Flush(tx.PutState))
			})
			if err != nil {
				t.Fatalf("Update() = %v, want nil", err)
			}
			if _, err := audit.Verify(s, tilltest.Terminal, nil); !errors.Is(err, c.want) {
				t.Errorf("Verify() = %v, want %v", err, c.want)
			}
		})
	}
}
