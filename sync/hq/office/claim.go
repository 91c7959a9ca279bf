package office

import (
	"github.com/jifen-pos/jifen/terminal/codec"
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
	m.Draw(s.Quota, AtHQ, Spent)
	m.Born(at, s.Lots)
	if b := s.Back; b != nil {
		m.Draw(b.Claw, AtHQ, Clawed)
		m.Draw(b.Back, Reinstated, AtHQ)
		m.GoOn(at, b.Anew, Reinstated)
	}
	return m
}
