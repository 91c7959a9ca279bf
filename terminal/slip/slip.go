// Package slip is what papers say, in Chinese or in English: the receipt of a
// sale, a voucher, the slip of a day's close, each made from the entry that it
// is about, and the notices that a shop puts up, made from the programme. It
// decides nothing, prints nothing and reads no balance of its own.
package slip

import (
	"crypto/ed25519"
	"fmt"
	"strings"
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

// Shop is what all papers of a terminal have in common.
type Shop struct {
	Terminal  ledger.TerminalID
	Lang      string // of what is printed: "zh" or "en"; Chinese when empty
	Name      programme.Text
	Programme *programme.Programme
	Products  *programme.Products
	Members   *roll.Members
	Key       ed25519.PrivateKey // signs the codes of vouchers
	Training  bool               // every paper says that it is worth nothing
}

// Moment is when an entry was written, and how far the clock was trusted.
type Moment struct {
	Wall  time.Time
	Clock ledger.Clock
}

func (s Shop) say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return words.In(s.Lang, code, texts...)
}

// Stamp writes a time for paper and screens in the programme's zone.
func (s Shop) Stamp(at time.Time) string {
	return at.In(s.Programme.Location()).Format("2006-01-02 15:04:05")
}

// Voucher is the voucher itself: what it is for, until when, where, and its
// signed code.
func (s Shop) Voucher(at Moment, r ledger.Redemption, id lot.ID, code string) *receipt.Document {
	b, _ := s.Programme.Benefit(r.Benefit)
	name := b.Name.In(s.Lang)
	if name == "" { // a coupon that was won
		name = s.couponName(r.Voucher.Asset)
	}
	d := s.paper(at, s.say("paper-voucher"))
	d.Feed(1)
	d.Centre(name, receipt.Bold, receipt.Large)
	d.Feed(1)
	d.Centre(s.say("paper-valid", r.Voucher.Expires))
	d.QR(code, s.say("paper-code", token.ShortCode(id)))
	d.Text(s.say("paper-where", s.Name.In(s.Lang)))
	long(d, b.Terms.In(s.Lang))
	d.Rule()
	if r.Points() > 0 {
		d.Text(s.say("paper-spent", r.Points(), s.Programme.PointsName(r.Asset).In(s.Lang)))
	}
	d.Text(s.say("paper-trace", id))
	d.Cut()
	return d
}

// Handout is the slip that stays with the shop when a voucher is handed out.
func (s Shop) Handout(at Moment, lane uint32, actor string, u *ledger.VoucherUse) *receipt.Document {
	b, _ := s.Programme.Benefit(u.Handed())
	d := s.paper(at, s.say("paper-handout"))
	d.Centre(b.Name.In(s.Lang), receipt.Bold)
	if u.Instead != "" {
		of, _ := s.Programme.Benefit(u.Benefit)
		d.Text(s.say("paper-instead-of", of.Name.In(s.Lang)))
	}
	d.Text(s.say("paper-lane", lane, actor))
	d.Text(s.say("paper-code", token.ShortCode(u.Voucher)))
	d.Text(s.say("paper-trace", u.Voucher))
	d.Cut()
	return d
}

// Return is what the member gets when goods come back: the money, the points
// and coupons that come back, and those that go.
func (s Shop) Return(at Moment, id lot.Origin, r *ledger.Return, f Facts) *receipt.Document {
	d := s.paper(at, s.say(OfReturn(r).Title()))
	if r.Refund > 0 && r.Sale == nil {
		d.Drawer()
	}
	d.Text(s.say("paper-of", r.Of))
	d.Rule()
	pair(d, s.say("paper-refund"), "￥"+r.Refund.String(), receipt.Bold)
	if r.Sale != nil { // the receipt of what was bought opens the drawer
		for _, t := range r.Tenders {
			pair(d, s.say("paper-"+t.Kind), "￥"+t.Fen.String())
		}
	}
	for _, a := range f.Coupons {
		d.Text(s.say("paper-coupon-back", s.couponName(a)))
	}
	if f.Back > 0 {
		pair(d, s.say("paper-points-back"), fmt.Sprint(f.Back))
	}
	if n := len(r.Vouchers); n > 0 {
		d.Text(s.say("paper-vouchers-back", n))
	}
	if n := len(f.Prizes); n > 0 {
		d.Text(s.say("paper-prizes-back", n))
	}
	if n := lot.Sum(r.Claw) + f.Won; n > 0 {
		pair(d, s.say("paper-points-gone"), fmt.Sprint(n))
	}
	due := f.WonDue
	for _, x := range r.Due {
		due += x.Amount
	}
	if due > 0 {
		d.Text(s.say("paper-due", due))
	}
	d.Text(s.say("paper-trace", id))
	d.Cut()
	return d
}

// Day is the slip of a day's close: what was sold, taken and given, and what
// was counted against it. Its code, if there is one, proves after a night
// without power that nothing is missing.
func (s Shop) Day(at Moment, c *ledger.DayClose, actor, code string) *receipt.Document {
	f := c.Figures
	d := s.paper(at, s.say("paper-day"))
	d.Drawer()
	d.Text(s.say("paper-day-of", c.Day, actor))
	if f.Since != 0 {
		d.Text(s.say("paper-day-since", f.Since))
	}
	d.Rule()
	pair(d, s.say("paper-day-sales", f.Sales), "￥"+f.Sold.String())
	s.printSums(d, f)
	var cash lot.Fen
	for _, t := range f.Tenders {
		if t.Taken == 0 && t.Given == 0 {
			continue
		}
		pair(d, s.say("paper-"+t.Kind), "￥"+(t.Taken-t.Given).String())
		if t.Kind == "cash" {
			cash = t.Taken - t.Given
		}
	}
	d.Rule()
	pair(d, s.say("paper-day-counted"), "￥"+c.Counted.String(), receipt.Bold)
	pair(d, s.say("paper-day-difference"), yuan(c.Counted-cash))
	if code != "" {
		d.Rule()
		d.QR(code, s.say("paper-day-code"))
	}
	d.Cut()
	return d
}

// yuan writes an amount that may be less than nothing.
func yuan(f lot.Fen) string {
	if f < 0 {
		return "-￥" + (-f).String()
	}
	return "￥" + f.String()
}

// paper starts a document: the store, the title, the time.
func (s Shop) paper(at Moment, title string) *receipt.Document {
	d := receipt.New(title)
	if s.Training {
		d.Centre(s.say("training-paper"), receipt.Bold, receipt.Large)
	}
	d.Centre(s.Name.In(s.Lang), receipt.Bold, receipt.Large)
	d.Centre(title)
	when := s.Stamp(at.Wall)
	if at.Clock == ledger.ClockUnset {
		when += " " + s.say("clock-unset")
	}
	d.Text(s.say("paper-time", when))
	return d
}

// narrowest is the narrowest paper, in columns.
const narrowest = 32

// pair adds a name and an amount, below each other where the narrowest paper
// would cut the name off.
func pair(d *receipt.Document, left, right string, styles ...receipt.Style) {
	if receipt.Width(left)+1+receipt.Width(right) > narrowest {
		d.Text(left, styles...)
		left = ""
	}
	d.Pair(left, right, styles...)
}

// long adds a text of any length: a line of a document has a limit, and what is
// said in a programme may be longer.
func long(d *receipt.Document, text string) {
	for rest := []rune(text); len(rest) > 0; {
		n := min(len(rest), receipt.MaxText)
		if at := lastBreak(rest[:n]); n < len(rest) && at > 0 {
			n = at
		}
		d.Text(string(rest[:n]))
		rest = rest[n:]
	}
}

// lastBreak is behind the last place where a text may go on in a new line.
func lastBreak(text []rune) int {
	for i := len(text) - 1; i > 0; i-- {
		if strings.ContainsRune(" \n，。；", text[i]) {
			return i + 1
		}
	}
	return 0
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
		return c.Name.In(s.Lang)
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
			pair(d, s.say(sum.code), "-￥"+sum.fen.String())
		}
	}
	if f.Returns > 0 {
		pair(d, s.say("paper-day-returns", f.Returns), "-￥"+f.Refunded.String())
	}
	d.Rule()
	for _, p := range f.Points {
		d.Text(s.say("paper-day-points", s.Programme.PointsName(p.Asset).In(s.Lang), p.Earned, p.Used, p.Back, p.Clawed))
	}
	pair(d, s.say("paper-day-vouchers"), fmt.Sprintf("%d / %d", f.Vouchers, f.HandOuts))
	d.Rule()
}
