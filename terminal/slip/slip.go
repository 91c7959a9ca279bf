// Package slip is what papers say: the receipt of a sale, a voucher, the slip
// of a voucher handed out, each made from the entry that it is about. It
// decides nothing, prints nothing and reads no balance of its own.
package slip

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/words"
)

// lang is the language of what is printed.
const lang = "zh"

// Shop is what all papers of a terminal have in common.
type Shop struct {
	Terminal  ledger.TerminalID
	Name      programme.Text
	Programme *programme.Programme
	Products  *programme.Products
	Members   *roll.Members
	Key       ed25519.PrivateKey // signs the codes of vouchers
}

// Moment is when an entry was written, and how far the clock was trusted.
type Moment struct {
	Wall  time.Time
	Clock ledger.Clock
}

func say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return words.In(lang, code, texts...)
}

// Stamp writes a time for paper and screens in the programme's zone.
func (s Shop) Stamp(at time.Time) string {
	return at.In(s.Programme.Location()).Format("2006-01-02 15:04:05")
}

// Receipt is what a sale's paper says: the goods, what points paid, what was
// earned, and what the member could use here after it.
func (s Shop) Receipt(at Moment, id lot.Origin, sale *ledger.Sale, f Facts) *receipt.Document {
	d := s.paper(at, say("paper-receipt"))
	if sale.Change > 0 || slices.ContainsFunc(sale.Tenders, func(t ledger.Tender) bool { return t.Kind == "cash" }) {
		d.Drawer()
	}
	d.Text(say("paper-number", number(id, sale)))
	if sale.Member != 0 {
		d.Text(say("paper-member", s.memberName(sale.Member)))
	}
	d.Rule()
	for _, l := range sale.Lines {
		s.printLine(d, l)
	}
	d.Rule()
	d.Pair(say("paper-total"), "￥"+sale.Total().String())
	for _, p := range sale.Promotions {
		d.Pair(s.campaignName(p.Campaign), "-￥"+p.Fen.String())
	}
	for _, u := range sale.Coupons {
		d.Pair(say("paper-coupon", s.couponName(u.Asset)), "-￥"+u.Fen.String())
	}
	if p := sale.Deduction; p != nil {
		d.Pair(say("paper-deduction", lot.Sum(p.Draws)), "-￥"+p.Fen.String())
	}
	if sale.Rounded > 0 {
		d.Pair(say("paper-rounded"), "-￥"+sale.Rounded.String())
	}
	d.Pair(say("paper-to-pay"), "￥"+sale.Net().String(), receipt.Bold)
	for _, p := range sale.Tenders {
		d.Pair(say("paper-"+p.Kind), "￥"+p.Fen.String())
	}
	if sale.Change > 0 {
		d.Pair(say("paper-change"), "￥"+sale.Change.String())
	}
	if sale.Member != 0 {
		s.printPoints(d, at, sale, f)
	}
	d.Rule()
	d.Text(say("paper-trace", id))
	d.Centre(say("paper-thanks"))
	d.Cut()
	return d
}

// campaignName is what paper calls a campaign; those that have no room of their
// own are others.
func (s Shop) campaignName(id string) string {
	if c, ok := s.Programme.Campaign(id); ok {
		return c.Name.In(lang)
	}
	return say("paper-other-campaigns")
}

func (s Shop) printLine(d *receipt.Document, l ledger.Line) {
	name := l.Product
	if product, ok := s.Products.Find(l.Product); ok {
		name = product.Name.In(lang)
		if product.Eco {
			name = "[" + say("paper-eco") + "]" + name
		}
	}
	if l.Qty != 1 {
		name = fmt.Sprintf("%s ×%d", name, l.Qty)
	}
	d.Pair(name, l.Fen.String())
}

// printPoints says what was earned and what was usable here after the sale, as
// of then: HQ may know of more.
func (s Shop) printPoints(d *receipt.Document, at Moment, sale *ledger.Sale, f Facts) {
	d.Rule()
	earned := map[lot.Asset]lot.Amount{}
	for _, a := range sale.Awards {
		earned[a.Asset] += a.Amount
	}
	for _, kind := range s.Programme.Points {
		if earned[kind.Asset] > 0 {
			d.Pair(say("paper-earned", kind.Name.In(lang)), fmt.Sprint(earned[kind.Asset]))
		}
		d.Pair(say("paper-balance", kind.Name.In(lang)), fmt.Sprint(f.left(kind.Asset)))
	}
	if f.Next > 0 {
		d.Text(say("paper-expiry", f.Next, f.NextDay))
	}
	d.Text(say("paper-as-of", s.Stamp(at.Wall)))
	if w := s.Programme.Points[0]; w.Worth.Den > 0 {
		d.Text(say("paper-worth", w.Worth.Num, lot.Fen(w.Worth.Den)))
	}
}

// Voucher is the voucher itself: what it is for, until when, where, and its
// signed code.
func (s Shop) Voucher(at Moment, r ledger.Redemption, id lot.ID, code string) *receipt.Document {
	b, _ := s.Programme.Benefit(r.Benefit)
	d := s.paper(at, say("paper-voucher"))
	d.Feed(1)
	d.Centre(b.Name.In(lang), receipt.Bold, receipt.Large)
	d.Feed(1)
	d.Centre(say("paper-valid", r.Voucher.Expires))
	d.QR(code, say("paper-code", token.ShortCode(id)))
	d.Text(say("paper-where", s.Name.In(lang)))
	if terms := b.Terms.In(lang); terms != "" {
		d.Text(terms)
	}
	d.Rule()
	d.Text(say("paper-spent", lot.Sum(r.Draws), s.Programme.PointsName(r.Asset).In(lang)))
	d.Text(say("paper-trace", id))
	d.Cut()
	return d
}

// Handout is the slip that stays with the shop when a voucher is handed out.
func (s Shop) Handout(at Moment, lane uint32, actor string, u *ledger.VoucherUse) *receipt.Document {
	b, _ := s.Programme.Benefit(u.Benefit)
	d := s.paper(at, say("paper-handout"))
	d.Centre(b.Name.In(lang), receipt.Bold)
	d.Text(say("paper-lane", lane, actor))
	d.Text(say("paper-code", token.ShortCode(u.Voucher)))
	d.Text(say("paper-trace", u.Voucher))
	d.Cut()
	return d
}

// Return is what the member gets when goods come back: the money, the points
// and coupons that come back, and those that go.
func (s Shop) Return(at Moment, r *ledger.Return, f Facts) *receipt.Document {
	d := s.paper(at, say(OfReturn(r).Title()))
	if r.Refund > 0 {
		d.Drawer()
	}
	d.Text(say("paper-of", r.Of))
	d.Rule()
	d.Pair(say("paper-refund"), "￥"+r.Refund.String(), receipt.Bold)
	for _, a := range f.Coupons {
		d.Text(say("paper-coupon-back", s.couponName(a)))
	}
	if f.Back > 0 {
		d.Pair(say("paper-points-back"), fmt.Sprint(f.Back))
	}
	if n := len(r.Vouchers); n > 0 {
		d.Text(say("paper-vouchers-back", n))
	}
	if n := lot.Sum(r.Claw); n > 0 {
		d.Pair(say("paper-points-gone"), fmt.Sprint(n))
	}
	var due lot.Amount
	for _, x := range r.Due {
		due += x.Amount
	}
	if due > 0 {
		d.Text(say("paper-due", due))
	}
	d.Cut()
	return d
}

// Day is the slip of a day's close: what was sold, taken and given, and what
// was counted against it. Its code, if there is one, proves after a night
// without power that nothing is missing.
func (s Shop) Day(at Moment, c *ledger.DayClose, actor, code string) *receipt.Document {
	f := c.Figures
	d := s.paper(at, say("paper-day"))
	d.Drawer()
	d.Text(say("paper-day-of", c.Day, actor))
	if f.Since != 0 {
		d.Text(say("paper-day-since", f.Since))
	}
	d.Rule()
	d.Pair(say("paper-day-sales", f.Sales), "￥"+f.Sold.String())
	s.printSums(d, f)
	var cash lot.Fen
	for _, t := range f.Tenders {
		d.Pair(say("paper-"+t.Kind), "￥"+(t.Taken-t.Given).String())
		if t.Kind == "cash" {
			cash = t.Taken - t.Given
		}
	}
	d.Rule()
	d.Pair(say("paper-day-counted"), "￥"+c.Counted.String(), receipt.Bold)
	d.Pair(say("paper-day-difference"), (c.Counted - cash).String())
	if code != "" {
		d.Rule()
		d.QR(code, say("paper-day-code"))
	}
	d.Cut()
	return d
}

// paper starts a document: the store, the title, the time.
func (s Shop) paper(at Moment, title string) *receipt.Document {
	d := receipt.New(title)
	d.Centre(s.Name.In(lang), receipt.Bold, receipt.Large)
	d.Centre(title)
	when := s.Stamp(at.Wall)
	if at.Clock == ledger.ClockUnset {
		when += " " + say("clock-unset")
	}
	d.Text(say("paper-time", when))
	return d
}

func (s Shop) memberName(id member.ID) string {
	if person, ok := s.Members.ByID(id); ok {
		return person.Name
	}
	return id.String()
}

// couponName is what a coupon is called, or its id where the programme no
// longer has it.
func (s Shop) couponName(a lot.Asset) string {
	if c, ok := s.Programme.Coupon(a.Coupon()); ok {
		return c.Name.In(lang)
	}
	return a.Coupon()
}

// printSums prints what lowered the day's takings, and what became of points.
func (s Shop) printSums(d *receipt.Document, f ledger.Figures) {
	for _, sum := range []struct {
		code string
		fen  lot.Fen
	}{{"paper-day-off", f.Off}, {"paper-day-deducted", f.Deducted}, {"paper-day-rounded", f.Rounded}} {
		if sum.fen > 0 {
			d.Pair(say(sum.code), "-￥"+sum.fen.String())
		}
	}
	if f.Returns > 0 {
		d.Pair(say("paper-day-returns", f.Returns), "-￥"+f.Refunded.String())
	}
	d.Rule()
	for _, p := range f.Points {
		d.Text(say("paper-day-points", s.Programme.PointsName(p.Asset).In(lang), p.Earned, p.Used, p.Back, p.Clawed))
	}
	d.Pair(say("paper-day-vouchers"), fmt.Sprintf("%d / %d", f.Vouchers, f.HandOuts))
	d.Rule()
}
