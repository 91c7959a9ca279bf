package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Notice says that a member was told, or shown, which lots lapse.
type Notice struct {
	Member member.ID
	Lots   []lot.ID
	How    string // receipt, message, page
	By
}

// Fields lists the message's fields.
func (n *Notice) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &n.Member)
	codec.List(c, 2, &n.Lots, lot.MemberLotsMax)
	codec.String(c, 3, &n.How, TextBytesMax)
	n.By.fields(c)
}

// Kind is notice.
func (*Notice) Kind() string { return "notice" }

// Moves is nothing.
func (*Notice) Moves(lot.Origin) Moves { return Moves{} }

// Incident is a time in which rights could not be used as promised: what
// lapses in it is extended. Without a last day it goes on. One that names lots is
// about these alone, and says until when each of them then lasts (cap F3).
type Incident struct {
	ID      string
	First   lot.Day
	Last    lot.Day
	Lots    []ledger.Lasting // a voucher's has its owner
	Entries []lot.Origin     // of terminals: that show it
	By
}

// Fields lists the message's fields.
func (i *Incident) Fields(c *codec.Coder) {
	codec.String(c, 1, &i.ID, TextBytesMax)
	codec.Int(c, 2, &i.First)
	codec.Int(c, 3, &i.Last)
	codec.List(c, 4, &i.Lots, lot.HoldingsMax)
	codec.List(c, 5, &i.Entries, lot.HoldingsMax)
	i.By.fields(c)
}

// Kind is incident.
func (*Incident) Kind() string { return "incident" }

// Moves is nothing.
func (*Incident) Moves(lot.Origin) Moves { return Moves{} }

// Covers reports whether a last day falls into the incident.
func (i Incident) Covers(d lot.Day) bool { return d >= i.First && (i.Last == 0 || d <= i.Last) }

// Expire ends what HQ holds of a lot after its last day. First it swaps: what
// the member spent of a later lot while HQ held this one is booked to this one,
// and the later one is whole again.
type Expire struct {
	Lot     lot.ID
	Swapped []lot.Draw // of later lots
	Amount  lot.Amount // that is lost
	By
}

// Fields lists the message's fields.
func (e *Expire) Fields(c *codec.Coder) {
	codec.Value(c, 1, &e.Lot)
	codec.List(c, 2, &e.Swapped, ListMax)
	codec.Int(c, 3, &e.Amount)
	e.By.fields(c)
	if c.Reading() && (e.Amount < 0 || e.Amount > lot.AmountMax) {
		c.Refuse("expired amount out of range")
	}
}

// Kind is expire.
func (*Expire) Kind() string { return "expire" }

// Moves swaps, then ends the rest.
func (e *Expire) Moves(lot.Origin) (m Moves) {
	for _, d := range e.Swapped {
		m.Move(e.Lot, d.Amount, AtHQ, Spent)
		m.Move(d.Lot, d.Amount, Spent, AtHQ)
	}
	if e.Amount > 0 {
		m.Move(e.Lot, e.Amount, AtHQ, Expired)
	}
	return m
}

// Extend ends what HQ holds of lots and goes on with it in new ones that last
// longer: each names the lot whose terms it goes on with.
type Extend struct {
	Lots     []lot.Lot
	Incident string // for which, or ""
	By
}

// Fields lists the message's fields.
func (e *Extend) Fields(c *codec.Coder) {
	codec.List(c, 1, &e.Lots, lot.HoldingsMax)
	codec.String(c, 2, &e.Incident, TextBytesMax)
	e.By.fields(c)
}

// Kind is extend.
func (*Extend) Kind() string { return "extend" }

// Moves goes on with the lots.
func (e *Extend) Moves(at lot.Origin) (m Moves) {
	m.GoOn(at, e.Lots, AtHQ)
	return m
}
