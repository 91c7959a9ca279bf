package exchange

import (
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Together is how many batches of one terminal's backlog HQ takes in at once: what
// each of them writes anew is then written once. A question that comes meanwhile
// waits for all of them.
const Together = 4

// ReceiveTogether takes in batches of one terminal that wait, in order. Those that
// follow on each other are committed together and acked as one; where that does not
// go, each is taken in by itself, so that nothing is refused but what is wrong.
func (h *HQ) ReceiveTogether(from ledger.TerminalID, frames [][]byte, now time.Time) error {
	err := h.contained(func() error {
		list, err := h.following(from, frames)
		if n := len(list); err == nil && n > 1 {
			if head, resume, failed := h.o.Office.Ingest(from, list...); failed == nil && !resume {
				frames, err = frames[n:], h.committed(from, head, list[n-1], now)
			}
		}
		return err
	})
	for _, b := range frames {
		err = errors.Join(err, h.Receive(from, b, now))
	}
	return err
}

// following are the batches at the beginning that are the terminal's own and follow
// on each other.
func (h *HQ) following(from ledger.TerminalID, frames [][]byte) (list []*wire.Batch, err error) {
	if len(frames) < 2 {
		return nil, nil
	}
	key, err := h.o.Office.Key(from)
	if err != nil {
		return nil, err
	}
	for _, b := range frames {
		e, err := wire.Open(b)
		if err != nil || e.Terminal != from || e.Kind != wire.KindBatch {
			return list, nil
		}
		m, err := h.believe(from, &e, key)
		if err != nil {
			return list, nil
		}
		batch := m.(*wire.Batch)
		if n := len(list); n > 0 && !follows(batch, list[n-1]) {
			return list, nil
		}
		list = append(list, batch)
	}
	return list, nil
}

func follows(b, before *wire.Batch) bool {
	return b.Incarnation == before.Incarnation && b.First == before.First+ledger.Seq(len(before.Entries))
}
