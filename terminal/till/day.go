package till

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// OpenDay starts a business day with so much cash in the drawer. Between a
// day's close and this, nothing is sold or redeemed here.
func (t *Till) OpenDay(by clerk.By, ref string, float lot.Fen) (clerk.Done, error) {
	a := clerk.Action{By: by, Ref: ref, Kind: ledger.KindDayOpen, Input: fmt.Appendf(nil, "%d", float)}
	return t.doAlways(a, func(x *clerk.Txn) (ledger.Body, error) {
		day := t.Programme().BusinessDay(x.Now.Wall)
		last, closed, _, err := x.State.Day()
		switch {
		case err != nil:
			return nil, err
		case float < 0 || float > lot.FenMax:
			return nil, refuse("bad-amount")
		case !closed && last == day:
			return nil, refuse("day-is-open")
		}
		return &ledger.DayOpen{Day: max(day, last), Float: float}, nil
	})
}

// CloseDay ends the business day: what was counted against what the journal
// says. The slip says both.
func (t *Till) CloseDay(by clerk.By, ref string, counted lot.Fen) (clerk.Done, error) {
	a := clerk.Action{By: by, Ref: ref, Kind: ledger.KindDayClose, Input: fmt.Appendf(nil, "%d", counted)}
	return t.do(a, func(x *clerk.Txn) (ledger.Body, error) {
		day, _, figures, err := x.State.Day()
		switch {
		case err != nil:
			return nil, err
		case counted < 0 || counted > lot.FenMax:
			return nil, refuse("bad-amount")
		case t.openBasket():
			return nil, refuse("basket-open")
		}
		if day == 0 && figures.Untouched() { // a new till's first
			day = t.Programme().BusinessDay(x.Now.Wall)
		}
		body := &ledger.DayClose{Day: day, Figures: figures, Counted: counted}
		t.Print(x, by.Lane, slip.Day, 0, slip.Facts{Moved: x.State.Moved()})
		return body, nil
	})
}

// openBasket reports whether somebody is being served at any lane.
func (t *Till) openBasket() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.places {
		if p.open {
			return true
		}
	}
	return false
}

// StepUp is a second person's right, lent to one action.
type StepUp struct {
	Action ledger.Kind
	Input  []byte // what was asked for: the right is good for that alone
	Second string
	Reason string // a word of the catalogue
}

// StepUp writes down that a second person lent their right, and why.
func (t *Till) StepUp(by clerk.By, s StepUp) error {
	switch {
	case s.Second == "" || s.Second == by.Actor:
		return refuse("second-person")
	case s.Reason == "":
		return refuse("reason-missing")
	}
	a := clerk.Action{Kind: s.Action, Input: s.Input}
	return t.Record(by, &ledger.StepUp{Action: s.Action, Input: a.Hash(), Second: s.Second, Reason: s.Reason})
}
