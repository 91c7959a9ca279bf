package till

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// confirmation is an action that a cashier confirms at a lane.
type confirmation struct {
	input []byte                          // what is confirmed
	next  basket                          // what the lane holds afterwards
	build func(*txn) (ledger.Body, error) // decides in the transaction
	done  func(Done)                      // tells the lane
}

// confirm runs what a cashier confirmed under the reference that the page
// showed. A reference of an action that is done already gets its first answer.
func (t *Till) confirm(by By, ref string, kind ledger.Kind, prepare func(*lane) (confirmation, error)) (Done, error) {
	var done Done
	err := t.edit(by, func(l *lane) error {
		a := action{by: by, ref: ref, kind: kind}
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		if ref != l.Ref { // of an earlier action, or made up
			var err error
			done, err = t.answered(a)
			return err
		}
		c, err := prepare(l)
		if err != nil {
			return err
		}
		a.input = c.input
		var next *basket
		done, err = t.act(a, func(x *txn) (ledger.Body, error) {
			body, err := c.build(x)
			if err != nil && !errors.Is(err, ErrDeclined) {
				return nil, err
			}
			after := c.next
			if err != nil { // a new try is a new reference
				after = l.basket
			}
			kept := t.after(x, by, l, after)
			next = x.next
			return body, errors.Join(err, kept)
		})
		if next != nil && (err == nil || errors.Is(err, ErrDeclined)) {
			l.basket = *next
		}
		if err == nil && !done.Again {
			c.done(done)
		}
		return err
	})
	return done, err
}

// answered gives the answer that a reference already has.
func (t *Till) answered(a action) (Done, error) {
	var done Done
	err := t.o.Journal.View(func(tx journal.Tx) error {
		r, err := tx.Referred(a.ref)
		if err != nil {
			return refuse("stale-page")
		}
		e, err := ledger.Decode(r.Raw)
		if err != nil {
			return err
		}
		d, declined := e.Body.(*ledger.Decline)
		switch {
		case declined && d.Action == a.kind:
			return &Declined{Code: d.Code, Member: d.Member, Asset: d.Asset, Want: d.Want, Has: d.Has}
		case e.Body.Kind() != a.kind:
			return fmt.Errorf("%q: %w", a.ref, ErrReference)
		}
		done = Done{Origin: ledger.Origin(t.o.Terminal, r.Head.Incarnation, r.Head.Seq), Entry: e, Head: r.Head, Again: true}
		return nil
	})
	return done, err
}
