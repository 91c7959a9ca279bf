// Package person is what is done at the till for a person, beside any sale:
// enrolment and consent, check-ins and answers, adjustments and transfers, and
// the quotas of what may be given once. Each is one entry in one transaction. It
// keeps nothing, prints nothing but through its till, and knows no basket.
package person

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// Options are what a till lends.
type Options struct {
	Clerk   *clerk.Clerk
	Journal journal.Journal
	// Do runs an action at a lane, if somebody is signed in and the day is open.
	Do func(clerk.Action, func(*clerk.Txn) (ledger.Body, error)) (clerk.Done, error)
	// Usable is what a lane may use of a member's rights: no other basket holds it.
	Usable    func(state *fold.State, lane uint32, id member.ID) ([]lot.Holding, error)
	Claim     func(x *clerk.Txn, lane uint32)    // prints that something comes later
	Voucher   func(x *clerk.Txn, lane, n uint32) // prints lot n of the entry
	Members   func() *roll.Members
	Online    func() bool
	Unguarded guard.Off // set by the simulation only
}

// Care is what is done for persons at one terminal.
type Care struct{ o Options }

// New makes one; it starts nothing.
func New(o Options) *Care { return &Care{o} }
