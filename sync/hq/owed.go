package hq

import (
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Forgive writes off all that a member owes: a person decided so.
func (h *HQ) Forgive(id member.ID, by By) error {
	return h.decide(func(w *decision.Work) error {
		owed, err := w.Desk.Owed(id)
		if err != nil || len(owed) == 0 {
			return err
		}
		w.Touch(id)
		_, err = w.Enter(&office.Forgive{Owed: owed, By: w.By(by)})
		return err
	})
}
