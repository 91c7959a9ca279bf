package plan

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Seat is a terminal at which some of a member's points may lie beforehand.
type Seat struct {
	Terminal ledger.TerminalID
	Store    string
	office.Visit
}

// Seats chooses where a member's points may lie: where they were seen last
// and most often since a day, at so many stores at most, one terminal a store.
func Seats(seen []Seat, since lot.Day, stores int) []Seat {
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

// Home chooses where a member's home is to be: where they were seen most often, of
// those places where they were seen since a day; ok is false if there is none.
func Home(seen []Seat, since lot.Day) (most Seat, ok bool) {
	for _, s := range seen {
		if s.Count == 0 || s.Day < since {
			continue
		}
		if !ok || cmp.Or(cmp.Compare(s.Count, most.Count), cmp.Compare(s.Day, most.Day), cmp.Compare(most.Terminal, s.Terminal)) > 0 {
			most, ok = s, true
		}
	}
	return most, ok
}

// Moves reports whether a home is to move from one terminal to another: only if the
// member was not seen at the old one since a day, or twice as often at the new one,
// so that it does not follow them back and forth.
func Moves(seen []Seat, from, to ledger.TerminalID, since lot.Day) bool {
	var old, fresh office.Visit
	for _, s := range seen {
		switch s.Terminal {
		case from:
			old = s.Visit
		case to:
			fresh = s.Visit
		}
	}
	return old.Day < since || fresh.Count >= 2*old.Count
}

// Spread is how much of one kind of a member's points lies where.
type Spread struct {
	AtHQ  lot.Amount // that may be given
	There lot.Amount // at the terminal in question, or on its way to it
	Away  lot.Amount // at all terminals and on the way
	Most  lot.Amount // what the programme lets lie at one terminal
}

// Allot says how much to give to a terminal beforehand: so that it has the
// lesser of half of what there is and what the programme allows, and all
// terminals together never more than half.
func Allot(s Spread) lot.Amount {
	all := s.AtHQ + s.Away
	n := min(all/2, s.Most) - s.There
	return max(min(n, all/2-s.Away, s.AtHQ), 0)
}
