package pages_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/boltstore/pages"
)

const pageBytes = 4096

// TestRecordsThatVanishWithACountAreMissed makes the count of every page smaller
// and larger, in one bit: each is noticed, also where bbolt reads on as if the
// records had never been.
func TestRecordsThatVanishWithACountAreMissed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: pageBytes})
	ok(t, err)
	ok(t, db.Update(func(tx *bolt.Tx) error {
		for _, name := range []string{"large", "small", "empty"} {
			b, err := tx.CreateBucket([]byte(name))
			if err != nil {
				return err
			}
			for n := range map[string]int{"large": 3000, "small": 3}[name] {
				if err := b.Put(fmt.Appendf(nil, "key %06d", n), []byte("a value")); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	ok(t, db.Close())
	good, err := os.ReadFile(path)
	ok(t, err)
	if err := counted(t, path); err != nil {
		t.Fatalf("Counted() of a good file = %v", err)
	}
	leaves, branches := 0, 0
	for at := 2 * pageBytes; at < len(good); at += pageBytes {
		flags, count := binary.NativeEndian.Uint16(good[at+8:]), binary.NativeEndian.Uint16(good[at+10:])
		if flags != 1 && flags != 2 || count == 0 {
			continue
		}
		if flags == 1 {
			branches++
		} else {
			leaves++
		}
		bad := append([]byte(nil), good...)
		bad[at+10] ^= 1 << (at / pageBytes % 3)
		ok(t, os.WriteFile(path, bad, 0o600))
		if err := counted(t, path); !errors.Is(err, pages.ErrCount) {
			t.Errorf("page %d with %d records, one bit of the count flipped: %v, want ErrCount", at/pageBytes, count, err)
		}
	}
	if leaves < 10 || branches == 0 {
		t.Errorf("%d leaves and %d branches: the file is too small to show anything", leaves, branches)
	}
}

func counted(t *testing.T, path string) (err error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	ok(t, err)
	defer func() { ok(t, db.Close()) }()
	return db.View(pages.Counted)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
