package ledger

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Sale is one receipt: what was sold, what it earned, what points paid, and
// how the rest was paid. Every allocation is stored, so that nothing has to be
// worked out again under other rules.
type Sale struct {
	Receipt   uint64  // number within the incarnation
	Day       lot.Day // business day
	Member    member.ID
	Proof     member.Proof
	Lines     []Line
	Awards    []Award // award i is the lot number i of this entry
	Deduction *Deduction
	Tenders   []Tender
	Change    lot.Fen

	Coupons     []CouponUse
	Rounded     lot.Fen // small change let off (rule S30)
	Tier        string  // of the member, as this terminal knew it (rule S12)
	Redemptions []Redemption
	Plays       []Stake // games that the purchase or its member entered
	Promotions  []Promotion
	Grade       string     // the member's green one, as this terminal knew it (cap P2)
	Ceilings    []lot.Draw // of what strict merchants may concede (cap P9)
}

// Fields lists the message's fields.
func (s *Sale) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Receipt)
	codec.Int(c, 2, &s.Day)
	codec.Uint(c, 3, &s.Member)
	codec.Uint(c, 4, &s.Proof)
	codec.List(c, 5, &s.Lines, LinesMax)
	awards, tenders := s.told()
	codec.List(c, 6, &awards, LinesMax)
	codec.Sub(c, 7, &s.Deduction)
	codec.List(c, 8, &tenders, TendersMax)
	codec.Int(c, 9, &s.Change)
	codec.List(c, 10, &s.Coupons, CouponsMax)
	codec.Int(c, 11, &s.Rounded)
	codec.String(c, 12, &s.Tier, TextBytesMax)
	codec.List(c, 13, &s.Redemptions, RedemptionsMax)
	codec.List(c, 14, &s.Plays, PlaysMax)
	codec.List(c, 15, &s.Promotions, PromotionsMax)
	codec.String(c, 16, &s.Grade, TextBytesMax)
	codec.List(c, 17, &s.Ceilings, lot.HoldingsMax)
	if c.Reading() {
		s.understand(c, awards, tenders)
	}
	if c.Reading() && (s.Change < 0 || s.Change > lot.FenMax || s.Rounded < 0 || s.Rounded > lot.FenMax) {
		c.Refuse("sale out of range")
	}
}

// Limits of one receipt.
const (
	TendersMax     = 16
	CouponsMax     = 16
	RedemptionsMax = 16
	PlaysMax       = 16
	PromotionsMax  = 256
)

// Kind is KindSale.
func (*Sale) Kind() Kind { return KindSale }

// Critical is true: it awards and spends.
func (*Sale) Critical() bool { return true }

// Redeemed reports whether a benefit was redeemed inside the sale.
func (s *Sale) Redeemed(benefit string) bool {
	return slices.ContainsFunc(s.Redemptions, func(r Redemption) bool { return r.Benefit == benefit })
}

// Total is what the goods cost.
func (s *Sale) Total() lot.Fen {
	var total lot.Fen
	for _, l := range s.Lines {
		total += l.Fen
	}
	return total
}

// Net is what was really paid: the total less campaigns, coupons, points and small change.
func (s *Sale) Net() lot.Fen {
	var net lot.Fen
	for i := range s.Lines {
		net += s.Lines[i].Net()
	}
	return net
}

// Line is one line of a receipt.
type Line struct {
	Product  string // GTIN of 14 digits
	Qty      int64
	Fen      lot.Fen // price of the whole line
	Deducted lot.Fen // share of it that points paid
	Merchant string
	Eco      bool    // marked eco-friendly when it was sold
	Off      lot.Fen // what campaigns and coupons took off it
	Rounded  lot.Fen // its share of the small change let off
	Category string  // as it was sold: what is taken back at a return hangs on it
	Brand    string
}

// Net is what was really paid for the line.
func (l *Line) Net() lot.Fen { return l.Fen - l.Off - l.Deducted - l.Rounded }

// Fields lists the message's fields.
func (l *Line) Fields(c *codec.Coder) {
	l.product(c)
	codec.Int(c, 2, &l.Qty)
	codec.Int(c, 3, &l.Fen)
	codec.Int(c, 4, &l.Deducted)
	codec.String(c, 5, &l.Merchant, TextBytesMax)
	codec.Bool(c, 6, &l.Eco)
	codec.Int(c, 7, &l.Off)
	codec.Int(c, 8, &l.Rounded)
	codec.String(c, 10, &l.Category, TextBytesMax)
	codec.String(c, 11, &l.Brand, TextBytesMax)
	if c.Reading() && !l.sound() {
		c.Refuse("line out of range")
	}
}

// product writes a GTIN as the number that it is.
func (l *Line) product(c *codec.Coder) {
	text, number := l.Product, uint64(0)
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && n > 0 && len(text) == gtinDigits {
		text, number = "", n
	}
	codec.String(c, 1, &text, TextBytesMax)
	codec.Uint(c, 9, &number)
	if !c.Reading() {
		return
	}
	if l.Product = text; number > 0 {
		l.Product = fmt.Sprintf("%0*d", gtinDigits, number)
	}
	if len(l.Product) > TextBytesMax {
		c.Refuse("product out of range")
	}
}

const gtinDigits = 14

func (l *Line) sound() bool {
	for _, fen := range []lot.Fen{l.Fen, l.Off, l.Deducted, l.Rounded} {
		if fen < 0 || fen > lot.FenMax {
			return false
		}
	}
	return l.Qty >= 0 && l.Net() >= 0
}

// Promotion is what a campaign took off: its shares stand in the lines. The
// campaigns beyond PromotionsMax stand together, without a name.
type Promotion struct {
	Campaign string
	Fen      lot.Fen
}

// Fields lists the message's fields.
func (p *Promotion) Fields(c *codec.Coder) {
	codec.String(c, 1, &p.Campaign, TextBytesMax)
	codec.Int(c, 2, &p.Fen)
	if c.Reading() && (p.Fen < 0 || p.Fen > lot.FenMax) {
		c.Refuse("promotion out of range")
	}
}

// CouponUse is one coupon that a sale used up: what it took off stands in the
// lines.
type CouponUse struct {
	Lot   lot.ID
	Asset lot.Asset
	Fen   lot.Fen
}

// Fields lists the message's fields.
func (u *CouponUse) Fields(c *codec.Coder) {
	codec.Value(c, 1, &u.Lot)
	codec.String(c, 2, &u.Asset, lot.AssetBytesMax)
	codec.Int(c, 3, &u.Fen)
	if c.Reading() && (u.Fen < 0 || u.Fen > lot.FenMax) {
		c.Refuse("coupon out of range")
	}
}

// Redemption is a benefit redeemed inside a sale: redemption i has the voucher
// with number VoucherFrom + i.
type Redemption struct {
	Benefit string
	Asset   lot.Asset // paid in
	Draws   []lot.Draw
	Voucher Issue
	Pool    []PoolPart
	Stock   []lot.Draw
	Quota   []lot.Draw
}

// Fields lists the message's fields.
func (r *Redemption) Fields(c *codec.Coder) {
	codec.String(c, 1, &r.Benefit, TextBytesMax)
	codec.String(c, 2, &r.Asset, lot.AssetBytesMax)
	codec.List(c, 3, &r.Draws, lot.HoldingsMax)
	codec.Value(c, 4, &r.Voucher)
	codec.List(c, 5, &r.Pool, PoolMax)
	codec.List(c, 6, &r.Stock, lot.HoldingsMax)
	codec.List(c, 7, &r.Quota, lot.HoldingsMax)
	if c.Reading() && r.Voucher.Amount <= 0 {
		c.Refuse("redemption without a voucher")
	}
}

// Issue is the terms of a lot that an entry issues; its id, owner and the
// day it was earned follow from the entry.
type Issue struct {
	Asset    lot.Asset
	Amount   lot.Amount
	Funder   string
	UnitCost lot.Fen
	Expires  lot.Day
	Active   lot.Day // first day it can be used; 0 is at once
}

// Fields lists the message's fields.
func (i *Issue) Fields(c *codec.Coder) {
	codec.String(c, 1, &i.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &i.Amount)
	codec.String(c, 3, &i.Funder, TextBytesMax)
	codec.Int(c, 4, &i.UnitCost)
	codec.Int(c, 5, &i.Expires)
	codec.Int(c, 6, &i.Active)
	if c.Reading() && (i.Amount <= 0 || i.Amount > lot.AmountMax || i.UnitCost < 0 || i.UnitCost > lot.FenMax) {
		c.Refuse("issue out of range")
	}
}

// Award is points that a sale earned under one rule from one funder.
type Award struct {
	Issue
	Rule   string
	Shares []Share    // which line earned how much of it
	Base   lot.Amount // of it, what the rule gives without a multiplier: counts towards a tier
}

// Share is one line's part of an award.
type Share struct {
	Line   uint32 // from 0
	Amount lot.Amount
}

// Fields lists the message's fields.
func (s *Share) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Line)
	codec.Int(c, 2, &s.Amount)
}

// Deduction is what points paid of the bill (cap P3).
type Deduction struct {
	Asset lot.Asset
	Fen   lot.Fen
	Draws []lot.Draw // of the member's own
	Pool  []PoolPart // of others of the household
}

// Fields lists the message's fields.
func (d *Deduction) Fields(c *codec.Coder) {
	codec.String(c, 1, &d.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &d.Fen)
	codec.List(c, 3, &d.Draws, lot.HoldingsMax)
	codec.List(c, 4, &d.Pool, PoolMax)
}

// Points is how many points paid, whosever they were.
func (d *Deduction) Points() lot.Amount { return lot.Sum(d.Draws) + pooled(d.Pool) }

// Points is how many points paid, whosever they were.
func (r *Redemption) Points() lot.Amount { return lot.Sum(r.Draws) + pooled(r.Pool) }

func pooled(parts []PoolPart) (n lot.Amount) {
	for _, p := range parts {
		n += lot.Sum(p.Draws)
	}
	return n
}

// Tender is one way in which the rest was paid: recorded, not processed.
type Tender struct {
	Kind string // cash, card, wallet
	Fen  lot.Fen
}

// Fields lists the message's fields.
func (t *Tender) Fields(c *codec.Coder) {
	codec.String(c, 1, &t.Kind, TextBytesMax)
	codec.Int(c, 2, &t.Fen)
}
