// Package count has what a terminal counts of one member beside what they hold:
// for tiers, for caps, and for what may be used on trust. It decides nothing.
package count

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

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
