package cashier

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// yuanSteps are the round sums that points are offered for.
var yuanSteps = []lot.Fen{500, 1000, 2000, 5000, 10_000}

// Ready reports whether there is something to pay for.
func (sh *sheet) Ready() bool { return len(sh.Lines) > 0 }

// Newest is the line that the last scan touched: the last one.
func (sh *sheet) Newest(i int) bool { return i == len(sh.Lines)-1 }

// Pieces is how many pieces are in the basket.
func (sh *sheet) Pieces() int64 {
	var n int64
	for _, l := range sh.Lines {
		n += l.Qty
	}
	return n
}

// LineOff is what campaigns and coupons take off a line, and LineSum what it
// comes to then.
func (sh *sheet) LineOff(i int) lot.Fen {
	if i >= len(sh.Quote.Lines) {
		return 0
	}
	return sh.Quote.Lines[i].Off
}

// LineSum is a line's price less what campaigns and coupons take off.
func (sh *sheet) LineSum(i int) lot.Fen { return sh.Lines[i].Fen - sh.LineOff(i) }

// Causes say why a line costs less: the campaigns and coupons with a share in
// it.
func (sh *sheet) Causes(i int) (list []string) {
	has := func(shares []pricing.FenShare) bool {
		for _, s := range shares {
			if s.Line == i {
				return true
			}
		}
		return false
	}
	for _, p := range sh.Quote.Promotions {
		if c, ok := sh.programme().Campaign(p.Campaign); ok && has(p.Shares) {
			list = append(list, sh.In(c.Name))
		}
	}
	for _, u := range sh.Quote.Coupons {
		if c, ok := sh.programme().Coupon(u.Asset.Coupon()); ok && has(u.Shares) {
			list = append(list, sh.In(c.Name))
		}
	}
	return list
}

// LimitWord says which cap holds the deduction down.
func (sh *sheet) LimitWord() string {
	if l := sh.Quote.MaxDeduction.Limit; l != "" && sh.Quote.Total > 0 {
		return sh.Say("limit-" + string(l))
	}
	return ""
}

// Earnings is what the sale earns, each kind by name.
func (sh *sheet) Earnings() []string {
	var list []string
	for _, e := range sh.Quote.WouldEarn {
		if e.Amount == 0 {
			continue
		}
		list = append(list, "+"+sh.Number(e.Amount)+" "+sh.AssetName(e.Asset))
	}
	return list
}

// AssetName names a kind of points.
func (sh *sheet) AssetName(a lot.Asset) string {
	if name := sh.In(sh.programme().PointsName(a)); name != "" {
		return name
	}
	return strings.TrimPrefix(string(a), "points:")
}

// Notes are the sums of cash that a customer is likely to hand over: what is
// to be paid, rounded up to notes. Large bills have none.
func (sh *sheet) Notes() []lot.Fen {
	due := sh.Quote.ToPay
	if due <= 0 || due > notesMax {
		return nil
	}
	var list []lot.Fen
	for _, note := range []lot.Fen{500, 1000, 5000, 10000, 20000} {
		if note == 500 && due > 1000 {
			continue
		}
		sum := (due + note - 1) / note * note
		if sum > due && (len(list) == 0 || sum > list[len(list)-1]) {
			list = append(list, sum)
		}
	}
	return list[:min(len(list), 2)]
}

// Long reports whether the figures need smaller type.
func (sh *sheet) Long() bool { return sh.Quote.Total >= longFen }

// DeductedAll reports whether all that can be deducted is wished for.
func (sh *sheet) DeductedAll() bool { return sh.Wish == pricing.DeductMax }

// Own is the figure that the cashier gave for the deduction, or "".
func (sh *sheet) Own() string {
	if sh.Wish <= 0 {
		return ""
	}
	return sh.Wish.String()
}

// Rounds are the whole sums of yuan that points can pay of this bill.
func (sh *sheet) Rounds() (list []lot.Fen) {
	most := sh.Quote.MaxDeduction.Fen
	for _, f := range yuanSteps {
		if f <= most {
			list = append(list, f)
		}
	}
	if whole := most / 100 * 100; whole > 0 && (len(list) == 0 || whole > list[len(list)-1]) {
		list = append(list, whole)
	}
	return list[max(0, len(list)-3):]
}

// IsWish reports whether a sum is what is wished for.
func (sh *sheet) IsWish(f lot.Fen) bool { return sh.Wish == f }

// BestHow says how the best use saves.
func (sh *sheet) BestHow() string {
	var parts []string
	for _, name := range sh.Best.Buy {
		parts = append(parts, sh.Say("best-buys", sh.In(name)))
	}
	for _, name := range sh.Best.Coupons {
		parts = append(parts, sh.In(name))
	}
	if sh.Best.Points > 0 {
		parts = append(parts, sh.Points(sh.Best.Points))
	}
	return strings.Join(parts, " + ")
}

// NoBest says why there is nothing to save.
func (sh *sheet) NoBest() string {
	switch {
	case sh.Member == nil:
		return sh.Say("best-who")
	case !sh.MaySpend():
		return sh.Say("best-prove")
	case !sh.Ready():
		return sh.Say("best-what")
	}
	return sh.Say("best-none")
}

// TierName is what the member's tier is called, "" for none.
func (sh *sheet) TierName() string {
	t, ok := sh.programme().Tier(sh.Member.Tier)
	if !ok {
		return sh.Member.Tier
	}
	return sh.In(t.Name)
}

// Afar is what of the member's points is not usable here now, in words.
func (sh *sheet) Afar() (list []string) {
	var hq, elsewhere, frozen, pending, owed lot.Amount
	for _, p := range sh.Member.Points {
		hq, elsewhere, frozen, pending = hq+p.HQ, elsewhere+p.Elsewhere, frozen+p.Frozen, pending+p.Pending
	}
	for _, o := range sh.Member.Owed {
		owed += o.Owed
	}
	if sh.Member.AsOf.IsZero() {
		hq, elsewhere = 0, 0
	}
	for _, part := range []struct {
		word string
		n    lot.Amount
	}{{"at-hq", hq}, {"elsewhere", elsewhere}, {"pending-later", pending}, {"being-checked", frozen}, {"owed-short", owed}} {
		if part.n > 0 {
			list = append(list, sh.Say(part.word, sh.Points(part.n)))
		}
	}
	return list
}

// Tally counts what the member holds beside points, in one line.
func (sh *sheet) Tally() string {
	n := len(sh.Member.Vouchers) + len(sh.Member.Coupons) + len(sh.Member.Medals)
	if n == 0 {
		return ""
	}
	return sh.Say("held-tally", n)
}

// Tasks are what can be reached now, in words.
func (sh *sheet) Tasks() (list []string) {
	p := sh.programme()
	for _, t := range p.Tasks {
		if t.Window.Open(p.Moment(sh.Now)) {
			list = append(list, sh.In(t.Name))
		}
	}
	return list
}

// Activities are what a member can be checked in at now.
func (sh *sheet) Activities() (list []programme.Activity) {
	p := sh.programme()
	for _, a := range p.Activities {
		if a.Window.Open(p.Moment(sh.Now)) {
			list = append(list, a)
		}
	}
	return list
}

// Known is by what a member may be told from another of the same name: the end of
// the number, or the id. The details have all of it that may be shown.
func (sh *sheet) Known() string {
	phone := []rune(sh.Member.Phone)
	if len(phone) < 4 {
		return sh.Member.ID.String()
	}
	return "…" + string(phone[len(phone)-4:])
}

// GradeName is what the member's green grade is called, "" for none.
func (sh *sheet) GradeName() string {
	g, ok := sh.programme().Grade(sh.Member.Grade)
	if !ok {
		return sh.Member.Grade
	}
	return sh.In(g.Name)
}

// Surveys are what a member can answer.
func (sh *sheet) Surveys() []programme.Survey { return sh.programme().Surveys }

// Referral reports whether the programme rewards who brings a new member along.
func (sh *sheet) Referral() bool { return sh.programme().Referral != nil }

// Clauses are the terms that a member agrees to, in short lines.
func (sh *sheet) Clauses() (list []string) {
	for i, c := range sh.programme().Terms.Clauses {
		list = append(list, fmt.Sprintf("%d. %s", i+1, sh.In(c.Text)))
	}
	return list
}

// TermsNumber is the number of the terms in force.
func (sh *sheet) TermsNumber() int64 { return sh.programme().Terms.Number }

// IsAlong reports whether a benefit is redeemed with this sale.
func (sh *sheet) IsAlong(benefit string) bool {
	return slices.ContainsFunc(sh.Along, func(a view.Along) bool { return a.ID == benefit })
}

// InBasket reports whether a coupon is used on this sale.
func (sh *sheet) InBasket(id lot.ID) bool {
	for _, u := range sh.Used {
		if u == id {
			return true
		}
	}
	return false
}

// CouponWhy says what a coupon in the basket takes off, or why nothing.
func (sh *sheet) CouponWhy(id lot.ID) string {
	for _, c := range sh.Quote.Coupons {
		if c.Lot != id {
			continue
		}
		if c.Fen > 0 {
			return "−" + sh.Yuan(c.Fen)
		}
		return sh.Say("coupon-" + string(c.Why))
	}
	return ""
}

// TenderKinds are the ways of paying.
func (sh *sheet) TenderKinds() []string { return tenderKinds }

// roundKeys pay a round sum with points.
var roundKeys = []string{"Shift+Home", "Shift+PageUp", "Shift+PageDown"}

// RoundKey is the key of a round sum.
func (sh *sheet) RoundKey(i int) string { return roundKeys[i] }

// KeyName is a key as it stands on its button.
func (sh *sheet) KeyName(key string) string {
	return strings.NewReplacer("Shift+", "⇧", "PageUp", "PgUp", "PageDown", "PgDn", "Insert", "Ins").Replace(key)
}

// FillKeys fill what is open into a way of paying, with Shift.
func (sh *sheet) FillKeys() []string { return []string{"Home", "End", "Insert"} }

// BackKeys give money back in a way of paying.
func (sh *sheet) BackKeys() []string { return []string{"F6", "F9", "F10"} }

// SwapKeys exchange goods, the difference in a way of paying; SwapNames are what
// stands on them.
func (sh *sheet) SwapKeys() []string { return []string{"Home", "End", "Insert"} }

// SwapNames name the SwapKeys.
func (sh *sheet) SwapNames() []string { return []string{"Home", "End", "Ins"} }

// AdjustAlone is how many points one person adjusts.
func (sh *sheet) AdjustAlone() lot.Amount { return adjustAlone }
