package till

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ApplyDown takes in entries of HQ's journal for this terminal, as received
// and in order. What is there already is passed over; a gap is an error and
// nothing after it is taken in. It returns how far the journal is here now, or
// 0 after Stop, when nothing is taken in.
func (t *Till) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	t.mu.Lock()
	defer t.changed()
	defer t.mu.Unlock()
	if t.stopped {
		return 0, nil
	}
	if t.hqKey == nil {
		return 0, fmt.Errorf("down entries before enrolment: %w", journal.ErrNotFound)
	}
	var at ledger.DownSeq
	err := t.update(func(x *txn) error {
		// A note is accepted by an incarnation of this boot only.
		if err := t.open(x); err != nil {
			return err
		}
		for _, raw := range raws {
			d, err := ledger.OpenDown(raw, t.hqKey)
			if err != nil {
				return err
			}
			if d.Terminal == t.o.Terminal && d.Seq <= x.state.Mark() {
				continue
			}
			effects, err := x.state.ApplyDown(d)
			if err != nil {
				return err
			}
			if err := x.AppendDown(d.Seq, raw); err != nil {
				return err
			}
			for _, n := range effects.Notes() {
				delete(t.asks, n.Ask)
			}
		}
		at = x.state.Mark()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("take in HQ's entries: %w", err)
	}
	return at, nil
}
