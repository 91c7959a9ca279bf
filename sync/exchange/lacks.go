package exchange

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// LacksError is an office's answer that it must first hear again what it once
// told the terminal, after a sequence number: it was restored from a backup.
type LacksError struct{ After ledger.DownSeq }

func (e *LacksError) Error() string {
	return fmt.Sprintf("HQ has its own journal only up to %d", e.After)
}

// wanted is from where on HQ has last asked for its journal, and when.
type wanted struct {
	after ledger.DownSeq
	at    time.Time
}

// wants notes that HQ asks a terminal for what it lacks of its journal for it, and
// reports whether it has just asked for the same. Of echoes that the line doubles one is
// answered: else there would be more of both with each part.
func (h *HQ) wants(of ledger.TerminalID, after ledger.DownSeq, now time.Time) (again bool) {
	last, ok := h.wanted[of]
	again = ok && last.after == after && now.Sub(last.at) < wantAgain
	if !again {
		h.wanted[of] = wanted{after, now}
	}
	return again
}
