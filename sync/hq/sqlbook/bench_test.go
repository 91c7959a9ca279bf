package sqlbook_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
)

const batch = 256

// BenchmarkIngest256 commits batches as HQ takes them in: entries, as many
// members' records read and written, a lot and its postings for each.
func BenchmarkIngest256(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchIngest(b, openBook(b, filepath.Join(b.TempDir(), "hq.db"))) })
	b.Run("postgresql", func(b *testing.B) { benchIngest(b, openPostgres(b, pgtest.New(b).Database())) })
}

func benchIngest(b *testing.B, kept *sqlbook.Book) {
	defer closeBook(b, kept)
	next := ledger.Seq(1)
	for b.Loop() {
		if err := kept.Update(func(tx book.Tx) error { return ingest(tx, next) }); err != nil {
			b.Fatal(err)
		}
		next += batch
	}
	report(b)
}

func ingest(tx book.Tx, first ledger.Seq) error {
	var entries []book.Entry
	var posts []book.Post
	value := make([]byte, 300)
	for seq := first; seq < first+batch; seq++ {
		l := lotAt(uint64(seq))
		l.Owner = member.ID(seq % 5000)
		entries = append(entries, book.Entry{Terminal: 3, Head: ledger.Head{Incarnation: 7, Seq: seq}, Raw: make([]byte, 250)})
		posts = append(posts,
			book.Post{Lot: l.ID, Place: book.Place{Kind: book.Issued}, Amount: -50},
			book.Post{Lot: l.ID, Place: book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: 7}, Amount: 50})
		if err := tx.PutLot(l); err != nil {
			return err
		}
		key := fmt.Append(nil, "m", l.Owner)
		if _, err := tx.State(3).Get(key); err != nil {
			return err
		}
		if err := tx.PutState(3, key, value); err != nil {
			return err
		}
	}
	if err := tx.AppendEntries(3, entries); err != nil {
		return err
	}
	if err := tx.Post(posts); err != nil {
		return err
	}
	return tx.PutTerminal(book.Terminal{ID: 3, Has: ledger.Head{Incarnation: 7, Seq: first + batch - 1}})
}

// BenchmarkBareInsert256 is the least that any way of keeping entries costs:
// one insert of 256 rows a transaction.
func BenchmarkBareInsert256(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bare.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE entry (terminal BIGINT, incarnation TEXT, seq BIGINT, raw TEXT,
		PRIMARY KEY (terminal, incarnation, seq))`); err != nil {
		b.Fatal(err)
	}
	s, err := db.Prepare(`INSERT INTO entry VALUES ` + strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?),", batch), ","))
	if err != nil {
		b.Fatal(err)
	}
	raw := strings.Repeat("x", 336)
	seq := 0
	for b.Loop() {
		var args []any
		for range batch {
			seq++
			args = append(args, 3, "0000000000000007", seq, raw)
		}
		if _, err := s.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	report(b)
}

func report(b *testing.B) {
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkHeld lists what a member has who has spent nothing, and of one who has
// spent 20,000 lots: what was had does not count.
func BenchmarkHeld(b *testing.B) {
	for _, spent := range []ledger.Seq{0, 20_000} {
		b.Run(fmt.Sprintf("spent-%d", spent), func(b *testing.B) {
			kept := openBook(b, filepath.Join(b.TempDir(), "hq.db"))
			defer closeBook(b, kept)
			for first := ledger.Seq(1); first <= spent+10; first += 1000 {
				if err := kept.Update(func(tx book.Tx) error { return had(tx, first, min(first+1000, spent+11), spent) }); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := kept.View(func(tx book.Tx) error {
					list, err := tx.Held(1017)
					if len(list) != 10 {
						b.Fatalf("Held() lists %d lots, want 10", len(list))
					}
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// had makes lots of one member from a number to before another, spent up to one.
func had(tx book.Tx, from, to, spent ledger.Seq) error {
	var posts []book.Post
	for seq := from; seq < to; seq++ {
		l := lotAt(uint64(seq))
		l.Owner = 1017
		if err := tx.PutLot(l); err != nil {
			return err
		}
		at := book.Place{Kind: book.AtTerminal, Terminal: 3, Incarnation: 7}
		posts = append(posts, book.Post{Lot: l.ID, Place: book.Place{Kind: book.Issued}, Amount: -50}, book.Post{Lot: l.ID, Place: at, Amount: 50})
		if seq <= spent {
			posts = append(posts, book.Post{Lot: l.ID, Place: at, Amount: -50}, book.Post{Lot: l.ID, Place: book.Place{Kind: book.Spent}, Amount: 50})
		}
	}
	return tx.Post(posts)
}
