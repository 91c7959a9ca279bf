package clerk

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of looking for points that go back.
const (
	leavingMax = 2000 // members at a time; reading waits until some are done
	followMax  = 256  // entries read in one tick
)

// leavingNote keeps who is leaving, and how far the journals were read for it.
const leavingNote = "leaving"

// leaving is whose points here may have to go back to HQ: the members of the
// entries that HQ has acked, and those whose points HQ sent when they were asked
// for. Both are found by reading on in the journals, so that a restart forgets
// nobody: what was not kept is read again.
type leaving struct {
	At      ledger.Head    // read up to here, of what HQ has acked
	Down    ledger.DownSeq // read up to here, of HQ's journal
	Members []member.ID    // not looked at yet, or somebody is serving them
}

// Fields lists the message's fields.
func (l *leaving) Fields(c *codec.Coder) {
	codec.Value(c, 1, &l.At)
	codec.Uint(c, 2, &l.Down)
	list := make([]leaver, len(l.Members))
	for n, id := range l.Members {
		list[n].ID = id
	}
	codec.List(c, 3, &list, leavingMax)
	if c.Reading() {
		for _, m := range list {
			l.Members = append(l.Members, m.ID)
		}
	}
}

type leaver struct{ ID member.ID }

func (m *leaver) Fields(c *codec.Coder) { codec.Uint(c, 1, &m.ID) }

func (l *leaving) add(id member.ID) {
	if id != 0 && !slices.Contains(l.Members, id) {
		l.Members = append(l.Members, id)
	}
}

func (l *leaving) settle(id member.ID) {
	l.Members = slices.DeleteFunc(l.Members, func(m member.ID) bool { return m == id })
}

// full reports whether one more entry, with a whole household, has no room.
func (l *leaving) full() bool {
	return len(l.Members) > leavingMax-ledger.RedemptionsMax*ledger.PoolMax-lot.HoldingsMax
}

// follow reads on in the journals as far as HQ has acked them, a little at a
// time.
func (c *Clerk) follow() error {
	c.mu.Lock()
	acked := c.acked
	c.mu.Unlock()
	if c.leaving.At == acked {
		return nil
	}
	return c.o.Journal.View(func(tx journal.Tx) error {
		streams, err := tx.Streams()
		for n := 0; err == nil && n < followMax && !c.leaving.full(); n++ {
			next, ok := c.leaving.next(streams, acked)
			if !ok {
				return nil
			}
			err = c.leaving.read(tx, next)
		}
		return err
	})
}

// next names the entry after the last one read; ok is false if HQ has acked no
// other.
func (l *leaving) next(streams []ledger.Head, acked ledger.Head) (at ledger.Head, ok bool) {
	last := slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == acked.Incarnation })
	from := max(slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == l.At.Incarnation }), 0)
	for n := from; n <= last; n++ {
		end, seq := streams[n].Seq, ledger.Seq(1)
		if n == last {
			end = min(end, acked.Seq)
		}
		if streams[n].Incarnation == l.At.Incarnation {
			seq = l.At.Seq + 1
		}
		if seq <= end {
			return ledger.Head{Incarnation: streams[n].Incarnation, Seq: seq}, true
		}
	}
	return at, false
}

// read takes in one entry and what of HQ's journal came before it. An entry that
// is sealed and kept no more is passed over.
func (l *leaving) read(tx journal.Tx, at ledger.Head) error {
	r, err := tx.Record(at.Incarnation, at.Seq)
	if errors.Is(err, journal.ErrNotFound) {
		l.At = at
		return nil
	}
	if err != nil {
		return err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return err
	}
	for l.Down < e.Mark {
		raw, err := tx.Down(l.Down + 1)
		if err != nil {
			return err
		}
		d, err := ledger.OpenDown(raw, nil)
		if err != nil {
			return err
		}
		if l.Down++; d.Note == nil || d.Note.Ask == 0 { // what HQ placed here beforehand stays
			continue
		}
		for _, h := range d.Note.Holdings {
			l.add(h.Lot.Owner)
		}
	}
	for _, id := range ledger.MembersOf(e.Body) {
		l.add(id)
	}
	l.At = r.Head
	return nil
}
