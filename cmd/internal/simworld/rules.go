package simworld

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// What HQ publishes while boards trade.

// announce notes what HQ's journal says of documents, before it is in the journal here.
func (b *board) announce(raws [][]byte) {
	p, err := b.Status()
	b.w.Must("read progress", err)
	at := p.Down
	for _, raw := range raws {
		d, err := ledger.OpenDown(raw, b.till.HQKey())
		if err != nil || d.Terminal != b.id || d.Seq != at+1 {
			continue
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
	text := b.rack.Due(b.reading().Wall.UnixMilli())
	if text == nil || !b.on {
		return
	}
	b.w.Mark("rules-in-force")
	if !b.line.connected {
		b.w.Mark("rules-while-offline")
	}
	p, err := b.w.rules.Parse(text)
	b.w.Must("read what HQ published", err)
	b.try(b.till.Use(till.Documents{Programme: p, RulesText: text, Products: b.w.rules.Products, Members: b.w.rules.Members}))
}
