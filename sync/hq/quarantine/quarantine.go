// Package quarantine shows what HQ was sent and did not believe, byte for byte as
// it came. It reads HQ's book and changes nothing: what is in it has no effect,
// and nobody can make it have one.
package quarantine

import (
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ShownMax bounds the pieces that a list has.
const ShownMax = 50

// Room is where HQ keeps them.
type Room struct{ Book book.Book }

// List is the newest pieces, newest first.
func (r Room) List() (list []book.Refusal, err error) {
	err = r.Book.View(func(tx book.Tx) error {
		list, err = tx.Refusals(ShownMax)
		return err
	})
	return list, err
}

// Piece is one of them; the error matches book.ErrNotFound if there is none.
func (r Room) Piece(id ledger.TerminalID, number int64) (piece book.Refusal, err error) {
	err = r.Book.View(func(tx book.Tx) error {
		piece, err = tx.Refusal(id, number)
		return err
	})
	return piece, err
}
