package hq

import (
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/sync/hq/standing"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Merge makes two members one: see people.Merge. It returns the older one.
func (h *HQ) Merge(a, b member.ID, by By) (older member.ID, err error) {
	err = h.decide(func(w *decision.Work) (err error) {
		older, err = people.Merge(w, a, b, by)
		return err
	})
	return older, err
}

// Unmerge makes a member who had been merged one of their own again.
func (h *HQ) Unmerge(from member.ID, by By) error {
	return h.decide(func(w *decision.Work) error { return people.Unmerge(w, from, by) })
}

// Ruling is what HQ alone decides of a member, with what is owed and due.
func (h *HQ) Ruling(id member.ID) (s ledger.Ruling, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		s, err = office.NewDesk(tx.Desk()).Ruling(id)
		return err
	})
	return s, err
}

// SetStanding sets a member's tier and whether they may spend.
func (h *HQ) SetStanding(id member.ID, tier string, blocked bool, by By) error {
	return h.decide(func(w *decision.Work) error { return people.SetStanding(w, id, tier, blocked, by) })
}

// SetHousehold says who belongs together: see people.SetHousehold.
func (h *HQ) SetHousehold(members []ledger.Relative, by By) error {
	return h.decide(func(w *decision.Work) error { return people.SetHousehold(w, members, by) })
}

// Match says that a member whom a till enrolled is who they are.
func (h *HQ) Match(id member.ID, by By) error {
	return h.decide(func(w *decision.Work) error { return people.Match(w, id, by) })
}

// Adjust mends a mistake in a member's points: see people.Adjust.
func (h *HQ) Adjust(id member.ID, issues []ledger.Issue, draws []lot.Draw, by By) error {
	return h.decide(func(w *decision.Work) error { return people.Adjust(w, id, issues, draws, by) })
}

// Months are what counts towards a member's tier (rule S12): the months of all
// terminals that have to do with them, less what HQ settled of returns.
func (h *HQ) Months(id member.ID) (months []fold.Month, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		months, err = standing.Months(w, id)
		return err
	})
	return months, err
}
