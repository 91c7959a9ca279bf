package office

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Visit is when and how often a member was served at a terminal.
type Visit struct {
	Day   lot.Day // the newest
	Count uint64
}

// Fields lists the message's fields.
func (v *Visit) Fields(c *codec.Coder) {
	codec.Int(c, 1, &v.Day)
	codec.Uint(c, 2, &v.Count)
}

// VisitRows are the first bytes of the keys of all visits at a terminal.
func VisitRows(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{visitPrefix}, uint32(id))
}

// VisitorOf is whose visits a key names.
func VisitorOf(key []byte) member.ID { return member.ID(number(key[5:])) }

func visitKey(id ledger.TerminalID, who member.ID) []byte {
	return binary.BigEndian.AppendUint64(VisitRows(id), uint64(who))
}

// Visited notes that a member was served at a terminal.
func (d *Desk) Visited(id ledger.TerminalID, who member.ID, day lot.Day) error {
	return edit(d, visitKey(id, who), func(v *Visit) error {
		v.Day, v.Count = max(v.Day, day), v.Count+1
		return nil
	})
}

// VisitOf is when a member was served at a terminal, under any of their ids.
func (d *Desk) VisitOf(id ledger.TerminalID, who member.ID) (sum Visit, err error) {
	persons, err := d.Persons(who)
	if err != nil {
		return sum, err
	}
	for _, p := range persons {
		v, err := read[Visit](d, visitKey(id, p))
		if err != nil {
			return sum, err
		}
		sum.Day, sum.Count = max(sum.Day, v.Day), sum.Count+v.Count
	}
	return sum, nil
}

// Seat is a terminal at which some of a member's points may lie beforehand.
type Seat struct {
	Terminal ledger.TerminalID
	Store    string
	Visit
}

// PlanSeats chooses where a member's points may lie: where they were seen last
// and most often since a day, at so many stores at most, one terminal a store.
func PlanSeats(seen []Seat, since lot.Day, stores int) []Seat {
	seen = slices.Clone(seen)
	slices.SortFunc(seen, func(a, b Seat) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Terminal, b.Terminal))
	})
	var out []Seat
	for _, s := range seen {
		there := slices.ContainsFunc(out, func(o Seat) bool { return o.Store == s.Store })
		if s.Count > 0 && s.Day >= since && !there && len(out) < stores {
			out = append(out, s)
		}
	}
	return out
}

// Spread is how much of one kind of a member's points lies where.
type Spread struct {
	AtHQ  lot.Amount // that may be given
	There lot.Amount // at the terminal in question, or on its way to it
	Away  lot.Amount // at all terminals and on the way
	Most  lot.Amount // what the programme lets lie at one terminal
}

// PlanAllot says how much to give to a terminal beforehand: so that it has the
// lesser of half of what there is and what the programme allows, and all
// terminals together never more than half.
func PlanAllot(s Spread) lot.Amount {
	all := s.AtHQ + s.Away
	n := min(all/2, s.Most) - s.There
	return max(min(n, all/2-s.Away, s.AtHQ), 0)
}
