package desk

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
)

// RefundOf is the money that a return would give back, 0 where it would be
// refused. It writes nothing.
func (d *Desk) RefundOf(by clerk.By, r till.Returning) (money lot.Fen, err error) {
	r.Tender = "cash"
	err = d.reading(func(x *clerk.Txn) error {
		look, err := d.Look(x, by, r)
		if look.Plan != nil {
			money = look.Plan.Refund
		}
		return err
	})
	return money, err
}

// ReturnFacts are what a return that was made says beside its entry.
func (d *Desk) ReturnFacts(r *ledger.Return) (f slip.Facts, err error) {
	err = d.reading(func(x *clerk.Txn) (err error) {
		f, err = d.Facts(x, r)
		return err
	})
	return f, err
}

func (d *Desk) reading(fn func(*clerk.Txn) error) error {
	return d.o.Journal.View(func(tx journal.Tx) error {
		state, err := d.State(tx)
		if err != nil {
			return err
		}
		now := d.Now()
		return fn(&clerk.Txn{Tx: tx, State: state, Now: now, Today: d.Today(now)})
	})
}
