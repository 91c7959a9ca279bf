package scenario_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
)

// HQ moves to another machine, or into another database: its folder is copied, and
// the copying is cut off in the middle (fault H7). What came over in part is not
// taken for a book: HQ says so and changes nothing. The whole folder, copied again
// over it, goes on where HQ was killed.
func TestHQMovesAndTheCopyIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	w.scan(lei)
	v := w.at.sees("the member's points", func(v view) bool { return v.here(consumption) == 2500 })
	w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
	w.sell(rice)
	w.at.sees("HQ to have it", func(v view) bool { return v.Ledger.Backlog == 0 })
	w.hq.stop(syscall.SIGTERM)
	w.sell(red)
	old := w.path("hq")
	for name, part := range map[string]func(name string, b []byte) []byte{
		"half-of-the-book": func(name string, b []byte) []byte {
			if name == "book.db" {
				return b[:len(b)/2]
			}
			return b
		},
		"a-page-short": func(name string, b []byte) []byte {
			if name == "book.db" {
				return b[:len(b)-4096]
			}
			return b
		},
		"a-hole-in-the-book": func(name string, b []byte) []byte {
			if name == "book.db" {
				clear(b[len(b)/2 : len(b)/2+8*4096])
			}
			return b
		},
	} {
		w.copyFolder(old, w.path("moved"), part)
		file := strings.Replace(w.set.hqFile(), `data = "hq"`, `data = "moved"`, 1)
		w.write("jifenhq.toml", []byte(file))
		before := w.read("moved/book.db")
		p := start(t, w.command("jifenhq"))
		code, said := p.refusal()
		if code != 1 || !strings.Contains(said, "open book ") || !strings.Contains(said, "malformed") || strings.Contains(said, "goroutine ") {
			t.Errorf("%s: HQ = %d: %s; want it to refuse the book", name, code, said)
		}
		if string(w.read("moved/book.db")) != string(before) {
			t.Errorf("%s: the refused start changed the book", name)
		}
	}
	w.copyFolder(old, w.path("moved"), func(_ string, b []byte) []byte { return b })
	w.hq = start(t, w.command("jifenhq"))
	w.hq.ready()
	w.at.sees("HQ at its new place to have everything", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	if err := os.RemoveAll(old); err != nil {
		t.Fatal(err)
	}
	w.closeAll()
	if err := os.Rename(w.path("moved"), old); err != nil { // where compareSides looks
		t.Fatal(err)
	}
	w.compareSides()
}

// copyFolder copies a folder over another one; part says what comes of each file.
func (w *world) copyFolder(from, to string, part func(name string, b []byte) []byte) {
	w.t.Helper()
	if err := os.RemoveAll(to); err != nil {
		w.t.Fatal(err)
	}
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		name, bad := filepath.Rel(from, path)
		if err != nil || bad != nil || !d.Type().IsRegular() && !d.IsDir() {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), part(name, b), 0o600)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// HQ's book is put back from before the board enrolled, and the grant log is lost as
// well: the board comes in by its certificate, what it holds is given to nobody
// meanwhile, and its sales come again.
func TestBoardThatTheBookForgotComesIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hq = start(t, w.hqCommand())
	w.hq.ready()
	w.hq.stop(syscall.SIGTERM)
	whole := func(_ string, b []byte) []byte { return b }
	w.copyFolder(w.path("hq"), w.path("backup"), whole)
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	w.scan(lei)
	v := w.at.sees("the member's points", func(v view) bool { return v.here(consumption) == 2500 })
	w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
	w.sell(rice)
	w.at.sees("HQ to have it", func(v view) bool { return v.Ledger.Backlog == 0 })
	w.hq.stop(syscall.SIGTERM)
	for _, name := range []string{"book.db", "book.db-wal", "book.db-shm", "grants"} {
		if err := os.RemoveAll(w.path("hq/" + name)); err != nil {
			t.Fatal(err)
		}
	}
	w.write("hq/book.db", []byte(w.read("backup/book.db")))
	w.write("hq/restored", nil)
	w.at.sees("the line to be down", func(v view) bool { return !v.Ledger.Online })
	w.hq = start(t, w.hqCommand())
	w.desk = signInHQ(t, w.hq.ready())
	w.at.sees("HQ again", func(v view) bool { return v.Ledger.Online })
	w.sell(red)
	w.at.sees("HQ to have all", func(v view) bool { return v.Ledger.Backlog == 0 })
	w.closeAll()
	w.compare(3, func(tx book.Tx) error {
		list, err := tx.Alarms(100)
		if !slices.ContainsFunc(list, func(a book.Alarm) bool { return a.Code == "alarm-board-vouched" }) {
			t.Errorf("alarms %v, want that a board came in by its certificate", list)
		}
		return err
	})
}
