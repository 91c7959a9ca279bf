package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold/account"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// note takes in what HQ gave: a note is accepted once, by the one incarnation
// of the one terminal it names. It goes back if its ask was given up, or if it
// names an incarnation that this one continues: that one is over. Any other
// stays on its way, since its taker may live elsewhere; only the end of that
// incarnation gives it back.
func (s *step) note(n *lot.Note) error {
	i := s.head.Head.Incarnation
	taken, err := get[flag](s.State, noteKey(n.ID))
	if err != nil {
		return err
	}
	if taken.Set && !s.off.NoteOnce {
		return nil
	}
	given, err := get[flag](s.State, askKey(i, n.Ask))
	if err != nil {
		return err
	}
	if err := s.set(noteKey(n.ID)); err != nil {
		return err
	}
	named := ledger.Incarnation(n.Incarnation)
	usable, _ := s.usable(named)
	switch {
	case s.off.NoteAddressed:
	case n.Terminal != uint32(s.terminal), s.head.Stopped, !usable:
		s.Left = n
		return nil
	case named != i, n.Ask != 0 && given.Set:
		s.Refused = n
		return nil
	}
	if full, err := s.overfills(n); err != nil || full {
		s.Left = n
		s.wrong(wrongFull)
		return err
	}
	s.Accepted = n
	for _, h := range n.Holdings {
		s.post(Posting{Lot: h.Lot.ID, Asset: h.Lot.Asset, From: Account{Kind: AccountFlight}, To: account.At(i), Amount: h.Amount})
		s.total(h.Lot.Asset).In += h.Amount
		if err := s.change(h.Lot.Owner, func(m *Member) { m.add(h.Lot, h.Amount, i) }); err != nil {
			return err
		}
		if err := s.meet(h.Lot); err != nil {
			return err
		}
	}
	for _, m := range n.Minted {
		if err := s.minted(m, s.head.Day.Day); err != nil {
			return err
		}
	}
	return nil
}

// byHand takes in a note that came before its place in HQ's journal.
func (s *step) byHand(b *ledger.NoteByHand) error {
	d, ok := b.Down()
	if !ok || d.Terminal != s.terminal {
		s.wrong(wrongByHand)
		return nil
	}
	return s.note(d.Note)
}

// Took reports whether a note was met here, whatever became of it.
func (s *State) Took(id lot.Origin) (bool, error) {
	taken, err := get[flag](s, noteKey(id))
	return taken != nil && taken.Set, err
}

// GaveUp reports whether the newest incarnation has given a question up.
func (s *State) GaveUp(ask lot.AskID) (bool, error) {
	given, err := get[flag](s, askKey(s.head.Head.Incarnation, ask))
	return given != nil && given.Set, err
}

// overfills reports whether a note has more lots than a member's record has
// room for. Such a note is left on its way, where HQ sees it, and what comes
// after it is not held up.
func (s *step) overfills(n *lot.Note) (bool, error) {
	more := map[member.ID]int{}
	for _, h := range n.Holdings {
		if more[h.Lot.Owner]++; more[h.Lot.Owner] > 1 {
			continue
		}
		m, err := get[Member](s.State, memberKey(h.Lot.Owner))
		if err != nil {
			return false, err
		}
		more[h.Lot.Owner] += len(m.Held)
	}
	for _, lots := range more {
		if lots > heldMax {
			return true, nil
		}
	}
	return false, nil
}

// recallsMax bounds the recalls that a terminal has not answered.
const recallsMax = 256

// Recall is one that a terminal has not answered yet.
type Recall struct {
	Seq ledger.DownSeq
	ledger.Recall
}

// Fields lists the message's fields.
func (r *Recall) Fields(c *codec.Coder) {
	r.Recall.Fields(c)
	codec.Uint(c, 3, &r.Seq)
}

// Recalls are those that have no answer yet, oldest first.
func (s *State) Recalls() []Recall { return slices.Clone(s.head.Recalls) }

// recall remembers what HQ wants back. One too many is passed over: HQ sees
// that no note answers it and asks again.
func (s *step) recall(seq ledger.DownSeq, r *ledger.Recall) {
	if len(s.head.Recalls) < recallsMax {
		s.head.Recalls = append(s.head.Recalls, Recall{seq, *r})
	}
}

func (s *step) noteGiven(b *ledger.NoteGiven) error {
	s.head.Recalls = slices.DeleteFunc(s.head.Recalls, func(r Recall) bool { return r.Seq == b.Recall })
	_, err := s.draw(b.Member, b.Draws, "", AccountFlight)
	return err
}
