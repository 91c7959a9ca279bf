package exchange_test

import (
	"fmt"
	"testing"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// heardTogether gives the end batches that waited, and says what came of it: which
// entries were taken in, in how many commits, and what was said.
func (d *desk) heardTogether(list ...wire.Message) (taken []string, commits int, said []wire.Message) {
	d.Helper()
	var frames [][]byte
	for _, m := range list {
		frames = append(frames, wire.Seal(id, 0, m, boardKey))
	}
	if err := d.end.ReceiveTogether(id, frames, d.now); err != nil {
		d.Fatalf("ReceiveTogether() = %v, want nil", err)
	}
	for _, m := range d.ingested {
		taken = append(taken, fmt.Sprintf("%d/%d-%d", m.Incarnation, m.First, int(m.First)+len(m.Entries)-1))
	}
	commits, d.ingested, d.commits = d.commits, nil, 0
	return taken, commits, d.said()
}

func of(i, first, n int) *wire.Batch {
	return &wire.Batch{Incarnation: ledger.Incarnation(i), First: ledger.Seq(first), Entries: make([][]byte, n)}
}

func TestBatchesThatFollowAreTakenInTogether(t *testing.T) {
	d := newDesk(t)
	taken, commits, said := d.heardTogether(of(1, 1, 2), of(1, 3, 2), of(1, 5, 1))
	same(t, "taken in", taken, []string{"1/1-2", "1/3-4", "1/5-5"})
	same(t, "commits", commits, 1)
	same(t, "said", sayings(said), []string{"Ack"})
	same(t, "acked", said[0].(*wire.Ack).Head, head(1, 5))
}

func TestBatchesThatDoNotFollowAreTakenInAlone(t *testing.T) {
	d := newDesk(t)
	taken, commits, said := d.heardTogether(of(1, 1, 2), of(1, 3, 2), of(2, 1, 2), of(2, 7, 1))
	same(t, "taken in", taken, []string{"1/1-2", "1/3-4", "2/1-2", "2/7-7"})
	same(t, "commits", commits, 3)
	same(t, "said", sayings(said), []string{"Ack", "Ack", "Ack"})
}

func TestWhatIsWrongWithOneBatchCostsNoOther(t *testing.T) {
	d := newDesk(t)
	d.alone = true
	taken, commits, said := d.heardTogether(of(1, 1, 2), of(1, 3, 2))
	same(t, "taken in", taken, []string{"1/1-2", "1/3-4"})
	same(t, "commits", commits, 2)
	same(t, "said", sayings(said), []string{"Ack", "Ack"})
	same(t, "refused", len(d.refused), 0)

	d.alone = false
	forged := wire.Seal(id, 0, of(1, 7, 2), otherKey)
	if err := d.end.ReceiveTogether(id, [][]byte{wire.Seal(id, 0, of(1, 5, 2), boardKey), forged}, d.now); err != nil {
		t.Fatalf("ReceiveTogether() = %v, want nil", err)
	}
	same(t, "said after a forged one", sayings(d.said()), []string{"Ack"})
	same(t, "refused", len(d.refused), 1)
}
