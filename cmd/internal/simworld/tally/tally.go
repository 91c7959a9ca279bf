// Package tally counts, lot by lot, what was issued on paper that somebody has and what
// members really got for it, less what they brought back. It knows no ledger.
package tally

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Tally is the count of all lots.
type Tally struct {
	issued  map[lot.ID]lot.Amount
	spent   map[lot.ID]lot.Amount
	over    map[lot.ID]lot.Amount // the most that was ever spent beyond what was issued
	back    map[given]lot.Amount
	swapped map[Swap]lot.Amount
}

// given is a lot of which a terminal gave some back.
type given struct {
	at ledger.TerminalID
	of lot.ID
}

// Swap is a lot that lapsed and a later one, of which HQ booked to it what was spent.
type Swap struct{ Lapsed, Later lot.ID }

// New is a tally of nothing.
func New() *Tally {
	return &Tally{map[lot.ID]lot.Amount{}, map[lot.ID]lot.Amount{}, map[lot.ID]lot.Amount{}, map[given]lot.Amount{}, map[Swap]lot.Amount{}}
}

// Issue adds to what was issued of a lot.
func (t *Tally) Issue(id lot.ID, n lot.Amount) { t.issued[id] += n }

// Knows reports whether anything was said of how much was issued of a lot.
func (t *Tally) Knows(id lot.ID) bool {
	_, known := t.issued[id]
	return known
}

// Take is a member getting something for a lot: so much they got for it in all, and
// so much more than was issued as they never had before. What came back and is used
// again is no new loss.
func (t *Tally) Take(d lot.Draw) (got, over lot.Amount) {
	t.spent[d.Lot] += d.Amount
	got = t.spent[d.Lot]
	over = max(min(got-t.issued[d.Lot]-t.over[d.Lot], d.Amount), 0)
	t.over[d.Lot] += over
	return got, over
}

// Beyond is how much more members have got for a lot than was issued of it.
func (t *Tally) Beyond(id lot.ID) lot.Amount { return t.spent[id] - t.issued[id] }

// Give is a member bringing back what they had got for lots.
func (t *Tally) Give(draws []lot.Draw) {
	for _, d := range draws {
		t.spent[d.Lot] -= d.Amount
	}
}

// GiveAt is Give at a terminal, whose word it is.
func (t *Tally) GiveAt(at ledger.TerminalID, draws []lot.Draw) {
	t.Give(draws)
	for _, d := range draws {
		t.back[given{at, d.Lot}] += d.Amount
	}
}

// Back is how much of a lot a terminal gave back.
func (t *Tally) Back(at ledger.TerminalID, id lot.ID) lot.Amount { return t.back[given{at, id}] }

// Renew hears of what an entry gives back to new lots, since those that it came from
// have lapsed: they go on as lots of the entry, numbered in its order.
func (t *Tally) Renew(of lot.Origin, list []ledger.Anew) {
	for n, a := range list {
		t.Issue(lot.ID{Origin: of, N: uint32(ledger.AnewFrom + n)}, a.Amount)
		t.spent[a.From] -= a.Amount
		t.issued[a.From] -= a.Amount
	}
}

// Swapped hears of HQ booking to a lot that lapses what members got for a later one, of
// which they have so much again. in is how much it booked so of the two lots in all. It
// says what is to be taken of the lot that lapsed.
func (t *Tally) Swapped(of Swap, in lot.Amount) (take lot.Draw) {
	n := max(in-t.swapped[of], 0)
	t.swapped[of] += n
	t.spent[of.Later] -= n
	return lot.Draw{Lot: of.Lapsed, Amount: n}
}

// Forgot takes back what HQ booked so and knows of no more: it does it once more, and
// perhaps of other lots.
func (t *Tally) Forgot(known map[Swap]lot.Amount) {
	for of, n := range t.swapped {
		less := max(n-known[of], 0)
		t.swapped[of] -= less
		t.spent[of.Later] += less
		t.spent[of.Lapsed] -= less
	}
}
