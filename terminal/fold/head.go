package fold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Head is the record of the journal as a whole.
type Head struct {
	Head     ledger.Head
	Stopped  bool
	Mark     ledger.DownSeq
	Receipts uint64
	Recalls  []Recall // not answered yet
	Day      dayMark
	Behind   ledger.Incarnation // the newest that was begun on a disk that had gone back, until it has what it lost
	lineage.Lineage
}

// Fields lists the message's fields.
func (h *Head) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Head)
	codec.Bool(c, 2, &h.Stopped)
	codec.Uint(c, 3, &h.Mark)
	codec.Uint(c, 4, &h.Receipts)
	codec.List(c, 7, &h.Recalls, recallsMax)
	if c.Reading() || h.Day != (dayMark{}) {
		codec.Value(c, 8, &h.Day)
	}
	h.Lineage.Fields(c)
	codec.Fixed64(c, 14, &h.Behind)
}

// dayMark is the business day and whether it has been closed.
type dayMark struct {
	Day    lot.Day
	Closed bool
}

func (d *dayMark) Fields(c *codec.Coder) {
	codec.Int(c, 1, &d.Day)
	codec.Bool(c, 2, &d.Closed)
}
