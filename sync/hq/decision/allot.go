package decision

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Allot gives a terminal, beforehand, some of the points of members who may come
// again (cap S3): those that were seen there, in order of ids, after one of
// them, so many at a time. It returns the last one that it looked at, or 0 at
// the end. It gives only to the life that is alive there.
func (w *Work) Allot(id ledger.TerminalID, after member.ID, limit int) (last member.ID, err error) {
	life, ok, err := w.Takes(id)
	if err != nil || !ok || w.o.Programme.Allotment.Stores == 0 {
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
		if err := w.allotTo(id, life, who); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// Takes reports whether a terminal may be given rights, and in which life.
func (w *Work) Takes(id ledger.TerminalID) (life ledger.Incarnation, ok bool, err error) {
	t, err := w.Tx.Terminal(id)
	if err != nil || t.Trouble != "" || t.Has.Incarnation == 0 || t.Said.Incarnation != t.Has.Incarnation {
		return 0, false, err
	}
	if no, err := w.GivesNothing(id); err != nil || no {
		return 0, false, err
	}
	state, err := fold.Load(id, w.Tx.State(id))
	if err != nil || state.Stopped() {
		return 0, false, err
	}
	return t.Has.Incarnation, true, nil
}

// GivesNothing reports whether HQ gives a terminal no rights for now.
func (w *Work) GivesNothing(id ledger.TerminalID) (bool, error) {
	if waits, err := w.Waits(); err != nil || waits {
		return true, err
	}
	if gone, err := w.Gone(id); err != nil || gone {
		return true, err
	}
	parked, err := w.Tx.Meta(CriticalMeta(id))
	return parked != "", err
}

func (w *Work) allotTo(id ledger.TerminalID, life ledger.Incarnation, who member.ID) error {
	if ruling, err := w.Desk.Ruling(who); err != nil || ruling.Blocked {
		return err
	}
	free, err := w.Free(who)
	if err != nil || len(free) == 0 {
		return err
	}
	if seated, err := w.seated(id, who); err != nil || !seated {
		return err
	}
	owned, err := w.Owned(who)
	if err != nil {
		return err
	}
	var holdings []lot.Holding
	for _, kind := range w.o.Programme.Points {
		most, err := kind.Worth.Floor(int64(w.o.Programme.Allotment.KeepFen))
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
			if len(holdings) < noteLotsMax {
				holdings = append(holdings, lot.Holding{Lot: free[n].Lot, Amount: d.Amount})
			}
		}
	}
	if len(holdings) == 0 {
		return nil
	}
	return w.Note(id, lot.Note{Incarnation: uint64(life), Holdings: holdings}, By{Reason: "allotment"})
}

// seated reports whether some of a member's points are to lie at a terminal.
func (w *Work) seated(id ledger.TerminalID, who member.ID) (bool, error) {
	terminals, err := w.Desk.SeenBy(who)
	if err != nil {
		return false, err
	}
	var seen []plan.Seat
	for _, t := range terminals {
		row, err := w.Tx.Terminal(t)
		if err != nil {
			return false, err
		}
		if gone, err := w.Gone(t); err != nil {
			return false, err
		} else if gone {
			continue
		}
		v, err := w.Desk.VisitOf(t, who)
		if err != nil {
			return false, err
		}
		seen = append(seen, plan.Seat{Terminal: t, Store: row.Store, Visit: v})
	}
	a := w.o.Programme.Allotment
	seats := plan.Seats(seen, w.Today().Day-a.Days, a.Stores)
	return slices.ContainsFunc(seats, func(s plan.Seat) bool { return s.Terminal == id }), nil
}

// Lies adds up what a terminal has of a member's asset, as far as HQ has heard,
// and what is on its way to it.
func (w *Work) Lies(id ledger.TerminalID, who member.ID, asset lot.Asset) (lot.Amount, error) {
	persons, err := w.Desk.Persons(who)
	if err != nil {
		return 0, err
	}
	sum, err := there(w.Tx, id, persons)
	return sum[asset], err
}

// Misplaced reports whether a decline would not have been one, had what HQ or
// other terminals hold of the member lain where it was asked for.
func (w *Work) Misplaced(d *ledger.Decline) (bool, error) {
	if d.Member == 0 || !d.Asset.Points() || d.Want <= d.Has {
		return false, nil
	}
	owned, err := w.Owned(d.Member)
	if err != nil {
		return false, err
	}
	var all lot.Amount
	for _, a := range owned {
		held := a.Place.Kind == book.AtHQ || a.Place.Kind == book.AtTerminal || a.Place.Kind == book.InFlight
		if held && a.Lot.Asset == d.Asset && w.Today().Usable(a.Lot.Expires) {
			all += a.Amount
		}
	}
	return all >= d.Want, nil
}
