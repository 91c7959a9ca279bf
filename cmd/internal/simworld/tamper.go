package simworld

import (
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// tamper is somebody with the board's own key who sends other bytes under a number
// that HQ has: as a board does that was put back with all its memory.
func (b *board) tamper() {
	img := b.w.office.Shelf.Image()
	streams := img.Streams(b.id)
	if len(streams) == 0 || streams[len(streams)-1].Seq < 2 || b.over || b.other != nil {
		return
	}
	of := streams[len(streams)-1].Incarnation
	known := img.Entry(b.id, of, 2)
	e, err := ledger.Decode(known.Raw)
	b.w.Must("read an entry", err)
	e.Wall++
	other, err := ledger.Encode(e)
	b.w.Must("write an entry", err)
	m := &wire.Batch{Incarnation: of, First: 1, Entries: [][]byte{img.Entry(b.id, of, 1).Raw, other}}
	b.w.office.Tampered(b.id, wire.Seal(b.id, 0, m, b.key))
}
