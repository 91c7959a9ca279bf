package decision

import (
	"fmt"
	"math"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Alias enters that a member is another, or is no more, and tells all terminals
// that have to do with either.
func (w *Work) Alias(a ledger.Alias, by By) error {
	if a.From == 0 || a.To == 0 || a.From == a.To {
		return fmt.Errorf("%s and %s: %w", a.From, a.To, office.ErrAlias)
	}
	var terminals []ledger.TerminalID
	for _, id := range []member.ID{a.From, a.To} {
		seen, err := w.Desk.SeenBy(id)
		if err != nil {
			return err
		}
		terminals = append(terminals, seen...)
	}
	if _, err := w.Enter(&office.Alias{From: a.From, To: a.To, Undo: a.Undo, By: w.By(by)}); err != nil {
		return err
	}
	slices.Sort(terminals)
	for _, t := range slices.Compact(terminals) {
		if _, err := w.Send(t, ledger.Down{Alias: &a}); err != nil {
			return err
		}
	}
	w.Touch(a.From)
	w.Touch(a.To)
	if err := w.Collect(a.To); err != nil {
		return err
	}
	return w.RetryOf(a.From, a.To)
}

// Joined is when a member's first right was earned, as far as HQ knows.
func (w *Work) Joined(id member.ID) (lot.Day, error) {
	owned, err := w.Tx.Owned(id)
	first := lot.Day(math.MaxInt32)
	for _, a := range owned {
		if a.Lot.From == (lot.ID{}) && a.Lot.Earned > 0 {
			first = min(first, a.Lot.Earned)
		}
	}
	return first, err
}

// Counted adds up what a rule gave a member on a business day at all terminals.
func (w *Work) Counted(id member.ID, rule string, day lot.Day) (sum lot.Amount, err error) {
	err = w.About(id, func(s *fold.State, a fold.About) error {
		n, err := s.Counted(a.Member, rule, day)
		sum += n
		return err
	}, func(*office.Person) {})
	return sum, err
}

// About shows what each terminal and HQ know of a member's ids, each once.
func (w *Work) About(id member.ID, there func(*fold.State, fold.About) error, here func(*office.Person)) error {
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	for _, p := range persons {
		person, err := w.Desk.Person(p)
		if err != nil {
			return err
		}
		here(person)
	}
	terminals, err := w.Desk.SeenBy(id)
	if err != nil {
		return err
	}
	for _, t := range terminals {
		state, err := w.state(t)
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

// Know says what the state of a terminal is in this transaction, in which it
// changes no more.
func (w *Work) Know(s *fold.State) {
	if w.states == nil {
		w.states = map[ledger.TerminalID]*fold.State{}
	}
	w.states[s.Terminal()] = s
}

// state is that of a terminal, read once.
func (w *Work) state(id ledger.TerminalID) (*fold.State, error) {
	if s, ok := w.states[id]; ok {
		return s, nil
	}
	s, err := fold.Load(id, w.Tx.State(id))
	if err == nil {
		w.Know(s)
	}
	return s, err
}
