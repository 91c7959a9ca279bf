// Package missing is what HQ has of a terminal's journal and the terminal has not, since
// its disk went back: where something is missing, and what of the first of it has come
// back and is not in its place yet. What has come is in memory only and decides nothing:
// it can be forgotten at any time, and is asked for anew.
package missing

import (
	"errors"
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Most bounds what is missing in different places at the same time.
const Most = 64

// ErrHistory says that what HQ gives back does not follow on what is here.
var ErrHistory = errors.New("history does not fit the journal")

// List is where something is missing, as a terminal keeps it.
type List struct{ Heals []ledger.Heal }

// Fields lists the message's fields.
func (l *List) Fields(c *codec.Coder) { codec.List(c, 1, &l.Heals, Most) }

// Place is a place of the journal: after an entry, and before the opening of
// an incarnation. One entry can have several lives after it, of which each lacks
// something else.
type Place struct {
	After  ledger.Head
	Before ledger.Incarnation
}

// Part is what has come back for a place.
type Part struct {
	Got  []journal.Record
	Mark ledger.DownSeq // of the newest of it
	done bool
}

// Search is what is missing and what of the first of it has come. It is safe for
// concurrent use.
type Search struct {
	mu   sync.Mutex
	list []ledger.Heal
	part Part
}

// Set says what is missing. What has come is kept as long as the first place is the same.
func (s *Search) Set(list []ledger.Heal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(list) == 0 || len(s.list) == 0 || list[0] != s.list[0] {
		s.part = Part{}
	}
	s.list = list
}

// Anew forgets what has come. HQ has begun another life, and may not have all of it any
// more: what stands before an incarnation must be what that HQ has there.
func (s *Search) Anew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.part = Part{}
}

// next is where HQ is to go on; ok is false where nothing is missing, or all has come.
func (s *Search) next() (at Place, ok bool) {
	if len(s.list) == 0 || s.part.done {
		return Place{}, false
	}
	at = Place{After: s.list[0].Parent, Before: s.list[0].Child}
	if n := len(s.part.Got); n > 0 {
		at.After = s.part.Got[n-1].Head
	}
	return at, true
}

// Next is where HQ is to go on; ok is false where nothing is missing, or all has come.
func (s *Search) Next() (at Place, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next()
}

// Take takes in what HQ has at a place. done says that nothing more is missing there.
// What was not asked for is passed over.
func (s *Search) Take(id ledger.TerminalID, of Place, i ledger.Incarnation, raws [][]byte, done bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next, ok := s.next(); !ok || next != of {
		return nil
	}
	var got []journal.Record
	at, mark := of.After, s.part.Mark
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
			return err
		}
		if at.Incarnation != i {
			open, ok := e.Body.(*ledger.Open)
			if !ok {
				return fmt.Errorf("incarnation %s without an opening: %w", i, ErrHistory)
			}
			at = ledger.Head{Incarnation: i, Hash: ledger.Genesis(id, i, open.Parent)}
		}
		at.Seq, at.Hash, mark = at.Seq+1, at.Hash.Next(raw), max(mark, e.Mark)
		got = append(got, journal.Record{Head: at, Raw: raw})
	}
	s.part = Part{Got: append(s.part.Got, got...), Mark: mark, done: done}
	return nil
}

// Whole is what has come for the first place, once that is all; ok is false before.
func (s *Search) Whole() (list []ledger.Heal, part Part, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list, s.part, s.part.done
}
