// Package reason says in a sentence, in both languages, why a quote is what it
// is: every discount with its campaign, every coupon that did or did not apply,
// what points pay and which cap bit, every point earned by its rule, and what
// the member is short of for the next benefit. It works nothing out: the
// figures are the quote's own.
package reason

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/bestuse"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// About says what a sentence is about.
type About string

// The subjects, in the order in which they are told.
const (
	AboutPrice     About = "price" // what came off the bill
	AboutCoupon    About = "coupon"
	AboutDeduction About = "deduction"
	AboutRounding  About = "rounding"
	AboutEarn      About = "earn"
	AboutCap       About = "cap"
	AboutClock     About = "clock"
	AboutNext      About = "next"
	AboutBest      About = "best"
)

// Sentence is one reason. ID is the rule, campaign, coupon or benefit.
type Sentence struct {
	About About
	ID    string
	document.Text
}

// writer collects sentences about one quote.
type writer struct {
	p   *programme.Programme
	q   *pricing.Quote
	out []Sentence
}

// Of says why a quote is what it is, in the order of rule S03.
func Of(p *programme.Programme, q *pricing.Quote) []Sentence {
	w := writer{p: p, q: q}
	w.promotions()
	w.coupons()
	w.deduction()
	if q.Rounding > 0 {
		w.tell(AboutRounding, "", rounded, q.Rounding)
	}
	for i := range q.Rules {
		w.earned(&q.Rules[i])
	}
	for _, id := range q.ToConfirm {
		w.tell(AboutClock, id, waits, w.name(id))
	}
	if n := q.NextBenefit; n != nil {
		b, _ := p.Benefit(n.ID)
		w.tell(AboutNext, n.ID, shortOf, lot.Amount(n.Missing), p.PointsName(n.Asset), b.Name)
	}
	return w.out
}

// tell adds a sentence; an argument that is a Text is told in each language.
func (w *writer) tell(about About, id string, form document.Text, args ...any) {
	w.out = append(w.out, Sentence{about, id, fill(form, args)})
}

func fill(form document.Text, args []any) document.Text {
	zh, en := make([]any, len(args)), make([]any, len(args))
	for i, a := range args {
		zh[i], en[i] = a, a
		switch a := a.(type) {
		case document.Text:
			zh[i], en[i] = a.ZH, a.In("en")
		case lot.Fen:
			zh[i], en[i] = "¥"+a.String(), "¥"+a.String()
		}
	}
	return document.Text{ZH: fmt.Sprintf(form.ZH, zh...), EN: fmt.Sprintf(form.EN, en...)}
}

// name is what people call a rule or a campaign.
func (w *writer) name(id string) document.Text {
	if c, ok := w.p.Campaign(id); ok {
		return c.Name
	}
	for i := range w.p.Rules {
		if r := &w.p.Rules[i]; r.ID == id {
			return document.Text{ZH: "规则 " + id, EN: "rule " + id}
		}
	}
	return document.Text{ZH: id, EN: id}
}

func (w *writer) promotions() {
	for _, p := range w.q.Promotions {
		w.tell(AboutPrice, p.Campaign, priceForms[p.Kind], w.name(p.Campaign), p.Fen)
	}
}

func (w *writer) coupons() {
	for _, c := range w.q.Coupons {
		id := c.Asset.Coupon()
		name := document.Text{ZH: id, EN: id}
		coupon, ok := w.p.Coupon(id)
		if ok {
			name = coupon.Name
		}
		if c.Why == pricing.CouponApplies {
			w.tell(AboutCoupon, id, couponOff, name, c.Fen)
			continue
		}
		args := []any{name}
		if c.Why == pricing.CouponMinimum {
			args = append(args, coupon.MinFen)
		}
		w.tell(AboutCoupon, id, couponWhy[c.Why], args...)
	}
}

// deduction says what points pay, and which cap keeps them from paying more.
func (w *writer) deduction() {
	d, most := w.q.Deduction, w.q.MaxDeduction
	if d.Fen > 0 {
		w.tell(AboutDeduction, "", deducted, d.Points, w.p.PointsName(d.Asset), d.Fen)
	}
	rules := w.p.Deduction
	switch most.Limit {
	case pricing.LimitShare:
		w.tell(AboutCap, "", limitShare, percent(rules.MaxShareBP), most.Fen)
	case pricing.LimitMax:
		w.tell(AboutCap, "", limitMax, rules.MaxFen)
	case pricing.LimitExcluded:
		w.tell(AboutCap, "", limitExcluded, most.Fen)
	case pricing.LimitPoints:
		if most.Fen == 0 {
			return // nobody asks why nothing is paid with no points
		}
		w.tell(AboutCap, "", limitPoints, most.Points, most.Fen)
	case pricing.LimitMinimum:
		w.tell(AboutCap, "", limitMinimum, rules.MinPoints)
	case pricing.LimitProof:
		w.tell(AboutCap, "", limitProof)
	}
}

// percent writes so many ten-thousandths as a percentage.
func percent(bp int64) string {
	switch {
	case bp%100 == 0:
		return fmt.Sprintf("%d%%", bp/100)
	case bp%10 == 0:
		return fmt.Sprintf("%d.%d%%", bp/100, bp%100/10)
	}
	return fmt.Sprintf("%d.%02d%%", bp/100, bp%100)
}

// times writes a multiplier, such as 1.2.
func times(r lot.Ratio) string {
	hundredths, err := lot.Ratio{Num: r.Num, Den: r.Den}.Floor(100)
	switch {
	case err != nil:
		return "?"
	case hundredths%100 == 0:
		return fmt.Sprint(hundredths / 100)
	case hundredths%10 == 0:
		return fmt.Sprintf("%d.%d", hundredths/100, hundredths%100/10)
	}
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}

func (w *writer) earned(q *pricing.RuleQuote) {
	points := w.p.PointsName(q.Asset)
	switch q.Kind {
	case programme.Multiply:
		w.tell(AboutEarn, q.Rule, earnedMore, w.name(q.Rule), w.name(q.Of), times(q.Multiplier), q.Points, points)
	case programme.Bonus:
		w.tell(AboutEarn, q.Rule, earnedBonus, w.name(q.Rule), q.BaseFen, q.Points, points)
	default:
		w.rule(q, points)
	}
	switch q.Cap {
	case pricing.CapReceipt:
		w.tell(AboutCap, q.Rule, capReceipt, w.name(q.Rule), q.Cut, points)
	case pricing.CapMemberDay:
		w.tell(AboutCap, q.Rule, capDay, w.name(q.Rule), q.Cut, points)
	case pricing.CapCeiling:
		w.tell(AboutCap, q.Rule, capCeiling, w.name(q.Rule), q.Cut, points)
	}
}

// rule says what a rule gives, by its rate.
func (w *writer) rule(q *pricing.RuleQuote, points document.Text) {
	var rule programme.Rule
	for _, r := range w.p.Rules {
		if r.ID == q.Rule {
			rule = r
		}
	}
	form := earnedPlain
	switch {
	case rule.Concession && rule.EcoOnly:
		form = concededGreen
	case rule.Concession:
		form = concededPlain
	case rule.EcoOnly || rule.Scope.Eco:
		form = earnedGreen
	}
	w.tell(AboutEarn, q.Rule, form, q.BaseFen, lot.Fen(rule.Rate.Den), rule.Rate.Num, q.Points, points)
	if q.Bonus > 0 {
		w.tell(AboutEarn, q.Rule, multiplied, times(q.Multiplier), q.Bonus, points)
	}
}

// Best says what a member's points and coupons save at most on a basket, and
// what is nearest to saving more (cap P8).
func Best(p *programme.Programme, plan *bestuse.Plan) []Sentence {
	w := writer{p: p}
	if plan.Saved > 0 {
		w.tell(AboutBest, "", bestSaves, plan.Saved, plan.ToPay)
	}
	for _, id := range plan.Buy {
		b, _ := p.Benefit(id)
		w.tell(AboutBest, id, bestBuys, b.Name)
	}
	for _, id := range plan.Order {
		c, _ := p.Coupon(id)
		w.tell(AboutBest, id, bestUses, c.Name)
	}
	if plan.Deduct > 0 {
		w.tell(AboutBest, "", deducted, plan.Points, p.PointsName(p.Deduction.Asset), plan.Deduct)
	}
	if !plan.Complete {
		w.tell(AboutBest, "", bestFound)
	}
	if g := plan.Next; g != nil && g.Coupon != "" {
		c, _ := p.Coupon(g.Coupon)
		w.tell(AboutNext, g.Coupon, gap, g.Missing, c.Name)
	} else if g != nil {
		w.tell(AboutNext, g.Campaign, gap, g.Missing, w.name(g.Campaign))
	}
	return w.out
}
