package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// DayOpen starts a business day. No right moves between a day's close and the
// next opening, so that the slip of the close can prove a journal complete.
type DayOpen struct {
	Day   lot.Day
	Float lot.Fen // cash in the drawer
}

// Fields lists the message's fields.
func (d *DayOpen) Fields(c *codec.Coder) {
	codec.Int(c, 1, &d.Day)
	codec.Int(c, 2, &d.Float)
	if c.Reading() && (d.Float < 0 || d.Float > lot.FenMax) {
		c.Refuse("float out of range")
	}
}

// Kind is KindDayOpen.
func (*DayOpen) Kind() Kind { return KindDayOpen }

// Critical is true: rights move again from here on.
func (*DayOpen) Critical() bool { return true }

// DayClose ends a business day with what was counted against what the journal
// says (feat F81).
type DayClose struct {
	Day     lot.Day
	Figures Figures
	Counted lot.Fen // cash in the drawer
}

// Fields lists the message's fields.
func (d *DayClose) Fields(c *codec.Coder) {
	codec.Int(c, 1, &d.Day)
	codec.Value(c, 2, &d.Figures)
	codec.Int(c, 3, &d.Counted)
	if c.Reading() && (d.Counted < 0 || d.Counted > lot.FenMax) {
		c.Refuse("count out of range")
	}
}

// Kind is KindDayClose.
func (*DayClose) Kind() Kind { return KindDayClose }

// Critical is true: no right moves from here on.
func (*DayClose) Critical() bool { return true }

// Figures are the sums of a business day at one terminal.
type Figures struct {
	Sales    uint64
	Returns  uint64
	Sold     lot.Fen // price of the goods
	Off      lot.Fen // taken off by coupons
	Deducted lot.Fen // paid with points
	Rounded  lot.Fen // small change let off
	Refunded lot.Fen
	Tenders  []TenderSum  // by kind, in order of kinds
	Points   []PointsSums // by asset, in order of assets
	Vouchers uint64       // issued
	HandOuts uint64       // of vouchers
	Since    lot.Day      // the oldest of the days before that nobody closed, 0 for none
}

// FiguresMax bounds the kinds of tender and of points that one day lists.
const FiguresMax = 1024

// Fields lists the message's fields.
func (f *Figures) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &f.Sales)
	codec.Uint(c, 2, &f.Returns)
	codec.Int(c, 3, &f.Sold)
	codec.Int(c, 4, &f.Off)
	codec.Int(c, 5, &f.Deducted)
	codec.Int(c, 6, &f.Rounded)
	codec.Int(c, 7, &f.Refunded)
	codec.List(c, 8, &f.Tenders, FiguresMax)
	codec.List(c, 9, &f.Points, FiguresMax)
	codec.Uint(c, 10, &f.Vouchers)
	codec.Uint(c, 11, &f.HandOuts)
	codec.Int(c, 12, &f.Since)
}

// Empty reports whether nothing was counted.
func (f *Figures) Empty() bool {
	for _, t := range f.Tenders {
		if t.Taken != 0 || t.Given != 0 {
			return false
		}
	}
	for _, p := range f.Points {
		if p.Earned != 0 || p.Used != 0 || p.Back != 0 || p.Clawed != 0 {
			return false
		}
	}
	return f.Sales|f.Returns|f.Vouchers|f.HandOuts == 0 && f.Sold|f.Off|f.Deducted|f.Rounded|f.Refunded == 0
}

// TenderSum is what was taken and given back on a day in one kind of tender;
// change given is not in what was taken.
type TenderSum struct {
	Kind  string
	Taken lot.Fen
	Given lot.Fen
}

// Fields lists the message's fields.
func (t *TenderSum) Fields(c *codec.Coder) {
	codec.String(c, 1, &t.Kind, TextBytesMax)
	codec.Int(c, 2, &t.Taken)
	codec.Int(c, 3, &t.Given)
}

// PointsSums is what became of one asset on a day.
type PointsSums struct {
	Asset  lot.Asset
	Earned lot.Amount
	Used   lot.Amount
	Back   lot.Amount // given back by returns
	Clawed lot.Amount // taken back by returns
}

// Fields lists the message's fields.
func (p *PointsSums) Fields(c *codec.Coder) {
	codec.String(c, 1, &p.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &p.Earned)
	codec.Int(c, 3, &p.Used)
	codec.Int(c, 4, &p.Back)
	codec.Int(c, 5, &p.Clawed)
}

// Untouched reports whether nothing was done on a day.
func (f *Figures) Untouched() bool {
	return f.Sales+f.Returns+f.Vouchers+f.HandOuts == 0 && len(f.Tenders)+len(f.Points) == 0
}
