// Package hand is the records of the batches of games that HQ dealt. It decides nothing.
package hand

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const keyBytesMax = 128

// Hand is a batch that was dealt.
type Hand struct {
	Sealed   game.Deal
	Tickets  lot.ID
	Day      lot.Day
	Revealed lot.Day // 0: its seed is secret
}

// Fields lists the message's fields.
func (h *Hand) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Sealed)
	codec.Value(c, 2, &h.Tickets)
	codec.Int(c, 3, &h.Day)
	codec.Int(c, 4, &h.Revealed)
}

// Dealt is what a terminal was dealt: how many batches, and which are secret still.
type Dealt struct {
	Made uint64
	Open []Batch
}

// Fields lists the message's fields.
func (d *Dealt) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Made)
	codec.List(c, 2, &d.Open, game.DealsMax)
}

// Batch names one.
type Batch struct{ Key string }

// Fields lists the message's fields.
func (b *Batch) Fields(c *codec.Coder) { codec.String(c, 1, &b.Key, keyBytesMax) }
