package exchange_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
)

// wanting is a shelf that wants a document and never has all of it.
type wanting struct{}

func (wanting) Wanted() (*wire.Fetch, error)     { return &wire.Fetch{}, nil }
func (wanting) Take(c *wire.Chunk) (bool, error) { return c.Size > 0 && c.Offset == 0, nil }

// TestDocumentThatHQLacksIsNotAskedForAtOnce: a part is followed by the next one at
// once; an HQ whose book went back, and which has nothing of it, would be asked as
// fast as the line is.
func TestDocumentThatHQLacksIsNotAskedForAtOnce(t *testing.T) {
	b := newBench(t, head(1, 1))
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: id, Key: boardKey, Code: code, Station: b.station, Shelf: wanting{}})
	b.open()
	b.said()
	b.hear(&wire.Welcome{})
	b.said()
	b.wait(time.Minute)
	same(t, "asked for", fetches(b.said()), 1)
	b.hear(&wire.Chunk{Size: 9, Bytes: []byte("part")})
	same(t, "after a part", fetches(b.said()), 1)
	b.hear(&wire.Chunk{})
	same(t, "after none", fetches(b.said()), 0)
	b.hear(&wire.Chunk{Size: 9, Offset: 4, Bytes: []byte("late")})
	same(t, "after another part than was wanted", fetches(b.said()), 0)
	b.wait(time.Minute)
	same(t, "a while later", fetches(b.said()), 1)
}

func fetches(list []wire.Message) (n int) {
	for _, m := range list {
		if _, ok := m.(*wire.Fetch); ok {
			n++
		}
	}
	return n
}
