package hq

import (
	"github.com/jifen-pos/jifen/sync/hq/dealing"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// deal looks whether a terminal lacks tickets of a game, or has finished some.
func (h *HQ) deal(w *decision.Work, id ledger.TerminalID) error {
	if h.o.Random == nil {
		return nil
	}
	d := dealing.Dealer{Work: w, Epoch: h.Epoch(), Random: h.o.Random}
	return d.Look(id)
}
