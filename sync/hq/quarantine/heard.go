package quarantine

import (
	"sync"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Limits of what is kept, so that nobody can fill the book.
const (
	kindsMax = 1000 // different ones an hour
	again    = time.Hour
)

// Heard knows what was refused lately. It is safe for concurrent use; its zero
// value has heard nothing.
type Heard struct {
	mu   sync.Mutex
	last map[refusal]time.Time
}

type refusal struct {
	terminal ledger.TerminalID
	why      string
}

// New reports whether a refusal has not been heard of for an hour, and is to be
// kept.
func (h *Heard) New(id ledger.TerminalID, why string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := refusal{id, why}
	if last, ok := h.last[key]; ok && now.Sub(last) < again {
		return false
	}
	if h.last == nil {
		h.last = map[refusal]time.Time{}
	}
	if len(h.last) >= kindsMax {
		for old, at := range h.last {
			if now.Sub(at) >= again {
				delete(h.last, old)
			}
		}
		if len(h.last) >= kindsMax {
			return false
		}
	}
	h.last[key] = now
	return true
}
