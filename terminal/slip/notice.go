package slip

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Rules is the notice that a shop puts up about its points: what they are worth
// and how they pay, how long they last, and the terms word by word (laws L01
// and L15).
func (s Shop) Rules(at Moment) *receipt.Document {
	p := s.Programme
	d := s.paper(at, s.say("paper-rules"))
	d.Centre(p.Name.In(s.Lang), receipt.Bold)
	d.Rule()
	for _, kind := range p.Points {
		d.Text(kind.Name.In(s.Lang), receipt.Bold)
		if kind.Worth.Den > 0 {
			d.Text(s.say("paper-worth", kind.Worth.Num, lot.Fen(kind.Worth.Den)))
		}
		d.Text(s.lasts(kind.Expires))
		if n := kind.Expires.PendingDays; n > 0 {
			d.Text(s.say("rules-pending", n))
		}
	}
	d.Rule()
	s.printDeduction(d, p.Deduction)
	if t := p.Terms; t != nil {
		long(d, t.Conversion.In(s.Lang))
		d.Rule()
		d.Text(s.say("rules-terms", t.Number, t.Effective), receipt.Bold)
		for n, c := range t.Clauses {
			long(d, fmt.Sprintf("%d. %s", n+1, c.Text.In(s.Lang)))
		}
		if t.NoticeDays > 0 {
			d.Text(s.say("rules-told", t.NoticeDays))
		}
		for _, x := range p.Schemes { // by criteria that anybody can read (law L21)
			long(d, s.say("rules-scheme", x.Name.In(s.Lang), x.Criteria.In(s.Lang)))
		}
		d.Rule()
		d.Text(s.say("notice-organiser", t.Organiser.In(s.Lang)))
		long(d, s.say("paper-contact", t.Contact.In(s.Lang)))
	}
	d.Text(s.say("notice-version", p.ID, p.Version()))
	d.Cut()
	return d
}

func (s Shop) printDeduction(d *receipt.Document, p programme.Deduction) {
	d.Text(s.say("rules-deduct", s.Programme.PointsName(p.Asset).In(s.Lang)), receipt.Bold)
	if p.MinPoints > 0 {
		d.Text(s.say("rules-deduct-from", p.MinPoints))
	}
	d.Text(s.say("rules-deduct-share", percent(p.MaxShareBP)))
	if p.MaxFen > 0 {
		d.Text(s.say("rules-deduct-most", p.MaxFen))
	}
}

// lasts says how long points last, in the words of their policy.
func (s Shop) lasts(p lot.Policy) string {
	switch p.Basis {
	case lot.Never:
	case lot.ForDays:
		return s.say("rules-days", p.N)
	case lot.ForMonths:
		return s.say("rules-months", p.N)
	case lot.ToMonthEnd:
		return s.say("rules-month-end", p.N)
	case lot.ToQuarter:
		return s.say("rules-quarter-end", p.N)
	case lot.ToYearEnd:
		return s.say("rules-year-end", p.N)
	case lot.OnDate:
		return s.say("rules-on", p.On)
	case lot.WhileActive:
		return s.say("rules-idle", p.N)
	}
	return s.say("rules-never")
}

// Game is the notice of a game, as the law wants it up before the game begins:
// who runs it, from when until when, how one takes part, every prize with its
// worth, number and chance, and how and until when it is claimed (law L10).
func (s Shop) Game(at Moment, g programme.Game) *receipt.Document {
	d := s.paper(at, s.say("paper-draw"))
	kind := "draw-scratch"
	if g.Wheel {
		kind = "draw-wheel"
	}
	d.Centre(g.Name.In(s.Lang), receipt.Bold, receipt.Large)
	d.Centre(s.say(kind))
	d.Rule()
	d.Text(s.span(g))
	s.printEntry(d, g)
	if n := g.Notice; n != nil {
		long(d, n.Method.In(s.Lang))
	}
	d.Rule()
	d.Text(s.say("draw-batch", g.Batch), receipt.Bold)
	for _, p := range g.Prizes {
		pair(d, p.Name.In(s.Lang), s.say("draw-count", g.Count(p), percentOfMillion(p.Weight)))
		if p.Lose {
			continue
		}
		d.Text("  " + s.say("draw-worth", p.WorthFen))
		if e := p.Evidence.In(s.Lang); e != "" {
			long(d, "  "+e)
		}
	}
	if n := g.Notice; n != nil {
		d.Rule()
		for _, x := range []struct {
			code string
			text programme.Text
		}{{"draw-claim", n.Claim}, {"draw-delivery", n.Delivery}, {"draw-forfeit", n.Forfeit}} {
			if t := x.text.In(s.Lang); t != "" {
				long(d, s.say(x.code, t))
			}
		}
		if n.ClaimDays > 0 {
			d.Text(s.say("draw-claim-days", n.ClaimDays))
		}
		if t := n.Organiser.In(s.Lang); t != "" {
			long(d, s.say("notice-organiser", t))
		}
	}
	if t := s.Programme.Terms; t != nil {
		long(d, s.say("paper-contact", t.Contact.In(s.Lang)))
	}
	d.Text(s.say("draw-proof"))
	d.Text(s.say("notice-version", s.Programme.ID, s.Programme.Version()))
	d.Cut()
	return d
}

// span is from when until when a game can be played.
func (s Shop) span(g programme.Game) string {
	w := g.Window
	switch {
	case w.From != 0 && w.Until != 0:
		return s.say("draw-from-until", w.From, w.Until)
	case w.From != 0:
		return s.say("draw-from", w.From)
	case w.Until != 0:
		return s.say("draw-until", w.Until)
	}
	return s.say("draw-standing")
}

// printEntry says how one takes part.
func (s Shop) printEntry(d *receipt.Document, g programme.Game) {
	if g.Stake.Amount > 0 {
		d.Text(s.say("draw-stake", g.Stake.Amount, s.Programme.PointsName(g.Stake.Asset).In(s.Lang)))
	}
	if g.FromFen > 0 {
		d.Text(s.say("draw-purchase", g.FromFen))
	}
	if g.PerDay > 0 {
		d.Text(s.say("draw-per-day", g.PerDay))
	}
}

// percent writes 1/10,000 as a percentage.
func percent(bp int64) string { return percentOfMillion(bp * 100) }

// percentOfMillion writes millionths as a percentage, without zeros at its end.
func percentOfMillion(n int64) string {
	whole, part := n/10_000, n%10_000
	if part == 0 {
		return fmt.Sprintf("%d%%", whole)
	}
	text := fmt.Sprintf("%d.%04d", whole, part)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return text + "%"
}
