// Package lineage says which of a terminal's lives may use what they came by:
// the line that is alive, the parents that wait for a witness, what a witness
// must name, and what may be used on trust until one turns up. It knows no
// holdings and no journal: the fold asks it.
package lineage

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// FrozenMax bounds the parents that wait for a witness. Of too many the oldest
// can be freed no more: years of boots that nobody proved.
const FrozenMax = 256

// Lineage is the part of a head's record that is about lives.
type Lineage struct {
	Root     ledger.Incarnation // of the line whose holdings may be used
	Frozen   []Frozen           // parents that wait for a witness, oldest first
	Moved    ledger.Head        // the last entry that moved a right in the line that is alive
	Board    uint64             // of the newest incarnation
	Unproven uint64             // boots that nothing proved
	Trust    []Trust            // what may be used of what waits, after the newest of them
	Standing []ledger.Bound     // HQ's standing order on that
}

// Fields lists the fields that it adds to the head's record.
func (l *Lineage) Fields(c *codec.Coder) {
	codec.Fixed64(c, 5, &l.Root)
	codec.List(c, 6, &l.Frozen, FrozenMax)
	if c.Reading() || l.Moved != (ledger.Head{}) {
		codec.Value(c, 9, &l.Moved)
	}
	codec.Fixed64(c, 10, &l.Board)
	codec.Uint(c, 11, &l.Unproven)
	codec.List(c, 12, &l.Trust, ledger.BoundsMax)
	codec.List(c, 13, &l.Standing, ledger.BoundsMax)
}

// Frozen is an unproven parent: the line that it was of, and what a witness
// must name.
type Frozen struct {
	Head  ledger.Head
	Root  ledger.Incarnation
	Moved ledger.Head // the last entry that moved a right; zero where none did
	Board uint64
	Lost  bool // a witness named an entry that is not there
}

// Fields lists the message's fields.
func (f *Frozen) Fields(c *codec.Coder) {
	codec.Value(c, 1, &f.Head)
	codec.Fixed64(c, 2, &f.Root)
	if c.Reading() || f.Moved != (ledger.Head{}) {
		codec.Value(c, 3, &f.Moved)
	}
	codec.Fixed64(c, 4, &f.Board)
	codec.Bool(c, 5, &f.Lost)
}

// Line says to which line an incarnation belongs: the incarnations that a
// witness joined, one after another. A line goes by the name of one of them,
// its root; a line that was joined to another leads there. So the head names
// one root, however often the terminal was started.
type Line struct {
	Root  ledger.Incarnation
	Freed bool // a person's word joined it, and no witness
}

// Fields lists the message's fields.
func (l *Line) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &l.Root)
	codec.Bool(c, 2, &l.Freed)
}

// Join makes the line of one root part of another.
type Join func(part, whole ledger.Incarnation) error

// BoardOf is what is kept of a board's fingerprint.
func BoardOf(fingerprint string) uint64 {
	if fingerprint == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(fingerprint))
	return binary.BigEndian.Uint64(sum[:])
}

// Proven reports whether an opening's witness proves the line that is alive up to a
// head. Where the disk had gone back behind that, the name tells whether what it lost
// moved a right.
func (l *Lineage) Proven(open *ledger.Open, head ledger.Head) bool {
	proven := open.Witness == ledger.BootWitness && open.Parent == head || open.Witness.Names() && named(l.Moved, open.Named)
	return proven && l.Board == BoardOf(open.Board)
}

// named reports whether a witness names the last entry that moved a right.
func named(moved, by ledger.Head) bool { return moved.Seq > 0 && by == moved }

// Freeze lets the line that was alive up to a head wait for a witness. A line
// that moved nothing holds nothing: it waits only to be freed, with others like
// it, when what waited before it is.
func (l *Lineage) Freeze(head ledger.Head, trust []ledger.Bound, join Join) error {
	f := Frozen{Head: head, Root: l.Root, Moved: l.Moved, Board: l.Board}
	l.Root, l.Moved, l.Unproven, l.Trust = 0, ledger.Head{}, l.Unproven+1, nil
	for _, b := range trust {
		l.Trust = append(l.Trust, Trust{Bound: b})
	}
	if n := len(l.Frozen) - 1; f.Moved.Seq == 0 {
		if n < 0 {
			return nil
		}
		if top := &l.Frozen[n]; top.Moved.Seq == 0 && top.Board == f.Board {
			top.Head = f.Head
			return join(f.Root, top.Root)
		}
	}
	l.Frozen = append(l.Frozen, f)
	l.Frozen = slices.Delete(l.Frozen, 0, max(len(l.Frozen)-FrozenMax, 0))
	return nil
}

// Carry frees what an unproven parent held, if the witness names the last entry
// that moved a right in it; ok is false if it does not. What came after it must
// be proven first, or have moved nothing: in a lost end of that, the parent's
// rights could have been freed and used. A terminal whose disk had gone back, behind,
// may know an earlier head of the parent than there is: the name alone finds that.
func (l *Lineage) Carry(b *ledger.Carry, behind bool, join Join) (ok bool, err error) {
	n := slices.IndexFunc(l.Frozen, func(f Frozen) bool { return named(f.Moved, b.Named) })
	if n < 0 || !b.Witness.Names() || l.Frozen[n].Head != b.Parent && !behind {
		return false, nil
	}
	f := l.Frozen[n]
	later := func(f Frozen) bool { return f.Moved.Seq > 0 }
	if f.Lost || f.Board != l.Board || slices.ContainsFunc(l.Frozen[n+1:], later) {
		return false, nil
	}
	return true, l.free(n, len(l.Frozen), join)
}

// free makes parents that waited, and the line that is alive, one line.
func (l *Lineage) free(from, to int, join Join) error {
	for _, f := range l.Frozen[from:to] {
		if err := join(l.Root, f.Root); err != nil {
			return err
		}
		l.Root = f.Root
		if l.Moved.Seq == 0 {
			l.Moved = f.Moved
		}
	}
	l.Frozen = slices.Delete(l.Frozen, from, to)
	return nil
}

// Doubt takes in that a witness named an entry that is not here. Where HQ gave
// the end of the journal back, it is here after all.
func (l *Lineage) Doubt(b *ledger.Doubt) {
	if slices.ContainsFunc(l.Frozen, func(f Frozen) bool { return named(f.Moved, b.Named) }) {
		return
	}
	for n := range l.Frozen {
		l.Frozen[n].Lost = true
	}
}

// Release frees the line of a root, on the word of a person at HQ: it becomes part of
// the one that is alive. It does nothing if that waits no more, or another entry moved a
// right last in it than they saw, where that is said.
func (l *Lineage) Release(root ledger.Incarnation, moved *ledger.Head, free Join) error {
	n := slices.IndexFunc(l.Frozen, func(f Frozen) bool { return root != 0 && f.Root == root })
	if n < 0 || moved != nil && *moved != l.Frozen[n].Moved {
		return nil
	}
	if l.Moved.Seq == 0 {
		l.Moved = l.Frozen[n].Moved
	}
	l.Frozen = slices.Delete(l.Frozen, n, n+1)
	return free(root, l.Root)
}

// Waiting is an unproven parent whose rights wait for a witness.
type Waiting struct {
	Head  ledger.Head
	Moved ledger.Head // the entry that a witness must name; zero where none moved a right
	Lost  bool        // a witness named an entry that is not here
	Board bool        // it was another board
}

// Waiting are the parents that wait, oldest first.
func (l *Lineage) Waiting() (out []Waiting) {
	for _, f := range l.Frozen {
		out = append(out, Waiting{f.Head, f.Moved, f.Lost, f.Board != l.Board})
	}
	return out
}
