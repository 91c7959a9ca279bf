package hq

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/gifts"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/referral"
	"github.com/jifen-pos/jifen/sync/hq/standing"
	"github.com/jifen-pos/jifen/sync/hq/unguarded"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// lapsedRows is how many lapsed lots one transaction looks at.
const lapsedRows = 100

// Nightly does what a new day brings, if HQ's clock is to be believed: what has been owed for long enough is
// written off, claims that wait are looked at again, and what HQ holds of lots
// after their last day is expired, or extended where it must be.
func (h *HQ) Nightly() error {
	if unheard, err := h.Unheard(); err != nil || len(unheard) > 0 {
		return err
	}
	believed := false
	err := h.decide(func(w *decision.Work) (err error) {
		believed, err = h.almanac.Believe(w.Tx, w.Today().Day, h.o.Now())
		return err
	})
	if err != nil || !believed {
		return err
	}
	if err := h.forgive(); err != nil {
		return err
	}
	for _, settle := range []func(*decision.Work) error{(*decision.Work).CollectAll, standing.EvaluateAll, referral.Settle, gifts.Night} {
		if err := h.decide(settle); err != nil {
			return err
		}
	}
	if err := h.decide(func(w *decision.Work) error { return unguarded.Reclaim(w, h.o.Unguarded, h.o.Now()) }); err != nil {
		return err
	}
	if err := h.decide(func(w *decision.Work) error { return w.Retry(decision.AllClaims) }); err != nil {
		return err
	}
	var after lot.ID
	for {
		var page []lot.Holding
		err := h.decide(func(w *decision.Work) (err error) {
			if page, err = w.Tx.Lapsed(w.Today().Day, after, lapsedRows); err != nil {
				return err
			}
			for _, held := range page {
				if err := w.Lapse(held.Lot); err != nil {
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
	return h.decide(func(w *decision.Work) error {
		debtors, err := w.Debtors()
		for _, id := range debtors {
			if err := w.ForgiveOld(id); err != nil {
				return err
			}
		}
		return err
	})
}

// Extend lets what HQ holds of a member's points last until a later day: a
// person decided so, or the member was active (a rule of inactivity).
func (h *HQ) Extend(id member.ID, until lot.Day, by By) error {
	return h.decide(func(w *decision.Work) error {
		free, err := w.Free(id)
		if err != nil {
			return err
		}
		var held []lot.Holding
		for _, f := range free {
			if f.Lot.Asset.Points() {
				held = append(held, f)
			}
		}
		return w.Extend(held, until, by)
	})
}

// Notice says that a member was told which of their lots lapse until a day.
func (h *HQ) Notice(id member.ID, until lot.Day, how string, by By) error {
	return h.decide(func(w *decision.Work) error {
		owned, err := w.Owned(id)
		if err != nil {
			return err
		}
		var lots []lot.ID
		for _, a := range owned {
			if a.Place.Kind == book.Issued && a.Lot.Expires > 0 && a.Lot.Expires <= until && w.Today().Usable(a.Lot.Expires) {
				lots = append(lots, a.Lot.ID)
			}
		}
		for some := range slices.Chunk(lots, lot.MemberLotsMax/2) {
			if _, err := w.Enter(&office.Notice{Member: id, Lots: some, How: how, By: w.By(by)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Incident opens an incident, or changes its days: see makegood.Incident.
func (h *HQ) Incident(name string, first, last lot.Day, by By) error {
	return h.decide(func(w *decision.Work) error { return makegood.Incident(w, name, first, last, by) })
}
