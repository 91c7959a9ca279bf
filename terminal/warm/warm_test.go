package warm_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/warm"
)

// counted is a table that counts what is read of it.
type counted struct {
	fold.Memory
	read int
}

func (c *counted) Get(key []byte) ([]byte, error) {
	c.read++
	return c.Memory.Get(key)
}

// journal is a table in which so many members have been ruled on.
func journal(t *testing.T, rulings int) *counted {
	t.Helper()
	table := &counted{Memory: fold.Memory{}}
	s, err := fold.Load(1, table)
	if err != nil {
		t.Fatal(err)
	}
	more(t, s, table, rulings)
	return table
}

func more(t *testing.T, s *fold.State, table *counted, rulings int) {
	t.Helper()
	for range rulings {
		d := ledger.Down{Terminal: 1, Epoch: 1, Seq: s.Mark() + 1, Ruling: &ledger.Ruling{Member: 7, Tier: "green", Blocked: s.Mark()%2 == 1}}
		read, err := ledger.OpenDown(ledger.SignDown(d, ed25519.NewKeyFromSeed(make([]byte, 32))), nil)
		if err == nil {
			_, err = s.ApplyDown(read)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(table.Put); err != nil {
		t.Fatal(err)
	}
}

func take(t *testing.T, w *warm.State, table fold.Table) *fold.State {
	t.Helper()
	s, err := w.Take(1, table)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func blocked(t *testing.T, s *fold.State) bool {
	t.Helper()
	a, err := s.About(7)
	if err != nil {
		t.Fatal(err)
	}
	return a.Ruling.Blocked
}

// What is kept is read but once, as long as the table is the same.
func TestKeptIsNotReadAgain(t *testing.T) {
	table, w := journal(t, 2), &warm.State{}
	for range 3 {
		s := take(t, w, table)
		if !blocked(t, s) {
			t.Error("the member is not blocked")
		}
		w.Keep(s)
	}
	if table.read != 6 { // to begin with the head and the member; the head each time; here two more to make the table
		t.Errorf("%d records were read, want 6", table.read)
	}
}

// Whatever is kept, a transaction sees what its table has: one that was changed by
// others, one that went back, and one after a change that was not kept.
func TestWhatIsTakenIsWhatTheTableHas(t *testing.T) {
	old, table, w := journal(t, 1), journal(t, 1), &warm.State{}
	s := take(t, w, table)
	blocked(t, s)
	w.Keep(s)

	other, err := fold.Load(1, table)
	if err != nil {
		t.Fatal(err)
	}
	more(t, other, table, 1)
	s = take(t, w, table)
	if !blocked(t, s) {
		t.Error("after another one's change: not blocked")
	}
	w.Keep(s)

	s = take(t, w, old)
	if blocked(t, s) {
		t.Error("on the table of before: blocked")
	}
	w.Keep(s)

	s = take(t, w, old)
	d := ledger.Down{Terminal: 1, Epoch: 1, Seq: 2, Ruling: &ledger.Ruling{Member: 7, Blocked: true}}
	if _, err := s.ApplyDown(d); err != nil {
		t.Fatal(err)
	}
	w.Keep(s) // though it was never written
	if s = take(t, w, old); blocked(t, s) {
		t.Error("after a change that was never written: blocked")
	}
}

// While one transaction has what is kept, another one reads for itself.
func TestTwoAtATime(t *testing.T) {
	table, w := journal(t, 1), &warm.State{}
	w.Keep(take(t, w, table))
	if first, second := take(t, w, table), take(t, w, table); first == second {
		t.Error("two transactions have one state")
	}
}

// Once the journal is folded anew, nothing of before is handed out, though its head be
// the same.
func TestNothingOfTheFoldBeforeIsHandedOut(t *testing.T) {
	table, w := journal(t, 1), &warm.State{}
	before := take(t, w, table)
	blocked(t, before)
	w.Off()
	w.Keep(before)
	if take(t, w, table) == before {
		t.Error("what was read before is handed out")
	}
}
