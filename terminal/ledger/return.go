package ledger

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Return takes back goods of an earlier sale, or undoes it (rules S06, S19).
// Only the holder of the sale's right of return writes it. Goods bought in the
// same go stand in it as a sale: an exchange (rule S31).
type Return struct {
	Of      lot.Origin // the sale
	Void    bool       // all of it, on its own business day
	Day     lot.Day
	Member  member.ID
	Lines   []ReturnLine
	Refund  lot.Fen    // money given back
	Tenders []Tender   // and how
	Claw    []lot.Draw // taken back of what the sale earned, out of its own lots
	Due     []Due      // what was not there to be taken back; HQ settles it
	Back    []lot.Draw // points that paid, given back to the lots they came from
	Anew    []Anew     // or to new lots, where those have lapsed
	Sale    *Sale
	// Vouchers that were redeemed inside the sale and go with it.
	Vouchers []VoucherBack
	Plays    []PlayBack // that the goods which stay would not have entered
	Ceilings []lot.Draw // of strict merchants, given back for what is taken back here (cap P9)
}

// Fields lists the message's fields.
func (r *Return) Fields(c *codec.Coder) {
	codec.Value(c, 1, &r.Of)
	codec.Bool(c, 2, &r.Void)
	codec.Int(c, 3, &r.Day)
	codec.Uint(c, 4, &r.Member)
	codec.List(c, 5, &r.Lines, LinesMax)
	codec.Int(c, 6, &r.Refund)
	codec.List(c, 7, &r.Tenders, TendersMax)
	codec.List(c, 8, &r.Claw, LinesMax)
	codec.List(c, 9, &r.Due, LinesMax)
	codec.List(c, 10, &r.Back, lot.HoldingsMax)
	codec.List(c, 11, &r.Anew, lot.HoldingsMax)
	codec.Sub(c, 12, &r.Sale)
	codec.List(c, 13, &r.Vouchers, RedemptionsMax)
	codec.List(c, 14, &r.Plays, PlaysMax)
	codec.List(c, 15, &r.Ceilings, lot.HoldingsMax)
	if c.Reading() && (r.Refund < 0 || r.Refund > lot.FenMax) {
		c.Refuse("refund out of range")
	}
}

// Renewed lists what is given back to new lots, in the order of their numbers.
func (r *Return) Renewed() []Anew {
	list := slices.Clone(r.Anew)
	for i := range r.Vouchers {
		list = append(list, r.Vouchers[i].Anew...)
	}
	for i := range r.Plays {
		list = append(list, r.Plays[i].Anew...)
	}
	return list
}

// Kind is KindReturn.
func (*Return) Kind() Kind { return KindReturn }

// Critical is true: it gives and takes.
func (*Return) Critical() bool { return true }

// ReturnLine is how much of a line comes back.
type ReturnLine struct {
	Line uint32 // of the sale, from 0
	Qty  int64
}

// Fields lists the message's fields.
func (l *ReturnLine) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &l.Line)
	codec.Int(c, 2, &l.Qty)
	if c.Reading() && l.Qty <= 0 {
		c.Refuse("returned quantity out of range")
	}
}

// PlayBack undoes a play of the sale: what it gave is taken back out of its own
// lots, or is due, and its stake is given back. Its ticket stays used, and what
// the programme had set aside for the prize with it: no number is dealt twice.
type PlayBack struct {
	Play uint32 // of the sale, from 0
	Claw []lot.Draw
	Due  []Due
	Back []lot.Draw
	Anew []Anew
}

// Fields lists the message's fields.
func (p *PlayBack) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &p.Play)
	codec.List(c, 2, &p.Claw, PrizesMax)
	codec.List(c, 3, &p.Due, PrizesMax)
	codec.List(c, 4, &p.Back, lot.HoldingsMax)
	codec.List(c, 5, &p.Anew, lot.HoldingsMax)
}

// Due is what is to go of an award, or of a prize, and could not be taken where
// the entry was written.
type Due struct {
	Award  uint32 // its lot's number in the sale: an award's place, or a prize's number
	Amount lot.Amount
}

// Fields lists the message's fields.
func (d *Due) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Award)
	codec.Int(c, 2, &d.Amount)
	if c.Reading() && (d.Amount <= 0 || d.Amount > lot.AmountMax) {
		c.Refuse("due out of range")
	}
}

// Anew gives points back to a new lot with the terms of a lapsed one and a
// later last day. Its number in the entry is AnewFrom and its place.
type Anew struct {
	From    lot.ID
	Amount  lot.Amount
	Expires lot.Day
}

// Fields lists the message's fields.
func (a *Anew) Fields(c *codec.Coder) {
	codec.Value(c, 1, &a.From)
	codec.Int(c, 2, &a.Amount)
	codec.Int(c, 3, &a.Expires)
	if c.Reading() && (a.Amount <= 0 || a.Amount > lot.AmountMax) {
		c.Refuse("amount given back out of range")
	}
}

// ReturnClaim takes back goods of a sale whose right of return is not here:
// goods and money are settled at once, the points' side is HQ's to settle, once.
type ReturnClaim struct {
	Of      lot.Origin
	Day     lot.Day
	Member  member.ID
	Lines   []ReturnLine
	Refund  lot.Fen
	Tenders []Tender
	Second  string // who agreed to a line that was claimed here before, or ""
}

// Fields lists the message's fields.
func (r *ReturnClaim) Fields(c *codec.Coder) {
	codec.Value(c, 1, &r.Of)
	codec.Int(c, 2, &r.Day)
	codec.Uint(c, 3, &r.Member)
	codec.List(c, 4, &r.Lines, LinesMax)
	codec.Int(c, 5, &r.Refund)
	codec.List(c, 6, &r.Tenders, TendersMax)
	codec.String(c, 7, &r.Second, TextBytesMax)
	if c.Reading() && (r.Refund < 0 || r.Refund > lot.FenMax) {
		c.Refuse("refund out of range")
	}
}

// Kind is KindReturnClaim.
func (*ReturnClaim) Kind() Kind { return KindReturnClaim }

// Critical is true: it claims.
func (*ReturnClaim) Critical() bool { return true }
