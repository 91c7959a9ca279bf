// Package tier works out which tier a member is in: what counts month by month,
// when a step up or down is due, and what is to be given when a terminal sold
// under a lower tier than HQ knew of. It keeps no members and reads no clock;
// the same months on the same day give the same tier everywhere (rule S12).
package tier

import (
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Standing is the tier of a member and for how long it is safe.
type Standing struct {
	Tier  string  // "" is the lowest
	Since lot.Day // reached, or kept for another period
	Until lot.Day // last day of its period; 0 of the lowest
	Told  lot.Day // when the member was told of a step down to come; 0 is not
}

// Outcome is what a day makes of a standing.
type Outcome struct {
	Standing
	Up, Down bool // the tier changed; a step up holds from the next receipt on
	Tell     bool // a notice of a step down is due and was not given
}

// Evaluate works out a member's standing on a day, after what the months say
// (rule S12). A threshold is reached by meeting it. A step up comes at once and
// may pass several tiers; a step down comes only after the period has ended and
// the notice has run, one tier, and begins a new period. It looks at the
// period that ended and at the window of today, whichever is better for the
// member.
func Evaluate(rules programme.Tiers, s Standing, months []fold.Month, today lot.Day) Outcome {
	if len(rules.Ladder) == 0 {
		return Outcome{}
	}
	at := rules.Place(s.Tier)
	if at > 0 && s.Until == 0 {
		s = begin(rules, at, today)
	}
	s.Tier = rules.Ladder[at].ID
	now := reached(rules, Reached(rules, months, today))
	switch {
	case now > at:
		return Outcome{Standing: begin(rules, now, today), Up: true}
	case at == 0:
		return Outcome{Standing: begin(rules, 0, s.Since)}
	case now == at:
		return kept(rules, s, at, months, today)
	case today <= s.Until:
		return Outcome{Standing: s, Tell: s.Told == 0 && today > s.Until-lot.Day(rules.NoticeDays)}
	case reached(rules, Reached(rules, months, s.Until)) >= at:
		return kept(rules, s, at, months, today)
	case s.Told == 0 || today < s.Told+lot.Day(rules.NoticeDays):
		return Outcome{Standing: s, Tell: s.Told == 0}
	default:
		return Outcome{Standing: begin(rules, at-1, today), Down: true}
	}
}

// reached is the highest step whose threshold is met.
func reached(rules programme.Tiers, n int64) int {
	at := 0
	for i, t := range rules.Ladder {
		if n >= t.Threshold {
			at = i
		}
	}
	return at
}

// kept goes on with a tier that is still met: into the next period, once its
// own has ended, and on to today's, should nobody have looked for long.
func kept(rules programme.Tiers, s Standing, at int, months []fold.Month, today lot.Day) Outcome {
	s.Told = 0
	if today <= s.Until {
		return Outcome{Standing: s}
	}
	return Evaluate(rules, begin(rules, at, s.Until+1), months, today)
}

// begin is the start of a period in a tier: a year from the day, or the rest of
// the calendar year.
func begin(rules programme.Tiers, at int, day lot.Day) Standing {
	s := Standing{Tier: rules.Ladder[at].ID, Since: day}
	switch {
	case at == 0:
	case rules.Window == programme.CalendarYear:
		s.Until = day.YearEnd()
	default:
		s.Until = day.AddMonths(12) - 1
	}
	return s
}

// TrueUp is what HQ gives for a receipt that was made under a lower tier than
// HQ knew of: never negative, and nothing where the known tier is no higher
// (rule S12). Counted is what each rule gave the member on that business day
// beside the receipt.
func TrueUp(s pricing.Sold, known string, counted map[string]lot.Amount) ([]pricing.SoldAward, error) {
	if s.Rules.Tiers.Place(known) <= s.Rules.Tiers.Place(s.Tier) {
		return nil, nil
	}
	return pricing.Missed(s, known, counted)
}
