package boltstore_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// crowd is how many callers write at once in the child.
const crowd = 8

// crowdToFullDisk has callers count up, each for itself, until a write fails;
// each then says how far it was told it came, and what it was told last.
func crowdToFullDisk(path string) error {
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	const most = 512 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
		return err
	}
	var group sync.WaitGroup
	said := make([]string, crowd)
	for k := range crowd {
		group.Go(func() {
			for n := uint64(1); ; n++ {
				err := store.Update(func(tx journal.Tx) error {
					value := binary.BigEndian.AppendUint64(nil, n)
					return errors.Join(tx.PutNote(fmt.Sprint("count-", k), value), tx.PutJob(n*crowd+uint64(k), make([]byte, 300)))
				})
				if err != nil {
					said[k] = fmt.Sprintf("%d %t", n-1, errors.Is(err, journal.ErrUnknownResult))
					return
				}
			}
		})
	}
	group.Wait()
	fmt.Println(strings.Join(said, "\n"))
	return nil
}

// TestFailedWriteIsUnknownToAllOfAGroup: when the write fails that callers
// share, each of them learns that the result is unknown, and what each was told
// before is there.
func TestFailedWriteIsUnknownToAllOfAGroup(t *testing.T) {
	path := newPath(t)
	out, err := child(t.Context(), "crowd", path).Output()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != crowd {
		t.Fatalf("child says %q, want %d lines", out, crowd)
	}
	s := open(t, path) // with room again: it is rewritten first
	defer closeStore(t, s)
	for k, line := range lines {
		var told uint64
		var unknown bool
		if _, err := fmt.Sscan(line, &told, &unknown); err != nil || !unknown || told == 0 {
			t.Errorf("caller %d says %q, %v; want some, and that the last one is unknown", k, line, err)
		}
		err := s.View(func(tx journal.Tx) error {
			b, err := tx.Note(fmt.Sprint("count-", k))
			if err == nil && len(b) != 8 {
				err = fmt.Errorf("a count of %d bytes", len(b))
			}
			if err != nil {
				return err
			}
			n := binary.BigEndian.Uint64(b)
			if _, err := tx.Job(n*crowd + uint64(k)); err != nil || n != told && n != told+1 {
				return fmt.Errorf("count %d, %w", n, err)
			}
			return nil
		})
		if err != nil {
			t.Errorf("caller %d was told %d: %v", k, told, err)
		}
	}
}
