package desk

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// asked is a survey on a lane's customer screen, with the answers so far.
type asked struct {
	Ref     string    `json:"ref"`
	Survey  string    `json:"survey"`
	Version int64     `json:"version"`
	Member  member.ID `json:"member"`
	Answers []uint32  `json:"answers"`
}

func surveyNote(lane uint32) string { return fmt.Sprintf("survey-%d", lane) }

func readAsked(tx journal.Tx, lane uint32) (*asked, error) {
	b, err := tx.Note(surveyNote(lane))
	if err != nil || len(b) == 0 {
		return nil, err
	}
	a := &asked{}
	if err := json.Unmarshal(b, a); err != nil {
		return nil, fmt.Errorf("survey at lane %d: %w", lane, err)
	}
	return a, nil
}

func putAsked(tx journal.Tx, lane uint32, a *asked) error {
	if a == nil {
		return tx.PutNote(surveyNote(lane), []byte{})
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return tx.PutNote(surveyNote(lane), raw)
}

// AskSurvey puts a survey's questions onto the customer's screen, one after the
// other, for the member on the sale.
func (d *Desk) AskSurvey(by clerk.By, id string) error {
	m, err := d.served(by)
	if err != nil {
		return err
	}
	s, ok := d.Programme().Survey(id)
	if !ok || len(s.Questions) == 0 {
		return d.Refuse(by, "unknown-survey")
	}
	n, err := d.Random()
	if err != nil {
		return err
	}
	a := &asked{Ref: fmt.Sprintf("survey-%016x", n), Survey: id, Version: s.Version, Member: m.ID}
	if err := d.o.Journal.Update(func(tx journal.Tx) error { return putAsked(tx, by.Lane, a) }); err != nil {
		return err
	}
	return d.Tell(by, till.Attention, "survey-asked", s.Name)
}

// EndSurvey takes a survey off the customer's screen; nothing of it is kept.
func (d *Desk) EndSurvey(by clerk.By) error {
	if err := d.o.Journal.Update(func(tx journal.Tx) error { return putAsked(tx, by.Lane, nil) }); err != nil {
		return err
	}
	return d.Tell(by, till.OK, "survey-ended")
}

// AnswerSurvey is a finger on the customer's screen: the answer to a question,
// from 0. The last one writes them all down, in one entry. A question that was
// answered already is passed over: a second touch of the same answer.
func (d *Desk) AnswerSurvey(lane uint32, question, option int) (clerk.Done, error) {
	by := clerk.By{Lane: lane, Actor: d.Cashier(lane)}
	v, err := d.Till.View(lane)
	if err != nil {
		return clerk.Done{}, err
	}
	var whole *asked
	err = d.o.Journal.Update(func(tx journal.Tx) error {
		a, err := readAsked(tx, lane)
		if err != nil {
			return err
		}
		s, ok := d.current(a, &v)
		switch {
		case !ok:
			return view.Refuse("survey-not-asked")
		case question >= 0 && question < len(a.Answers):
			return nil
		case question != len(a.Answers) || option < 0 || option >= s.Questions[question].Most():
			return view.Refuse("bad-answer")
		}
		if a.Answers = append(a.Answers, uint32(option)); len(a.Answers) == len(s.Questions) {
			whole, a = a, nil
		}
		return putAsked(tx, lane, a)
	})
	d.o.Changed()
	if err != nil || whole == nil {
		return clerk.Done{}, d.shown(by, err)
	}
	answers := make([]int, len(whole.Answers))
	for n, o := range whole.Answers {
		answers[n] = int(o) + 1
	}
	return d.answer(by, whole.Ref, v.Member, whole.Survey, answers)
}

// current is the survey that is being asked of the member on the sale, as it was
// when it began.
func (d *Desk) current(a *asked, v *till.View) (programme.Survey, bool) {
	if a == nil || v.Member == nil || v.Member.ID != a.Member {
		return programme.Survey{}, false
	}
	s, ok := d.Programme().Survey(a.Survey)
	return s, ok && s.Version == a.Version && len(a.Answers) < len(s.Questions)
}

func (d *Desk) viewSurvey(tx journal.Tx, v *till.View) (*view.Survey, error) {
	a, err := readAsked(tx, v.Lane)
	if err != nil {
		return nil, err
	}
	s, ok := d.current(a, v)
	if !ok {
		return nil, nil
	}
	n := len(a.Answers)
	q := s.Questions[n]
	return &view.Survey{
		Name: s.Name, Question: q.Text, Answers: q.Answers, Most: q.Most(), N: n + 1, Of: len(s.Questions), Gives: s.Points, Asset: d.Programme().PointsName(s.Asset),
	}, nil
}
