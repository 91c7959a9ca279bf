package allotment

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// once reports whether a programme gives anything once, or so many times: else
// nobody needs a home anywhere.
func once(p *programme.Programme) bool {
	return len(p.Activities)+len(p.Surveys)+len(p.Schemes)+len(p.Tasks) > 0 || p.Birthday != nil ||
		slices.ContainsFunc(p.Games, func(g programme.Game) bool { return g.PerDay > 0 }) ||
		slices.ContainsFunc(p.Benefits, func(b programme.Benefit) bool { return b.PerMember > 0 })
}

// house gives a member's home to a terminal if that is where they are seen most.
// What they may still have once or so many times goes with it, and what was made
// is said (rule of one home: it is made once, here, and given from here only).
func house(w *decision.Work, id ledger.TerminalID, life ledger.Incarnation, who member.ID, seen []plan.Seat) error {
	if !once(w.Programme()) {
		return nil
	}
	since := w.Today().Day - w.Programme().Allotment.Days
	if most, ok := plan.Home(seen, since); !ok || most.Terminal != id {
		return nil
	}
	persons, err := w.Desk.Persons(who)
	if err != nil {
		return err
	}
	owned, err := w.OwnedOf(who, lot.Home, lot.Quotas)
	if err != nil {
		return err
	}
	own := func(l *lot.Lot) bool { return l.Asset == lot.Home && l.Owner == persons[0] }
	var made bool
	var here, elsewhere []book.Account
	for _, a := range owned {
		quota := a.Lot.Asset.Quota() && w.Today().Usable(a.Lot.Expires)
		if a.Lot.Asset != lot.Home && !quota {
			continue
		}
		made = made || own(&a.Lot) && a.Place.Kind == book.Issued
		switch {
		case a.Amount <= 0:
		case a.Place.Kind == book.InFlight:
			return nil // until it has arrived
		case a.Place.Kind == book.AtHQ:
			here = append(here, a)
		case a.Place.Kind == book.AtTerminal && a.Place.Terminal != id:
			elsewhere = append(elsewhere, a)
		case a.Place.Kind == book.AtTerminal && own(&a.Lot):
			return nil // it is there
		}
	}
	if len(elsewhere) > 0 {
		return fetch(w, id, who, seen, since, elsewhere)
	}
	if !made {
		if known, err := w.Known(who); err != nil || !known {
			return err
		}
		return settle(w, id, life, here, &lot.Lot{Owner: persons[0], Asset: lot.Home, Amount: 1})
	}
	if !slices.ContainsFunc(here, func(a book.Account) bool { return own(&a.Lot) }) {
		return nil // frozen, or lost with its terminal until a person has decided
	}
	return settle(w, id, life, here, nil)
}

// fetch asks for a member's home, and what belongs to it, back from where it lies:
// when it has come, it goes to where they are seen most.
func fetch(w *decision.Work, id ledger.TerminalID, who member.ID, seen []plan.Seat, since lot.Day, lies []book.Account) error {
	for _, a := range lies {
		if a.Lot.Asset == lot.Home && !plan.Moves(seen, a.Place.Terminal, id, since) {
			return nil
		}
	}
	_, err := w.RecallAll(who, func(a book.Account) bool {
		return slices.ContainsFunc(lies, func(b book.Account) bool { return b.Lot.ID == a.Lot.ID && b.Place == a.Place })
	}, decision.ByPolicy("home"))
	return err
}

// settle gives a terminal a member's home, made now if there is none, and what HQ
// holds that belongs to it.
func settle(w *decision.Work, id ledger.TerminalID, life ledger.Incarnation, here []book.Account, fresh *lot.Lot) error {
	var holdings []lot.Holding
	if fresh != nil {
		body := &office.Mint{By: w.By(decision.ByPolicy("home"))}
		fresh.Earned = body.Day
		body.Lots = []lot.Lot{*fresh}
		at, err := w.Enter(body)
		if err != nil {
			return err
		}
		fresh.ID = lot.ID{Origin: at}
		holdings = append(holdings, lot.Holding{Lot: *fresh, Amount: 1})
	}
	for _, a := range here {
		holdings = append(holdings, lot.Holding{Lot: a.Lot, Amount: a.Amount})
	}
	if len(holdings) > lotsMax { // the home and its kin go together or not at all
		return nil
	}
	return w.Note(id, lot.Note{Incarnation: uint64(life), Holdings: holdings}, decision.By{Reason: "home"})
}
