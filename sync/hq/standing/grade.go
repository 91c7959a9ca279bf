package standing

import (
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/tier"
)

// evaluateGrade works out a member's green grade today, as a tier is worked out:
// up at once, down one step after the period and its notice (cap P2).
func evaluateGrade(w *decision.Work, p *programme.Programme, id member.ID) error {
	if len(p.Grades.Ladder) == 0 || id == 0 {
		return nil
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	person, err := w.Desk.Person(persons[0])
	if err != nil {
		return err
	}
	months, err := greenMonths(w, persons[0])
	if err != nil {
		return err
	}
	today := w.Today().Day
	now := tier.Standing{Tier: person.Green.Step, Since: person.Green.Since, Until: person.Green.Until, Told: person.Green.Told}
	o := tier.Evaluate(p.Grades, now, months, today)
	if o.Tell {
		o.Told = today
	}
	if o.Standing == now || now.Tier == "" && o.Tier == p.Grades.Ladder[0].ID {
		return nil
	}
	w.Touch(persons[0])
	rank := office.Rank{Step: o.Tier, Since: o.Since, Until: o.Until, Told: o.Told}
	_, err = w.Enter(&office.Grading{Member: persons[0], Rank: rank, By: w.By(decision.ByPolicy("grade"))})
	return err
}

// greenMonths is what a member earned of green points, month by month, less what was
// taken back of it. Spent, lapsed and given away, it still counts; what came from
// another member never does.
func greenMonths(w *decision.Work, id member.ID) (months []fold.Month, err error) {
	owned, err := w.Owned(id)
	for _, a := range owned {
		if a.Lot.Asset != lot.Green || a.Lot.From != (lot.ID{}) {
			continue
		}
		if k := a.Place.Kind; k == book.Issued || k == book.Clawed { // what was issued stands there below zero
			months = fold.AddMonth(months, fold.Month{End: a.Lot.Earned.MonthEnd(), Points: -a.Amount})
		}
	}
	return months, err
}
