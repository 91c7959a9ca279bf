// Package game is the draws of a programme, scratch card and wheel (cap G1),
// and what members collect: tasks (cap G2), medals and sets (cap G3).
//
// A draw is provable (rule S20). The tickets of a game come in batches, each for
// one terminal: so many of each prize as the published table says. Before the
// first play the batch is published with its seal, a hash over a secret seed and
// the batch; the seed alone decides the order of the tickets. When the batch is
// finished the seed is published, and anybody can check that the seal was of
// this seed, that the order follows from it, and that every play got what its
// ticket said: jifen draw verify does.
//
// The package draws no lots, keeps no seeds and reads no clock or chance.
package game

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Errors that callers match.
var (
	ErrSeal   = errors.New("the seal is not of this seed and batch")
	ErrTicket = errors.New("no such ticket in the batch")
	ErrBatch  = errors.New("not a batch of this game")
)

// Seed decides the order of a batch's tickets. It is secret until the batch is
// finished: whoever knows it knows what comes next.
type Seed [32]byte

// Seal is what is published of a seed before the first play.
type Seal [32]byte

// Batch is what is published before the first play: how many tickets of each
// prize there are, at which terminal, under which version of the programme.
type Batch struct {
	Game      string
	ID        string
	Terminal  uint32
	Programme string // version
	Rows      []Row
}

// Row is so many tickets of one prize.
type Row struct {
	Prize   string
	Count   uint64
	Wins    bool
	Instead string // prize that stands in where this one's budget is used up; "" gives the stake back
}

// Fields lists the message's fields: what the seal is over.
func (b *Batch) Fields(c *codec.Coder) {
	codec.String(c, 1, &b.Game, programme.IDBytesMax)
	codec.String(c, 2, &b.ID, programme.IDBytesMax)
	codec.Uint(c, 3, &b.Terminal)
	codec.String(c, 4, &b.Programme, programme.IDBytesMax)
	codec.List(c, 5, &b.Rows, programme.PrizesMax)
}

// Fields lists the message's fields.
func (r *Row) Fields(c *codec.Coder) {
	codec.String(c, 1, &r.Prize, programme.IDBytesMax)
	codec.Uint(c, 2, &r.Count)
	codec.Bool(c, 3, &r.Wins)
	codec.String(c, 4, &r.Instead, programme.IDBytesMax)
}

// NewBatch is a batch of a game as its published table says.
func NewBatch(p *programme.Programme, g *programme.Game, id string, terminal uint32) Batch {
	b := Batch{Game: g.ID, ID: id, Terminal: terminal, Programme: p.Version()}
	for _, prize := range g.Prizes {
		b.Rows = append(b.Rows, Row{Prize: prize.ID, Count: uint64(g.Count(prize)), Wins: !prize.Lose, Instead: prize.Instead})
	}
	return b
}

// Tickets is how many there are in all.
func (b *Batch) Tickets() uint64 {
	var n uint64
	for _, r := range b.Rows {
		n += r.Count
	}
	return n
}

// Seal is the hash of what stands before a play can: the words
// "jifen-draw-1", the seed, and the batch in protobuf.
func (b *Batch) Seal(seed Seed) Seal {
	h := sha256.New()
	h.Write([]byte("jifen-draw-1"))
	h.Write(seed[:])
	h.Write(codec.Marshal(b))
	return Seal(h.Sum(nil))
}

// Deck is a batch with its tickets in their order.
type Deck struct {
	Batch
	order []uint8 // row of each ticket
}

// Open puts the tickets in order. It returns an error that matches ErrSeal if
// the seal is not of this seed and batch.
func Open(b Batch, seal Seal, seed Seed) (*Deck, error) {
	if b.Seal(seed) != seal {
		return nil, fmt.Errorf("batch %s: %w", b.ID, ErrSeal)
	}
	n := b.Tickets()
	if n == 0 || n > programme.BatchMax || len(b.Rows) > programme.PrizesMax {
		return nil, fmt.Errorf("batch %s of %d tickets: %w", b.ID, n, ErrBatch)
	}
	d := &Deck{Batch: b, order: make([]uint8, 0, n)}
	for i, r := range b.Rows {
		for range r.Count {
			d.order = append(d.order, uint8(i))
		}
	}
	s := stream{seed: seed}
	for i := len(d.order) - 1; i > 0; i-- { // Fisher and Yates, from the last ticket down
		j := s.below(uint32(i) + 1)
		d.order[i], d.order[j] = d.order[j], d.order[i]
	}
	return d, nil
}

// Ticket is the row of a ticket by its number, from 0.
func (d *Deck) Ticket(number uint64) (Row, error) {
	if number >= uint64(len(d.order)) {
		return Row{}, fmt.Errorf("ticket %d of %d: %w", number, len(d.order), ErrTicket)
	}
	return d.Rows[d.order[number]], nil
}

// stream is numbers from a seed: SHA-256 of the seed and a counter of eight
// bytes, from 0, cut into words of four bytes; all big-endian.
type stream struct {
	seed  Seed
	count uint64
	words []byte
}

// below is a number below n, every one equally likely: a word beyond the last
// whole multiple of n is left out.
func (s *stream) below(n uint32) uint32 {
	for {
		if len(s.words) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.count))
			s.words, s.count = block[:], s.count+1
		}
		w := uint64(binary.BigEndian.Uint32(s.words))
		s.words = s.words[4:]
		if most := 1 << 32 / uint64(n) * uint64(n); w < most {
			return uint32(w % uint64(n))
		}
	}
}

// BudgetOf is what one ticket of a prize uses up.
func (b *Batch) BudgetOf(prize string) lot.Asset { return lot.BudgetAsset(b.Game, prize) }
