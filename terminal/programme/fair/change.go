package fair

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Changed looks at what a new version of a document takes away from members on
// a day: what is earned may get better and never worse (cap F2), and what is
// running stays as promised (law L09, law L12).
func Changed(old, to *programme.Programme, marks document.Marks, on lot.Day) []Finding {
	l := &lint{p: to, marks: marks}
	for _, was := range old.Points {
		i := slices.IndexFunc(to.Points, func(k programme.Points) bool { return k.Asset == was.Asset })
		clause := "points/" + string(was.Asset)
		if i < 0 || dearer(was.Worth, to.Points[i].Worth) {
			l.find("devalued", clause, was.Name.ZH)
		}
		if i >= 0 && shorter(was.Expires, to.Points[i].Expires, on) {
			l.find("shorter-expiry", clause+"/expires", was.Name.ZH)
		}
	}
	l.kept(old)
	for i := range old.Campaigns {
		if was := &old.Campaigns[i]; running(was.Window.From, was.Window.Until, on) && worse(was, to) {
			l.find("worsened-campaign", "campaigns/"+was.ID, was.ID)
		}
	}
	for _, was := range old.Games {
		if g, ok := to.Game(was.ID); running(was.Window.From, was.Window.Until, on) && (!ok || !sameDraw(was, g)) {
			l.find("worsened-draw", "games/"+was.ID, was.ID)
		}
	}
	return l.sorted()
}

// kept looks at what members have that later versions still decide about: what their
// points pay, their coupons, their vouchers.
func (l *lint) kept(old *programme.Programme) {
	was, is := old.Deduction, l.p.Deduction
	if is.Asset != was.Asset || is.MaxShareBP < was.MaxShareBP || is.MaxFen < was.MaxFen || is.MinPoints > was.MinPoints || is.StepFen > was.StepFen {
		l.find("worsened-deduction", "deduct")
	}
	for _, c := range old.Coupons {
		now, ok := l.p.Coupon(c.ID)
		if !ok || now.OffFen < c.OffFen || now.OffBP < c.OffBP || now.MinFen > c.MinFen || capped(int64(c.MaxFen), int64(now.MaxFen)) || now.Exclusive && !c.Exclusive ||
			now.Merchant != c.Merchant && now.Merchant != "" || !c.Scope.Within(&now.Scope) {
			l.find("worsened-coupon", "coupons/"+c.ID, c.ID)
		}
	}
	for _, b := range old.Benefits {
		if _, ok := l.p.Benefit(b.ID); !ok {
			l.find("benefit-gone", "benefits/"+b.ID, b.ID)
		}
	}
}

// dearer reports whether more points pay for the same than before.
func dearer(was, is lot.Ratio) bool { return is.Num*was.Den > was.Num*is.Den }

// shorter reports whether what is earned on a day would lapse sooner.
func shorter(was, is lot.Policy, on lot.Day) bool {
	_, before := was.Terms(on)
	_, after := is.Terms(on)
	return after != 0 && (before == 0 || after < before)
}

func running(from, until, on lot.Day) bool {
	return (from == 0 || from <= on) && (until == 0 || until >= on)
}

// worse reports whether a campaign is gone, closed earlier, narrower, or gives
// less. What cannot be compared counts as worse.
func worse(was *programme.Campaign, to *programme.Programme) bool {
	is, ok := to.Campaign(was.ID)
	return !ok || is.Kind != was.Kind || !was.Window.Within(&is.Window) || !was.Scope.Within(&is.Scope) || is.When.Text() != "" && is.When.Text() != was.When.Text() ||
		is.OffFen < was.OffFen || is.OffBP < was.OffBP || was.PriceFen > 0 && (is.PriceFen > was.PriceFen || is.PriceFen == 0) || is.Every > was.Every ||
		!slices.Equal(is.Steps, was.Steps) || is.Each != was.Each || capped(int64(was.MaxFen), int64(is.MaxFen)) ||
		is.Rule != was.Rule || is.MultiplierBP < was.MultiplierBP || is.FromFen > was.FromFen || capped(int64(was.MaxPoints), int64(is.MaxPoints)) ||
		is.Asset != was.Asset || is.Points < was.Points || is.OffPoints < was.OffPoints ||
		slices.ContainsFunc(was.Benefits, func(b string) bool { return !slices.Contains(is.Benefits, b) })
}

// capped reports whether a bound, of which 0 is none, got tighter.
func capped(was, is int64) bool { return is > 0 && (was == 0 || is < was) }

// sameDraw reports whether the published table is the same, and the stake no
// higher.
func sameDraw(was, is programme.Game) bool {
	return is.Batch == was.Batch && is.Stake.Asset == was.Stake.Asset && is.Stake.Amount <= was.Stake.Amount && is.FromFen <= was.FromFen &&
		(is.Window.Until == 0 || is.Window.Until >= was.Window.Until) &&
		slices.EqualFunc(was.Prizes, is.Prizes, func(a, b programme.Prize) bool {
			a.Name, b.Name, a.Evidence, b.Evidence = programme.Text{}, programme.Text{}, programme.Text{}, programme.Text{}
			return a == b
		})
}
