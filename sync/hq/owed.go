package hq

import (
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Forgive writes off all that a member owes: a person decided so.
func (h *HQ) Forgive(id member.ID, by By) error {
	return h.decide(func(w *decision.Work) error {
		owed, err := w.Desk.Owed(id)
		if err != nil {
			return err
		}
		return w.Forgive(id, owed, by)
	})
}
