package quarantine

import (
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Limits of what is kept, so that nobody can fill the book.
const (
	kindsMax = 64 // different ones of a terminal an hour; of all that are not in the book together
	again    = time.Hour
)

// Heard knows what was refused lately. It is safe for concurrent use; its zero
// value has heard nothing. Who sends chooses the words of a reason, such as the
// numbers in it: so each terminal has room of its own, and one that makes noise
// hides nothing of another.
type Heard struct {
	mu   sync.Mutex
	last map[ledger.TerminalID]map[string]time.Time // by reason; 0: of names not in the book
}

// known is the terminal under which a refusal is kept: itself, or 0 if the book has
// not got it. What anybody can make up has one room together.
func known(tx book.Tx, id ledger.TerminalID) (ledger.TerminalID, error) {
	_, err := tx.Terminal(id)
	if errors.Is(err, book.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// Keep keeps bytes that were not believed and an alarm, unless the same was heard
// within the hour. It reports whether it did.
func (h *Heard) Keep(b book.Book, id ledger.TerminalID, raw []byte, why string, now time.Time) (kept bool, err error) {
	room, detail := id, why
	err = b.View(func(tx book.Tx) (err error) {
		room, err = known(tx, id)
		return err
	})
	if room != id {
		detail = id.String() + ": " + why
	}
	if err != nil || !h.New(room, detail, now) {
		return false, err
	}
	return true, b.Update(func(tx book.Tx) error {
		if err := tx.Quarantine(room, now.UnixMilli(), detail, raw); err != nil {
			return err
		}
		return tx.AddAlarm(book.Alarm{At: now, Terminal: room, Code: "alarm-refused", Detail: detail})
	})
}

// New reports whether a refusal has not been heard of for an hour, and is to be
// kept.
func (h *Heard) New(id ledger.TerminalID, why string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.last[id]
	if last, ok := of[why]; ok && now.Sub(last) < again {
		return false
	}
	if of == nil {
		of = map[string]time.Time{}
		if h.last == nil {
			h.last = map[ledger.TerminalID]map[string]time.Time{}
		}
		h.last[id] = of
	}
	if len(of) >= kindsMax {
		maps.DeleteFunc(of, func(_ string, at time.Time) bool { return now.Sub(at) >= again })
		if len(of) >= kindsMax {
			return false
		}
	}
	of[why] = now
	return true
}
