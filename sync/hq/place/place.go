// Package place is where an amount of a lot can be, as HQ's accounts have it: the
// closed list of places, postings between them, and what an entry of a terminal
// posts. It keeps no accounts.
package place

import (
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Place is where an amount of a lot can be: an account of it.
type Place struct {
	Kind        Kind
	Terminal    ledger.TerminalID // of AtTerminal
	Incarnation ledger.Incarnation
}

// Kind is one of the closed list of the design page. Stored by number.
type Kind uint8

// The places. Amounts over all of them add up to zero for every lot: what was
// issued is negative.
const (
	Issued     Kind = 1
	AtHQ       Kind = 2
	AtTerminal Kind = 3
	InFlight   Kind = 4
	Spent      Kind = 5
	Risk       Kind = 6 // negative: taken beyond what was held
	Clawed     Kind = 7
	Reinstated Kind = 8 // negative: given back to the lots it was spent from
	Reissued   Kind = 9 // goes on in another lot
	WrittenOff Kind = 10
	Expired    Kind = 11
	Netted     Kind = 12 // clawed back for another lot that was short
	// Late is what a decommissioned terminal awarded as far as HQ heard of it
	// afterwards: it waits for a person. Below zero it is the store's loss.
	Late Kind = 70
)

// awaited is by how much a kind is higher that stands for another one: what HQ,
// restored from a backup, knows to have left a place, and has not heard again
// how it came there. It is negative, and in the end it is nothing.
const awaited = 40

// Awaited is the kind that stands for another one.
func (k Kind) Awaited() Kind { return k + awaited }

// Base is the kind that this one stands for, or the kind itself.
func (k Kind) Base() Kind {
	if k > awaited && k < Late {
		return k - awaited
	}
	return k
}

// MayOwe reports whether an account of the kind may be below zero.
func (k Kind) MayOwe() bool { return k == Issued || k == Risk || k == Reinstated || k > awaited }

// Post adds an amount to an account of a lot.
type Post struct {
	Lot    lot.ID
	Place  Place
	Amount lot.Amount // may be negative
}

// places are where the fold's accounts stand in HQ's book.
var places = map[fold.AccountKind]Kind{
	fold.AccountIssued: Issued, fold.AccountHeld: AtTerminal, fold.AccountFlight: InFlight, fold.AccountSpent: Spent,
	fold.AccountRisk: Risk, fold.AccountClawed: Clawed, fold.AccountReinstated: Reinstated,
	fold.AccountReissued: Reissued, fold.AccountWrittenOff: WrittenOff,
}

// Of is where the fold's account stands in HQ's book.
func Of(id ledger.TerminalID, a fold.Account) Place {
	p := Place{Kind: places[a.Kind]}
	if p.Kind == AtTerminal {
		p.Terminal, p.Incarnation = id, a.Incarnation
	}
	return p
}

// Posts are what an entry of a terminal, or of HQ's journal for it, does to the
// accounts. What comes back to HQ by a note is HQ's at once: the note has
// arrived with the entry.
func Posts(id ledger.TerminalID, e fold.Effects) []Post {
	var out []Post
	for _, p := range e.Postings {
		if p.From.Kind == fold.AccountRisk && p.To.Kind == fold.AccountFlight {
			continue // a note of what was not held brings nothing
		}
		to := Of(id, p.To)
		if to.Kind == InFlight {
			to = Place{Kind: AtHQ}
		}
		out = append(out, Post{p.Lot, Of(id, p.From), -p.Amount}, Post{p.Lot, to, p.Amount})
	}
	if e.Refused != nil {
		for _, h := range e.Refused.Holdings {
			out = append(out, Post{h.Lot.ID, Place{Kind: InFlight}, -h.Amount}, Post{h.Lot.ID, Place{Kind: AtHQ}, h.Amount})
		}
	}
	return out
}

// claimsFrom is where the places of lots begin that only a claim has named.
const claimsFrom = 1 << 31

// Overclaimed makes names for lots that an entry took beyond what is held and
// that HQ has never seen: what it took is booked under a lot that the entry
// itself names, which can be mistaken for nobody's. It changes the effects.
func Overclaimed(e *fold.Effects, unknown func(named, instead lot.ID) (bool, error)) ([]lot.Lot, error) {
	var lots []lot.Lot
	for n := range e.Postings {
		p := &e.Postings[n]
		if p.From.Kind != fold.AccountRisk {
			continue
		}
		instead := lot.ID{Origin: e.Origin, N: claimsFrom + uint32(n)}
		is, err := unknown(p.Lot, instead)
		if err != nil {
			return nil, err
		}
		if is {
			p.Lot = instead
			lots = append(lots, lot.Lot{ID: instead, Asset: p.Asset})
		}
	}
	return lots, nil
}

// LatePosts are what an entry does that was first heard after its terminal was
// decommissioned. What it spends of what the terminal had held is the store's
// loss, since that was given back; what it awards waits until something dates
// it before the end, or a person decides; what it spends of that, waits no more;
// what it gives up to HQ, HQ has. after reports whether an entry of it was late too.
func LatePosts(id ledger.TerminalID, e fold.Effects, after func(ledger.Incarnation, ledger.Seq) bool) []Post {
	risk, late := Place{Kind: Risk}, Place{Kind: Late, Terminal: id}
	waits := func(l lot.ID) bool {
		return l.Origin == e.Origin || l.Terminal == uint32(id) && after(ledger.Incarnation(l.Incarnation), ledger.Seq(l.Seq))
	}
	var out []Post
	for _, p := range e.Postings {
		from, to := Of(id, p.From), Of(id, p.To)
		if from.Kind == InFlight || to.Kind == InFlight {
			continue
		}
		if from.Kind == AtTerminal {
			if from = risk; waits(p.Lot) {
				from = late
			}
		}
		if to.Kind == AtTerminal {
			to = late
		}
		out = append(out, Post{Lot: p.Lot, Place: from, Amount: -p.Amount}, Post{Lot: p.Lot, Place: to, Amount: p.Amount})
	}
	return out
}

// DuesOf are what an entry leaves to be taken back. An entry that claims what
// it has no right to leaves nothing: a person has an alarm.
func DuesOf(e fold.Effects) []lot.Draw {
	if e.Wrong != "" {
		return nil
	}
	return e.Due
}
