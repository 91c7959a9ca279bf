package exchange

import (
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// The cursor: how far HQ has the journals. The till is told wherever it goes.

// rewind takes what was on its way for lost. It has waited since it left, over
// connections too.
func (t *Terminal) rewind() {
	t.sent, t.flying, t.fresh, t.looked = t.acked, nil, t.since, ledger.Head{}
}

// restart goes on after a head, as if nothing had been sent yet.
func (t *Terminal) restart(after ledger.Head) {
	t.acked, t.waiting, t.patient = after, time.Time{}, resendAfter
	t.rewind()
}

// welcome sets the cursor to the newest entry that both sides have.
func (t *Terminal) welcome(m *wire.Welcome) error {
	s, err := t.o.Station.Status()
	if err != nil {
		return err
	}
	t.denied, t.greeted = "", true
	var both ledger.Head
	for _, mine := range s.Streams {
		for _, theirs := range m.Has {
			if theirs.Incarnation == mine.Incarnation && theirs.Seq > 0 {
				both = theirs
			}
		}
	}
	t.restart(both)
	t.o.Station.Acked(both)
	t.o.Station.HQHas(m.Has)
	return nil
}

// resume goes on after the newest entry that HQ has. The till hears of it as of an
// ack: where HQ has more than it acked, an ack that comes later says nothing new. A
// life that the disk has lost says nothing of where to go on in those that are here,
// whose first entries may be sealed and gone: HQ is asked what it has of them. Each batch
// behind a lost one brings the same word; it has all of them sent again once.
func (t *Terminal) resume(head ledger.Head, now time.Time) error {
	s, err := t.o.Station.Status()
	if err != nil {
		return err
	}
	own := slices.ContainsFunc(s.Streams, func(h ledger.Head) bool { return h.Incarnation == head.Incarnation })
	if !own && head.Seq > 0 {
		return t.greetAgain(now)
	}
	if head == t.acked && now.Sub(t.resumed) < wantAgain {
		return nil
	}
	t.restart(head)
	t.resumed = now
	t.o.Station.Acked(head)
	return nil
}

// ack moves the cursor. An ack counts for all batches up to its head, so one
// that is late or doubled changes nothing.
func (t *Terminal) ack(head ledger.Head, now time.Time) error {
	if err := t.written(head); err != nil {
		return err
	}
	covered := 0
	for n, h := range t.flying {
		if h.Incarnation == head.Incarnation && h.Seq <= head.Seq {
			covered = n + 1
		}
	}
	same := head.Incarnation == t.acked.Incarnation
	if same && head.Seq <= t.acked.Seq || !same && !t.underway(head.Incarnation) {
		return nil
	}
	if left := t.flying[covered:]; len(left) > 0 {
		t.acked, t.flying, t.since, t.waiting, t.patient = head, left, now, now, resendAfter
	} else {
		t.restart(head)
	}
	t.o.Station.Acked(head)
	return nil
}

// written refuses an ack of what this terminal never wrote (fault H15): of an
// incarnation of its own, further than that goes, or of another newest entry.
// Incarnations that the journals do not name are passed over later.
func (t *Terminal) written(head ledger.Head) error {
	s, err := t.o.Station.Status()
	if err != nil {
		return err
	}
	for _, own := range s.Streams {
		if own.Incarnation == head.Incarnation && (head.Seq > own.Seq || head.Seq == own.Seq && head.Hash != own.Hash) {
			return fmt.Errorf("ack of %s, and the journal ends with %s: %w", head, own, ErrAck)
		}
	}
	return nil
}

// underway reports whether entries of an incarnation are on their way.
func (t *Terminal) underway(i ledger.Incarnation) bool {
	return slices.ContainsFunc(t.flying, func(h ledger.Head) bool { return h.Incarnation == i })
}
