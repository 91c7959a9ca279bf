package sqlbook

import (
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/tail"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// memoryBytesMax bounds what a book keeps in memory of its rows: what does not fit
// is read anew.
const memoryBytesMax = 16 << 20

// memory is rows as they are in the book: what was read once need not be read
// again, since nobody but the book itself writes. A transaction has one of its own;
// the book has one of all that is committed, for the one that writes.
type memory struct {
	values    map[string]value // of meta, desk and state, by nameOf
	terminals map[ledger.TerminalID]book.Terminal
	streams   map[ledger.TerminalID][]ledger.Head // never changed in place
	numbers   map[string]int64                    // the newest of journals, by their names
	downs     map[ledger.TerminalID]tail.Tail     // of HQ's journals for terminals
	grants    tail.Tail
	dropped   uint64 // grants up to this number are gone
	bytes     int    // of values
}

// value is a value as kept, or that there is none.
type value struct {
	text  string
	there bool
}

func newMemory() *memory {
	return &memory{
		values: map[string]value{}, terminals: map[ledger.TerminalID]book.Terminal{},
		streams: map[ledger.TerminalID][]ledger.Head{}, numbers: map[string]int64{}, downs: map[ledger.TerminalID]tail.Tail{},
	}
}

// Tables of which values are kept.
const (
	ofMeta  = "m"
	ofDesk  = "d"
	ofState = "s" // and the terminal
)

// learn takes in what a transaction knows that is committed.
func (m *memory) learn(t *memory) {
	for name, v := range t.values {
		m.bytes += len(name) + len(v.text) - len(m.values[name].text) // a little too many
		m.values[name] = v
	}
	if m.bytes > memoryBytesMax {
		m.values, m.bytes = map[string]value{}, 0
	}
	maps.Copy(m.terminals, t.terminals)
	maps.Copy(m.streams, t.streams)
	maps.Copy(m.numbers, t.numbers)
	for id, more := range t.downs {
		m.downs[id] = m.downs[id].And(more)
	}
	m.grants = m.grants.And(t.grants).Cut(t.dropped)
}

// downs is what is known of the journal for a terminal.
func (t *tx) downs(id ledger.TerminalID) tail.Tail {
	if t.committed == nil {
		return t.own.downs[id]
	}
	return t.committed.downs[id].And(t.own.downs[id])
}

// grants is what is known of the grants.
func (t *tx) grants() tail.Tail {
	if t.committed == nil {
		return t.own.grants.Cut(t.own.dropped)
	}
	return t.committed.grants.And(t.own.grants).Cut(t.own.dropped)
}

// known finds a value that was read or written before.
func (t *tx) known(name string) (value, bool) {
	v, ok := t.own.values[name]
	if !ok && t.committed != nil {
		v, ok = t.committed.values[name]
	}
	return v, ok
}

// note keeps in mind what was read.
func (t *tx) note(name string, v value) { t.own.values[name] = v }

// change keeps in mind what is written, where that was read before: much is written
// that nobody reads again.
func (t *tx) change(name, text string) {
	if _, ok := t.known(name); ok {
		t.own.values[name] = value{text, true}
	}
}

// newest is the number of a journal's newest entry: as it was read before, or as the
// query says.
func (t *tx) newest(act, journal, text string, args ...any) (int64, error) {
	if n, ok := t.own.numbers[journal]; ok {
		return n, nil
	}
	if t.committed != nil {
		if n, ok := t.committed.numbers[journal]; ok {
			return n, nil
		}
	}
	n, err := t.next(act, text, args...)
	if err == nil {
		t.own.numbers[journal] = n
	}
	return n, err
}

// heads are the incarnations of a terminal, as they were read before.
func (t *tx) heads(id ledger.TerminalID) ([]ledger.Head, bool) {
	list, ok := t.own.streams[id]
	if !ok && t.committed != nil {
		list, ok = t.committed.streams[id]
	}
	return list, ok
}

// put is a list of heads with a newer one of an incarnation.
func put(list []ledger.Head, h ledger.Head) []ledger.Head {
	list = slices.Clone(list)
	n := slices.IndexFunc(list, func(x ledger.Head) bool { return x.Incarnation == h.Incarnation })
	if n < 0 {
		return append(list, h)
	}
	list[n] = h
	return list
}
