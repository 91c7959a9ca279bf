package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// leeway is how much of a lot that waits a member may still use on trust.
func (s *State) leeway(m *Member, l lot.Lot) lot.Amount {
	b := s.head.Bound(s.terminal, l)
	if b == nil {
		return 0
	}
	return b.Left(m.trusted(b.Asset, s.head.Unproven).Amount)
}

// trusted is the record of what a member has used of a bound after the newest
// boot that nothing proved.
func (m *Member) trusted(asset lot.Asset, boot uint64) *trusted {
	n := slices.IndexFunc(m.Trusted, func(t trusted) bool { return t.Asset == asset && t.Boot == boot })
	if n < 0 {
		return &trusted{Asset: asset, Boot: boot}
	}
	return &m.Trusted[n]
}

// trustIn notes that a member used something on trust.
func (s *step) trustIn(owner *Member, l lot.Lot, n lot.Amount) {
	b := s.head.Bound(s.terminal, l)
	b.Used += n
	t := *owner.trusted(b.Asset, s.head.Unproven)
	t.Amount += n
	owner.Trusted = slices.DeleteFunc(owner.Trusted, func(old trusted) bool { return old.Asset == b.Asset || old.Boot != s.head.Unproven })
	owner.Trusted = append(owner.Trusted, t)
	s.total(l.Asset).Exposed += n
	s.Exposed = append(s.Exposed, lot.Draw{Lot: l.ID, Amount: n})
}

// drawTrusted takes what is spent and not usable here from what waits, as far
// as the bounds of this boot allow. All that a member has counts together,
// aliases too.
func (s *step) drawTrusted(persons []member.ID, left []lot.Draw) (taken []lot.Holding, err error) {
	if len(s.head.Trust) == 0 || lot.Sum(left) == 0 {
		return nil, nil
	}
	first, err := get[Member](s.State, memberKey(persons[0]))
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		err := s.change(p, func(m *Member) {
			for n := range left {
				got := s.takeTrusted(first, m, left[n])
				if got.Amount > 0 {
					taken = append(taken, got)
					left[n].Amount -= got.Amount
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	s.touch(memberKey(persons[0]))
	return taken, nil
}

func (s *step) takeTrusted(first, m *Member, d lot.Draw) (taken lot.Holding) {
	return s.takeFrom(m, d, AccountSpent, func(h Held, want lot.Amount) lot.Amount {
		if usable, freed := s.usable(h.Incarnation); mayUse(h.Lot.Asset, usable, freed) {
			return 0
		}
		n := min(want, h.Amount, s.leeway(first, h.Lot))
		if n > 0 {
			s.trustIn(first, h.Lot, n)
		}
		return n
	})
}

// drawWaiting takes what was drawn and is not usable from what waits: whoever
// wrote it did not know that it waits, since the disk had gone back. What it
// stored stands, and only what there is no more of is booked to the risk account.
func (s *step) drawWaiting(persons []member.ID, left []lot.Draw, to AccountKind) (taken []lot.Holding, err error) {
	if lot.Sum(left) == 0 {
		return nil, nil
	}
	for _, p := range persons {
		err := s.change(p, func(m *Member) {
			for n := range left {
				got := s.takeFrom(m, left[n], to, func(h Held, want lot.Amount) lot.Amount { return min(want, h.Amount) })
				if got.Amount == 0 {
					continue
				}
				taken = append(taken, got)
				left[n].Amount -= got.Amount
				s.total(got.Lot.Asset).Exposed += got.Amount
				s.Exposed = append(s.Exposed, lot.Draw{Lot: got.Lot.ID, Amount: got.Amount})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// Exposure is how much of an asset has been used here on trust.
func (s *State) Exposure(asset lot.Asset) (lot.Amount, error) {
	t, err := get[Total](s, totalKey(totalOf(asset)))
	if err != nil {
		return 0, err
	}
	return t.Exposed, nil
}

// Spendable returns what a member may pay with here: what is usable and, after
// a boot that nothing proves, so much of what waits as is trusted.
func (s *State) Spendable(id member.ID) ([]lot.Holding, error) {
	out, _, err := s.split(id)
	return out, err
}

// Checked returns what is held here of a member's rights and cannot be paid
// with until a witness turns up.
func (s *State) Checked(id member.ID) ([]lot.Holding, error) {
	_, rest, err := s.split(id)
	return rest, err
}

// split tells what a member may pay with here from what waits beyond it.
func (s *State) split(id member.ID) (out, rest []lot.Holding, err error) {
	if out, err = s.Usable(id); err != nil {
		return nil, nil, err
	}
	waiting, err := s.Frozen(id)
	if err != nil || len(waiting) == 0 {
		return out, nil, err
	}
	who, err := s.Canonical(id)
	if err != nil {
		return nil, nil, err
	}
	first, err := get[Member](s, memberKey(who))
	if err != nil {
		return nil, nil, err
	}
	gone := map[lot.Asset]lot.Amount{}
	for _, h := range waiting {
		n := lot.Amount(0)
		if b := s.head.Bound(s.terminal, h.Lot); b != nil {
			n = max(min(h.Amount, s.leeway(first, h.Lot)-gone[b.Asset]), 0)
			gone[b.Asset] += n
		}
		out = addHolding(out, h.Lot, n)
		rest = addHolding(rest, h.Lot, h.Amount-n)
	}
	return out, rest, s.unread
}

// addHolding adds to the holding of a lot.
func addHolding(list []lot.Holding, l lot.Lot, n lot.Amount) []lot.Holding {
	if n == 0 {
		return list
	}
	if at := slices.IndexFunc(list, func(h lot.Holding) bool { return h.Lot.ID == l.ID }); at >= 0 {
		list[at].Amount += n
		return list
	}
	return append(list, lot.Holding{Lot: l, Amount: n})
}
