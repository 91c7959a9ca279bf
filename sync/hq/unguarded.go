package hq

import "github.com/jifen-pos/jifen/terminal/ledger"

// What HQ does when the simulation has turned a rule off (guard.Off), so that
// it can see what the rule is for. Otherwise nothing here does anything.

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
