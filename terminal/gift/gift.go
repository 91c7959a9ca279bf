// Package gift says what a programme gives a member once, beside any sale: packs for
// birthdays, what a one-to-one scheme, a task or a set of medals leads to. Whether
// something is due HQ says; whether it was given already its quota says. It keeps
// nothing and gives nothing.
package gift

import (
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Birthday is the reason for a member's own pack; a child's has the child's word
// behind it, such as birthday-c1 (cap M5).
const Birthday = "birthday"

// The other reasons begin so; the id of what was reached is behind.
const (
	Task   = "task-"
	Scheme = "scheme-"
	Set    = "set-"
)

// Known reports whether a reason, or what it begins with, is one of these.
func Known(reason string) bool {
	kind, _, _ := strings.Cut(reason, "-")
	return kind == Birthday || slices.Contains([]string{Task, Scheme, Set}, kind+"-")
}

// Gift is one of them.
type Gift struct {
	Reason string // names the quota that it uses up
	Name   document.Text
	Gives  programme.Gives
}

// Issues are the rights that it is.
func (g *Gift) Issues(p *programme.Programme, today lot.Day) []ledger.Issue {
	return game.Given(p, &g.Gives, today)
}

// Of is the gift that a reason of HQ's stands for at a moment; ok is false where the
// programme has none.
func Of(p *programme.Programme, reason string, at calendar.Moment) (g Gift, ok bool) {
	g.Reason = reason
	kind, id, _ := strings.Cut(reason, "-")
	switch kind {
	case Birthday:
		ok = birthday(p, &g, id != "")
	case "scheme":
		for _, s := range p.Schemes {
			if s.ID == id && s.Window.Open(at) {
				g.Name, g.Gives, ok = s.Name, s.Gives, true
			}
		}
	case "task":
		for _, t := range p.Tasks {
			if t.ID == id {
				g.Name, g.Gives, ok = t.Name, t.Gives, true
			}
		}
	case "set":
		for _, s := range game.Sets(p, nil) {
			if b, known := p.Benefit(s.Reward); known && s.ID == id {
				g.Name, g.Gives, ok = b.Name, programme.Gives{Benefit: b.ID}, true
			}
		}
	}
	return g, ok
}

// birthday is the pack for the member's own day or for a child's, which needs a
// guardian's consent (law L18).
func birthday(p *programme.Programme, g *Gift, child bool) bool {
	b := p.Birthday
	switch {
	case b == nil:
		return false
	case child && (b.ChildBenefit == "" || !b.Consent):
		return false
	case child:
		g.Gives.Benefit = b.ChildBenefit
	default:
		g.Gives.Benefit = b.Benefit
	}
	given, ok := p.Benefit(g.Gives.Benefit)
	g.Name = given.Name
	return ok
}

// Due are the gifts for which HQ says that they are due.
func Due(p *programme.Programme, reasons []string, at calendar.Moment) (list []Gift) {
	for _, reason := range reasons {
		if g, ok := Of(p, reason, at); ok {
			list = append(list, g)
		}
	}
	return list
}
