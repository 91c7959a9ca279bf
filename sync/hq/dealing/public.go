package dealing

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Public is what anybody may know of the games.
type Public struct{ Book book.Book }

// Draw is a batch of a game and how far it has got.
type Draw struct {
	Game, Batch string
	Terminal    ledger.TerminalID
	Seal        string
	Sealed      lot.Day
	Revealed    lot.Day // 0: its seed is secret still
	Tickets     lot.Amount
	Played      lot.Amount
}

// Draws lists the batches of all games.
func (p Public) Draws() (out []Draw, err error) {
	err = p.Book.View(func(tx book.Tx) error {
		out = nil
		_, values, err := tx.DeskRows(office.HandRows)
		if err != nil {
			return err
		}
		for _, value := range values {
			var hand office.Hand
			if err := codec.Unmarshal(value, &hand); err != nil {
				return err
			}
			b := &hand.Sealed.Batch
			v := Draw{
				Game: b.Game, Batch: b.ID, Terminal: ledger.TerminalID(b.Terminal), Seal: fmt.Sprintf("%x", hand.Sealed.Seal),
				Sealed: hand.Day, Revealed: hand.Revealed, Tickets: lot.Amount(b.Tickets()),
			}
			accounts, err := tx.AccountsOf(hand.Tickets)
			if err != nil {
				return err
			}
			for _, a := range accounts {
				if a.Place.Kind == book.Spent {
					v.Played += a.Amount
				}
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// ErrNone says that no such batch was dealt.
var ErrNone = errors.New("no such batch")

// Draw is what anybody may know of a batch: before it is finished what was
// published before its first play, then the seed and every play too.
func (p Public) Draw(gameID, batch string) (a game.Archive, err error) {
	err = p.Book.View(func(tx book.Tx) error {
		hand, err := office.NewDesk(tx.Desk()).Hand(gameID, batch)
		if err != nil {
			return err
		}
		if hand.Day == 0 {
			return fmt.Errorf("%s of %s: %w", batch, gameID, ErrNone)
		}
		a = game.NewArchive(&hand.Sealed.Batch, hand.Sealed.Seal)
		if hand.Revealed == 0 {
			return nil
		}
		a.Reveal(hand.Sealed.Seed)
		return plays(tx, hand, &a)
	})
	return a, err
}

// playsAtOnce is how many entries are read at a time.
const playsAtOnce = 500

// plays adds what was played of a batch, out of the lives of its terminal that
// were heard after it was dealt.
func plays(tx book.Tx, hand *office.Hand, a *game.Archive) error {
	id := ledger.TerminalID(hand.Sealed.Batch.Terminal)
	streams, err := tx.Streams(id)
	if err != nil {
		return err
	}
	for _, s := range streams {
		last, err := tx.Entry(id, s.Incarnation, s.Seq)
		if err != nil {
			return err
		}
		if lot.DayOf(time.UnixMilli(last.Received)) < hand.Day-1 {
			continue
		}
		for after := ledger.Seq(0); after < s.Seq; {
			rows, err := tx.Entries(id, s.Incarnation, after, playsAtOnce)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				after = r.Head.Seq
				e, err := ledger.Decode(r.Raw)
				if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
					return err
				}
				a.Take(ledger.Origin(id, s.Incarnation, r.Head.Seq).String(), e.Body)
			}
		}
	}
	return nil
}
