// Package rotation has the terminals hear of another key with which HQ signs: as
// an entry of the journal of each, under the key that it knows. It only tells:
// when a terminal believes what, package signer knows.
package rotation

import (
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Tell has all terminals hear of the newest key whose journals do not name it yet.
func Tell(w *decision.Work, keys *signer.Signer) error {
	late, err := keys.Behind(w.Tx)
	if err != nil {
		return err
	}
	for _, id := range late {
		if err := tell(w, keys, id); err != nil {
			return err
		}
	}
	return nil
}

// tell leaves out who has something else to clear up with HQ first: that terminal
// hears of the key before the next thing that it is told.
func tell(w *decision.Work, keys *signer.Signer, id ledger.TerminalID) error {
	for {
		lost, err := w.Lost(id)
		if err != nil || lost {
			return err
		}
		_, next, err := keys.Next(w.Tx, id)
		if err != nil || next == nil {
			return err
		}
		if seq, err := w.Send(id, ledger.Down{Key: next}); err != nil || seq == 0 {
			return err
		}
	}
}
