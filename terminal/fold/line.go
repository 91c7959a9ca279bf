package fold

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// frozenMax bounds the parents that wait for a witness. Of too many the oldest
// can be freed no more: years of boots that nobody proved.
const frozenMax = 256

// line says to which line an incarnation belongs: the incarnations that a
// witness joined, one after another. A line goes by the name of one of them,
// its root; a line that was joined to another leads there. So the head names
// one root, however often the terminal was started.
type line struct{ Root ledger.Incarnation }

// Fields lists the message's fields.
func (l *line) Fields(c *codec.Coder) { codec.Fixed64(c, 1, &l.Root) }

// frozen is an unproven parent: the line that it was of, and what a witness
// must name.
type frozen struct {
	Head  ledger.Head
	Root  ledger.Incarnation
	Moved ledger.Head // the last entry that moved a right; zero where none did
	Board uint64
	Lost  bool // a witness named an entry that is not there
}

// Fields lists the message's fields.
func (f *frozen) Fields(c *codec.Coder) {
	codec.Value(c, 1, &f.Head)
	codec.Fixed64(c, 2, &f.Root)
	if c.Reading() || f.Moved != (ledger.Head{}) {
		codec.Value(c, 3, &f.Moved)
	}
	codec.Fixed64(c, 4, &f.Board)
	codec.Bool(c, 5, &f.Lost)
}

// usable reports whether what an incarnation holds may be used: it is of the
// line that is alive. An incarnation that never was here is of no line.
func (s *State) usable(i ledger.Incarnation) bool {
	return s.head.Root != 0 && s.root(i) == s.head.Root
}

// root follows an incarnation to the root of its line. A damaged record spoils
// the state.
func (s *State) root(i ledger.Incarnation) ledger.Incarnation {
	for {
		l, err := get[line](s, lineKey(i))
		if err != nil {
			s.unread = err
			return 0
		}
		if l.Root == 0 || l.Root == i {
			return l.Root
		}
		i = l.Root
	}
}

// join makes one line part of another, by their roots.
func (s *State) join(part, whole ledger.Incarnation) error {
	l, err := get[line](s, lineKey(part))
	if err == nil && part != whole {
		l.Root = whole
		s.touch(lineKey(part))
	}
	return err
}

// boardOf is what is kept of a board's fingerprint.
func boardOf(fingerprint string) uint64 {
	if fingerprint == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(fingerprint))
	return binary.BigEndian.Uint64(sum[:])
}

// begin puts a new incarnation on its parent's line if that is proven, and
// else on one of its own. It says what is wrong with a proof that is none.
func (s *State) begin(i ledger.Incarnation, open *ledger.Open) (wrong string, err error) {
	l, err := get[line](s, lineKey(i))
	if err != nil {
		return "", err
	}
	if l.Root != 0 {
		return "", fmt.Errorf("incarnation %s was here before: %w", i, ErrOrder)
	}
	h, board := s.head, boardOf(open.Board)
	proven := open.Witness == ledger.BootWitness || open.Witness.Names() && named(h.Moved, open.Named)
	proven = proven && board == h.Board
	if open.Parent.Seq > 0 && !proven {
		if open.Witness != ledger.NoWitness {
			wrong = wrongWitness
		}
		if err := s.freeze(); err != nil {
			return "", err
		}
		s.trustAnew(open.Trust)
		h.Root, h.Moved = 0, ledger.Head{}
	}
	if h.Root == 0 {
		h.Root = i
	}
	h.Board = board
	l.Root = h.Root
	s.touch(lineKey(i))
	return wrong, nil
}

// named reports whether a witness names the last entry that moved a right.
func named(moved, by ledger.Head) bool { return moved.Seq > 0 && by == moved }

// freeze lets the line that was alive wait for a witness. A line that moved
// nothing holds nothing: it waits only to be freed, with others like it, when
// what waited before it is.
func (s *State) freeze() error {
	h := s.head
	f := frozen{Head: h.Head, Root: h.Root, Moved: h.Moved, Board: h.Board}
	if n := len(h.Frozen) - 1; f.Moved.Seq == 0 {
		if n < 0 {
			return nil
		}
		if top := &h.Frozen[n]; top.Moved.Seq == 0 && top.Board == f.Board {
			top.Head = f.Head
			return s.join(f.Root, top.Root)
		}
	}
	h.Frozen = append(h.Frozen, f)
	h.Frozen = slices.Delete(h.Frozen, 0, max(len(h.Frozen)-frozenMax, 0))
	return nil
}

// carry frees what an unproven parent held, if the witness names the last entry
// that moved a right in it. What came after it must be proven first, or have
// moved nothing: in a lost end of that, the parent's rights could have been
// freed and used.
func (s *step) carry(b *ledger.Carry) error {
	h := s.head
	n := slices.IndexFunc(h.Frozen, func(f frozen) bool { return f.Head == b.Parent })
	if n < 0 || !b.Witness.Names() || h.Frozen[n].Lost || h.Frozen[n].Board != h.Board || !named(h.Frozen[n].Moved, b.Named) {
		s.wrong(wrongCarry)
		return nil
	}
	for _, after := range h.Frozen[n+1:] {
		if after.Moved.Seq > 0 {
			s.wrong(wrongCarry)
			return nil
		}
	}
	return s.free(n, len(h.Frozen))
}

// free makes parents that waited, and the line that is alive, one line.
func (s *State) free(from, to int) error {
	h := s.head
	for _, f := range h.Frozen[from:to] {
		if err := s.join(h.Root, f.Root); err != nil {
			return err
		}
		h.Root = f.Root
		if h.Moved.Seq == 0 {
			h.Moved = f.Moved
		}
	}
	h.Frozen = slices.Delete(h.Frozen, from, to)
	return nil
}

// doubt takes in that a witness named an entry that is not here. Where HQ gave
// the end of the journal back, it is here after all.
func (s *step) doubt(b *ledger.Doubt) {
	if slices.ContainsFunc(s.head.Frozen, func(f frozen) bool { return named(f.Moved, b.Named) }) {
		return
	}
	for n := range s.head.Frozen {
		s.head.Frozen[n].Lost = true
	}
}

// release takes in the word of a person at HQ.
func (s *step) release(b *ledger.Release) error {
	h := s.head
	if b.Incarnation == 0 {
		h.Standing = slices.Clone(b.Standing)
		return nil
	}
	root := s.root(b.Incarnation)
	n := slices.IndexFunc(h.Frozen, func(f frozen) bool { return root != 0 && f.Root == root })
	if n < 0 { // a witness was quicker
		return nil
	}
	return s.free(n, n+1)
}

// Waiting is an unproven parent whose rights wait for a witness.
type Waiting struct {
	Head  ledger.Head
	Moved ledger.Head // the entry that a witness must name; zero where none moved a right
	Lost  bool        // a witness named an entry that is not here
	Board bool        // it was another board
}

// Waiting are the parents that wait, oldest first.
func (s *State) Waiting() []Waiting {
	var out []Waiting
	for _, f := range s.head.Frozen {
		out = append(out, Waiting{f.Head, f.Moved, f.Lost, f.Board != s.head.Board})
	}
	return out
}

// Moved is the last entry that moved a right in the line that is alive: what a
// witness is told. It is zero while none did.
func (s *State) Moved() ledger.Head { return s.head.Moved }

// SameBoard reports whether the newest incarnation was opened on a board.
func (s *State) SameBoard(fingerprint string) bool { return s.head.Board == boardOf(fingerprint) }

// Standing is what HQ lets the terminal use on trust beyond the programme.
func (s *State) Standing() []ledger.Bound { return slices.Clone(s.head.Standing) }
