package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What HQ issues, gives and takes. The lots of a body stand in it without their
// ids, which follow from the entry.

// Opening brings a member's earlier points into the book.
type Opening struct {
	Lots []lot.Lot
	By
}

// Fields lists the message's fields.
func (o *Opening) Fields(c *codec.Coder) {
	codec.List(c, 1, &o.Lots, lot.HoldingsMax)
	o.By.fields(c)
}

// Kind is opening.
func (*Opening) Kind() string { return "opening" }

// Moves issues the lots.
func (o *Opening) Moves(at lot.Origin) (m Moves) {
	m.Born(at, o.Lots)
	return m
}

// Note gives holdings to one incarnation of one terminal. Its id is the
// entry's own.
type Note struct {
	lot.Note
	By
}

// Fields lists the message's fields.
func (n *Note) Fields(c *codec.Coder) {
	n.Note.Fields(c)
	n.By.fields(c)
}

// Kind is note.
func (*Note) Kind() string { return "note" }

// Moves sends the holdings on their way.
func (n *Note) Moves(lot.Origin) (m Moves) {
	for _, h := range n.Holdings {
		m.Move(h.Lot.ID, h.Amount, AtHQ, InFlight)
	}
	return m
}

// Recall asks a terminal for holdings back. Nothing moves until it answers.
type Recall struct {
	Terminal ledger.TerminalID
	Member   member.ID
	Draws    []lot.Draw
	By
}

// Fields lists the message's fields.
func (r *Recall) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Terminal)
	codec.Uint(c, 2, &r.Member)
	codec.List(c, 3, &r.Draws, lot.HoldingsMax)
	r.By.fields(c)
}

// Kind is recall.
func (*Recall) Kind() string { return "recall" }

// Moves is nothing.
func (*Recall) Moves(lot.Origin) Moves { return Moves{} }

// MakeGood compensates a member, with the evidence: what happened and the
// entries that show it.
type MakeGood struct {
	Lots     []lot.Lot
	Incident string
	Entries  []lot.Origin
	By
}

// Fields lists the message's fields.
func (g *MakeGood) Fields(c *codec.Coder) {
	codec.List(c, 1, &g.Lots, lot.HoldingsMax)
	codec.String(c, 2, &g.Incident, TextBytesMax)
	codec.List(c, 3, &g.Entries, lot.HoldingsMax)
	g.By.fields(c)
}

// Kind is make-good.
func (*MakeGood) Kind() string { return "make-good" }

// Moves issues the lots.
func (g *MakeGood) Moves(at lot.Origin) (m Moves) {
	m.Born(at, g.Lots)
	return m
}

// Adjust mends a mistake upwards by new lots, or downwards out of what HQ holds.
type Adjust struct {
	Member member.ID
	Lots   []lot.Lot
	Draws  []lot.Draw
	By
}

// Fields lists the message's fields.
func (a *Adjust) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &a.Member)
	codec.List(c, 2, &a.Lots, lot.HoldingsMax)
	codec.List(c, 3, &a.Draws, lot.HoldingsMax)
	a.By.fields(c)
}

// Kind is adjust.
func (*Adjust) Kind() string { return "adjust" }

// Moves issues the lots and writes the draws off.
func (a *Adjust) Moves(at lot.Origin) (m Moves) {
	m.Born(at, a.Lots)
	m.Draw(a.Draws, AtHQ, WrittenOff)
	return m
}

// Mint makes a member's home or a quota of theirs, at HQ.
type Mint struct {
	Lots []lot.Lot
	By
}

// Fields lists the message's fields.
func (i *Mint) Fields(c *codec.Coder) {
	codec.List(c, 1, &i.Lots, lot.HoldingsMax)
	i.By.fields(c)
}

// Kind is mint.
func (*Mint) Kind() string { return "mint" }

// Moves issues the lots.
func (i *Mint) Moves(at lot.Origin) (m Moves) {
	m.Born(at, i.Lots)
	return m
}
