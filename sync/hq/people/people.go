// Package people is what a person at HQ decides of members: who is whom, who may
// spend, who belongs together, and what is mended of their points. Each is decided on
// the book as it stands and told to the terminals that have to do with the member. It
// gives nothing that HQ does not hold, and rewrites no lot.
package people

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/ruled"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Merge makes two members one (rule S27): the one who joined later is from then
// on the one who joined earlier. No lot is rewritten. It returns the older one.
func Merge(w *decision.Work, a, b member.ID, by decision.By) (older member.ID, err error) {
	first, err := w.Joined(a)
	if err != nil {
		return 0, err
	}
	second, err := w.Joined(b)
	if err != nil {
		return 0, err
	}
	from, to := b, a
	if second < first || second == first && b < a {
		from, to = a, b
	}
	return to, w.Alias(ledger.Alias{From: from, To: to}, by)
}

// Unmerge makes a member who had been merged one of their own again. What was
// spent stays spent from the lots it came from.
func Unmerge(w *decision.Work, from member.ID, by decision.By) error {
	p, err := w.Desk.Person(from)
	if err != nil {
		return err
	}
	return w.Alias(ledger.Alias{From: from, To: p.To, Undo: true}, by)
}

// SetStanding sets a member's tier and whether they may spend, and tells the
// terminals that have to do with them: a person decided so.
func SetStanding(w *decision.Work, id member.ID, tier string, blocked bool, by decision.By) error {
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	w.Touch(persons[0])
	body := &office.Ruling{Member: persons[0], Tier: tier, Blocked: blocked, By: w.By(by)}
	if person, err := w.Desk.Person(persons[0]); err != nil {
		return err
	} else if person.Tier == tier { // its period goes on
		body.Since, body.Until, body.Told = person.Since, person.Until, person.Told
	} else {
		body.Since = body.Day
	}
	return rule(w, body, persons[0])
}

// rule enters what a person decides of members. While HQ waits it outlasts what a
// terminal shows that was decided before.
func rule(w *decision.Work, body office.Body, of ...member.ID) error {
	if _, err := w.Enter(body); err != nil {
		return err
	}
	return ruled.Decided(w.Tx, w.Epoch(), w.Wall(), of...)
}

// SetHousehold says who belongs together and what each lets the others spend of
// theirs in a month (rule S13), and tells the terminals that have to do with them.
// One member alone leaves the household.
func SetHousehold(w *decision.Work, members []ledger.Relative, by decision.By) error {
	body := &office.Household{By: w.By(by)}
	for _, m := range members {
		persons, err := w.Desk.Persons(m.Member)
		if err != nil {
			return err
		}
		ruling, err := w.Desk.Ruling(m.Member)
		if err != nil {
			return err
		}
		body.Members = append(body.Members, ledger.Relative{Member: persons[0], Pool: m.Pool})
		w.Touch(persons[0])
		for _, old := range ruling.Household {
			w.Touch(old.Member)
		}
	}
	if most := householdMost(w); len(body.Members) == 0 || len(body.Members) > most {
		return fmt.Errorf("household of %d: %w", len(body.Members), lot.ErrAmount)
	}
	var of []member.ID
	for _, m := range body.Members {
		of = append(of, m.Member)
	}
	return rule(w, body, of...)
}

// householdMost is how many may belong together.
func householdMost(w *decision.Work) int {
	if n := w.Programme().Limits.Household; n > 0 {
		return min(ledger.HouseholdMax, int(n))
	}
	return ledger.HouseholdMax
}

// Match says that a member whom a till enrolled is who they are: HQ has matched
// the phone. What waits for it is settled.
func Match(w *decision.Work, id member.ID, by decision.By) error {
	ruling, err := w.Desk.Ruling(id)
	if err != nil {
		return err
	}
	person, err := w.Desk.Person(ruling.Member)
	if err != nil {
		return err
	}
	body := &office.Ruling{
		Member: ruling.Member, Tier: ruling.Tier, Blocked: ruling.Blocked, Since: person.Since, Until: person.Until, Told: person.Told, By: w.By(by),
	}
	if err := errors.Join(rule(w, body, ruling.Member), w.Say(ruling)); err != nil {
		return err
	}
	return w.RetryOf(ruling.Member)
}

// Adjust mends a mistake: it gives a member what is missing, and writes off
// what HQ holds of theirs and should not be there.
func Adjust(w *decision.Work, id member.ID, issues []ledger.Issue, draws []lot.Draw, by decision.By) error {
	body := &office.Adjust{Member: id, Draws: draws, By: w.By(by)}
	body.Lots = w.Lots(id, issues, body.Day, w.Programme().Version())
	_, err := w.Enter(body)
	return err
}
