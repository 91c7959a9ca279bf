package boltstore_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// TestRecordWithAFlippedBitIsRefused is the one bit of which
// TestFlippedBitsAreNoticed tries many.
func TestRecordWithAFlippedBitIsRefused(t *testing.T) {
	path, value := newPath(t), bytes.Repeat([]byte("a value that is found again "), 4)
	s := open(t, path)
	if err := s.Update(func(tx journal.Tx) error { return tx.PutNote("note", value) }); err != nil {
		t.Fatalf("Update() = %v, want nil", err)
	}
	closeStore(t, s)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(file, value)
	if at < 0 {
		t.Fatal("the value is not in the file: the test shows nothing")
	}
	for ; at >= 0; at = bytes.Index(file, value) {
		file[at] ^= 1
	}
	put(t, path, file)
	s, err = boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open() = %v, want nil", err)
	}
	defer closeStore(t, s)
	err = s.View(func(tx journal.Tx) error {
		_, err := tx.Note("note")
		return err
	})
	if !errors.Is(err, boltstore.ErrDamaged) {
		t.Errorf("Note() of a damaged record = %v, want ErrDamaged", err)
	}
}
