// Package rack is where a simulated terminal keeps what HQ publishes: the heads that
// HQ announced, the parts that have come, and what is in force. It holds in memory
// what the daemon holds in files, and parses nothing.
package rack

import (
	"maps"

	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// The kinds of documents of simulated worlds: what HQ publishes, and the sealed batches
// of games that it gives a terminal.
const (
	Programme = "programme"
	Deals     = "deals"
)

// Rack is the documents of one terminal.
type Rack struct {
	heads map[string]ledger.Document
	parts map[string]parcel.Part
	next  map[string]document // whole, and not yet in force
	inUse map[string]document
}

// document is one, and what it is known by.
type document struct {
	bytes []byte
	root  ledger.Hash
}

func of(b []byte) document { return document{b, parcel.Root(b)} }

// New is a rack with the programme of the settings.
func New(programme []byte) *Rack {
	return &Rack{
		heads: map[string]ledger.Document{}, parts: map[string]parcel.Part{}, next: map[string]document{},
		inUse: map[string]document{Programme: of(programme)},
	}
}

// Copy is the rack of a board with a copy of the card.
func (r *Rack) Copy() *Rack {
	return &Rack{maps.Clone(r.heads), maps.Clone(r.parts), maps.Clone(r.next), maps.Clone(r.inUse)}
}

// Announce notes what HQ says in its journal.
func (r *Rack) Announce(d ledger.Document) { r.heads[d.What] = d }

// missing is the first kind of which something else is announced than is here.
func (r *Rack) missing() (d ledger.Document, ok bool) {
	for _, what := range []string{Programme, Deals} { // as the daemon does
		if d := r.heads[what]; d.What != "" && d.Root != r.inUse[what].root && d.Root != r.next[what].root {
			return d, true
		}
	}
	return d, false
}

// part is what has come of a document.
func (r *Rack) part(d ledger.Document) parcel.Part {
	here := r.inUse[d.What].root
	if p := r.parts[d.What]; p.Root == d.Root && p.From(here) {
		return p
	}
	return parcel.Part{Root: d.Root, Base: here}
}

// Wanted says which part to ask for next, or nil.
func (r *Rack) Wanted() (*wire.Fetch, error) {
	d, ok := r.missing()
	if !ok {
		return nil, nil
	}
	p := r.part(d)
	return p.Next(), nil
}

// Take takes in a part, if it is the one that was wanted; the last one makes the document.
func (r *Rack) Take(c *wire.Chunk) (took bool, err error) {
	d, ok := r.missing()
	if !ok {
		return false, nil
	}
	p := r.part(d)
	if !p.Add(c, r.inUse[d.What].root) {
		return false, nil
	}
	if r.parts[d.What] = p; !p.Whole() {
		return true, nil
	}
	delete(r.parts, d.What)
	var base []byte
	if p.Base != (ledger.Hash{}) {
		base = r.inUse[d.What].bytes
	}
	b, err := parcel.Unpack(p.Bytes, base, d.Root)
	if err == nil {
		r.next[d.What] = of(b)
	}
	return true, err
}

// Due puts into force what is whole and due by then, and says what that is now, or nil.
func (r *Rack) Due(wall int64) []byte {
	d, ok := r.heads[Programme]
	if !ok || d.Root == r.inUse[Programme].root || d.Root != r.next[Programme].root || d.From > wall {
		return nil
	}
	r.inUse[Programme] = r.next[Programme]
	delete(r.next, Programme)
	return r.inUse[Programme].bytes
}

// Dealt puts into force the batches that have come whole, and says what they are now, or
// nil where none are new.
func (r *Rack) Dealt() []byte {
	d, whole := r.next[Deals]
	if !whole {
		return nil
	}
	delete(r.next, Deals)
	r.inUse[Deals] = d
	return d.bytes
}

// Batches are the sealed batches that the terminal plays, or nil.
func (r *Rack) Batches() []byte { return r.inUse[Deals].bytes }

// InForce is the programme that the terminal goes by.
func (r *Rack) InForce() []byte { return r.inUse[Programme].bytes }

// Lacks reports whether something is announced, due by then and not in force.
func (r *Rack) Lacks(wall int64) bool {
	for what, d := range r.heads {
		if d.Root != r.inUse[what].root && d.From <= wall {
			return true
		}
	}
	return false
}
