package voice

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Ask is one thing that a receipt asks its member, and what became of it.
type Ask struct {
	What      string
	Subject   string // survey or product
	Name      document.Text
	Questions []programme.Question
	Points    lot.Amount
	Asset     document.Text
	Status    office.Status // NoClaim: it can be answered
	Why       string        // refused: a word of the catalogue
	Late      bool          // the time for it is over
}

// Asks are what a receipt asks: surveys, then each of the goods, then how the member
// lives green.
func Asks(w *decision.Work, r Receipt) (list []Ask, err error) {
	p := w.Programme()
	add := func(a Ask, subject string, g *programme.Gives) {
		a.Points = g.Points
		if g.Points > 0 {
			a.Asset = p.PointsName(g.Asset)
		}
		failed := a.look(w, r, subject)
		list, err = append(list, a), errors.Join(err, failed)
	}
	for i := range p.Surveys {
		if s := &p.Surveys[i]; s.Asked(r.Redeemed) {
			add(Ask{What: office.OfSurvey, Subject: s.ID, Name: s.Name, Questions: s.Questions}, surveySubject(s), &s.Gives)
		}
	}
	late := func(v *programme.Voice) bool { return w.Today().Day > r.Day+lot.Day(v.Within) }
	shown, eco := map[string]bool{}, false
	for _, l := range r.Lines {
		eco = eco || l.Eco
		if v := p.Reviews; v != nil && !shown[l.Product] {
			shown[l.Product] = true
			add(Ask{What: office.OfReview, Subject: l.Product, Late: late(v)}, l.Product, &v.Gives)
		}
	}
	if v := p.Experiences; v != nil && eco {
		add(Ask{What: office.OfExperience, Late: late(v)}, r.Of.String(), &v.Gives)
	}
	return list, err
}

// look reads what became of what a member said.
func (a *Ask) look(w *decision.Work, r Receipt, subject string) error {
	persons, err := w.Desk.Persons(r.Member)
	if err != nil {
		return err
	}
	of, err := w.Desk.Spoke(persons[0], a.What, subject)
	if err != nil || of == (lot.Origin{}) {
		return err
	}
	k, err := w.Desk.Claim(of)
	a.Status, a.Why = k.Status, k.Why
	return err
}

// Tally counts the answers to a survey: of each question, how often each was chosen.
type Tally struct {
	Survey   string
	About    string // benefit, or ""
	Answered int
	Counts   [][]int
}

// Count adds answers that belong to a survey.
func (t *Tally) Count(choices []ledger.Choice) {
	t.Answered++
	for _, c := range choices {
		if int(c.Question) < len(t.Counts) && int(c.Option) < len(t.Counts[c.Question]) {
			t.Counts[c.Question][c.Option]++
		}
	}
}

// Results counts what members answered to a survey that is in force, at tills and
// here, without saying who.
func Results(w *decision.Work, id string) (Tally, error) {
	s, ok := w.Programme().Survey(id)
	if !ok {
		return Tally{}, ErrSubject
	}
	t := Tally{Survey: s.ID, About: s.About}
	for i := range s.Questions {
		t.Counts = append(t.Counts, make([]int, s.Questions[i].Most()))
	}
	terminals, err := w.Tx.Terminals()
	if err != nil {
		return t, err
	}
	for _, x := range terminals {
		if err := t.answeredAt(w.Tx, x.ID, s.ID, uint32(s.Version)); err != nil {
			return t, err
		}
	}
	return t, t.answeredHere(w.Tx, surveySubject(&s))
}

const rowsAtOnce = 500

// answeredAt adds what was answered at a terminal.
func (t *Tally) answeredAt(tx book.Tx, id ledger.TerminalID, survey string, version uint32) error {
	streams, err := tx.Streams(id)
	if err != nil {
		return err
	}
	for _, s := range streams {
		for seq := ledger.Seq(0); seq < s.Seq; {
			rows, err := tx.Entries(id, s.Incarnation, seq, rowsAtOnce)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				seq = r.Head.Seq
				e, err := ledger.Decode(r.Raw)
				if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
					return err
				}
				if a, ok := e.Body.(*ledger.Answer); ok && a.Survey == survey && a.Version == version {
					t.Count(a.Choices)
				}
			}
		}
	}
	return nil
}

// answeredHere adds what was answered on HQ's page.
func (t *Tally) answeredHere(tx book.Tx, subject string) error {
	var at lot.Origin
	for {
		rows, err := tx.Office(at.Incarnation, at.Seq, rowsAtOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			at = lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}
			if r.Kind != "heard" {
				continue
			}
			b, err := office.Decode(r.Kind, r.Body)
			if err != nil {
				return err
			}
			if h := b.(*office.Heard); h.What == office.OfSurvey && h.Subject == subject {
				t.Count(h.Choices)
			}
		}
	}
}
