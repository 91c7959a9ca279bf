package simworld

import (
	"github.com/jifen-pos/jifen/terminal/till"
)

// What HQ publishes while boards trade.

// announce notes what HQ's journal says of documents, before it is in the journal here.
func (b *board) announce(raws [][]byte) {
	p, err := b.Status()
	b.w.Must("read progress", err)
	ring, at := b.till.Ring(), p.Down
	for _, raw := range raws {
		d, err := ring.Open(raw, p.Down)
		if err != nil || d.Terminal != b.id || d.Seq != at+1 {
			continue
		}
		if next, err := ring.Follow(d); err == nil {
			ring = next
		}
		if at = d.Seq; d.Document != nil {
			b.w.Mark("announced")
			b.rack.Announce(*d.Document)
		}
	}
}

// newRules has the till go by the programme that is due, in the middle of whatever it
// does.
func (b *board) newRules() {
	text, dealt := b.rack.Due(b.reading().Wall.UnixMilli()), b.rack.Dealt()
	if text == nil && dealt == nil || !b.on {
		return
	}
	if text != nil {
		b.w.Mark("rules-in-force")
		if !b.line.connected {
			b.w.Mark("rules-while-offline")
		}
	}
	if dealt != nil {
		b.w.Mark("batches-dealt")
	}
	text = b.rack.InForce()
	p, err := b.w.rules.Parse(text)
	b.w.Must("read what HQ published", err)
	b.try(b.till.Use(till.Documents{Programme: p, RulesText: text, Products: b.w.rules.Products, Members: b.w.rules.Members, Deals: b.batches()}))
}
