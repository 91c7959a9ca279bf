package decision

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/sync/hq/spent"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Debtors are the ids under which something is owed.
func (w *Work) Debtors() ([]member.ID, error) {
	keys, _, err := w.Tx.DeskRows(office.PersonRows)
	if err != nil {
		return nil, err
	}
	var out []member.ID
	for _, key := range keys {
		id := office.PersonOf(key)
		p, err := w.Desk.Person(id)
		if err != nil {
			return nil, err
		}
		if len(p.Owed) > 0 {
			out = append(out, id)
		}
	}
	return out, nil
}

// Lapse deals with what HQ holds of a lot after its last day (rule S22): it is
// extended after an incident, or where nobody was told in time; else it is
// expired, after a swap.
func (w *Work) Lapse(l lot.Lot) error {
	accounts, err := w.Tx.AccountsOf(l.ID)
	if err != nil {
		return err
	}
	held := lot.Holding{Lot: l, Amount: At(accounts, book.AtHQ)}
	if held.Amount <= 0 || !lapses(l) {
		return nil
	}
	until, waits, err := w.after(l)
	if err != nil || waits {
		return err
	}
	if until > 0 && l.Asset.Points() {
		return w.Extend([]lot.Holding{held}, max(until, w.Today().Day+lot.NoticeDays), ByPolicy("incident"))
	}
	kept, err := w.Desk.Kept(l.ID)
	if err != nil {
		return err
	}
	if kept.Until > l.Expires && l.Asset.Points() {
		body := &office.Extend{Incident: kept.Incident, By: w.By(ByPolicy("incident"))}
		body.Lots = []lot.Lot{place.GoOn(held, max(kept.Until, w.Today().Day+lot.NoticeDays))}
		_, err := w.Enter(body)
		return err
	}
	if until = lot.ExpiryNoticed(l.Expires, kept.Noticed, lot.Day(w.Programme().Making().Grace)); until > l.Expires && l.Owner != 0 && l.Asset.Points() {
		return w.Extend([]lot.Holding{held}, max(until, w.Today().Day+lot.NoticeDays), ByPolicy("no-notice"))
	}
	return w.expire(held, kept.Since)
}

// lapses reports whether HQ ends a lot after its last day: points, quotas, and
// what the programme owns. A voucher's paper names its lot, which must not go
// on in another.
func lapses(l lot.Lot) bool {
	return l.Owner == 0 || l.Asset.Points() || l.Asset.Quota()
}

// after is until when incidents extend a lot, or 0; waits is true while one of
// them goes on.
func (w *Work) after(l lot.Lot) (until lot.Day, waits bool, err error) {
	list, err := w.Desk.Incidents()
	for _, i := range list {
		switch {
		case !i.Covers(l.Expires):
		case i.Last == 0:
			waits = true
		default:
			until = max(until, lot.Incident{First: i.First, Last: i.Last}.Extend(l.Expires, lot.Day(w.Programme().Making().OutageDays)))
		}
	}
	return until, waits, err
}

// expire ends what HQ holds of a lot. Before it does, it swaps: what the
// member spent of a later lot while HQ held this one is booked to this one.
func (w *Work) expire(held lot.Holding, since lot.Day) error {
	if since == 0 {
		since = held.Lot.Earned
	}
	later, err := w.later(held.Lot.Owner)
	if err != nil {
		return err
	}
	var swapped []lot.Draw
	if held.Lot.Asset.Points() {
		swapped = plan.Swap(held, since, later)
	}
	for rest, ended := swapped, false; !ended; {
		n := min(len(rest), lot.HoldingsMax)
		body := &office.Expire{Lot: held.Lot.ID, Swapped: rest[:n], By: w.By(ByPolicy("lapsed"))}
		if rest = rest[n:]; len(rest) == 0 {
			body.Amount, ended = held.Amount-lot.Sum(swapped), true
		}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	for _, d := range swapped {
		accounts, err := w.Tx.AccountsOf(d.Lot)
		if err != nil {
			return err
		}
		if At(accounts, book.AtHQ) == d.Amount {
			if err := w.Desk.Arrive(d.Lot, w.Today().Day); err != nil {
				return err
			}
		}
	}
	return w.Collect(held.Lot.Owner)
}

// later lists what a member has spent of their lots, and when.
func (w *Work) later(id member.ID) ([]plan.Later, error) {
	owned, err := w.Owned(id)
	if err != nil {
		return nil, err
	}
	var out []plan.Later
	for _, a := range owned {
		if a.Place.Kind != book.Spent || a.Amount <= 0 || !a.Lot.Asset.Points() {
			continue
		}
		kept, err := w.Desk.Kept(a.Lot.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, plan.Later{Lot: a.Lot, Spent: spent.Newest(kept.Spent, a.Amount)})
	}
	return out, nil
}

// Extend lets what HQ holds of lots last until a later day.
func (w *Work) Extend(held []lot.Holding, until lot.Day, by By) error {
	var lots []lot.Lot
	for _, h := range held {
		if h.Amount > 0 && h.Lot.Expires > 0 && h.Lot.Expires < until {
			lots = append(lots, place.GoOn(h, until))
		}
	}
	for some := range slices.Chunk(lots, lot.HoldingsMax) {
		if _, err := w.Enter(&office.Extend{Lots: some, By: w.By(by)}); err != nil {
			return err
		}
	}
	return nil
}
