// Package allotment is what HQ gives terminals beforehand of what members own:
// some of their points to where they may come again (cap S3), and each one's home
// to the terminal that sees them most, so that what may be given once is given
// there at once, offline too. It gives what HQ holds, asks for what lies
// elsewhere, and remembers nothing but how far it is.
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
)

const lotsMax = 64 // in one note

// Allot gives a terminal, beforehand, some of the points of members who may come
// again (cap S3): those that were seen there, in order of ids, after one of
// them, so many at a time. It returns the last one that it looked at, or 0 at
// the end. It gives only to the life that is alive there.
func Allot(w *decision.Work, id ledger.TerminalID, after member.ID, limit int) (last member.ID, err error) {
	life, ok, err := w.Takes(id)
	if err != nil || !ok || w.Programme().Allotment.Stores == 0 {
		return 0, err
	}
	keys, _, err := w.Tx.DeskRows(office.VisitRows(id))
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		who := office.VisitorOf(key)
		if who <= after {
			continue
		}
		if limit--; limit < 0 {
			return last, nil
		}
		last = who
		if err := give(w, id, life, who); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// give gives a terminal a member's home if it is to be there, and some of the
// member's points if they were seen there lately.
func give(w *decision.Work, id ledger.TerminalID, life ledger.Incarnation, who member.ID) error {
	if ruling, err := w.Desk.Ruling(who); err != nil || ruling.Blocked {
		return err
	}
	seen, err := seats(w, who)
	if err != nil {
		return err
	}
	if err := house(w, id, life, who, seen); err != nil {
		return err
	}
	a := w.Programme().Allotment
	if !slices.ContainsFunc(plan.Seats(seen, w.Today().Day-a.Days, a.Stores), func(s plan.Seat) bool { return s.Terminal == id }) {
		return nil
	}
	return points(w, id, life, who)
}

// points gives a terminal some of a member's points.
func points(w *decision.Work, id ledger.TerminalID, life ledger.Incarnation, who member.ID) error {
	free, err := w.Free(who)
	if err != nil || len(free) == 0 {
		return err
	}
	owned, err := w.Held(who)
	if err != nil {
		return err
	}
	var holdings []lot.Holding
	for _, kind := range w.Programme().Points {
		most, err := kind.Worth.Floor(int64(w.Programme().Allotment.KeepFen))
		if err != nil {
			return err
		}
		spread := plan.Spread{AtHQ: lot.Available(free, kind.Asset, w.Today()), Most: lot.Amount(most)}
		for _, a := range owned {
			if a.Lot.Asset == kind.Asset && (a.Place.Kind == book.AtTerminal || a.Place.Kind == book.InFlight) && a.Amount > 0 {
				spread.Away += a.Amount
			}
		}
		if spread.There, err = w.Lies(id, who, kind.Asset); err != nil {
			return err
		}
		draws, err := lot.Plan(free, kind.Asset, plan.Allot(spread), w.Today())
		if err != nil {
			return err
		}
		for _, d := range draws {
			n := slices.IndexFunc(free, func(h lot.Holding) bool { return h.Lot.ID == d.Lot })
			if len(holdings) < lotsMax {
				holdings = append(holdings, lot.Holding{Lot: free[n].Lot, Amount: d.Amount})
			}
		}
	}
	if len(holdings) == 0 {
		return nil
	}
	return w.Note(id, lot.Note{Incarnation: uint64(life), Holdings: holdings}, decision.By{Reason: "allotment"})
}

// seats are the terminals where a member was served and that may still be given
// something.
func seats(w *decision.Work, who member.ID) (seen []plan.Seat, err error) {
	terminals, err := w.Desk.SeenBy(who)
	if err != nil {
		return nil, err
	}
	for _, t := range terminals {
		row, err := w.Tx.Terminal(t)
		if err != nil {
			return nil, err
		}
		if gone, err := w.Gone(t); err != nil {
			return nil, err
		} else if gone {
			continue
		}
		v, err := w.Desk.VisitOf(t, who)
		if err != nil {
			return nil, err
		}
		seen = append(seen, plan.Seat{Terminal: t, Store: row.Store, Visit: v})
	}
	return seen, nil
}
