package exchange_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
)

// A batch that does not follow comes of a line that lost one, and is asked for
// again; what nothing leads up to is kept aside, and somebody is told.
func TestWhatNothingLeadsUpToIsShownToSomebody(t *testing.T) {
	d := newDesk(t)
	d.resume = true
	stray := &wire.Batch{Incarnation: 9, First: 1, Entries: [][]byte{{1}}}
	for range 31 {
		d.hear(stray)
	}
	if len(d.refused) != 0 {
		t.Errorf("after 31 batches that do not follow: %v kept aside, want none", d.refused)
	}
	d.resume = false
	d.hear(stray)
	d.said()
	d.resume = true
	for range 31 {
		d.hear(stray)
	}
	if len(d.refused) != 0 {
		t.Errorf("one that follows in between: %v kept aside, want none", d.refused)
	}
	d.hear(stray)
	if len(d.refused) != 1 || !errors.Is(d.refused[0], exchange.ErrAstray) {
		t.Errorf("after 32 in a row: %v kept aside, want one", d.refused)
	}
	for _, m := range d.said() {
		if a, ok := m.(*wire.Ack); ok && a.Head.Incarnation == 9 {
			t.Errorf("acked %s", a.Head)
		}
	}
}
