package till

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// confirmation is an action that a cashier confirms at a lane.
type confirmation struct {
	input []byte                                // what is confirmed
	next  basket                                // what the lane holds afterwards
	build func(*clerk.Txn) (ledger.Body, error) // decides in the transaction
	done  func(clerk.Done)                      // tells the lane
}

// act is edit for an action that writes an entry.
func (t *Till) act(by clerk.By, do func(*lane) (clerk.Done, error)) (done clerk.Done, err error) {
	err = t.edit(by, func(l *lane) (err error) {
		done, err = do(l)
		return err
	})
	return done, err
}

// confirmAt runs what a cashier confirmed under the reference that the page
// showed. A reference of an action that is done already gets its first answer,
// if that is what it was for: the basket has gone, but not what was confirmed
// beside it. A decline names too little of that to be compared. The
// lane's lock is held.
func (t *Till) confirmAt(
	by clerk.By, l *lane, ref string, kind ledger.Kind, alike func(ledger.Body) bool, prepare func(*lane) (confirmation, error),
) (clerk.Done, error) {
	if l.Cashier == "" {
		return clerk.Done{}, refuse("sign-in-first")
	}
	if ref != l.Ref { // of an earlier action, or made up
		before, err := t.AnsweredBefore(ref, kind)
		switch {
		case errors.Is(err, clerk.ErrUnknownReference):
			return clerk.Done{}, refuse("stale-page")
		case err == nil && !alike(before.Entry.Body):
			return clerk.Done{}, fmt.Errorf("%q: %w", ref, clerk.ErrReference)
		}
		return before, err
	}
	c, err := prepare(l)
	if err != nil {
		return clerk.Done{}, err
	}
	var after basket
	var kept []byte
	done, err := t.Act(clerk.Action{By: by, Ref: ref, Kind: kind, Input: c.input}, func(x *clerk.Txn) (ledger.Body, error) {
		if err := t.dayIsOpen(x); err != nil {
			return nil, err
		}
		body, err := c.build(x)
		if err != nil && !errors.Is(err, clerk.ErrDeclined) {
			return nil, err
		}
		if l.beside {
			return body, err
		}
		after = c.next
		if err != nil { // a new try is a new reference
			after = l.basket
		}
		var failed error
		kept, failed = t.after(x, by, &after)
		return body, errors.Join(err, failed)
	})
	if after.Ref != "" && (err == nil || errors.Is(err, clerk.ErrDeclined)) {
		l.basket, l.kept = after, kept
	}
	switch {
	case err == nil && !done.Again:
		c.done(done)
	case err == nil: // placed anew for an action that is done already
		l.basket = c.next
	}
	return done, err
}

// do runs an action that belongs to no basket.
func (t *Till) do(a clerk.Action, build func(*clerk.Txn) (ledger.Body, error)) (clerk.Done, error) {
	return t.doAlways(a, func(x *clerk.Txn) (ledger.Body, error) {
		if err := t.dayIsOpen(x); err != nil {
			return nil, err
		}
		return build(x)
	})
}

// doAlways is do for what a closed day does not stop.
func (t *Till) doAlways(a clerk.Action, build func(*clerk.Txn) (ledger.Body, error)) (clerk.Done, error) {
	var done clerk.Done
	err := t.edit(a.By, func(l *lane) error {
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		var err error
		if done, err = t.Act(a, build); err != nil {
			return err
		}
		l.say(OK, "done")
		if l.Ref != "" && strings.HasPrefix(a.Ref, l.Ref+"-") { // what was done beside the basket under its reference uses that up
			l.Ref = ""
			return t.renew(l)
		}
		return nil
	})
	return done, err
}

// dayIsOpen refuses what may move a right between a day's close and the next
// opening: the slip of the close proves the journal complete only if nothing
// came after it.
func (t *Till) dayIsOpen(x *clerk.Txn) error {
	if _, closed, _, err := x.State.Day(); err != nil || !closed {
		return err
	}
	return refuse("day-is-closed")
}
