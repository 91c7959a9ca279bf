package fold

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// usable reports whether an incarnation is of the line that is alive, so that what
// it holds may be used; freed, that a person said so and no witness. One that never was
// here is of no line.
func (s *State) usable(i ledger.Incarnation) (usable, freed bool) {
	root, freed := s.root(i)
	usable = s.head.Root != 0 && root == s.head.Root
	return usable, usable && freed
}

// proven reports whether an incarnation is of the line that is alive, and no person had
// to say so.
func (s *State) proven(i ledger.Incarnation) bool {
	usable, freed := s.usable(i)
	return usable && !freed
}

// mayUse reports whether what is held of an asset may be used. What says how much there
// may be in all, or how often, a person's word does not free: it may be used up, and they
// took upon themselves what the rest is worth.
func mayUse(a lot.Asset, usable, freed bool) bool { return usable && !(freed && a.Limits()) }

// root follows an incarnation to the root of its line. A damaged record spoils
// the state.
func (s *State) root(i ledger.Incarnation) (root ledger.Incarnation, freed bool) {
	for {
		l, err := get[lineage.Line](s, lineKey(i))
		if err != nil {
			s.unread = err
			return 0, false
		}
		if l.Root == 0 || l.Root == i {
			return l.Root, freed
		}
		i, freed = l.Root, freed || l.Freed
	}
}

// join makes one line part of another, by their roots.
func (s *State) join(part, whole ledger.Incarnation) error {
	l, err := get[lineage.Line](s, lineKey(part))
	if err == nil && part != whole {
		l.Root = whole
		s.touch(lineKey(part))
	}
	return err
}

// free makes one line part of another on a person's word.
func (s *State) free(part, whole ledger.Incarnation) error {
	err := s.join(part, whole)
	if err == nil && part != whole {
		l, _ := get[lineage.Line](s, lineKey(part)) // join has read it
		l.Freed = true
	}
	return err
}

// begin puts a new incarnation on its parent's line if that is proven, and
// else on one of its own. It says what is wrong with a proof that is none.
func (s *State) begin(i ledger.Incarnation, open *ledger.Open) (wrong string, err error) {
	l, err := get[lineage.Line](s, lineKey(i))
	if err != nil {
		return "", err
	}
	if l.Root != 0 {
		return "", fmt.Errorf("incarnation %s was here before: %w", i, ErrOrder)
	}
	h := s.head
	if h.Head.Seq > 0 && !h.Proven(open, h.Head) {
		if open.Witness != ledger.NoWitness {
			wrong = wrongWitness
		}
		if err := h.Freeze(h.Head, open.Trust, s.join); err != nil {
			return "", err
		}
	}
	if h.Root == 0 {
		h.Root = i
	}
	h.Board = lineage.BoardOf(open.Board)
	l.Root = h.Root
	s.touch(lineKey(i))
	return wrong, nil
}

// earlier reports whether a head that an opening names as its parent lies before
// the newest one: the disk had gone back, and what came after that head belongs
// before the opening. Whether the head is what stands there, the reader of the
// journal compares.
func (s *State) earlier(parent ledger.Head) (bool, error) {
	h := s.head.Head
	if parent.Seq == 0 {
		return h.Seq > 0 && parent == ledger.Head{}, nil
	}
	if parent.Incarnation == h.Incarnation {
		return parent.Seq < h.Seq, nil
	}
	l, err := get[lineage.Line](s, lineKey(parent.Incarnation))
	return err == nil && l.Root != 0, err
}

// Behind is the newest incarnation that was begun on a disk that had gone back,
// until the terminal has got back what it lost; else 0.
func (s *State) Behind() ledger.Incarnation { return s.head.Behind }

func (s *step) carry(b *ledger.Carry) error {
	ok, err := s.head.Carry(b, s.head.Behind != 0, s.join)
	if !ok {
		s.wrong(wrongCarry)
	}
	return err
}

// release takes in the word of a person at HQ. A witness may have been quicker.
func (s *step) release(b *ledger.Release) error {
	if b.Incarnation == 0 {
		s.head.Standing = slices.Clone(b.Standing)
		return nil
	}
	root, _ := s.root(b.Incarnation)
	return s.head.Release(root, b.Moved, s.free)
}

// SameLine reports whether two incarnations are of one line.
func (s *State) SameLine(a, b ledger.Incarnation) bool {
	one, _ := s.root(a)
	other, _ := s.root(b)
	return one != 0 && one == other
}

// Waiting are the parents that wait for a witness, oldest first.
func (s *State) Waiting() []lineage.Waiting { return s.head.Waiting() }

// Moved is the last entry that moved a right in the line that is alive: what a
// witness is told. It is zero while none did.
func (s *State) Moved() ledger.Head { return s.head.Moved }

// SameBoard reports whether the newest incarnation was opened on a board.
func (s *State) SameBoard(fingerprint string) bool {
	return s.head.Board == lineage.BoardOf(fingerprint)
}

// Standing is what HQ lets the terminal use on trust beyond the programme.
func (s *State) Standing() []ledger.Bound { return slices.Clone(s.head.Standing) }
