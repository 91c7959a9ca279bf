package hq

import (
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What HQ does when the simulation has turned a rule off (guard.Off), so that
// it can see what the rule is for. Otherwise nothing here does anything.

// reclaimAfter is the silence after which what a terminal holds is taken back.
const reclaimAfter = 10 * 24 * time.Hour

// reclaim takes back what silent terminals hold: time moves rights.
func (h *HQ) reclaim() error {
	if !h.o.Unguarded.TimeMovesNothing {
		return nil
	}
	return h.decide(func(w *decision.Work) error {
		rows, err := w.Tx.Ledger(lot.ID{}, 1_000_000)
		if err != nil {
			return err
		}
		for _, a := range rows {
			if a.Place.Kind != book.AtTerminal || a.Amount <= 0 {
				continue
			}
			t, err := w.Tx.Terminal(a.Place.Terminal)
			if err != nil {
				return err
			}
			if h.o.Now().Sub(t.Heard) < reclaimAfter {
				continue
			}
			to := a.Place
			to.Kind, to.Terminal, to.Incarnation = book.AtHQ, 0, 0
			if err := w.Tx.Post([]book.Post{{Lot: a.Lot.ID, Place: a.Place, Amount: -a.Amount}, {Lot: a.Lot.ID, Place: to, Amount: a.Amount}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// loosen remembers an entry for a terminal that may leave before it is
// committed.
func (h *HQ) loosen(id ledger.TerminalID, seq ledger.DownSeq, raw []byte) {
	if !h.o.Unguarded.SentAfterCommit {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.loose == nil {
		h.loose = map[ledger.TerminalID]map[ledger.DownSeq][]byte{}
	}
	if h.loose[id] == nil {
		h.loose[id] = map[ledger.DownSeq][]byte{}
	}
	h.loose[id][seq] = raw
}

// withLoose adds what was never committed to what is sent.
func (h *HQ) withLoose(id ledger.TerminalID, after ledger.DownSeq, raws [][]byte) [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	for next := after + ledger.DownSeq(len(raws)) + 1; h.loose[id][next] != nil; next++ {
		raws = append(raws, h.loose[id][next])
	}
	return raws
}
