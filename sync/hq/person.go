package hq

import (
	"math"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Merge makes two members one (rule S27): the one who joined later is from then
// on the one who joined earlier. No lot is rewritten. It returns the older one.
func (h *HQ) Merge(a, b member.ID, by By) (older member.ID, err error) {
	err = h.decide(func(w *work) error {
		first, err := w.joined(a)
		if err != nil {
			return err
		}
		second, err := w.joined(b)
		if err != nil {
			return err
		}
		from, to := b, a
		if second < first || second == first && b < a {
			from, to = a, b
		}
		older = to
		return w.alias(ledger.Alias{From: from, To: to}, by)
	})
	return older, err
}

// Unmerge makes a member who had been merged one of their own again. What was
// spent stays spent from the lots it came from.
func (h *HQ) Unmerge(from member.ID, by By) error {
	return h.decide(func(w *work) error {
		p, err := w.desk.Person(from)
		if err != nil {
			return err
		}
		return w.alias(ledger.Alias{From: from, To: p.To, Undo: true}, by)
	})
}

// alias enters that a member is another, or is no more, and tells all terminals
// that have to do with either.
func (w *work) alias(a ledger.Alias, by By) error {
	var terminals []ledger.TerminalID
	for _, id := range []member.ID{a.From, a.To} {
		seen, err := w.desk.SeenBy(id)
		if err != nil {
			return err
		}
		terminals = append(terminals, seen...)
	}
	if _, err := w.enter(&office.Alias{From: a.From, To: a.To, Undo: a.Undo, By: w.by(by)}); err != nil {
		return err
	}
	slices.Sort(terminals)
	for _, t := range slices.Compact(terminals) {
		if _, err := w.send(t, ledger.Down{Alias: &a}); err != nil {
			return err
		}
	}
	w.touch(a.From)
	w.touch(a.To)
	if err := w.collect(a.To); err != nil {
		return err
	}
	return w.retryOf(a.From, a.To)
}

// joined is when a member's first right was earned, as far as HQ knows.
func (w *work) joined(id member.ID) (lot.Day, error) {
	owned, err := w.tx.Owned(id)
	first := lot.Day(math.MaxInt32)
	for _, a := range owned {
		if a.Lot.From == (lot.ID{}) && a.Lot.Earned > 0 {
			first = min(first, a.Lot.Earned)
		}
	}
	return first, err
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
// terminals that have to do with them: this is what evaluates tiers calls.
func (h *HQ) SetStanding(id member.ID, tier string, blocked bool, by By) error {
	return h.decide(func(w *work) error {
		persons, err := w.desk.Persons(id)
		if err != nil {
			return err
		}
		w.touch(persons[0])
		_, err = w.enter(&office.Ruling{Member: persons[0], Tier: tier, Blocked: blocked, By: w.by(by)})
		return err
	})
}

// Months are what counts towards a member's tier (rule S12): the months of all
// terminals that have to do with them, less what HQ settled of returns.
func (h *HQ) Months(id member.ID) (months []fold.Month, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		w := h.begin(tx)
		return w.about(id, func(_ *fold.State, a fold.About) error {
			for _, m := range a.Months {
				months = office.AddMonth(months, m)
			}
			return nil
		}, func(p *office.Person) {
			for _, m := range p.Months {
				months = office.AddMonth(months, m)
			}
		})
	})
	return months, err
}

// counted adds up what a rule gave a member on a business day at all terminals.
func (w *work) counted(id member.ID, rule string, day lot.Day) (sum lot.Amount, err error) {
	err = w.about(id, func(s *fold.State, a fold.About) error {
		n, err := s.Counted(a.Member, rule, day)
		sum += n
		return err
	}, func(*office.Person) {})
	return sum, err
}

// about shows what each terminal and HQ know of a member's ids, each once.
func (w *work) about(id member.ID, there func(*fold.State, fold.About) error, here func(*office.Person)) error {
	persons, err := w.desk.Persons(id)
	if err != nil {
		return err
	}
	for _, p := range persons {
		person, err := w.desk.Person(p)
		if err != nil {
			return err
		}
		here(person)
	}
	terminals, err := w.desk.SeenBy(id)
	if err != nil {
		return err
	}
	for _, t := range terminals {
		state, err := fold.Load(t, w.tx.State(t))
		if err != nil {
			return err
		}
		shown := map[member.ID]bool{}
		for _, p := range persons {
			a, err := state.About(p)
			if err != nil {
				return err
			}
			if !shown[a.Member] { // a terminal may know that both are one, or not yet
				shown[a.Member] = true
				if err := there(state, a); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
