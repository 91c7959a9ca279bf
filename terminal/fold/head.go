package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// lineageMax bounds the incarnations of one terminal, frozen ones and not.
const lineageMax = 4096

// Head is the record of the journal as a whole.
type Head struct {
	Head     ledger.Head
	Stopped  bool
	Mark     ledger.DownSeq
	Receipts uint64
	Lineage  []link   // incarnations whose holdings may be used
	Frozen   []frozen // parents that wait for a witness
	Recalls  []Recall // not answered yet
	Day      dayMark
}

// Fields lists the message's fields.
func (h *Head) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Head)
	codec.Bool(c, 2, &h.Stopped)
	codec.Uint(c, 3, &h.Mark)
	codec.Uint(c, 4, &h.Receipts)
	codec.List(c, 5, &h.Lineage, lineageMax)
	codec.List(c, 6, &h.Frozen, lineageMax)
	codec.List(c, 7, &h.Recalls, recallsMax)
	if c.Reading() || h.Day != (dayMark{}) {
		codec.Value(c, 8, &h.Day)
	}
}

func (h *Head) usable(i ledger.Incarnation) bool {
	return slices.Contains(h.Lineage, link{i})
}

// incarnations are how many the record names.
func (h *Head) incarnations() int {
	n := len(h.Lineage)
	for _, f := range h.Frozen {
		n += len(f.Lineage)
	}
	return n
}

type link struct{ Incarnation ledger.Incarnation }

func (l *link) Fields(c *codec.Coder) { codec.Fixed64(c, 1, &l.Incarnation) }

// frozen is an unproven parent and the incarnations whose holdings it had.
type frozen struct {
	Head    ledger.Head
	Lineage []link
}

func (f *frozen) Fields(c *codec.Coder) {
	codec.Value(c, 1, &f.Head)
	codec.List(c, 2, &f.Lineage, lineageMax)
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
