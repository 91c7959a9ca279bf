package fold

import (
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

// frozen is an unproven parent and the line that it was of.
type frozen struct {
	Head ledger.Head
	Root ledger.Incarnation
}

// Fields lists the message's fields.
func (f *frozen) Fields(c *codec.Coder) {
	codec.Value(c, 1, &f.Head)
	codec.Fixed64(c, 2, &f.Root)
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

// begin puts a new incarnation on its parent's line if that is proven, and
// else on one of its own.
func (s *State) begin(i ledger.Incarnation, open *ledger.Open) error {
	l, err := get[line](s, lineKey(i))
	if err != nil {
		return err
	}
	if l.Root != 0 {
		return fmt.Errorf("incarnation %s was here before: %w", i, ErrOrder)
	}
	h := s.head
	if open.Witness == ledger.NoWitness && open.Parent.Seq > 0 {
		h.Frozen = append(h.Frozen, frozen{h.Head, h.Root})
		h.Frozen = slices.Delete(h.Frozen, 0, max(len(h.Frozen)-frozenMax, 0))
		h.Root = 0
	}
	if h.Root == 0 {
		h.Root = i
	}
	l.Root = h.Root
	s.touch(lineKey(i))
	return nil
}

// carry frees what an unproven parent held: its line and the one that is alive
// become one, by the parent's name.
func (s *step) carry(b *ledger.Carry) error {
	h := s.head
	n := slices.IndexFunc(h.Frozen, func(f frozen) bool { return f.Head == b.Parent })
	if n < 0 || b.Witness == ledger.NoWitness {
		s.wrong(wrongCarry)
		return nil
	}
	l, err := get[line](s.State, lineKey(h.Root))
	if err != nil {
		return err
	}
	s.touch(lineKey(h.Root))
	l.Root = h.Frozen[n].Root
	h.Root = l.Root
	h.Frozen = slices.Delete(h.Frozen, n, n+1)
	return nil
}

// Unproven are the heads of parents whose rights wait for a witness, oldest
// first.
func (s *State) Unproven() []ledger.Head {
	var out []ledger.Head
	for _, f := range s.head.Frozen {
		out = append(out, f.Head)
	}
	return out
}
