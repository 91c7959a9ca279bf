package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// SettleDue settles what a return left to be taken back of a lot: draws on
// what HQ holds of it and of the member's other lots, and what is short, which
// is owed from then on.
type SettleDue struct {
	Owner member.ID // of the lot
	Asset lot.Asset
	Lot   lot.ID
	Draws []lot.Draw
	Short lot.Amount
	Cap   bool // what a rule gave beyond its cap, of what was pending (rule S28)
	By
}

// Fields lists the message's fields.
func (s *SettleDue) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Owner)
	codec.String(c, 2, &s.Asset, lot.AssetBytesMax)
	codec.Value(c, 3, &s.Lot)
	codec.List(c, 4, &s.Draws, ListMax)
	codec.Int(c, 5, &s.Short)
	codec.Bool(c, 6, &s.Cap)
	s.By.fields(c)
	if c.Reading() && (s.Short < 0 || s.Short > lot.AmountMax) {
		c.Refuse("short amount out of range")
	}
}

// Kind is settle-due.
func (*SettleDue) Kind() string { return "settle-due" }

// Moves claws the draws back.
func (s *SettleDue) Moves(lot.Origin) (m Moves) {
	m.Draw(s.Draws, AtHQ, Clawed)
	return m
}

// Owing is what a member owes of an asset since a day.
type Owing struct {
	Owner  member.ID // under whose id it came about
	Asset  lot.Asset
	Since  lot.Day
	Amount lot.Amount
}

// Fields lists the message's fields.
func (o *Owing) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &o.Owner)
	codec.String(c, 2, &o.Asset, lot.AssetBytesMax)
	codec.Int(c, 3, &o.Since)
	codec.Int(c, 4, &o.Amount)
	if c.Reading() && (o.Amount <= 0 || o.Amount > lot.AmountMax) {
		c.Refuse("owed out of range")
	}
}

// Net takes of new awards what is owed: at most half of each.
type Net struct {
	Owed  []Owing
	Draws []lot.Draw
	By
}

// Fields lists the message's fields.
func (n *Net) Fields(c *codec.Coder) {
	codec.List(c, 1, &n.Owed, ListMax)
	codec.List(c, 2, &n.Draws, ListMax)
	n.By.fields(c)
}

// Kind is net-owed.
func (*Net) Kind() string { return "net-owed" }

// Moves takes the draws.
func (n *Net) Moves(lot.Origin) (m Moves) {
	m.Draw(n.Draws, AtHQ, Netted)
	return m
}

// Forgive writes off what is owed.
type Forgive struct {
	Owed []Owing
	By
}

// Fields lists the message's fields.
func (f *Forgive) Fields(c *codec.Coder) {
	codec.List(c, 1, &f.Owed, ListMax)
	f.By.fields(c)
}

// Kind is forgive.
func (*Forgive) Kind() string { return "forgive" }

// Moves is nothing: no lot was ever short of it.
func (*Forgive) Moves(lot.Origin) Moves { return Moves{} }

// Waive ends what is due of a lot without taking it: it was taken elsewhere.
type Waive struct {
	Owner  member.ID // of the lot
	Lot    lot.ID
	Amount lot.Amount
	Cap    bool // of what a rule gave beyond its cap
	By
}

// Fields lists the message's fields.
func (v *Waive) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &v.Owner)
	codec.Value(c, 2, &v.Lot)
	codec.Int(c, 3, &v.Amount)
	codec.Bool(c, 4, &v.Cap)
	v.By.fields(c)
	if c.Reading() && (v.Amount <= 0 || v.Amount > lot.AmountMax) {
		c.Refuse("waived amount out of range")
	}
}

// Kind is waive-due.
func (*Waive) Kind() string { return "waive-due" }

// Moves is nothing.
func (*Waive) Moves(lot.Origin) Moves { return Moves{} }
