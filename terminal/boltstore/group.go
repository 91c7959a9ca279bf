package boltstore

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// groupMost bounds how many callers share one transaction.
const groupMost = 256

// group is a transaction that callers share. They run one after another, each
// in its own goroutine, and see what those before them wrote; the last one for
// whom nobody waits puts it on the disk for all. A lone caller is the last one
// at once, so it waits for nothing.
type group struct {
	tx      *bolt.Tx
	callers int
	wrote   bool  // one of them was not refused
	broken  error // something could not be taken back
	err     error // what became of it; to be read once done is closed
	done    chan struct{}
}

// Update runs fn in one durable transaction; see journal.Journal.
func (s *Store) Update(fn func(journal.Tx) error) error {
	g, err := s.enter()
	if err != nil {
		return err
	}
	t := &tx{b: g.tx, s: s}
	refused, ended := error(nil), false
	defer func() {
		if !ended { // a panic goes on, and leaves nothing behind (fault P6)
			s.leave(g, t, true)
		}
	}()
	refused = fn(t)
	ended = true
	err = s.leave(g, t, refused != nil)
	if refused != nil && !errors.Is(err, journal.ErrUnknownResult) {
		return refused
	}
	return err
}

// enter waits for the caller's turn, and begins a group if there is none. The
// body is locked until leave, unless there is an error.
func (s *Store) enter() (*group, error) {
	s.waiting.Add(1)
	s.body.Lock()
	s.waiting.Add(-1)
	if s.group != nil {
		return s.group, nil
	}
	g, err := s.begin()
	if err != nil {
		s.body.Unlock()
		return nil, err
	}
	s.group = g
	return g, nil
}

// begin begins a group once the one before it is on the disk. The writing is
// locked until finish, unless there is an error.
func (s *Store) begin() (g *group, err error) {
	s.writing.Lock()
	defer func() {
		if err != nil {
			s.writing.Unlock()
		}
	}()
	if err := s.Failed(); err != nil {
		return nil, err
	}
	if err := s.reserve(); err != nil {
		return nil, err
	}
	b, err := s.db.Begin(true)
	if err != nil {
		return nil, fmt.Errorf("write ledger: %w", err)
	}
	s.used.Store(b.Size())
	for _, l := range logs {
		if err := l.roll(b); err != nil {
			return nil, errors.Join(fmt.Errorf("write ledger: %w", err), b.Rollback())
		}
	}
	return &group{tx: b, done: make(chan struct{})}, nil
}

// leave ends a caller's turn and returns once the group is on the disk. What a
// refused caller wrote is taken back, so that it harms nobody.
func (s *Store) leave(g *group, t *tx, refused bool) error {
	if refused {
		g.broken = errors.Join(g.broken, t.undo())
	}
	g.wrote = g.wrote || !refused
	g.callers++
	last := g.callers == groupMost || !s.others(g)
	if last {
		s.group, s.before = nil, g.callers
	}
	s.body.Unlock()
	if last {
		s.finish(g)
	}
	<-g.done
	return g.err
}

// others reports whether somebody waits to join a group. Callers who shared the
// last one come back together, but each in its own time: until there are as
// many again they get a chance to run. A lone caller never gives one.
func (s *Store) others(g *group) bool {
	for n := g.callers; n < s.before && s.waiting.Load() == 0; n++ {
		runtime.Gosched()
	}
	return s.waiting.Load() > 0
}

// finish puts a group on the disk, or drops it if all of it was refused.
func (s *Store) finish(g *group) {
	defer s.writing.Unlock()
	defer close(g.done)
	s.signing.Wait()
	err := g.broken
	if err == nil && g.wrote {
		err = commit(g.tx)
	}
	if err != nil || !g.wrote {
		if e := g.tx.Rollback(); e != nil && !errors.Is(e, berrors.ErrTxClosed) {
			err = errors.Join(err, e)
		}
	}
	switch {
	case err == nil:
	case nothingWritten(err):
		g.err = fmt.Errorf("write ledger: %w: %w", journal.ErrFull, err)
	default:
		g.err = s.fail(err)
	}
}

// commit commits. bbolt panics over pages that are damaged.
func commit(b *bolt.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return b.Commit()
}

// nothingWritten reports whether a commit failed before its first byte went to
// the file: at the largest size, or when the file could not be made longer.
// bbolt hides the cause of the latter in a text.
func nothingWritten(err error) bool {
	return errors.Is(err, berrors.ErrMaxSizeReached) || strings.HasPrefix(err.Error(), "file resize error")
}

// fail ends all writing (bolt R9): after a failed write only a rewrite of the
// file can be trusted. A mark beside the ledger asks the next start for it.
func (s *Store) fail(err error) error {
	failed := fmt.Errorf("write ledger: %w: %w", journal.ErrUnknownResult, err)
	if s.poison.CompareAndSwap(nil, &failed) {
		_ = os.WriteFile(failedMark(s.path), []byte(failed.Error()+"\n"), 0o600) // the disk may refuse this too
	}
	return failed
}

// Failed returns the error after which the file takes no more writes, or nil.
func (s *Store) Failed() error {
	if p := s.poison.Load(); p != nil {
		return *p
	}
	return nil
}

// View runs fn on one consistent state; see journal.Journal.
func (s *Store) View(fn func(journal.Tx) error) error {
	return s.db.View(func(b *bolt.Tx) error { return fn(&tx{b: b, s: s}) })
}
