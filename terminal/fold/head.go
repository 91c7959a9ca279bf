package fold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Head is the record of the journal as a whole.
type Head struct {
	Head     ledger.Head
	Stopped  bool
	Mark     ledger.DownSeq
	Receipts uint64
	Root     ledger.Incarnation // of the line whose holdings may be used
	Frozen   []frozen           // parents that wait for a witness, oldest first
	Recalls  []Recall           // not answered yet
	Day      dayMark
	Moved    ledger.Head    // the last entry that moved a right in the line that is alive
	Board    uint64         // of the newest incarnation
	Unproven uint64         // boots that nothing proved
	Trust    []trust        // what may be used of what waits, after the newest of them
	Standing []ledger.Bound // HQ's standing order on that
}

// Fields lists the message's fields.
func (h *Head) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Head)
	codec.Bool(c, 2, &h.Stopped)
	codec.Uint(c, 3, &h.Mark)
	codec.Uint(c, 4, &h.Receipts)
	codec.Fixed64(c, 5, &h.Root)
	codec.List(c, 6, &h.Frozen, frozenMax)
	codec.List(c, 7, &h.Recalls, recallsMax)
	if c.Reading() || h.Day != (dayMark{}) {
		codec.Value(c, 8, &h.Day)
	}
	if c.Reading() || h.Moved != (ledger.Head{}) {
		codec.Value(c, 9, &h.Moved)
	}
	codec.Fixed64(c, 10, &h.Board)
	codec.Uint(c, 11, &h.Unproven)
	codec.List(c, 12, &h.Trust, ledger.BoundsMax)
	codec.List(c, 13, &h.Standing, ledger.BoundsMax)
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
