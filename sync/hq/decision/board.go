package decision

import (
	"crypto/ed25519"
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/grant"
)

// Board makes a board a terminal's. The grant log has it too: a book that went back
// knows its boards.
func (w *Work) Board(t book.Terminal, key ed25519.PublicKey, software string) error {
	if w.o.Logged && !t.Key.Equal(key) {
		if err := w.grant(grant.Record{Board: &grant.Board{Terminal: t.ID, Key: [ed25519.PublicKeySize]byte(key), Software: software}}); err != nil {
			return err
		}
	}
	t.Key, t.Software, t.Heard = key, software, w.o.Now()
	return w.Tx.PutTerminal(t)
}

func (w *Work) boardAgain(b *grant.Board) error {
	t, err := w.Tx.Terminal(b.Terminal)
	if err != nil && !errors.Is(err, book.ErrNotFound) {
		return err
	}
	t.ID, t.Key, t.Software = b.Terminal, ed25519.PublicKey(b.Key[:]), b.Software
	return w.Tx.PutTerminal(t)
}
