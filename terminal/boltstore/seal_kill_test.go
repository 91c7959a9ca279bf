package boltstore_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// sealingLedger tells a child that seals where its ledger is.
const sealingLedger = "BOLTSTORE_SEALING"

// TestChildSeals is the program that TestSealingThatIsKilled kills: it seals
// the first incarnation, and sells, so that what is sealed leaves the file.
func TestChildSeals(t *testing.T) {
	path := os.Getenv(sealingLedger)
	if path == "" {
		return
	}
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	if _, err := store.Seal(firstHead(t, store)); err != nil {
		t.Fatal(err)
	}
	for s := (&seller{store: store, i: 3}); ; {
		if _, err := s.sell(); err != nil {
			t.Fatal(err)
		}
	}
}

// firstHead is the newest entry of the oldest incarnation.
func firstHead(t *testing.T, s *boltstore.Store) (head ledger.Head) {
	t.Helper()
	err := s.View(func(tx journal.Tx) error {
		streams, err := tx.Streams()
		if len(streams) > 0 {
			head = streams[0]
		}
		return err
	})
	if err != nil {
		t.Fatalf("Streams() = %v, want nil", err)
	}
	return head
}

func TestSealingThatIsKilled(t *testing.T) {
	path := newPath(t)
	s := &seller{store: open(t, path), i: 1}
	for n := range 80 {
		s.i = ledger.Incarnation(1 + n/60)
		if _, err := s.sell(); err != nil {
			t.Fatalf("sell: %v", err)
		}
	}
	closeStore(t, s.store)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var killed, sealed int
	for after := time.Duration(0); after < 60*time.Millisecond; after += 3 * time.Millisecond {
		put(t, path, whole)
		if err := os.RemoveAll(path + ".sealed"); err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChildSeals$")
		c.Env = append(os.Environ(), sealingLedger+"="+path)
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
		s := open(t, path)
		report, err := audit.Verify(s, tilltest.Terminal, nil)
		if err != nil || report.Entries < 80 {
			t.Errorf("killed after %s: Verify() = %d entries, %v; want 80 or more", after, report.Entries, err)
		}
		n, err := s.Seal(firstHead(t, s))
		if err != nil {
			t.Errorf("killed after %s: Seal() = %v, want nil", after, err)
		}
		if n == 0 { // the child had: now all of it leaves the file
			sealed++
			for s := (&seller{store: s, i: 4}); s.n < 50; {
				if _, err := s.sell(); err != nil {
					t.Fatalf("sell: %v", err)
				}
			}
		}
		if _, err := audit.Verify(s, tilltest.Terminal, nil); err != nil {
			t.Errorf("killed after %s, sealed then: Verify() = %v, want nil", after, err)
		}
		closeStore(t, s)
	}
	if killed < 10 || sealed == 0 {
		t.Errorf("killed %d times, %d of them after the sealing: the test shows little", killed, sealed)
	}
}
