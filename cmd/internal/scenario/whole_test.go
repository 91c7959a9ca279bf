package scenario_test

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
)

// A backup is a ledger that verifies, whether the terminal runs or not;
// compaction waits until it has stopped.
func TestLedgerIsBackedUpAndCompacted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openTill()
	w.sell(rice)
	w.does(0, "by the terminal", "backup", "till/ledger.db", "copy.db")
	w.does(0, "ok: chain", "verify", "copy.db")
	w.does(0, "the terminal that runs on it: looked through", "verify", "till/ledger.db")
	w.does(1, "stop the terminal first", "compact", "till/ledger.db")
	w.does(1, "that is the ledger itself", "backup", "till/ledger.db", "till/ledger.db")
	w.does(1, "no such file", "backup", "till/ledger.db", "nowhere/copy.db")
	w.does(2, "takes 2 argument(s), not 1", "backup", "till/ledger.db")
	w.sell(rice)
	w.till.stop(syscall.SIGTERM)
	w.does(0, "backed up to", "backup", "till/ledger.db", "copy.db")
	w.does(0, "KiB now", "compact", "till/ledger.db")
	w.does(0, "ok: chain", "verify", "till/ledger.db")
	w.openTill()
	w.sell(rice)
	w.does(0, "by the terminal", "backup", "till/ledger.db", "copy.db")

	newest := w.at.view().Ledger.Head
	w.does(1, "not an entry", "archive", "till/ledger.db", "yesterday")
	w.does(1, "not in the journal", "archive", "till/ledger.db", "00c0ffee00c0ffee/1")
	_, out, _ := tool(t, w.dir, "archive", "till/ledger.db", newest.String())
	if strings.HasPrefix(out, "0 ") || !strings.HasSuffix(out, " entries sealed\n") {
		t.Errorf("jifen archive writes %q, want that it sealed the incarnation before", out)
	}
	for range 10 { // what is sealed leaves the ledger meanwhile
		w.sell(red)
		w.sell(rice)
	}
	w.till.stop(syscall.SIGTERM)
	w.does(0, "ok: chain", "verify", "till/ledger.db")
	w.does(0, "0 entries sealed", "archive", "till/ledger.db", newest.String())
	w.does(0, "ok: chain", "rebuild", "-o", "rebuilt.db", "till/ledger.db")
}

// An old entry that a bit was flipped in: the terminal finds it by itself, says
// so to the cashier and to the operator, keeps the file and goes on selling.
func TestDamagedLedgerIsFoundByItsTerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openTill()
	w.sell(rice)
	w.till.stop(syscall.SIGTERM)
	w.flipOldest()
	w.openTill()
	w.sell(rice)
	w.does(1, "a rebuild cannot mend it", "verify", "till/ledger.db")
	w.at.sees("the damage to be said", func(v view) bool {
		return !v.device("ledger").OK && strings.Contains(v.device("ledger").EN, "chain is broken")
	})
	w.sell(rice)
}

// flipOldest flips a bit of the ledger's first entry, wherever it stands.
func (w *world) flipOldest() {
	w.t.Helper()
	store, err := boltstore.OpenRead(w.path("till/ledger.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	var raw []byte
	err = store.View(func(tx journal.Tx) error {
		heads, err := tx.Streams()
		if err != nil {
			return err
		}
		r, err := tx.Record(heads[0].Incarnation, 1)
		raw = r.Raw
		return err
	})
	if err := errors.Join(err, store.Close()); err != nil {
		w.t.Fatal(err)
	}
	flipped := bytes.Clone(raw)
	flipped[len(raw)-3] ^= 1
	w.write("till/ledger.db", bytes.ReplaceAll(w.read("till/ledger.db"), raw, flipped))
}

// does runs the tool and checks its exit code and what it says.
func (w *world) does(code int, want string, args ...string) {
	w.t.Helper()
	got, out, said := tool(w.t, w.dir, args...)
	if got != code || !strings.Contains(out+said, want) {
		w.t.Errorf("jifen %s = %d, %q; want %d and %q", strings.Join(args, " "), got, out+said, code, want)
	}
}
