package sqlbook_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
)

// rawFile opens a file past the book.
func rawFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func closeBook(t testing.TB, b *sqlbook.Book) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Errorf("Close() = %v, want nil", err)
	}
}

func TestSecondStartIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	b := openBook(t, path)
	_, err := sqlbook.OpenSQLite(path)
	if !errors.Is(err, sqlbook.ErrInUse) || !strings.Contains(err.Error(), "another HQ has it open; stop that one first") {
		t.Errorf("OpenSQLite() of an open book = %v, want a sentence that matches ErrInUse", err)
	}
	if err := b.Update(func(tx book.Tx) error { return tx.PutMeta("epoch", "1") }); err != nil {
		t.Errorf("Update() after it = %v, want nil", err)
	}
	closeBook(t, b)
	closeBook(t, openBook(t, path))
}

// A program that another part of the process starts has every open file until it runs.
func TestClosedBookIsFreeThoughAProgramIsBeingStarted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	b := openBook(t, path)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	had := 0
	for _, entry := range open {
		at, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if err != nil || at != path+".lock" {
			continue
		}
		fd, _ := strconv.Atoi(entry.Name())
		other, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Close(other) }()
		had++
	}
	if had == 0 {
		t.Fatal("the book has no lock file open")
	}
	closeBook(t, b)
	closeBook(t, openBook(t, path))
}

func TestCloseWaitsForTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "hq.db")
		b := openBook(t, path)
		release, updated, closed := make(chan bool), make(chan error, 1), make(chan error, 1)
		go func() {
			updated <- b.Update(func(tx book.Tx) error {
				<-release
				return tx.PutMeta("epoch", "1")
			})
		}()
		synctest.Wait()
		go func() { closed <- b.Close() }()
		synctest.Wait()
		if err := b.View(func(book.Tx) error { return nil }); !errors.Is(err, sqlbook.ErrClosed) {
			t.Errorf("View() during Close = %v, want ErrClosed", err)
		}
		if _, err := sqlbook.OpenSQLite(path); !errors.Is(err, sqlbook.ErrInUse) {
			t.Errorf("OpenSQLite() during Close = %v, want ErrInUse", err)
		}
		close(release)
		if err := errors.Join(<-updated, <-closed, b.Close()); err != nil {
			t.Errorf("Update() and Close() = %v, want nil", err)
		}
		again := openBook(t, path)
		defer closeBook(t, again)
		if err := again.View(func(tx book.Tx) error {
			got, err := tx.Meta("epoch")
			if got != "1" {
				t.Errorf("Meta(epoch) = %q, want what the last Update wrote", got)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestStrangeFilesAreLeftAsTheyWere(t *testing.T) {
	for _, c := range []struct {
		name, says string
		make       func(t *testing.T, path string)
	}{
		{"another-version", "has version 7 and this program keeps version 1", func(t *testing.T, path string) {
			closeBook(t, openBook(t, path))
			db := rawFile(t, path)
			mustExec(t, db, `UPDATE meta SET value = '7' WHERE name = 'version'`)
			mustExec(t, db, `PRAGMA journal_mode = DELETE`)
			_ = db.Close()
		}},
		{"another-database", "not a book of HQ", func(t *testing.T, path string) {
			db := rawFile(t, path)
			mustExec(t, db, `CREATE TABLE photo (name TEXT)`)
			_ = db.Close()
		}},
		{"no-database", "not a book of HQ", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("a letter home ", 100)), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hq.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			_, err := sqlbook.OpenSQLite(path)
			if !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("OpenSQLite() = %v, want %q that matches ErrVersion", err, c.says)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("OpenSQLite() changed the file, want it as it was")
			}
		})
	}
}

// TestStartThatWasCutOffGoesOn takes back all migrations but the first.
func TestStartThatWasCutOffGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hq.db")
	closeBook(t, openBook(t, path))
	db := rawFile(t, path)
	mustExec(t, db, `DELETE FROM meta; DELETE FROM migration WHERE version_id > 1`)
	for _, table := range []string{"grants", "desk", "account", "lot", "alarm", "quarantine", "office", "down", "state", "entry", "stream", "terminal"} {
		mustExec(t, db, `DROP TABLE `+table)
	}
	_ = db.Close()
	b := openBook(t, path)
	defer closeBook(t, b)
	if err := b.Update(func(tx book.Tx) error { return sale(tx, 1, 1) }); err != nil {
		t.Errorf("Update() after a start that was cut off = %v, want nil", err)
	}
	if err := b.View(func(tx book.Tx) error {
		got, err := tx.Meta("version")
		if got != sqlbook.Version {
			t.Errorf("Meta(version) = %q, want %q", got, sqlbook.Version)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	folder := t.TempDir()
	b := openBook(t, filepath.Join(folder, "hq 100% #1?.db"))
	defer closeBook(t, b)
	if err := b.Update(func(tx book.Tx) error { return tx.PutMeta("epoch", "1") }); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) < 3 {
		t.Fatalf("ReadDir() = %v, %v, want the book, its log and its lock", files, err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), "hq 100% #1?.db") {
			t.Errorf("file %q beside the book, want names that begin like it", f.Name())
		}
		info, err := f.Info()
		if err != nil || info.Mode().Perm()&fs.FileMode(0o077) != 0 {
			t.Errorf("%s has mode %v, %v, want none for others", f.Name(), info.Mode(), err)
		}
	}
}

// A tool reads the book beside the HQ that keeps it, and changes nothing.
func TestBookIsReadBesideItsKeeper(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	if _, err := sqlbook.Read(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ReadSQLite of no book: got %v, want that there is none, and none made", err)
	}
	keeper, err := sqlbook.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer keeper.Close()
	if err := keeper.Update(func(tx book.Tx) error { return tx.PutMeta("word", "here") }); err != nil {
		t.Fatal(err)
	}
	reader, err := sqlbook.Read(path)
	if err != nil {
		t.Fatalf("ReadSQLite beside the keeper: %v", err)
	}
	defer reader.Close()
	if err := reader.View(func(tx book.Tx) error {
		word, err := tx.Meta("word")
		if word != "here" {
			t.Errorf("Meta: got %q, want what the keeper wrote", word)
		}
		return err
	}); err != nil {
		t.Errorf("View: %v", err)
	}
	if err := reader.Update(func(tx book.Tx) error { return tx.PutMeta("word", "gone") }); err == nil {
		t.Error("Update of a book that is only read: got no error")
	}
}

// A book of a build before what is held named its owner: a tool that only reads says
// what to do, and HQ brings it up to date.
func TestBookOfBeforeIsBroughtUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	b := openBook(t, path)
	held := func(b *sqlbook.Book) (out []book.Account) {
		t.Helper()
		if err := b.View(func(tx book.Tx) (err error) {
			out, err = tx.Held(1017)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if err := b.Update(func(tx book.Tx) error { return sale(tx, 1, 1) }); err != nil {
		t.Fatal(err)
	}
	want := held(b)
	if len(want) == 0 {
		t.Fatal("Held() after a sale is empty, want its points")
	}
	closeBook(t, b)
	db := rawFile(t, path)
	mustExec(t, db, `DROP INDEX account_held; ALTER TABLE account DROP COLUMN owner; DELETE FROM migration WHERE version_id > 10`)
	_ = db.Close()

	if _, err := sqlbook.Read(path); !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), "start HQ of this version") {
		t.Errorf("ReadSQLite() of a book of before = %v, want what to do, matching ErrVersion", err)
	}
	closeBook(t, openBook(t, path))
	reader, err := sqlbook.Read(path)
	if err != nil {
		t.Fatalf("ReadSQLite() after HQ's start = %v, want nil", err)
	}
	defer closeBook(t, reader)
	if got := held(reader); !reflect.DeepEqual(got, want) {
		t.Errorf("Held() after the start = %v, want as before, %v", got, want)
	}
}
