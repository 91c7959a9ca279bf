package makegood

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// daysMax is how long an incident may be: a longer one is a slip of the pen, and what
// was extended stays so.
const daysMax lot.Day = 366

// What is wrong with an incident that a person opens.
var (
	ErrDays  = errors.New("an incident has a name, a first day, and no last day or one after it within a year")
	ErrName  = fmt.Errorf("the name of an incident is at most %d bytes long", office.TextBytesMax)
	ErrStore = errors.New("HQ has no terminal in a store of that name")
	ErrOpen  = errors.New("an incident of one store needs its last day: HQ works out at once what lasts longer by it")
	ErrFree  = errors.New("of the members who were served there nothing ends in these days that does not last longer already: nothing was written")
)

// Incident opens an incident of all stores, or changes its days: what ends in it lasts
// longer. Without a last day it goes on, and what ends meanwhile waits.
func Incident(w *decision.Work, name string, first, last lot.Day, by decision.By) error {
	if err := days(name, first, last); err != nil {
		return err
	}
	_, err := w.Enter(&office.Incident{ID: name, First: first, Last: last, By: w.By(by)})
	return err
}

// AtStore lets last longer what ended, in some days, of the members who were served at
// the terminals of one store. It returns what that was.
func AtStore(w *decision.Work, name, store string, first, last lot.Day, by decision.By) (p Proposal, err error) {
	if err := days(name, first, last); err != nil {
		return p, err
	}
	if last == 0 {
		return p, ErrOpen
	}
	if err := heardAll(w); err != nil {
		return p, err
	}
	concerned, err := servedIn(w, store)
	if err != nil {
		return p, err
	}
	p = Proposal{ID: name, First: first, Last: last}
	if err := p.lastingOf(w, concerned, w.Programme().Making().OutageDays); err != nil {
		return p, err
	}
	if p.empty() {
		return p, ErrFree
	}
	return p, p.extend(w, by)
}

func days(name string, first, last lot.Day) error {
	if len(name) > office.TextBytesMax {
		return ErrName
	}
	if name == "" || first <= 0 || last != 0 && (last < first || last-first >= daysMax) {
		return ErrDays
	}
	return nil
}

// servedIn are the members who were served in a store, each once.
func servedIn(w *decision.Work, store string) (out []member.ID, err error) {
	all, err := w.Tx.Terminals()
	if err != nil {
		return nil, err
	}
	var at []ledger.TerminalID
	for _, t := range all {
		if t.Store == store {
			at = append(at, t.ID)
		}
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("%q: %w", store, ErrStore)
	}
	for _, id := range at {
		some, err := members(w, id)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
