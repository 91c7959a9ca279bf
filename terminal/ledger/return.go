package ledger

import (
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
	if c.Reading() && (r.Refund < 0 || r.Refund > lot.FenMax) {
		c.Refuse("refund out of range")
	}
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

// Due is what is to go of an award and could not be taken where the entry was
// written.
type Due struct {
	Award  uint32 // of the sale, from 0: its lot's number
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
