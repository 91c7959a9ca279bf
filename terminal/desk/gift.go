package desk

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Hand gives the member on the sale what is due to them for a reason: the pack of a
// birthday, what a one-to-one scheme or a task led to. HQ has said that it is due; a quota sees to it that it is given once.
func (d *Desk) Hand(by clerk.By, ref, reason string) (clerk.Done, error) {
	m, err := d.served(by)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.hand(by, ref, m, reason)
}

// HandFor is Hand for the member of a code, beside what is in the lane's basket.
func (d *Desk) HandFor(by clerk.By, ref, who, reason string) (clerk.Done, error) {
	m, err := d.shownBy(by, who)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.hand(by, ref, m, reason)
}

func (d *Desk) hand(by clerk.By, ref string, m *till.MemberView, reason string) (clerk.Done, error) {
	now := d.Now()
	g, ok := gift.Of(d.Programme(), reason, d.Programme().Moment(now.Wall))
	about, err := d.About(m.ID)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case !d.answered(ref) && (!ok || !slices.Contains(view.Reasons(d.Documents().Members, about.Ruling, m.ID), reason)):
		return clerk.Done{}, d.Refuse(by, "nothing-due")
	case m.Blocked:
		return clerk.Done{}, d.Refuse(by, "member-blocked")
	}
	done, err := d.Care.Hand(by, till.Gift{Ref: ref, Member: m.ID, Reason: reason, Issues: g.Issues(d.Programme(), d.Today(now).Day)})
	if err != nil {
		return done, d.shown(by, err)
	}
	word := "gift-given"
	if done.Entry.Body.(*ledger.Grant).Claim {
		word = "gift-claimed"
	}
	return done, d.Tell(by, till.OK, word, g.Name)
}

// Answer keeps what the member on the sale answered to a survey of the programme, one
// choice for each of its questions from 1 on, and gives what that earns, once a
// version (cap M8).
func (d *Desk) Answer(by clerk.By, ref, survey string, answers []int) (clerk.Done, error) {
	m, err := d.served(by)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.answer(by, ref, m, survey, answers)
}

// AnswerFor is Answer for the member of a code, beside what is in the lane's basket.
func (d *Desk) AnswerFor(by clerk.By, ref, who, survey string, answers []int) (clerk.Done, error) {
	m, err := d.shownBy(by, who)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.answer(by, ref, m, survey, answers)
}

func (d *Desk) answer(by clerk.By, ref string, m *till.MemberView, survey string, answers []int) (clerk.Done, error) {
	p := d.Programme()
	s, ok := p.Survey(survey)
	if !ok {
		return clerk.Done{}, d.Refuse(by, "unknown-survey")
	}
	body := till.Survey{Ref: ref, Member: m.ID, Survey: s.ID, Version: uint32(s.Version), Asset: s.Asset, Amount: s.Points}
	for n, a := range answers {
		if n >= len(s.Questions) || a < 1 || a > s.Questions[n].Most() {
			return clerk.Done{}, d.Refuse(by, "survey-incomplete")
		}
		body.Choices = append(body.Choices, ledger.Choice{Question: uint32(n), Option: uint32(a - 1)})
	}
	if len(answers) != len(s.Questions) {
		return clerk.Done{}, d.Refuse(by, "survey-incomplete")
	}
	if s.Points == 0 {
		body.Issues = game.Given(p, &s.Gives, d.Today(d.Now()).Day)
	}
	done, err := d.Care.Answer(by, body)
	if err != nil {
		return done, d.shown(by, err)
	}
	return done, d.Tell(by, till.OK, "survey-answered", s.Name)
}
