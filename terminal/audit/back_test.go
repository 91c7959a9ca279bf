package audit_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// script writes a journal entry by entry, as a till never would by itself.
type script struct {
	t     *testing.T
	store *boltstore.Store
	state *fold.State
}

func newScript(t *testing.T) *script {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	state, err := fold.Load(tilltest.Terminal, fold.Memory{})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return &script{t, store, state}
}

// add writes an entry and returns where it stands.
func (s *script) add(i ledger.Incarnation, body ledger.Body) ledger.Head {
	s.t.Helper()
	raw, err := ledger.Encode(ledger.Entry{Programme: "1-00000000", Actor: "c1", Lane: 1, Wall: 1, Body: body})
	if err != nil {
		s.t.Fatalf("Encode(%T): %v", body, err)
	}
	if _, err := s.state.Apply(i, raw); err != nil {
		s.t.Fatalf("Apply(%T): %v", body, err)
	}
	head := s.state.Head()
	if err := s.store.Update(func(tx journal.Tx) error { return tx.Append(journal.Record{Head: head, Raw: raw}, "") }); err != nil {
		s.t.Fatalf("Append(%T): %v", body, err)
	}
	return head
}

// spend writes a sale that takes some of a lot.
func (s *script) spend(i ledger.Incarnation, of ledger.Head, n lot.Amount) {
	s.t.Helper()
	id := lot.ID{Origin: ledger.Origin(tilltest.Terminal, of.Incarnation, of.Seq)}
	s.add(i, &ledger.Sale{Member: 7, Day: 20000, Deduction: &ledger.Deduction{
		Asset: "points:consumption", Draws: []lot.Draw{{Lot: id, Amount: n}},
	}})
}

// TestMoreThanWasHeldIsWrongUnlessTheDiskHadGoneBack: also where it went back once
// more before it had its own end again, and all came back together.
func TestMoreThanWasHeldIsWrongUnlessTheDiskHadGoneBack(t *testing.T) {
	for _, c := range []struct {
		name string
		back bool
		want error
	}{{"here-all-the-time", false, audit.ErrWrong}, {"went-back-twice", true, nil}} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript(t)
			s.add(1, &ledger.Open{})
			of := s.add(1, &ledger.Sale{Member: 7, Day: 20000, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: "points:consumption", Amount: 10, Expires: 21000}}}})
			s.spend(1, of, 8)
			if c.back {
				s.add(2, &ledger.Open{Parent: of})
				s.spend(2, of, 8)
				s.add(3, &ledger.Open{Parent: of})
				s.add(3, &ledger.Healed{Child: 3, Entries: 3})
			} else {
				s.spend(1, of, 8)
			}
			if err := s.store.Update(func(tx journal.Tx) error { return s.state.Flush(tx.PutState) }); err != nil {
				t.Fatalf("PutState: %v", err)
			}
			if _, err := audit.Verify(s.store, tilltest.Terminal, nil); !errors.Is(err, c.want) {
				t.Errorf("Verify() = %v, want %v", err, c.want)
			}
		})
	}
}
