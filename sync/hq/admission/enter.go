package admission

import (
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Enter makes a board a terminal's: one that has no other and is not
// decommissioned. It returns the terminal as it was.
func Enter(w *decision.Work, id ledger.TerminalID, board ed25519.PublicKey, software string) (book.Terminal, error) {
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return t, err
	}
	gone, err := w.Gone(id)
	switch {
	case err != nil:
		return t, err
	case gone:
		return t, &exchange.RefusedError{Code: "denied-gone"}
	case t.Key != nil && !t.Key.Equal(board):
		return t, &exchange.RefusedError{Code: "denied-board"}
	}
	return t, w.Board(t, board, software)
}

// Vouched makes a board a terminal's for which HQ's authority vouches: it has enrolled
// once, and the book that knew it is lost. A person hears of it.
func Vouched(w *decision.Work, id ledger.TerminalID, board ed25519.PublicKey) error {
	t, err := Enter(w, id, board, "")
	if err != nil || t.Key != nil {
		return err
	}
	return w.Alarm(id, "alarm-board-vouched", "")
}

// Certified is the key for which a terminal may have a certificate, or nil: that
// of a terminal which was decommissioned is worth nothing (sec K6), unless it
// was invited since: it turned up, and is to tell what HQ has not heard.
func Certified(w *decision.Work, id ledger.TerminalID, now time.Time) (ed25519.PublicKey, error) {
	t, err := w.Tx.Terminal(id)
	if errors.Is(err, book.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	gone, err := w.Gone(id)
	if err != nil || !gone {
		return t.Key, err
	}
	i, err := Of(w.Tx, id, now)
	if err != nil || i == nil {
		return nil, err
	}
	return t.Key, nil
}
