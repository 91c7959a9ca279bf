// Package takeback is what comes back to the till: goods of a sale, all of a sale
// on its own day, vouchers, and goods of another till's sale, whose points HQ
// settles. Each is one entry in one transaction. It decides with the arithmetic
// of refunds and takes from no lot that a sale did not make or use.
package takeback

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/press"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Options are what a till lends.
type Options struct {
	Terminal ledger.TerminalID
	Clerk    *clerk.Clerk
	Press    *press.Press
	// Do runs an action at a lane, if somebody is signed in and the day is open.
	Do func(clerk.Action, func(*clerk.Txn) (ledger.Body, error)) (clerk.Done, error)
	// Usable is what a lane may use of a member's rights: no other basket holds it.
	Usable func(state *fold.State, lane uint32, id member.ID) ([]lot.Holding, error)
	// Rules are those of a version that was in force here once.
	Rules     func(tx journal.Tx, version string) (*programme.Programme, error)
	Unguarded guard.Off // set by the simulation only
}

// Taker takes back at one terminal.
type Taker struct{ o Options }

// New makes one; it starts nothing.
func New(o Options) *Taker { return &Taker{o} }
