// Package fold turns a terminal's journal and HQ's journal for it into a
// state: who holds what here, which vouchers are used, which notes are taken.
// Terminal, HQ, verifier and rebuild fold alike, byte for byte. A refused
// entry leaves the table as it was; a right is never conjured: what an entry
// takes beyond what is held is booked to the risk account and said so. It
// reads and writes nothing itself: the table is handed in.
package fold

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Errors of folding. They concern the journal as a whole, never one member.
var (
	ErrOrder     = errors.New("entry out of order")
	ErrParent    = errors.New("incarnation does not continue the newest head")
	ErrInvariant = errors.New("conservation broken")
	// ErrState says that a record of the table is damaged: the journal is not
	// to blame.
	ErrState = errors.New("state record is damaged")
)

// Table is the state as last committed. Get returns nil for an absent key.
type Table interface {
	Get(key []byte) ([]byte, error)
}

// Memory is a table in memory, for folding anew.
type Memory map[string][]byte

// Get returns the record under a key, or nil.
func (m Memory) Get(key []byte) ([]byte, error) { return m[string(key)], nil }

// Put keeps a copy of a record.
func (m Memory) Put(key, value []byte) error {
	m[string(key)] = bytes.Clone(value)
	return nil
}

// State is a table with changes on top of it that are not yet written.
type State struct {
	terminal ledger.TerminalID
	table    Table
	cache    map[string]codec.Message
	dirty    map[string]bool
	head     *Head
	off      guard.Off
	unread   error // a record that could not be read where no error is returned
}

// Load starts from a table; an empty one is a terminal that never wrote.
func Load(t ledger.TerminalID, table Table) (*State, error) {
	s := &State{terminal: t, table: table, cache: map[string]codec.Message{}, dirty: map[string]bool{}}
	h, err := get[Head](s, headKey)
	if err != nil {
		return nil, err
	}
	s.head = h
	return s, nil
}

// On goes on from the same state in another view of the same table, which must
// be as this state was last flushed: what was decoded need not be read again.
func (s *State) On(table Table) *State {
	s.table = table
	return s
}

// Records is how many records the state keeps decoded.
func (s *State) Records() int { return len(s.cache) }

// Flushed reports whether all that was changed is written, and all could be read.
func (s *State) Flushed() bool { return len(s.dirty) == 0 && s.unread == nil }

// Still reports whether a table has the head that this state has: then it is the same.
func (s *State) Still(table Table) (bool, error) {
	b, err := table.Get(headKey)
	return bytes.Equal(b, codec.Marshal(s.head)), err
}

// Without has the state keep all rules but some: for the simulation only.
func (s *State) Without(off guard.Off) *State {
	s.off = off
	return s
}

// Terminal is whose state it is.
func (s *State) Terminal() ledger.TerminalID { return s.terminal }

// Head is the newest entry folded, or the zero head.
func (s *State) Head() ledger.Head { return s.head.Head }

// Mark is how far HQ's journal has been applied.
func (s *State) Mark() ledger.DownSeq { return s.head.Mark }

// Stopped reports whether the newest entry ended its incarnation.
func (s *State) Stopped() bool { return s.head.Stopped }

// Receipts is how many receipts the incarnation has written.
func (s *State) Receipts() uint64 { return s.head.Receipts }

// Usable returns what may be used here of a member's rights.
func (s *State) Usable(id member.ID) ([]lot.Holding, error) { return s.held(id, false) }

// Frozen returns what is held here of a member's rights but may be used by
// nobody until a witness turns up.
func (s *State) Frozen(id member.ID) ([]lot.Holding, error) { return s.held(id, true) }

func (s *State) held(id member.ID, frozen bool) ([]lot.Holding, error) {
	persons, err := s.persons(id)
	if err != nil {
		return nil, err
	}
	var out []lot.Holding
	var ruling *ledger.Ruling
	for _, p := range persons {
		m, err := get[Member](s, memberKey(p))
		if err != nil {
			return nil, err
		}
		ruling = cmp.Or(ruling, m.Ruling) // the oldest id's
		out = s.of(out, m, ruling, frozen)
	}
	return out, s.unread
}

// of adds what one record holds, usable or frozen, incarnations taken together.
func (s *State) of(out []lot.Holding, m *Member, ruling *ledger.Ruling, frozen bool) []lot.Holding {
	first := len(out)
	var usable, freed bool
	out = slices.Grow(out, len(m.Held))
	for n, h := range m.Held {
		if n == 0 || h.Incarnation != m.Held[n-1].Incarnation {
			usable, freed = s.usable(h.Incarnation)
		}
		switch last := len(out) - 1; {
		case mayUse(h.Lot.Asset, usable, freed) == frozen:
		case last >= first && out[last].Lot.ID == h.Lot.ID:
			out[last].Amount += h.Amount
		default:
			out = append(out, lot.Holding{Lot: ruling.Last(h.Lot), Amount: h.Amount})
		}
	}
	return out
}

// Flush writes what has changed, in order of keys. The state stays usable.
func (s *State) Flush(put func(key, value []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(s.dirty)) {
		if err := put([]byte(k), codec.Marshal(s.cache[k])); err != nil {
			return err
		}
	}
	clear(s.dirty)
	return nil
}

// get returns the record under a key, decoded once; an absent one is zero.
func get[T any, P interface {
	*T
	codec.Message
}](s *State, key []byte) (P, error) {
	if r, ok := s.cache[string(key)]; ok {
		return r.(P), nil
	}
	k := string(key) // a table may keep what it is handed: where none is asked, the key costs nothing
	b, err := s.table.Get([]byte(k))
	if err != nil {
		return nil, err
	}
	r := P(new(T))
	if err := codec.Own(b, r); err != nil {
		return nil, fmt.Errorf("%x: %w: %w", k, ErrState, err)
	}
	s.cache[k] = r
	return r, nil
}

// put makes a record under a key that had none: nothing is read first.
func put(s *State, key []byte, r codec.Message) {
	s.cache[string(key)] = r
	s.touch(key)
}

func (s *State) touch(key []byte) { s.dirty[string(key)] = true }
