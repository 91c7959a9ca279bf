package ledger

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// How a sale is told in few bytes: what follows from the rest of it is written
// as the difference from what follows, which is nothing in nearly every sale.
// Whatever a sale says, it reads as it was written.

// toldAward is an award as it is written: its Base is what multipliers gave,
// and its funder is left out where it follows from the lines.
type toldAward struct {
	Award
	unfunded bool // nobody funds it, though the line has a merchant
}

// Fields lists the message's fields.
func (a *toldAward) Fields(c *codec.Coder) {
	codec.Value(c, 1, &a.Issue)
	codec.String(c, 2, &a.Rule, TextBytesMax)
	codec.List(c, 3, &a.Shares, LinesMax)
	codec.Int(c, 4, &a.Base)
	codec.Bool(c, 5, &a.unfunded)
}

// told is what is written of the awards and tenders.
func (s *Sale) told() ([]toldAward, []Tender) {
	awards := make([]toldAward, len(s.Awards))
	for i, a := range s.Awards {
		merchant := s.earner(a)
		t := toldAward{Award: a, unfunded: a.Funder == "" && merchant != ""}
		t.Base = a.Amount - a.Base
		t.Shares = slices.Clone(a.Shares)
		t.lastShare(-1)
		if a.Funder == merchant {
			t.Funder = ""
		}
		awards[i] = t
	}
	tenders := slices.Clone(s.Tenders)
	if n := len(tenders); n > 0 {
		tenders[n-1].Fen -= s.lastTender(tenders)
	}
	return awards, tenders
}

// understand puts back what follows from the rest.
func (s *Sale) understand(c *codec.Coder, awards []toldAward, tenders []Tender) {
	for _, t := range awards {
		a := t.Award
		a.Base = a.Amount - a.Base
		a.lastShare(+1)
		if a.Funder == "" && !t.unfunded {
			a.Funder = s.earner(a)
		}
		if a.Amount <= 0 || a.Base < 0 || a.Base > a.Amount {
			c.Refuse("award of nothing")
		}
		s.Awards = append(s.Awards, a)
	}
	s.Tenders = tenders
	if n := len(s.Tenders); n > 0 {
		s.Tenders[n-1].Fen += s.lastTender(s.Tenders)
	}
	for _, t := range s.Tenders {
		if t.Fen < 0 || t.Fen > lot.FenMax {
			c.Refuse("tender out of range")
		}
	}
}

// lastShare moves the last line's share by what the others leave of the award.
func (a *Award) lastShare(sign lot.Amount) {
	n := len(a.Shares)
	if n == 0 {
		return
	}
	left := a.Amount
	for _, s := range a.Shares[:n-1] {
		left -= s.Amount
	}
	a.Shares[n-1].Amount += sign * left
}

// earner is the merchant of the line that earned the award first.
func (s *Sale) earner(a Award) string {
	if len(a.Shares) == 0 || int(a.Shares[0].Line) >= len(s.Lines) {
		return ""
	}
	return s.Lines[a.Shares[0].Line].Merchant
}

// lastTender is what the last tender paid if the others and the change are
// right.
func (s *Sale) lastTender(tenders []Tender) lot.Fen {
	left := s.Net() + s.Change
	for _, t := range tenders[:len(tenders)-1] {
		left -= t.Fen
	}
	return left
}
