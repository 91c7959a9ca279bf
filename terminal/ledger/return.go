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

// AnewFrom is the number of the first lot that gives points back anew.
const AnewFrom = 1 << 16

// Fields lists the message's fields.
func (a *Anew) Fields(c *codec.Coder) {
	codec.Value(c, 1, &a.From)
	codec.Int(c, 2, &a.Amount)
	codec.Int(c, 3, &a.Expires)
	if c.Reading() && (a.Amount <= 0 || a.Amount > lot.AmountMax) {
		c.Refuse("amount given back out of range")
	}
}

// VoucherBack takes a voucher back, used or not, and gives the points that
// bought it back to the lots they came from: there is no "兑换后不退换" (cap P6).
type VoucherBack struct {
	Member  member.ID
	Voucher lot.ID
	Benefit string
	Used    bool // the goods came back, not the paper
	Day     lot.Day
	Back    []lot.Draw
	Anew    []Anew
}

// Fields lists the message's fields.
func (v *VoucherBack) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &v.Member)
	codec.Value(c, 2, &v.Voucher)
	codec.String(c, 3, &v.Benefit, TextBytesMax)
	codec.Bool(c, 4, &v.Used)
	codec.Int(c, 5, &v.Day)
	codec.List(c, 6, &v.Back, lot.HoldingsMax)
	codec.List(c, 7, &v.Anew, lot.HoldingsMax)
}

// Kind is KindVoucherBack.
func (*VoucherBack) Kind() Kind { return KindVoucherBack }

// Critical is true: it gives and takes.
func (*VoucherBack) Critical() bool { return true }

// Grant gives a member something that no sale earned: service points, goodwill,
// an adjustment upwards.
type Grant struct {
	Member member.ID
	Reason string // a word of the catalogue
	Second string // the second person, where one is needed
	Issues []Issue
	Day    lot.Day
}

// Fields lists the message's fields.
func (g *Grant) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &g.Member)
	codec.String(c, 2, &g.Reason, TextBytesMax)
	codec.String(c, 3, &g.Second, TextBytesMax)
	codec.List(c, 4, &g.Issues, lot.HoldingsMax)
	codec.Int(c, 5, &g.Day)
}

// Kind is KindGrant.
func (*Grant) Kind() Kind { return KindGrant }

// Critical is true: it issues.
func (*Grant) Critical() bool { return true }

// WriteOff takes from a member what was given by mistake: an adjustment
// downwards, out of what is held here and no further.
type WriteOff struct {
	Member member.ID
	Reason string
	Second string
	Asset  lot.Asset
	Draws  []lot.Draw
}

// Fields lists the message's fields.
func (w *WriteOff) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &w.Member)
	codec.String(c, 2, &w.Reason, TextBytesMax)
	codec.String(c, 3, &w.Second, TextBytesMax)
	codec.String(c, 4, &w.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &w.Draws, lot.HoldingsMax)
}

// Kind is KindWriteOff.
func (*WriteOff) Kind() Kind { return KindWriteOff }

// Critical is true: it takes.
func (*WriteOff) Critical() bool { return true }

// Transfer moves points to a member of the same family. What is drawn ends in
// its lot and goes on in a new one with the same expiry, funder and day; new
// lot i is for draw i (rule S13: a transfer never renews anything).
type Transfer struct {
	From  member.ID
	Proof member.Proof
	To    member.ID
	Asset lot.Asset
	Draws []lot.Draw
}

// Fields lists the message's fields.
func (t *Transfer) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &t.From)
	codec.Uint(c, 2, &t.Proof)
	codec.Uint(c, 3, &t.To)
	codec.String(c, 4, &t.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &t.Draws, lot.HoldingsMax)
}

// Kind is KindTransfer.
func (*Transfer) Kind() Kind { return KindTransfer }

// Critical is true: it moves points.
func (*Transfer) Critical() bool { return true }
