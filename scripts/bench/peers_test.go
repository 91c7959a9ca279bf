//go:build peers

package bench

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	_ "modernc.org/sqlite" // the driver
)

// BenchmarkPeers writes the rows of a sale with a deduction to SQLite and to
// Pebble, durably each time.
func BenchmarkPeers(b *testing.B) {
	members := number(membersVariable, membersDefault)
	s := newShop(b, min(members, membersDefault), 1) // its rows only
	p, err := s.basket(0)
	must(b, "basket", err)
	_, err = s.till.Pay(by, p)
	must(b, "sale", err)
	rows := s.spy.puts
	lite := newSQLite(b, members)
	stone := newPebble(b, members)
	for _, n := range callers {
		b.Run(fmt.Sprintf("sqlite/members=%d/callers=%d", members, n), func(b *testing.B) {
			together(b, n, func() error { return lite.sale(vary(rows)) })
		})
		b.Run(fmt.Sprintf("pebble/members=%d/callers=%d", members, n), func(b *testing.B) {
			together(b, n, func() error { return stone.sale(vary(rows)) })
		})
	}
}

type sqlite struct{ db *sql.DB }

func newSQLite(b *testing.B, members int) *sqlite {
	path := filepath.Join(b.TempDir(), "peer.sqlite")
	db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(60000)&_txlock=immediate")
	must(b, "open SQLite", err)
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // one writer; the others wait in Go, which is faster than its lock
	_, err = db.Exec("CREATE TABLE records (kind INTEGER, key BLOB, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID")
	must(b, "make the table", err)
	for from := 0; from < members; from += batch {
		tx, err := db.Begin()
		must(b, "begin", err)
		for n := from; n < min(from+batch, members); n++ {
			_, err := tx.Exec("INSERT INTO records VALUES (?, ?, ?)", int('s'), memberKey(n+1), record(n+1, 1, 1))
			must(b, "insert", err)
		}
		must(b, "commit", tx.Commit())
	}
	return &sqlite{db}
}

func (s *sqlite) sale(rows []put) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	for _, r := range rows {
		if _, err := tx.Exec("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", int(r.kind), r.key, r.value); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type rock struct{ db *pebble.DB }

func newPebble(b *testing.B, members int) *rock {
	db, err := pebble.Open(filepath.Join(b.TempDir(), "pebble"), &pebble.Options{Logger: quiet{}})
	must(b, "open Pebble", err)
	b.Cleanup(func() { db.Close() })
	for n := range members {
		must(b, "set", db.Set(append([]byte("s"), memberKey(n+1)...), record(n+1, 1, 1), pebble.NoSync))
	}
	must(b, "flush", db.Flush())
	return &rock{db}
}

func (r *rock) sale(rows []put) error {
	batch := r.db.NewBatch()
	defer batch.Close()
	for _, p := range rows {
		if err := batch.Set(append([]byte{p.kind}, p.key...), p.value, nil); err != nil {
			return err
		}
	}
	return batch.Commit(pebble.Sync)
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(f string, a ...any) {
	panic(fmt.Sprintf(f, a...))
}
