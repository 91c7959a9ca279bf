package slip

import (
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Receipt is what a sale's paper says: the goods, what points paid, what was
// earned, and what the member could use here after it. The codes prove what
// was earned.
func (s Shop) Receipt(at Moment, id lot.Origin, sale *ledger.Sale, f Facts, codes []string, code string) *receipt.Document {
	d := s.paper(at, s.say("paper-receipt"))
	if sale.Change > 0 || slices.ContainsFunc(sale.Tenders, func(t ledger.Tender) bool { return t.Kind == "cash" || t.Kind == bill.Exchange }) {
		d.Drawer()
	}
	if h := s.Programme.Receipt.Header.In(s.Lang); h != "" {
		d.Centre(h)
	}
	d.Text(s.say("paper-number", number(id, sale)))
	if sale.Member != 0 {
		d.Text(s.say("paper-member", s.memberName(sale.Member)))
	}
	d.Rule()
	for _, l := range sale.Lines {
		s.printLine(d, l)
	}
	d.Rule()
	s.printBill(d, sale)
	if sale.Member != 0 {
		s.printPoints(d, at, sale, f)
	}
	for n, code := range codes {
		d.QR(code, s.say("paper-certificate", n+1, len(codes)))
	}
	s.printVoices(d, id, code, sale)
	d.Rule()
	s.printTerms(d, sale.Member != 0)
	d.Text(s.say("paper-trace", id))
	d.Centre(s.say("paper-thanks"))
	d.Cut()
	return d
}

// printVoices asks a member to answer what the programme asks: of every receipt, or of
// one on which the benefit was redeemed that it is about; to review goods, and to share
// how they live green (caps M6 and M8). The code leads to HQ's page; the cashier can
// take answers too.
func (s Shop) printVoices(d *receipt.Document, id lot.Origin, code string, sale *ledger.Sale) {
	if sale.Member == 0 {
		return
	}
	p := s.Programme
	eco := func(l ledger.Line) bool { return l.Eco }
	asks := p.Reviews != nil || p.Experiences != nil && slices.ContainsFunc(sale.Lines, eco)
	for _, v := range p.Surveys {
		if !v.Asked(sale.Redeemed) {
			continue
		}
		asks = true
		d.Rule()
		long(d, s.say("paper-survey", v.Name.In(s.Lang)))
		if v.Points > 0 {
			d.Text(s.say("paper-survey-points", v.Points, p.PointsName(v.Asset).In(s.Lang)))
		}
	}
	if asks && p.Receipt.Page != "" {
		d.QR(fmt.Sprintf("%s?receipt=%s&code=%s", p.Receipt.Page, id, code), s.say("paper-voice-scan"))
	}
}

// printLine says what was sold and, of several, what each cost.
func (s Shop) printLine(d *receipt.Document, l ledger.Line) {
	name := l.Product
	if product, ok := s.Products.Find(l.Product); ok {
		name = product.Name.In(s.Lang)
	}
	if l.Eco {
		name = "[" + s.say("paper-eco") + "]" + name
	}
	switch {
	case l.Qty == 1:
		pair(d, name, l.Fen.String())
	case l.Qty > 1 && int64(l.Fen)%l.Qty == 0:
		d.Text(name)
		pair(d, fmt.Sprintf("  %d × %s", l.Qty, l.Fen/lot.Fen(l.Qty)), l.Fen.String())
	default:
		d.Text(name)
		pair(d, fmt.Sprintf("  × %d", l.Qty), l.Fen.String())
	}
}

// printBill says how the sum of the goods became what was paid, step by step in
// the order in which it was reckoned (rule S03).
func (s Shop) printBill(d *receipt.Document, sale *ledger.Sale) {
	pair(d, s.say("paper-total"), "￥"+sale.Total().String())
	for _, p := range sale.Promotions {
		pair(d, s.campaignName(p.Campaign), "-￥"+p.Fen.String())
	}
	for _, u := range sale.Coupons {
		pair(d, s.say("paper-coupon", s.couponName(u.Asset)), "-￥"+u.Fen.String())
	}
	if p := sale.Deduction; p != nil {
		pair(d, s.say("paper-deduction", p.Points()), "-￥"+p.Fen.String())
	}
	if sale.Rounded > 0 {
		pair(d, s.say("paper-rounded"), "-￥"+sale.Rounded.String())
	}
	pair(d, s.say("paper-to-pay"), "￥"+sale.Net().String(), receipt.Bold)
	for _, p := range sale.Tenders {
		pair(d, s.say("paper-"+p.Kind), "￥"+p.Fen.String())
	}
	if sale.Change > 0 {
		pair(d, s.say("paper-change"), "￥"+sale.Change.String())
	}
}

// campaignName is what paper calls a campaign; those that have no room of their
// own are others.
func (s Shop) campaignName(id string) string {
	if c, ok := s.Programme.Campaign(id); ok {
		return c.Name.In(s.Lang)
	}
	return s.say("paper-other-campaigns")
}

// printPoints says what was earned and used, what was usable here after the
// sale, as of then, and what expires next. What is elsewhere only HQ knows: its
// figure has HQ's time, and without a fresh one the balance is an estimate
// (feat F91).
func (s Shop) printPoints(d *receipt.Document, at Moment, sale *ledger.Sale, f Facts) {
	d.Rule()
	earned, used := map[lot.Asset]lot.Amount{}, map[lot.Asset]lot.Amount{}
	for _, a := range sale.Awards {
		earned[a.Asset] += a.Amount
	}
	if p := sale.Deduction; p != nil {
		used[p.Asset] += lot.Sum(p.Draws)
	}
	for _, r := range sale.Redemptions {
		used[r.Asset] += lot.Sum(r.Draws)
	}
	fresh := f.Heard != 0 && at.Wall.Sub(time.UnixMilli(f.Heard)) < freshFor
	for _, kind := range s.Programme.Points {
		name, left := kind.Name.In(s.Lang), f.left(kind.Asset)
		for _, n := range []struct {
			code   string
			amount lot.Amount
		}{{"paper-earned", earned[kind.Asset]}, {"paper-used", used[kind.Asset]}, {"paper-pending", left.Pending}} {
			if n.amount > 0 {
				pair(d, s.say(n.code, name), fmt.Sprint(n.amount))
			}
		}
		pair(d, s.say("paper-balance", name), fmt.Sprint(left.Amount))
		switch all := left.Amount + left.Pending + left.There; {
		case all == left.Amount:
		case fresh:
			pair(d, s.say("paper-in-all", name), fmt.Sprint(all))
		default:
			pair(d, s.say("paper-in-all-estimated", name), fmt.Sprint(all))
		}
	}
	s.printExpiries(d, f)
	d.Text(s.say("paper-as-of", s.Stamp(at.Wall)))
	switch {
	case f.Heard == 0:
		d.Text(s.say("paper-estimated"))
	case !fresh:
		d.Text(s.say("paper-estimated-since", s.Stamp(time.UnixMilli(f.Heard))))
	}
}

func (s Shop) printExpiries(d *receipt.Document, f Facts) {
	if f.Next > 0 { // of a paper that was meant before kinds were told apart
		d.Text(s.say("paper-expiry", f.Next, f.NextDay))
	}
	for _, e := range f.Expiries {
		d.Text(s.say("paper-expires", s.Programme.PointsName(e.Asset).In(s.Lang), e.Amount, e.Day))
	}
}

// printTerms says what points are worth, as the law wants it on every bill that
// they may pay (law L15), and where the terms are.
func (s Shop) printTerms(d *receipt.Document, member bool) {
	if member {
		if t := s.Programme.Terms; t != nil && t.Conversion.In(s.Lang) != "" {
			long(d, t.Conversion.In(s.Lang))
		} else if w := s.Programme.Points[0]; w.Worth.Den > 0 {
			d.Text(s.say("paper-worth", w.Worth.Num, lot.Fen(w.Worth.Den)))
		}
		long(d, s.Programme.Receipt.Points.In(s.Lang))
	}
	if t := s.Programme.Terms; t != nil {
		d.Text(s.say("paper-terms", t.Number, t.Effective))
		long(d, s.say("paper-contact", t.Contact.In(s.Lang)))
	}
	long(d, s.Programme.Receipt.Footer.In(s.Lang))
}
