package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Canonical is the member that an id stands for: an alias is an older member
// (rule S27).
func (s *State) Canonical(id member.ID) (member.ID, error) {
	m, err := get[Member](s, memberKey(id))
	if err != nil || m.To == 0 {
		return id, err
	}
	return m.To, nil
}

// persons are the ids under which one member holds something: the oldest, then
// its aliases.
func (s *State) persons(id member.ID) ([]member.ID, error) {
	id, err := s.Canonical(id)
	if err != nil {
		return nil, err
	}
	m, err := get[Member](s, memberKey(id))
	if err != nil {
		return nil, err
	}
	return append([]member.ID{id}, m.Aliases...), nil
}

// About is what is known here of a member beside what they hold.
type About struct {
	Member      member.ID // the canonical id
	Aliases     []member.ID
	Provisional bool
	Ruling      ledger.Ruling
	Months      []Month
	Minted      []lot.Minted
}

// About returns what is known here of a member, aliases included.
func (s *State) About(id member.ID) (About, error) {
	persons, err := s.persons(id)
	if err != nil {
		return About{}, err
	}
	a := About{Member: persons[0], Aliases: persons[1:]}
	for n, p := range persons {
		m, err := get[Member](s, memberKey(p))
		if err != nil {
			return About{}, err
		}
		if m.Ruling != nil && n == 0 {
			a.Ruling = *m.Ruling
		}
		a.Provisional = a.Provisional || m.Provisional && n == 0
		for _, month := range m.Months {
			a.Months = count.AddMonth(a.Months, month)
		}
		a.Minted = append(a.Minted, m.Minted...)
	}
	return a, nil
}

// Counted adds up what a rule has given a member on a business day, here.
func (s *State) Counted(id member.ID, rule string, day lot.Day) (lot.Amount, error) {
	persons, err := s.persons(id)
	if err != nil {
		return 0, err
	}
	var sum lot.Amount
	for _, p := range persons {
		m, err := get[Member](s, memberKey(p))
		if err != nil {
			return 0, err
		}
		for _, n := range m.Counted {
			if n.Rule == rule && n.Day == day {
				sum += n.Amount
			}
		}
	}
	return sum, nil
}

// alias makes one member another, or takes that back. There are no chains and
// no cycles: what would make one is passed over and said so.
func (s *step) alias(a *ledger.Alias) error {
	from, err := get[Member](s.State, memberKey(a.From))
	if err != nil {
		return err
	}
	to, err := get[Member](s.State, memberKey(a.To))
	if err != nil {
		return err
	}
	n := slices.Index(to.Aliases, a.From)
	switch {
	case a.Undo && from.To == a.To && n >= 0:
		from.To, to.Aliases = 0, slices.Delete(to.Aliases, n, n+1)
	case !a.Undo && from.To == 0 && to.To == 0 && len(from.Aliases) == 0 && len(to.Aliases) < aliasesMax:
		from.To, to.Aliases, from.Provisional = a.To, append(to.Aliases, a.From), false
	default:
		s.wrong(wrongAlias)
		return nil
	}
	s.touch(memberKey(a.From))
	s.touch(memberKey(a.To))
	return nil
}

// ruling takes in what HQ decided of a member; HQ has matched it then.
func (s *step) ruling(b *ledger.Ruling) error {
	return s.edit(b.Member, func(m *Member) { m.Ruling, m.Provisional = b, false })
}

func (s *step) enrol(b *ledger.Enrol) error {
	return s.edit(b.Member, func(m *Member) { m.Provisional = true })
}

// edit changes what a member's record says beside what it holds.
func (s *step) edit(id member.ID, change func(*Member)) error {
	key := memberKey(id)
	m, err := get[Member](s.State, key)
	if err != nil {
		return err
	}
	change(m)
	s.touch(key)
	return nil
}

// qualify counts a sale towards the tier and the caps of its member.
func (s *step) qualify(b *ledger.Sale) error {
	if b.Member == 0 {
		return nil
	}
	month := Month{End: b.Day.MonthEnd()}
	for n := range b.Lines {
		month.Spent += b.Lines[n].Net()
	}
	return s.edit(b.Member, func(m *Member) {
		for _, a := range b.Awards {
			month.Points += a.Base
			m.Counted = count.Add(m.Counted, a.Rule, b.Day, a.Amount)
		}
		m.Months = count.AddMonth(m.Months, month)
	})
}

// unqualify takes a return out of the month and the day of its sale.
func (s *step) unqualify(r *Sale, who member.ID, refund lot.Fen, points lot.Amount, gone []Counted) error {
	if who == 0 {
		return nil
	}
	return s.edit(who, func(m *Member) {
		m.Months = count.AddMonth(m.Months, Month{End: r.Day.MonthEnd(), Spent: -refund, Points: -points})
		for _, g := range gone {
			m.Counted = count.Add(m.Counted, g.Rule, g.Day, -g.Amount)
		}
	})
}
