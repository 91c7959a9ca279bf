// Package sqlbook keeps HQ's book in SQL: one text of statements and one set
// of migrations, with an opener for each engine. It decides nothing: one call
// of Update is one durable transaction. It never says that something is kept
// before the engine has flushed it, never lets two processes write one book,
// and never makes an account negative that must not be. Tables, keys, values
// and the rules of the SQL are listed in DESIGN.md.
package sqlbook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/holder"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
)

// Version is the version of the tables. Later builds bring them up to date.
const Version = "1"

// Limits.
const (
	triesMax      = 6    // runs of one Update that the engine asks to repeat
	readersMax    = 4    // Views at the same time
	AlarmsMax     = 1000 // alarms of one terminal; the oldest go
	QuarantineMax = 1000 // refused pieces of one terminal, the first and the newest
)

const pause = 20 * time.Millisecond // before the second run, on average; then twice as long each time

// Errors that callers match.
var (
	ErrInUse         = errors.New("book is in use by another process")
	ErrWentBack      = holder.ErrWentBack
	ErrVersion       = errors.New("book is of another version")
	ErrUnknownResult = errors.New("result unknown: the commit failed")
	ErrOverdrawn     = errors.New("account overdrawn")
	ErrClosed        = errors.New("book is closed")
	ErrOrder         = errors.New("does not follow what is in the book")
)

// Book is an open book. It is safe for concurrent use; an Update inside an
// Update waits for ever.
type Book struct {
	engine engine
	writer *sql.DB // one connection
	reader *sql.DB
	writes *prepared.Statements
	reads  *prepared.Statements
	free   func() error // gives up the lock
	cut    func()       // ends what waits for the server; nil where there is none

	writing sync.Mutex // one Update at a time: what it learns is of the one before
	knowing sync.Mutex // of known, which only Updates change
	known   *memory    // of what is committed

	mu     sync.Mutex
	closed bool
	lost   chan error     // why it is lost; nil where it cannot be
	open   sync.WaitGroup // transactions
}

var _ book.Book = (*Book)(nil)

// engine is what SQL leaves to the engines.
type engine interface {
	again(err error) bool   // the whole transaction may be run again
	noOwner(err error) bool // a row names one that is not there
	checked(err error) bool // a check of the table refuses a row
	place(n int) string     // the place of the n-th value of an insert, each of which is named once
	placesMax() int         // of one insert

	viewing() *sql.TxOptions // how a View begins
	begun(t *sql.Tx) error   // what an Update begins with, before it reads anything
	committed(known bool)    // an Update was, or nobody knows whether
}

// Close waits for open transactions, lets no others begin, and then lets go of
// the book.
func (b *Book) Close() error {
	b.mu.Lock()
	was := b.closed
	b.closed = true
	b.mu.Unlock()
	b.open.Wait()
	if was {
		return nil
	}
	return errors.Join(b.writes.Close(), b.reads.Close(), b.reader.Close(), b.writer.Close(), b.free())
}

// GiveUp ends what waits for a server that answers nothing, or for its standby: nobody
// knows then what became of it, and nothing is read or written any more. A book in a
// file waits for nobody.
func (b *Book) GiveUp() {
	if b.cut != nil {
		b.cut()
	}
}

// Lost says why the book is HQ's no longer, once: another HQ has taken it, or the
// server went back to before its last commits. What is remembered is no longer so, and
// nothing is written any more: who keeps the book begins anew.
func (b *Book) Lost() <-chan error { return b.lost }

// begun begins an Update, or finds that the book is lost.
func (b *Book) begun() (*tx, error) {
	t, err := begin(b.writer, b.writes, b.engine, nil)
	if err == nil {
		if err = b.engine.begun(t.sql); err != nil {
			t.end()
		}
	}
	if errors.Is(err, ErrInUse) || errors.Is(err, ErrWentBack) {
		select {
		case b.lost <- err:
		default:
		}
	}
	return t, err
}

// enter counts a transaction that begins, so that Close can wait for it.
func (b *Book) enter() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	b.open.Add(1)
	return nil
}

// Update runs fn in one transaction that is durable when it returns nil. It
// runs fn again, a few times, when the engine is busy. An error that matches
// ErrUnknownResult says that the transaction is there wholly or not at all.
func (b *Book) Update(fn func(book.Tx) error) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.open.Done()
	for try := 1; ; try++ {
		err := b.update(fn)
		if err == nil || errors.Is(err, ErrUnknownResult) || !b.engine.again(err) {
			return err
		}
		if try == triesMax {
			return fmt.Errorf("update the book, tried %d times: %w", try, err)
		}
		time.Sleep(rand.N(pause << try))
	}
}

func (b *Book) update(fn func(book.Tx) error) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	t, err := b.begun()
	if err != nil {
		return err
	}
	defer t.end()
	t.committed = b.known
	if err := fn(t); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	err = t.sql.Commit()
	b.engine.committed(err == nil)
	b.knowing.Lock()
	defer b.knowing.Unlock()
	if err != nil {
		b.known = newMemory()
		return fmt.Errorf("%w: %w", ErrUnknownResult, err)
	}
	b.known.learn(t.own)
	return nil
}

// View runs fn on one consistent state, beside any Update. What fn writes is
// refused.
func (b *Book) View(fn func(book.Tx) error) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.open.Done()
	t, err := begin(b.reader, b.reads, b.engine, b.engine.viewing())
	if err != nil {
		return err
	}
	defer t.end()
	return fn(t)
}

// Glance runs fn on what is in memory of the newest state, and is a View where that
// is not enough: the page that a View reads first is often one that was just written.
func (b *Book) Glance(fn func(book.Tx) error) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.open.Done()
	if err := b.remember(fn); !errors.Is(err, errForgotten) {
		return err
	}
	return b.View(fn)
}

// errForgotten says that memory is not enough.
var errForgotten = errors.New("not in memory")

func (b *Book) remember(fn func(book.Tx) error) error {
	b.knowing.Lock()
	defer b.knowing.Unlock()
	t := &tx{engine: b.engine, own: newMemory(), committed: b.known}
	if err := fn(t); err != nil {
		return err
	}
	return t.failed
}

// begin opens a transaction of a pool.
func begin(db *sql.DB, ready *prepared.Statements, e engine, how *sql.TxOptions) (*tx, error) {
	t, err := db.BeginTx(context.Background(), how)
	if err != nil {
		return nil, fmt.Errorf("begin a transaction: %w", err)
	}
	return &tx{
		sql: t, engine: e, ready: ready, bound: map[string]*sql.Stmt{}, own: newMemory(),
	}, nil
}
