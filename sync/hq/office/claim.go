package office

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// SettleClaim decides, once, what an entry of a terminal claimed: an award that
// may be given once only, or the points' side of a return.
type SettleClaim struct {
	Of      lot.Origin
	Owner   member.ID
	Granted bool
	Reason  string     // why not: a word of the catalogue
	Quota   []lot.Draw // that was used up
	Lots    []lot.Lot  // granted
	Back    *Returned
	By
}

// Fields lists the message's fields.
func (s *SettleClaim) Fields(c *codec.Coder) {
	codec.Value(c, 1, &s.Of)
	codec.Uint(c, 2, &s.Owner)
	codec.Bool(c, 3, &s.Granted)
	codec.String(c, 4, &s.Reason, TextBytesMax)
	codec.List(c, 5, &s.Quota, lot.HoldingsMax)
	codec.List(c, 6, &s.Lots, lot.HoldingsMax)
	codec.Sub(c, 7, &s.Back)
	s.By.fields(c)
}

// Kind is settle-claim.
func (*SettleClaim) Kind() string { return "settle-claim" }

// Moves uses the quota up and issues the lots; of a return it takes back what
// was earned and gives back what paid.
func (s *SettleClaim) Moves(at lot.Origin) (m Moves) {
	m.moves(s.Quota, AtHQ, Spent)
	m.born(at, s.Lots)
	if b := s.Back; b != nil {
		m.moves(b.Claw, AtHQ, Clawed)
		m.moves(b.Back, Reinstated, AtHQ)
		m.goOn(at, b.Anew, Reinstated)
	}
	return m
}

// Returned is the points' side of a return that HQ settled.
type Returned struct {
	Of    lot.Origin // the sale
	Lines []ledger.ReturnLine
	Fen   lot.Fen    // as it should have been given back
	Claw  []lot.Draw // out of the sale's own lots, as far as HQ holds them
	Due   []Due      // the rest of it
	Back  []lot.Draw
	Anew  []lot.Lot  // for lots that have lapsed
	Month lot.Day    // last day of the sale's month
	Base  lot.Amount // that counts towards a tier no more
}

// Fields lists the message's fields.
func (r *Returned) Fields(c *codec.Coder) {
	codec.Value(c, 1, &r.Of)
	codec.List(c, 2, &r.Lines, LinesMax)
	codec.Int(c, 3, &r.Fen)
	codec.List(c, 4, &r.Claw, LinesMax)
	codec.List(c, 5, &r.Due, LinesMax)
	codec.List(c, 6, &r.Back, lot.HoldingsMax)
	codec.List(c, 7, &r.Anew, lot.HoldingsMax)
	codec.Int(c, 8, &r.Month)
	codec.Int(c, 9, &r.Base)
}

// given is what is given back, by the lots that had paid.
func (r *Returned) given() []lot.Draw {
	list := slices.Clone(r.Back)
	for _, l := range r.Anew {
		list = append(list, lot.Draw{Lot: l.From, Amount: l.Amount})
	}
	return list
}

// Asked is what a claim for an award asks for.
type Asked struct {
	Owner  member.ID
	Issues []ledger.Issue
	Quota  lot.Asset // that allows it
	Day    lot.Day
	// Expires is the last day of the quota's period, or 0.
	Expires lot.Day
}

// AskedBy reads a claim for an award; ok is false for any other entry.
func AskedBy(b ledger.Body) (a Asked, ok bool) {
	switch b := b.(type) {
	case *ledger.CheckIn:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	case *ledger.Answer:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	case *ledger.Grant:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	}
	q, _ := ledger.QuotaOf(b)
	a.Quota, a.Expires = q.Asset, q.Expires
	return a, ok
}
