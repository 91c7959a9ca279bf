package hq

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// lapsedRows is how many lapsed lots one transaction looks at.
const lapsedRows = 100

// Nightly does what a new day brings: what has been owed for long enough is
// written off, claims that wait are looked at again, and what HQ holds of lots
// after their last day is expired, or extended where it must be.
func (h *HQ) Nightly() error {
	if err := h.forgive(); err != nil {
		return err
	}
	if err := h.reclaim(); err != nil {
		return err
	}
	if err := h.decide(func(w *work) error { return w.retry(func(*office.Claim) bool { return true }) }); err != nil {
		return err
	}
	var after lot.ID
	for {
		var page []lot.Holding
		err := h.decide(func(w *work) (err error) {
			if page, err = w.tx.Lapsed(w.today().Day, after, lapsedRows); err != nil {
				return err
			}
			for _, held := range page {
				if err := w.lapse(held.Lot); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(page) < lapsedRows {
			return err
		}
		after = page[len(page)-1].Lot.ID
	}
}

// forgive writes off what anybody has owed for too long.
func (h *HQ) forgive() error {
	return h.decide(func(w *work) error {
		debtors, err := w.debtors()
		for _, id := range debtors {
			if err := w.forgiveOld(id); err != nil {
				return err
			}
		}
		return err
	})
}

// debtors are the ids under which something is owed.
func (w *work) debtors() ([]member.ID, error) {
	keys, _, err := w.tx.DeskRows(office.PersonRows)
	if err != nil {
		return nil, err
	}
	var out []member.ID
	for _, key := range keys {
		id := office.PersonOf(key)
		p, err := w.desk.Person(id)
		if err != nil {
			return nil, err
		}
		if len(p.Owed) > 0 {
			out = append(out, id)
		}
	}
	return out, nil
}

// lapse deals with what HQ holds of a lot after its last day (rule S22): it is
// extended after an incident, or where nobody was told in time; else it is
// expired, after a swap.
func (w *work) lapse(l lot.Lot) error {
	accounts, err := w.tx.AccountsOf(l.ID)
	if err != nil {
		return err
	}
	held := lot.Holding{Lot: l, Amount: at(accounts, book.AtHQ)}
	if held.Amount <= 0 || !lapses(l) {
		return nil
	}
	until, waits, err := w.after(l)
	if err != nil || waits {
		return err
	}
	if until > 0 && l.Asset.Points() {
		return w.extend([]lot.Holding{held}, max(until, w.today().Day+lot.NoticeDays), byPolicy("incident"))
	}
	kept, err := w.desk.Kept(l.ID)
	if err != nil {
		return err
	}
	if until = lot.ExpiryNoticed(l.Expires, kept.Noticed); until > l.Expires && l.Owner != 0 && l.Asset.Points() {
		return w.extend([]lot.Holding{held}, max(until, w.today().Day+lot.NoticeDays), byPolicy("no-notice"))
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
func (w *work) after(l lot.Lot) (until lot.Day, waits bool, err error) {
	list, err := w.desk.Incidents()
	for _, i := range list {
		switch {
		case !i.Covers(l.Expires):
		case i.Last == 0:
			waits = true
		default:
			until = max(until, lot.Incident{First: i.First, Last: i.Last}.Extend(l.Expires))
		}
	}
	return until, waits, err
}

// expire ends what HQ holds of a lot. Before it does, it swaps: what the
// member spent of a later lot while HQ held this one is booked to this one.
func (w *work) expire(held lot.Holding, since lot.Day) error {
	if since == 0 {
		since = held.Lot.Earned
	}
	later, err := w.later(held.Lot.Owner)
	if err != nil {
		return err
	}
	body := &office.Expire{Lot: held.Lot.ID, By: w.by(byPolicy("lapsed"))}
	if held.Lot.Asset.Points() {
		body.Swapped = office.PlanSwap(held, since, later)
	}
	body.Amount = held.Amount - lot.Sum(body.Swapped)
	if _, err := w.enter(body); err != nil {
		return err
	}
	for _, d := range body.Swapped {
		accounts, err := w.tx.AccountsOf(d.Lot)
		if err != nil {
			return err
		}
		if at(accounts, book.AtHQ) == d.Amount {
			if err := w.desk.Arrive(d.Lot, w.today().Day); err != nil {
				return err
			}
		}
	}
	return w.collect(held.Lot.Owner)
}

// later lists what a member has spent of their lots, and when.
func (w *work) later(id member.ID) ([]office.Later, error) {
	owned, err := w.owned(id)
	if err != nil {
		return nil, err
	}
	var out []office.Later
	for _, a := range owned {
		if a.Place.Kind != book.Spent || a.Amount <= 0 || !a.Lot.Asset.Points() {
			continue
		}
		kept, err := w.desk.Kept(a.Lot.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, office.Later{Lot: a.Lot, Spent: kept.Spent})
	}
	return out, nil
}

// extend lets what HQ holds of lots last until a later day.
func (w *work) extend(held []lot.Holding, until lot.Day, by By) error {
	body := &office.Extend{By: w.by(by)}
	for _, h := range held {
		if h.Amount > 0 && h.Lot.Expires > 0 && h.Lot.Expires < until {
			body.Lots = append(body.Lots, office.GoOn(h, until))
		}
	}
	if len(body.Lots) == 0 {
		return nil
	}
	_, err := w.enter(body)
	return err
}

// Extend lets what HQ holds of a member's points last until a later day: a
// person decided so, or the member was active (a rule of inactivity).
func (h *HQ) Extend(id member.ID, until lot.Day, by By) error {
	return h.decide(func(w *work) error {
		free, err := w.free(id)
		if err != nil {
			return err
		}
		var held []lot.Holding
		for _, f := range free {
			if f.Lot.Asset.Points() && len(held) < lot.HoldingsMax {
				held = append(held, f)
			}
		}
		return w.extend(held, until, by)
	})
}

// Notice says that a member was told which of their lots lapse until a day.
func (h *HQ) Notice(id member.ID, until lot.Day, how string, by By) error {
	return h.decide(func(w *work) error {
		owned, err := w.owned(id)
		if err != nil {
			return err
		}
		body := &office.Notice{Member: id, How: how, By: w.by(by)}
		for _, a := range owned {
			if a.Place.Kind == book.Issued && a.Lot.Expires > 0 && a.Lot.Expires <= until && w.today().Usable(a.Lot.Expires) {
				body.Lots = append(body.Lots, a.Lot.ID)
			}
		}
		if len(body.Lots) == 0 {
			return nil
		}
		_, err = w.enter(body)
		return err
	})
}

// ErrIncident says that an incident has no days, or ends before it begins.
var ErrIncident = errors.New("incident without days")

// Incident opens an incident, or changes its days: what lapses in it is
// extended once it is over.
func (h *HQ) Incident(name string, first, last lot.Day, by By) error {
	if name == "" || first <= 0 || last != 0 && last < first {
		return ErrIncident
	}
	return h.decide(func(w *work) error {
		_, err := w.enter(&office.Incident{ID: name, First: first, Last: last, By: w.by(by)})
		return err
	})
}
