// Package count has what a terminal counts of one member beside what they hold:
// for tiers, for caps, for what may be used on trust, and of what paid for something. It
// decides nothing.
package count

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// MonthsMax is how many months are counted of one member: the two longest windows
// that a step down of a tier may look at, and the two months that they touch.
const MonthsMax = 26

// RulesMax is how many sums of rules and days are counted of one member.
const RulesMax = 64

// Month is what counts towards a member's tier in one month, here (rule S12):
// what was really paid, and the points that it earned without multipliers.
type Month struct {
	End    lot.Day // the month's last day
	Spent  lot.Fen
	Points lot.Amount
}

// Fields lists the message's fields.
func (m *Month) Fields(c *codec.Coder) {
	codec.Int(c, 1, &m.End)
	codec.Int(c, 2, &m.Spent)
	codec.Int(c, 3, &m.Points)
}

// Counted is what one rule has given a member on one business day, here (rule
// S28).
type Counted struct {
	Rule   string
	Day    lot.Day
	Amount lot.Amount
}

// Fields lists the message's fields.
func (n *Counted) Fields(c *codec.Coder) {
	codec.String(c, 1, &n.Rule, ledger.TextBytesMax)
	codec.Int(c, 2, &n.Day)
	codec.Int(c, 3, &n.Amount)
}

// Trusted is how much of one bound a member has used after one boot.
type Trusted struct {
	Asset  lot.Asset
	Amount lot.Amount
	Boot   uint64 // which of the boots that nothing proved
}

// Fields lists the message's fields.
func (t *Trusted) Fields(c *codec.Coder) {
	codec.String(c, 1, &t.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &t.Amount)
	codec.Uint(c, 3, &t.Boot)
}

// Paid is what was taken from a lot to pay for something, and how much of it
// has been given back.
type Paid struct {
	lot.Holding
	Back lot.Amount
}

// Fields lists the message's fields.
func (p *Paid) Fields(c *codec.Coder) {
	p.Holding.Fields(c)
	codec.Int(c, 3, &p.Back)
}

// AddMonth adds to the month's figures; of too many months the oldest goes.
func AddMonth(months []Month, add Month) []Month {
	at, found := slices.BinarySearchFunc(months, add, func(a, b Month) int { return cmp.Compare(a.End, b.End) })
	if !found {
		months = slices.Insert(slices.Clone(months), at, Month{End: add.End})
	}
	months[at].Spent += add.Spent
	months[at].Points += add.Points
	if len(months) > MonthsMax {
		months = slices.Delete(months, 0, 1)
	}
	return months
}

// Add adds to what a rule gave on a day. What is older than yesterday, as the newest
// business day has it, bounds nothing any more.
func Add(list []Counted, rule string, day lot.Day, n lot.Amount) []Counted {
	at := slices.IndexFunc(list, func(c Counted) bool { return c.Rule == rule && c.Day == day })
	if at >= 0 {
		list[at].Amount += n
		return list
	}
	if n <= 0 {
		return list
	}
	list = slices.DeleteFunc(list, func(c Counted) bool { return c.Day < day-1 })
	if len(list) == RulesMax {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, Counted{Rule: rule, Day: day, Amount: n})
}
