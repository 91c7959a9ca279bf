package sqlbook_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/hqtest"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

func TestSQLite(t *testing.T) {
	hqtest.TestBook(t, func(t *testing.T, folder string) hqtest.Book { return openBook(t, filepath.Join(folder, "hq.db")) })
}

// openBook opens a book, or ends the test.
func openBook(t testing.TB, path string) *sqlbook.Book {
	t.Helper()
	b, err := sqlbook.OpenSQLite(path)
	if err != nil {
		t.Fatalf("OpenSQLite() = %v, want nil", err)
	}
	return b
}

func lotAt(n uint64) lot.Lot {
	return lot.Lot{ID: lot.ID{Origin: lot.Origin{Terminal: 3, Incarnation: 7, Seq: n}}, Owner: 1017, Asset: "points:green", Amount: 50}
}

func TestRefusalsMatchSentinels(t *testing.T) {
	b := openBook(t, filepath.Join(t.TempDir(), "hq.db"))
	defer closeBook(t, b)
	for _, c := range []struct {
		name string
		want error
		do   func(tx book.Tx) error
	}{
		{"taken-from-nothing", sqlbook.ErrOverdrawn, func(tx book.Tx) error {
			return tx.Post([]book.Post{{Lot: lotAt(1).ID, Place: book.Place{Kind: book.AtHQ}, Amount: -1}})
		}},
		{"taken-beyond-what-is-there", sqlbook.ErrOverdrawn, func(tx book.Tx) error {
			if err := sale(tx, 7, 1); err != nil {
				return err
			}
			place := book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: 7}
			return tx.Post([]book.Post{{Lot: lotAt(1).ID, Place: place, Amount: -51}})
		}},
		{"added-to-an-unknown-lot", book.ErrNotFound, func(tx book.Tx) error {
			return tx.Post([]book.Post{{Lot: lotAt(1).ID, Place: book.Place{Kind: book.AtHQ}, Amount: 1}})
		}},
		{"out-of-range", lot.ErrAmount, func(tx book.Tx) error {
			return tx.Post([]book.Post{{Lot: lotAt(1).ID, Place: book.Place{Kind: book.AtHQ}, Amount: math.MaxInt64}})
		}},
		{"entry-after-a-gap", sqlbook.ErrOrder, func(tx book.Tx) error {
			return tx.AppendEntries(3, []book.Entry{{Head: ledger.Head{Incarnation: 7, Seq: 2}}})
		}},
		{"down-entry-after-a-gap", sqlbook.ErrOrder, func(tx book.Tx) error { return tx.AppendDown(3, 2, nil) }},
		{"version-is-not-the-callers", sqlbook.ErrVersion, func(tx book.Tx) error { return tx.PutMeta("version", "1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := b.Update(c.do); !errors.Is(err, c.want) {
				t.Errorf("Update() = %v, want an error that matches %q", err, c.want)
			}
		})
	}
}

// TestBusyIsTriedAgain gives Update the error that the engine itself gives.
func TestBusyIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	b := openBook(t, path)
	defer closeBook(t, b)
	other := rawFile(t, path)
	for _, c := range []struct {
		name       string
		busy, runs int
		ok         bool
	}{{"twice-busy", 2, 3, true}, {"always-busy", 100, 6, false}} {
		t.Run(c.name, func(t *testing.T) {
			runs := 0
			err := b.Update(func(tx book.Tx) error {
				_, busy := other.Exec(`PRAGMA busy_timeout = 0; BEGIN IMMEDIATE`)
				if busy == nil {
					t.Error("another writer got in, want it kept away from the beginning")
				}
				if err := tx.AddAlarm(book.Alarm{Code: c.name}); err != nil {
					return err
				}
				if runs++; runs <= c.busy {
					return fmt.Errorf("as if it were ours: %w", busy)
				}
				return nil
			})
			if (err == nil) != c.ok || runs != c.runs {
				t.Errorf("Update() = %v after %d runs, want success %v after %d", err, runs, c.ok, c.runs)
			}
		})
	}
	if err := b.View(func(tx book.Tx) error {
		got, err := tx.Alarms(9)
		if len(got) != 1 {
			t.Errorf("Alarms() = %d, want the one of the run that was kept", len(got))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestListsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	b := openBook(t, path)
	err := b.Update(func(tx book.Tx) error {
		for n := range sqlbook.AlarmsMax + 5 {
			if err := tx.AddAlarm(book.Alarm{At: time.UnixMilli(int64(n + 1)), Terminal: 3, Code: "alarm-fork"}); err != nil {
				return err
			}
		}
		for n := range sqlbook.QuarantineMax + 5 {
			if err := tx.Quarantine(3, int64(n), "fork", nil); err != nil {
				return err
			}
		}
		return tx.Quarantine(4, 1, "fork", nil)
	})
	if err != nil {
		t.Fatalf("Update() = %v, want nil", err)
	}
	closeBook(t, b)
	db := rawFile(t, path)
	for text, want := range map[string]int{
		`SELECT COUNT(*) FROM alarm WHERE terminal = 3`:      sqlbook.AlarmsMax,
		`SELECT MIN(wall) FROM alarm WHERE terminal = 3`:     6,
		`SELECT COUNT(*) FROM quarantine WHERE terminal = 3`: sqlbook.QuarantineMax,
		`SELECT MIN(wall) FROM quarantine`:                   0,
		`SELECT MAX(wall) FROM quarantine`:                   sqlbook.QuarantineMax + 4,
		`SELECT COUNT(*) FROM quarantine`:                    sqlbook.QuarantineMax + 1,
	} {
		if got := number(t, db, text); got != want {
			t.Errorf("%s = %d, want %d", text, got, want)
		}
	}
}

// What boards award is no limit to what the accounts of a kind come to.
func TestSumsBeyond64BitsAreTheMostThereIs(t *testing.T) {
	b := openBook(t, filepath.Join(t.TempDir(), "hq.db"))
	defer closeBook(t, b)
	hugeSums(t, b)
}

func hugeSums(t *testing.T, b *sqlbook.Book) {
	t.Helper()
	const each = lot.Amount(999_999_999_999_999_999)
	issue := func(asset lot.Asset, from, to uint64) func(book.Tx) error {
		return func(tx book.Tx) error {
			for n := from; n < to; n++ {
				l := lotAt(n)
				l.Asset = asset
				if err := tx.PutLot(l); err != nil {
					return err
				}
				for place, amount := range map[book.PlaceKind]lot.Amount{book.Issued: -each, book.AtHQ: each} {
					if err := tx.Post([]book.Post{{Lot: l.ID, Place: book.Place{Kind: place}, Amount: amount}}); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	err := errors.Join(b.Update(issue("points:green", 1, 21)), b.Update(issue("points:red", 100, 109)))
	if err != nil {
		t.Fatalf("Update() = %v, want nil", err)
	}
	var sums []book.AccountSum
	var earned []book.Earned
	err = b.View(func(tx book.Tx) (err error) {
		if sums, err = tx.Accounts(); err == nil {
			earned, err = tx.Earned("points:green", []member.ID{1017})
		}
		return err
	})
	want := []book.AccountSum{
		{Asset: "points:green", Kind: book.Issued, Amount: -math.MaxInt64}, {Asset: "points:green", Kind: book.AtHQ, Amount: math.MaxInt64},
		{Asset: "points:red", Kind: book.Issued, Amount: -9 * each}, {Asset: "points:red", Kind: book.AtHQ, Amount: 9 * each},
	}
	if err != nil || !slices.Equal(sums, want) {
		t.Errorf("Accounts() = %v, %v, want %v", sums, err, want)
	}
	if len(earned) != 1 || earned[0].Amount != math.MaxInt64 {
		t.Errorf("Earned() = %v, want the most there is", earned)
	}
	err = b.Update(func(tx book.Tx) error {
		return tx.Post([]book.Post{{Lot: lotAt(1).ID, Place: book.Place{Kind: book.AtHQ}, Amount: each}})
	})
	if !errors.Is(err, lot.ErrAmount) {
		t.Errorf("Post() beyond what one account can have = %v, want ErrAmount", err)
	}
}

func number(t *testing.T, db *sql.DB, text string) int {
	t.Helper()
	var n int
	if err := db.QueryRow(text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// checkIntegrity asks SQLite about the whole file.
func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	var says []string
	rows, err := rawFile(t, path).Query(`PRAGMA integrity_check`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		says = append(says, s)
	}
	if got := strings.Join(says, "; "); got != "ok" || rows.Err() != nil {
		t.Errorf("integrity_check = %q, %v, want ok", got, rows.Err())
	}
}
