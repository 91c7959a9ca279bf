// Package shelf is HQ's book in the simulation: in memory, with every state
// kept for the asking, and failing the way databases do. It holds the same
// contract as the real ones. It never decides when something fails; that is
// the world's.
package shelf

import (
	"errors"
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/sync/hq/book"
)

// Errors of a book.
var (
	// ErrCrash says that HQ's process ended, or its connection to the book.
	ErrCrash = errors.New("HQ's process ended")
	errView  = errors.New("a view writes nothing")
	errOrder = errors.New("not the next one")
	errOwes  = errors.New("account would owe")
)

// Shelf is a book in memory.
type Shelf struct {
	mu  sync.Mutex // held while an update runs
	now sync.Mutex
	img *Image

	// Fault is asked once before every statement of an update, once before its
	// commit and once after it; nil is a book that never fails.
	Fault func(at Moment) error
	// Again says that an update is to be run twice, as after a serialization
	// failure; nil is never.
	Again func() bool
}

// Moment says where in a transaction a fault may be.
type Moment uint8

// The moments.
const (
	Statement Moment = iota
	BeforeCommit
	AfterCommit
	BeforeLog
	AfterLog
)

var _ book.Book = (*Shelf)(nil)

// New is an empty book.
func New() *Shelf { return &Shelf{img: newImage()} }

// Image is the book as it is; it never changes.
func (s *Shelf) Image() *Image {
	s.now.Lock()
	defer s.now.Unlock()
	return s.img
}

// Restore puts a state back, as from a backup.
func (s *Shelf) Restore(i *Image) {
	s.now.Lock()
	defer s.now.Unlock()
	s.img = i
}

// Update runs fn in a transaction.
func (s *Shelf) Update(fn func(book.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Again != nil && s.Again() {
		if err := s.run(fn, func(*Image) {}); err != nil {
			return err
		}
	}
	return s.run(fn, func(i *Image) { s.Restore(i) })
}

func (s *Shelf) run(fn func(book.Tx) error, keep func(*Image)) error {
	t := &tx{img: s.Image().clone(), writes: true, fault: s.Fault}
	if err := fn(t); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	if err := t.at(BeforeCommit); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	keep(t.img)
	if err := t.at(AfterCommit); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// View runs fn on one state.
func (s *Shelf) View(fn func(book.Tx) error) error { return fn(&tx{img: s.Image()}) }

// Glance is a View: all of it is in memory.
func (s *Shelf) Glance(fn func(book.Tx) error) error { return s.View(fn) }

// Close does nothing: what is in memory stays there.
func (s *Shelf) Close() error { return nil }
