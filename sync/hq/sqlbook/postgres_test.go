package sqlbook_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/hqtest"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func TestPostgres(t *testing.T) {
	server := pgtest.New(t)
	urls := map[string]string{} // by folder
	hqtest.TestBook(t, func(t *testing.T, folder string) hqtest.Book {
		if urls[folder] == "" {
			urls[folder] = server.Database()
		}
		return openPostgres(t, urls[folder])
	})
}

func openPostgres(t testing.TB, url string) *sqlbook.Book {
	t.Helper()
	b, err := sqlbook.OpenPostgres(url, "")
	if err != nil {
		t.Fatalf("OpenPostgres() = %v, want nil", err)
	}
	return b
}

func put(b *sqlbook.Book, name, value string) error {
	return b.Update(func(tx book.Tx) error { return tx.PutMeta(name, value) })
}

func wantMeta(t *testing.T, b *sqlbook.Book, name, want string) {
	t.Helper()
	err := b.View(func(tx book.Tx) error {
		got, err := tx.Meta(name)
		if got != want {
			t.Errorf("Meta(%s) = %q, want %q", name, got, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSecondHQAtOneDatabaseIsRefused(t *testing.T) {
	url := pgtest.New(t).Database()
	b := openPostgres(t, url)
	_, err := sqlbook.OpenPostgres(url, "")
	if !errors.Is(err, sqlbook.ErrInUse) || !strings.Contains(err.Error(), "another HQ has it open; stop that one first") {
		t.Errorf("OpenPostgres() of an open book = %v, want a sentence that matches ErrInUse", err)
	}
	if err := put(b, "epoch", "1"); err != nil {
		t.Errorf("Update() after it = %v, want nil", err)
	}
	read, err := sqlbook.Read(url)
	if err != nil {
		t.Fatalf("Read() beside the keeper = %v, want nil", err)
	}
	wantMeta(t, read, "epoch", "1")
	if err := put(read, "epoch", "2"); err == nil {
		t.Error("Update() of a book that was opened to be read = nil, want an error")
	}
	closeBook(t, read)
	closeBook(t, b)
	closeBook(t, openPostgres(t, url))
}

func TestSumsBeyond64BitsAreTheMostThereIsInPostgres(t *testing.T) {
	b := openPostgres(t, pgtest.New(t).Database())
	defer closeBook(t, b)
	hugeSums(t, b)
}

// The lock is a connection's, and goes with it: another HQ may have had the book in
// between, and what the first one remembers of it is no longer so.
func TestHQWhoseBookWasTakenWritesNothing(t *testing.T) {
	server := pgtest.New(t)
	url := server.Database()
	first := openPostgres(t, url)
	defer closeBook(t, first)
	if err := put(first, "epoch", "1"); err != nil {
		t.Fatal(err)
	}
	server.BreakConnections()
	second := openPostgres(t, url)
	if err := put(second, "epoch", "2"); err != nil {
		t.Fatal(err)
	}
	refused := func(when string) {
		t.Helper()
		ran := false
		err := first.Update(func(tx book.Tx) error {
			ran = true
			return tx.PutMeta("epoch", "3")
		})
		if !errors.Is(err, sqlbook.ErrInUse) || ran {
			t.Errorf("Update() %s = %v, decided: %v; want ErrInUse, before anything is decided", when, err, ran)
		}
	}
	select {
	case <-first.Lost():
		t.Error("Lost() before it was tried")
	default:
	}
	refused("while another HQ has the book")
	wantLost(t, first, sqlbook.ErrInUse)
	wantMeta(t, second, "epoch", "2")
	closeBook(t, second)
	refused("after another HQ had it")
}

func wantLost(t *testing.T, b *sqlbook.Book, want error) {
	t.Helper()
	select {
	case err := <-b.Lost():
		if !errors.Is(err, want) {
			t.Errorf("Lost() = %v, want %v", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("Lost() says nothing, want %v", want)
	}
}

// A server that comes back without its last commits, as a standby that was behind does,
// has forgotten what HQ remembers.
func TestServerThatWentBackIsNoticed(t *testing.T) {
	server := pgtest.New(t)
	b := openPostgres(t, server.Database())
	defer closeBook(t, b)
	if err := put(b, "epoch", "1"); err != nil {
		t.Fatal(err)
	}
	back := server.Image()
	if err := put(b, "epoch", "2"); err != nil {
		t.Fatal(err)
	}
	back()
	for range 2 {
		err := b.Update(func(tx book.Tx) error { t.Error("it decides on what is lost"); return nil })
		if !errors.Is(err, sqlbook.ErrWentBack) {
			t.Errorf("Update() = %v, want ErrWentBack", err)
		}
	}
	wantLost(t, b, sqlbook.ErrWentBack)
}

func TestBrokenConnectionIsMadeAnew(t *testing.T) {
	server := pgtest.New(t)
	b := openPostgres(t, server.Database())
	defer closeBook(t, b)
	if err := put(b, "before", "1"); err != nil {
		t.Fatal(err)
	}
	runs := 0
	err := b.Update(func(tx book.Tx) error {
		if runs++; runs == 1 {
			server.BreakConnections()
		}
		return errors.Join(sale(tx, 7, 1), tx.PutMeta("epoch", "1"))
	})
	if err != nil || runs != 2 {
		t.Errorf("Update() = %v after %d runs, want nil after the second", err, runs)
	}
	wantMeta(t, b, "epoch", "1")
	wantMeta(t, b, "before", "1")
}

// What was committed is there after the power went at the server.
func TestServerThatIsCutOff(t *testing.T) {
	server := pgtest.New(t)
	b := openPostgres(t, server.Database())
	defer closeBook(t, b)
	for seq := ledger.Seq(1); seq <= 20; seq++ {
		if err := b.Update(func(tx book.Tx) error { return sale(tx, 7, seq) }); err != nil {
			t.Fatal(err)
		}
	}
	server.Kill()
	if err := put(b, "epoch", "1"); err == nil {
		t.Error("Update() without a server = nil, want an error")
	}
	server.Start()
	if err := b.Update(func(tx book.Tx) error { return sale(tx, 7, 21) }); err != nil {
		t.Errorf("Update() once it is back = %v, want nil", err)
	}
	if err := b.View(func(tx book.Tx) error { return keptUpTo(t, tx, 7, 21) }); err != nil {
		t.Error(err)
	}
}

func TestStrangeDatabasesAreLeftAsTheyWere(t *testing.T) {
	server := pgtest.New(t)
	for _, c := range []struct {
		name, says string
		make       func(url string)
	}{
		{"another-version", "has version 7 and this program keeps version 1", func(url string) {
			closeBook(t, openPostgres(t, url))
			server.Do(url, `UPDATE meta SET value = '7' WHERE name = 'version'`)
		}},
		{"another-database", "has other tables and no book of HQ", func(url string) { server.Do(url, `CREATE TABLE photo (name TEXT)`) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := server.Database()
			c.make(url)
			for _, open := range []func(string) (*sqlbook.Book, error){func(url string) (*sqlbook.Book, error) { return sqlbook.OpenPostgres(url, "") }, sqlbook.Read} {
				if _, err := open(url); !errors.Is(err, sqlbook.ErrVersion) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("open = %v, want a sentence with %q that matches ErrVersion", err, c.says)
				}
			}
		})
	}
	t.Run("nothing-there", func(t *testing.T) {
		if _, err := sqlbook.Read(server.Database()); err == nil {
			t.Error("Read() of an empty database = nil, want that there is no book")
		}
	})
}

// A server may come back as one that forgets, while HQ has the book.
func TestServerThatForgetsIsRefused(t *testing.T) {
	server := pgtest.New(t)
	url := server.Database()
	b := openPostgres(t, url)
	for _, setting := range []string{"fsync=off", "full_page_writes=off", "synchronous_commit=off", "synchronous_commit=local"} {
		server.Kill()
		server.Start(setting)
		name, value, _ := strings.Cut(setting, "=")
		_, err := sqlbook.OpenPostgres(url, "")
		for what, err := range map[string]error{"OpenPostgres()": err, "Update()": put(b, "epoch", "1")} {
			if err == nil || !strings.Contains(err.Error(), "may lose what it has committed: "+name+" is "+value) {
				t.Errorf("%s with %s = %v, want a sentence that says so", what, setting, err)
			}
		}
	}
	closeBook(t, b)
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ url, says string }{
		{"postgres://hq:geheim@127.0.0.1:1/book", "connect"},
		{"postgres://hq:geheim@[::1/book", "no URL"},
		{"postgres://hq:geheim@127.0.0.1:x/book", "no URL"},
		{"postgres://hq@192.0.2.1/book", "sslmode=verify-full"},
		{"postgres://hq@127.0.0.1,192.0.2.1/book?sslmode=disable", "sslmode=verify-full"},
		{"postgres://hq@192.0.2.1/book?sslmode=prefer", "sslmode=verify-full"},
	} {
		_, err := sqlbook.OpenPostgres(c.url, "auch geheim")
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("OpenPostgres(%s) = %v, want an error with %q and without the password", c.url, err, c.says)
		}
	}
}
