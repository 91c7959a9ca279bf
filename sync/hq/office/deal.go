package office

import (
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/hand"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Deal seals a batch of a game for a terminal (rule S20): its seed, its tickets,
// and what its prizes are given out of.
type Deal struct {
	Sealed game.Deal
	Lots   []lot.Lot // the tickets, then the budgets
	By
}

// Fields lists the message's fields.
func (d *Deal) Fields(c *codec.Coder) {
	codec.Value(c, 1, &d.Sealed)
	codec.List(c, 2, &d.Lots, lot.HoldingsMax)
	d.By.fields(c)
}

// Kind is deal.
func (*Deal) Kind() string { return "deal" }

// Moves issues the lots.
func (d *Deal) Moves(at lot.Origin) (m Moves) {
	m.Born(at, d.Lots)
	return m
}

// Reveal publishes the seed of a batch of which nothing is left to be played.
type Reveal struct {
	Terminal ledger.TerminalID
	Game     string
	Batch    string
	By
}

// Fields lists the message's fields.
func (r *Reveal) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Terminal)
	codec.String(c, 2, &r.Game, TextBytesMax)
	codec.String(c, 3, &r.Batch, TextBytesMax)
	r.By.fields(c)
}

// Kind is reveal.
func (*Reveal) Kind() string { return "reveal" }

// Moves is nothing: the tickets were played, or lapse at HQ.
func (*Reveal) Moves(lot.Origin) Moves { return Moves{} }

// Hand is a batch that was dealt, by the office's name.
type Hand = hand.Hand

func handKey(key string) []byte { return append([]byte{handPrefix}, key...) }

func dealtKey(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{dealtPrefix}, uint32(id))
}

func (d *Desk) deal(at lot.Origin, b *Deal) error {
	s := &b.Sealed
	key := s.Batch.Game + "." + s.Batch.ID
	err := edit(d, handKey(key), func(h *Hand) error {
		*h = Hand{Sealed: *s, Tickets: lot.ID{Origin: at}, Day: b.Day}
		return nil
	})
	if err != nil {
		return err
	}
	return edit(d, dealtKey(ledger.TerminalID(s.Batch.Terminal)), func(l *hand.Dealt) error {
		l.Made, l.Open = l.Made+1, append(l.Open, hand.Batch{Key: key})
		return nil
	})
}

func (d *Desk) reveal(b *Reveal) error {
	key := b.Game + "." + b.Batch
	if err := edit(d, handKey(key), func(h *Hand) error { h.Revealed = b.Day; return nil }); err != nil {
		return err
	}
	return edit(d, dealtKey(b.Terminal), func(l *hand.Dealt) error {
		l.Open = slices.DeleteFunc(l.Open, func(o hand.Batch) bool { return o.Key == key })
		return nil
	})
}

// Dealt is how many batches a terminal was dealt, and those that are secret
// still; they must not be changed.
func (d *Desk) Dealt(id ledger.TerminalID) (made uint64, open []*Hand, err error) {
	l, err := read[hand.Dealt](d, dealtKey(id))
	if err != nil {
		return 0, nil, err
	}
	for _, b := range l.Open {
		h, err := read[Hand](d, handKey(b.Key))
		if err != nil {
			return 0, nil, err
		}
		open = append(open, h)
	}
	return l.Made, open, nil
}

// Hand is a batch of a game; it must not be changed.
func (d *Desk) Hand(game, batch string) (*Hand, error) {
	return read[Hand](d, handKey(game+"."+batch))
}
