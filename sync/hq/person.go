package hq

import (
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/standing"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Merge makes two members one (rule S27): the one who joined later is from then
// on the one who joined earlier. No lot is rewritten. It returns the older one.
func (h *HQ) Merge(a, b member.ID, by By) (older member.ID, err error) {
	err = h.decide(func(w *decision.Work) error {
		first, err := w.Joined(a)
		if err != nil {
			return err
		}
		second, err := w.Joined(b)
		if err != nil {
			return err
		}
		from, to := b, a
		if second < first || second == first && b < a {
			from, to = a, b
		}
		older = to
		return w.Alias(ledger.Alias{From: from, To: to}, by)
	})
	return older, err
}

// Unmerge makes a member who had been merged one of their own again. What was
// spent stays spent from the lots it came from.
func (h *HQ) Unmerge(from member.ID, by By) error {
	return h.decide(func(w *decision.Work) error {
		p, err := w.Desk.Person(from)
		if err != nil {
			return err
		}
		return w.Alias(ledger.Alias{From: from, To: p.To, Undo: true}, by)
	})
}

// Ruling is what HQ alone decides of a member, with what is owed and due.
func (h *HQ) Ruling(id member.ID) (s ledger.Ruling, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		s, err = office.NewDesk(tx.Desk()).Ruling(id)
		return err
	})
	return s, err
}

// SetStanding sets a member's tier and whether they may spend, and tells the
// terminals that have to do with them: a person decided so.
func (h *HQ) SetStanding(id member.ID, tier string, blocked bool, by By) error {
	return h.decide(func(w *decision.Work) error {
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
		_, err = w.Enter(body)
		return err
	})
}

// SetHousehold says who belongs together and what each lets the others spend of
// theirs in a month (rule S13), and tells the terminals that have to do with them.
// One member alone leaves the household.
func (h *HQ) SetHousehold(members []ledger.Relative, by By) error {
	return h.decide(func(w *decision.Work) error {
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
		most := ledger.HouseholdMax
		if n := w.Programme().Limits.Household; n > 0 {
			most = min(most, int(n))
		}
		if len(body.Members) == 0 || len(body.Members) > most {
			return fmt.Errorf("household of %d: %w", len(body.Members), lot.ErrAmount)
		}
		_, err := w.Enter(body)
		return err
	})
}

// Months are what counts towards a member's tier (rule S12): the months of all
// terminals that have to do with them, less what HQ settled of returns.
func (h *HQ) Months(id member.ID) (months []fold.Month, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		months, err = standing.Months(w, id)
		return err
	})
	return months, err
}
