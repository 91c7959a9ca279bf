package scenario_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	hqaudit "github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// closeAll stops the terminal and then HQ in order, until neither lacks anything of
// the other: on a busy machine the second that a terminal waits may be too short.
func (w *world) closeAll() {
	w.t.Helper()
	for try := 1; ; try++ {
		w.till.stop(syscall.SIGTERM)
		w.hq.stop(syscall.SIGTERM)
		if _, err := os.Stat(w.path("hq/book.db")); err != nil && w.set.database == "" || w.set.scanners == "" {
			return // HQ has moved, or nobody compares
		}
		missing := w.lacks(ledger.TerminalID(w.set.terminal), "till/ledger.db")
		if missing == nil {
			return
		}
		if try == 10 {
			w.t.Fatalf("both were stopped %d times, and still: %v", try, missing)
		}
		w.openHQ()
		w.openTill()
		w.at.sees("HQ to have the rest", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	}
}

// tillBook is a terminal's journal as its file has it.
type tillBook struct {
	entries []journal.Record
	sales   map[string]int // by reference
	opens   []ledger.Open
}

// readLedger reads a terminal's file while no program has it.
func readLedger(t testing.TB, path string, read func(journal.Tx) error) {
	t.Helper()
	store, err := boltstore.OpenRead(path)
	if err != nil {
		t.Fatalf("open the terminal's ledger: %v", err)
	}
	defer store.Close()
	if err := store.View(read); err != nil {
		t.Fatalf("read the terminal's ledger: %v", err)
	}
}

func (w *world) journal() tillBook {
	w.t.Helper()
	return journalIn(w.t, w.path("till/ledger.db"))
}

func journalIn(t testing.TB, path string) tillBook {
	t.Helper()
	j := tillBook{sales: map[string]int{}}
	readLedger(t, path, func(tx journal.Tx) error {
		streams, err := tx.Streams()
		if err != nil {
			return err
		}
		for _, s := range streams {
			for seq := ledger.Seq(1); seq <= s.Seq; seq++ {
				if err := j.add(tx, s.Incarnation, seq); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return j
}

func (j *tillBook) add(tx journal.Tx, i ledger.Incarnation, seq ledger.Seq) error {
	r, err := tx.Record(i, seq)
	if err != nil {
		return err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return err
	}
	switch b := e.Body.(type) {
	case *ledger.Sale:
		j.sales[e.Ref]++
	case *ledger.Open:
		j.opens = append(j.opens, *b)
	}
	j.entries = append(j.entries, r)
	return nil
}

// soldOnce checks that each reference stands for one sale and no sale has
// another one.
func (j tillBook) soldOnce(t testing.TB, refs []string) {
	t.Helper()
	for _, ref := range refs {
		if n := j.sales[ref]; n != 1 {
			t.Errorf("reference %s stands in %d sales, want 1", ref, n)
		}
	}
	if len(j.sales) != len(refs) {
		t.Errorf("the journal has %d sales, the cashier made %d", len(j.sales), len(refs))
	}
}

// compareSides holds the terminal's file against HQ's, entry by entry and
// record by record, and adds up where all points and vouchers are; HQ has no
// alarm. Who redeemed has three kinds of rights.
func (w *world) compareSides() {
	w.t.Helper()
	w.compare(3, noAlarms)
}

// compare is compareSides for so many kinds of rights at least, with what else
// holds of HQ's book.
func (w *world) compare(kinds int, more ...func(book.Tx) error) {
	w.t.Helper()
	j, path := w.journal(), w.path("till/ledger.db")
	kept := w.book()
	defer kept.Close()
	err := kept.View(func(tx book.Tx) error {
		id := ledger.TerminalID(w.set.terminal)
		totals, err := totalsIn(path)
		err = errors.Join(err, compareEntries(tx, id, j), compareStates(w.t, tx, id, path), compareTotals(tx, totals, kinds))
		for _, holds := range more {
			err = errors.Join(err, holds(tx))
		}
		return err
	})
	if err := errors.Join(err, hqaudit.Check(kept)); err != nil {
		w.t.Errorf("the two sides do not agree:\n%v", err)
	}
	w.t.Logf("both sides have the same %d entries", len(j.entries))
}

func compareEntries(tx book.Tx, id ledger.TerminalID, j tillBook) error {
	for _, mine := range j.entries {
		theirs, err := tx.Entry(id, mine.Head.Incarnation, mine.Head.Seq)
		if err != nil {
			return fmt.Errorf("entry %s at HQ: %w", mine.Head, err)
		}
		if theirs.Head != mine.Head || !bytes.Equal(theirs.Raw, mine.Raw) {
			return fmt.Errorf("entry %s is another one at HQ: %s", mine.Head, theirs.Head)
		}
	}
	t, err := tx.Terminal(id)
	if err == nil && (t.Entries != int64(len(j.entries)) || t.Trouble != "" || t.Parked != 0) {
		err = fmt.Errorf("HQ has %d entries, %d parked, trouble %q; the terminal has %d", t.Entries, t.Parked, t.Trouble, len(j.entries))
	}
	return err
}

func compareStates(t testing.TB, tx book.Tx, id ledger.TerminalID, path string) error {
	t.Helper()
	keys, values, err := tx.StateRows(id)
	if err != nil {
		return err
	}
	n := 0
	readLedger(t, path, func(mine journal.Tx) error {
		return mine.StateRows(func(key, value []byte) error {
			if n >= len(keys) || !bytes.Equal(keys[n], key) || !bytes.Equal(values[n], value) {
				return fmt.Errorf("record %q is not the same at HQ", key)
			}
			n++
			return nil
		})
	})
	if n != len(keys) {
		return fmt.Errorf("HQ has %d records of the state, the terminal %d", len(keys), n)
	}
	return nil
}

// compareTotals checks that all that was issued is somewhere, that nothing was
// taken beyond what was held or is still on its way, and that HQ and the
// terminal say the same of every kind of right, of which there are so many.
func compareTotals(tx book.Tx, totals []fold.Total, kinds int) error {
	sums, err := tx.Accounts()
	if err != nil {
		return err
	}
	off, err := tx.Unbalanced(10)
	if err != nil || len(off) > 0 {
		return fmt.Errorf("lots that do not add up: %v, %w", off, err)
	}
	amounts := map[lot.Asset]map[book.PlaceKind]lot.Amount{}
	for _, s := range sums {
		if amounts[s.Asset] == nil {
			amounts[s.Asset] = map[book.PlaceKind]lot.Amount{}
		}
		amounts[s.Asset][s.Kind] += s.Amount
	}
	if len(totals) < kinds || len(amounts) != len(totals) {
		err = fmt.Errorf("HQ has %d kinds of rights, the terminal %d; want the same, %d at least", len(amounts), len(totals), kinds)
	}
	for _, t := range totals {
		at := amounts[t.Asset]
		opening := -at[book.Issued] - t.Born
		same := at[book.AtTerminal] == t.Held() && at[book.Spent] == t.Spent && at[book.AtHQ] == opening-t.In+t.Out
		if !same || at[book.InFlight] != 0 || at[book.Risk] != 0 || t.Risk != 0 {
			err = errors.Join(err, fmt.Errorf("%s: HQ has %v in its accounts, the terminal %+v", t.Asset, at, t))
		}
	}
	return err
}

// totalsIn are what a terminal's own journal adds up to.
func totalsIn(path string) ([]fold.Total, error) {
	store, err := boltstore.OpenRead(path)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	audit, err := audit.Verify(store, store.Terminal(), nil)
	return audit.Totals, err
}

func noAlarms(tx book.Tx) error {
	alarms, err := tx.Alarms(10)
	if err == nil && len(alarms) > 0 {
		err = fmt.Errorf("HQ has alarms: %+v", alarms)
	}
	return err
}

// verifies checks the ledger with the operator's tool, and that the tool sees
// one changed byte of an entry.
func (w *world) verifies() {
	w.t.Helper()
	code, out, said := tool(w.t, w.dir, "verify", "till/ledger.db")
	if code != 0 || !strings.Contains(out, "ok: ") {
		w.t.Errorf("jifen verify = %d: %s%s; want 0 and ok", code, out, said)
	}
	entries := w.journal().entries
	raw := entries[len(entries)/2].Raw
	file := w.read("till/ledger.db")
	changed := bytes.Clone(raw)
	changed[len(changed)/2] ^= 1
	if !bytes.Contains(file, raw) {
		w.t.Fatal("the entry to change is not in the file")
	}
	copied := filepath.Join(w.dir, "changed.db")
	if err := os.WriteFile(copied, bytes.ReplaceAll(file, raw, changed), 0o600); err != nil {
		w.t.Fatal(err)
	}
	code, out, said = tool(w.t, w.dir, "verify", "-key", "till/terminal.key", copied)
	if code != 1 || !strings.Contains(said, "does not verify") || strings.Contains(out, "ok: ") || strings.Count(said, "\n") != 1 {
		w.t.Errorf("jifen verify of a changed ledger = %d: %s%s; want 1 and one line that it does not verify", code, out, said)
	}
}
