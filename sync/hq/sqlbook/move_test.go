package sqlbook_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/moving"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// filled is a book in a file with something in every table.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "hq.db")
	b := openBook(t, path)
	for first := ledger.Seq(1); first < 2*batch; first += batch {
		if err := b.Update(func(tx book.Tx) error { return ingest(tx, first) }); err != nil {
			t.Fatal(err)
		}
	}
	err := b.Update(func(tx book.Tx) error {
		_, err := tx.AppendOffice(1, 5, "note", []byte("body"))
		return errors.Join(err, tx.AppendDown(3, 1, make([]byte, 40)), tx.PutMeta("epoch", "1"), tx.PutDesk([]byte("row"), []byte("积分\x00")),
			tx.PutGrant(1, []byte("grant")), tx.AddAlarm(book.Alarm{Terminal: 3, Code: "alarm", Detail: "积分"}), tx.Quarantine(3, 5, "why", []byte("raw")))
	})
	if err != nil {
		t.Fatal(err)
	}
	closeBook(t, b)
	return path
}

func TestBookMovesIntoPostgresAndBack(t *testing.T) {
	path, url := filled(t), pgtest.New(t).Database()
	rows, err := sqlbook.Move(path, url)
	if err != nil || rows < 4*batch {
		t.Fatalf("Move() = %d, %v, want all rows", rows, err)
	}
	_, err = sqlbook.OpenSQLite(path)
	if !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), "was moved into another database") {
		t.Errorf("OpenSQLite() of what was moved = %v, want a sentence that says so", err)
	}
	b := openPostgres(t, url)
	if err := b.View(func(tx book.Tx) error { return keptUpTo256s(t, tx) }); err != nil {
		t.Error(err)
	}
	if err := b.Update(func(tx book.Tx) error { return ingest(tx, 2*batch+1) }); err != nil {
		t.Errorf("Update() of what has come = %v, want nil", err)
	}
	closeBook(t, b)
	for _, to := range []string{url, filepath.Join(t.TempDir(), "another.db")} {
		if _, err := sqlbook.Move(path, to); !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), "was moved into another database") {
			t.Errorf("Move() again = %v, want a sentence that it was moved", err)
		}
	}

	back := filepath.Join(t.TempDir(), "back.db")
	if _, err := sqlbook.Move(url, back); err != nil {
		t.Fatalf("Move() back = %v, want nil", err)
	}
	if _, err := sqlbook.OpenPostgres(url, ""); !errors.Is(err, sqlbook.ErrVersion) {
		t.Errorf("OpenPostgres() of what was moved = %v, want ErrVersion", err)
	}
	closeBook(t, openBook(t, back))
}

func keptUpTo256s(t *testing.T, tx book.Tx) error {
	t.Helper()
	entries, err := tx.Entries(3, 7, 0, 1<<20)
	if len(entries) != 2*batch {
		t.Errorf("%d entries came, want %d", len(entries), 2*batch)
	}
	bad, failed := tx.Unbalanced(1)
	if len(bad) > 0 {
		t.Errorf("Unbalanced() = %v, want none", bad)
	}
	return errors.Join(err, failed)
}

// Wherever a move is cut off, HQ starts on one of the two at most, and the move is
// finished or done anew.
func TestMoveThatIsCutOff(t *testing.T) {
	server := pgtest.New(t)
	set := func(where, version string) {
		t.Helper()
		if sqlbook.IsPostgres(where) {
			server.Do(where, `UPDATE meta SET value = '`+version+`' WHERE name = 'version'`)
			return
		}
		mustExec(t, rawFile(t, where), `UPDATE meta SET value = '`+version+`' WHERE name = 'version'`)
	}
	starts := func(where string) bool {
		t.Helper()
		open := sqlbook.OpenSQLite
		if sqlbook.IsPostgres(where) {
			open = func(url string) (*sqlbook.Book, error) { return sqlbook.OpenPostgres(url, "") }
		}
		b, err := open(where)
		if err == nil {
			closeBook(t, b)
		}
		return err == nil
	}
	for _, c := range []struct {
		name     string
		cut      func(path, url string)
		from, to bool // HQ starts on it meanwhile
	}{
		{"when-all-had-come", func(path, url string) { set(path, "1"); set(url, "arriving") }, true, false},
		{"and-hq-went-on", func(path, url string) {
			set(path, "1")
			set(url, "arriving")
			b := openBook(t, path)
			defer closeBook(t, b)
			if err := b.Update(func(tx book.Tx) error { return ingest(tx, 2*batch+1) }); err != nil {
				t.Fatal(err)
			}
		}, true, false},
		{"before-it-began-there", func(_, url string) { set(url, "arriving") }, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, url := filled(t), server.Database()
			if _, err := sqlbook.Move(path, url); err != nil {
				t.Fatal(err)
			}
			c.cut(path, url)
			if from, to := starts(path), starts(url); from != c.from || to != c.to {
				t.Errorf("cut off, HQ starts on the one: %v, on the other: %v; want %v and %v", from, to, c.from, c.to)
			}
			if _, err := sqlbook.Move(path, url); err != nil {
				t.Fatalf("Move() after it = %v, want nil", err)
			}
			if starts(path) || !starts(url) {
				t.Error("HQ does not start on what has come alone")
			}
		})
	}
}

// HQ does not start on what has come before it was compared, and goes on where it was.
func TestMoveThatComesOutDifferent(t *testing.T) {
	server := pgtest.New(t)
	path, url := filled(t), server.Database()
	closeBook(t, openPostgres(t, url))
	server.Do(url, `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.detail := upper(NEW.detail) || ''!''; RETURN NEW; END'`)
	server.Do(url, `CREATE TRIGGER spoils BEFORE INSERT ON alarm FOR EACH ROW EXECUTE FUNCTION spoil()`)
	for range 2 {
		if _, err := sqlbook.Move(path, url); !errors.Is(err, moving.ErrDiffers) || !strings.Contains(err.Error(), "alarm") {
			t.Fatalf("Move() = %v, want ErrDiffers, and where", err)
		}
		if _, err := sqlbook.OpenPostgres(url, ""); !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), "is being moved into this database") {
			t.Errorf("OpenPostgres() of what has come = %v, want a sentence that it is not done", err)
		}
		closeBook(t, openBook(t, path))
	}
	server.Do(url, `DROP TRIGGER spoils ON alarm`)
	if _, err := sqlbook.Move(path, url); err != nil {
		t.Errorf("Move() once all comes as it is = %v, want nil", err)
	}
	closeBook(t, openPostgres(t, url))
}

func TestMoveOfNothing(t *testing.T) {
	url := pgtest.New(t).Database()
	path := filepath.Join(t.TempDir(), "mistyped.db")
	if _, err := sqlbook.Move(path, url); !errors.Is(err, sqlbook.ErrNoBook) {
		t.Errorf("Move() of no file = %v, want ErrNoBook", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat() of it = %v, want that none was made", err)
	}
	if _, err := sqlbook.Move(url, path); !errors.Is(err, sqlbook.ErrNoBook) {
		t.Errorf("Move() of an empty database = %v, want ErrNoBook", err)
	}
}

func TestMoveLosesNothing(t *testing.T) {
	server := pgtest.New(t)
	path, url := filled(t), server.Database()
	closeBook(t, openPostgres(t, url))
	server.Do(url, `INSERT INTO desk (name, value) VALUES ('00', 'eA==')`)
	if _, err := sqlbook.Move(path, url); !errors.Is(err, sqlbook.ErrOccupied) {
		t.Errorf("Move() onto a book = %v, want ErrOccupied", err)
	}
	open := openBook(t, path)
	if _, err := sqlbook.Move(path, server.Database()); !errors.Is(err, sqlbook.ErrInUse) {
		t.Errorf("Move() while HQ runs = %v, want ErrInUse", err)
	}
	closeBook(t, open)
}

// A table that a later build adds must not stay behind.
func TestMoveKnowsAllTables(t *testing.T) {
	db := rawFile(t, filled(t))
	for _, table := range moving.Tables() {
		if number(t, db, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '`+table.Name+`'`) != 1 {
			t.Errorf("there is no table %s", table.Name)
		}
		if number(t, db, `SELECT COUNT(*) FROM `+table.Name) == 0 {
			t.Errorf("the test has no row in %s", table.Name)
		}
	}
	tables := number(t, db, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'migration'`)
	if int(tables) != len(moving.Tables()) {
		t.Errorf("the book has %d tables, %d are moved", tables, len(moving.Tables()))
	}
}
