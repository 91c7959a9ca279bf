package hq

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/late"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Decommission ends a terminal for good: its board is stolen, burnt or dead.
// What it held goes back to the members. What is heard of it afterwards is taken
// in: what it spent is the store's exposure and nobody's debt, and what it
// awarded waits for a person. HQ's own broker lets it in only on an invitation, to
// tell the rest. It cannot be undone: the board enrols anew.
func (h *HQ) Decommission(id ledger.TerminalID, by By) error {
	if err := people.Named(by); err != nil {
		return err
	}
	err := h.decide(func(w *decision.Work) error {
		if err := errors.Join(w.Decommission(id, by), admission.Close(w.Tx, id)); err != nil {
			return err
		}
		if err := w.Alarm(id, "alarm-decommissioned", by.Actor+": "+by.Reason); err != nil {
			return err
		}
		return w.Retry(decision.AllClaims)
	})
	if err == nil && h.o.Gone != nil {
		h.o.Gone(id)
	}
	return err
}

// DecideLate decides what becomes of what a late entry awarded: something dates
// it before the loss, or a person believes it; or it is written off.
func (h *HQ) DecideLate(of lot.Origin, granted bool, by By) error {
	return h.decide(func(w *decision.Work) error {
		list, err := late.Of(w, of)
		if err != nil {
			return err
		}
		return late.Settle(w, of, list, granted, by)
	})
}

// Late lists what waits of decommissioned terminals, in order.
func (h *HQ) Late() (out []late.Award, err error) {
	err = h.Look(func(w *decision.Work) error {
		out, err = late.Awards(w)
		return err
	})
	return out, err
}
