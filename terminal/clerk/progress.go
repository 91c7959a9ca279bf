package clerk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ackedNote keeps how far HQ has the journal, so that a restart knows the
// backlog before HQ is heard.
const ackedNote = "acked"

// epochNote keeps the newest epoch that HQ has spoken in.
const epochNote = "epoch"

// Progress is how the journals stand.
type Progress struct {
	Streams []ledger.Head // oldest first, each with its newest entry
	Down    ledger.DownSeq
	Last    []byte // the newest entry of HQ's journal, as received, or nil
	Epoch   uint64 // the newest that HQ has spoken in
	Ledger  LedgerView
	Reading Reading
}

// LedgerView is how the journal stands against HQ's copy.
type LedgerView struct {
	Online  bool
	Head    ledger.Head
	Acked   ledger.Head
	Backlog uint64    // entries that HQ has not acked
	Oldest  time.Time // when the oldest of them was written, or zero
	Waiting bool      // rights of an earlier start wait for a witness: the slip of the last close is to be scanned
	Lost    bool      // a witness said that the end of the journal is lost: a person must look
}

// progress is how the journals stood after so many changes, as far as HQ had them.
type progress struct {
	Progress
	changes uint64 // and one more
	acked   ledger.Head
}

// Progress tells how the journals stand. It is asked for at every turn of the
// exchange, so that it is read again only when something has changed.
func (c *Clerk) Progress() (Progress, error) {
	c.mu.Lock()
	p, now := c.progress, progress{changes: c.changes + 1, acked: c.acked}
	c.mu.Unlock()
	if p.changes != now.changes || p.acked != now.acked {
		var err error
		if now.Progress, err = c.readProgress(); err != nil {
			return Progress{}, fmt.Errorf("read where the journals stand: %w", err)
		}
		p = now
		c.mu.Lock()
		c.progress = p
		c.mu.Unlock()
	}
	s := p.Progress
	s.Streams, s.Reading, s.Ledger.Online = slices.Clone(s.Streams), c.Now(), c.o.Asker.Online()
	return s, nil
}

func (c *Clerk) readProgress() (s Progress, err error) {
	err = c.Read(func(tx journal.Tx, state *fold.State) error {
		s.Down = state.Mark()
		if s.Last, s.Epoch, err = lastDown(tx, s.Down); err != nil {
			return err
		}
		kept, err := tx.Note(epochNote)
		if err != nil {
			return err
		}
		if len(kept) == 8 {
			s.Epoch = max(s.Epoch, binary.BigEndian.Uint64(kept))
		}
		if s.Streams, err = tx.Streams(); err != nil {
			return err
		}
		s.Ledger, err = c.Against(tx, state)
		return err
	})
	return s, err
}

// lastDown is the newest entry of HQ's journal here, and in which of HQ's lives
// it was written.
func lastDown(tx journal.Tx, seq ledger.DownSeq) (raw []byte, epoch uint64, err error) {
	if seq == 0 {
		return nil, 0, nil
	}
	if raw, err = tx.Down(seq); err != nil {
		return nil, 0, err
	}
	d, err := ledger.OpenDown(raw, nil)
	return raw, d.Epoch, err
}

// DownEntries returns entries of HQ's journal after one, as received, at most
// count; fewer or none at its end.
func (c *Clerk) DownEntries(after ledger.DownSeq, count int) (raws [][]byte, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		for seq := after + 1; len(raws) < count; seq++ {
			raw, err := tx.Down(seq)
			if errors.Is(err, journal.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			raws = append(raws, raw)
		}
		return nil
	})
	return raws, err
}

// Entries returns entries of an incarnation from seq on, as many as the limits
// allow; fewer or none at its end.
func (c *Clerk) Entries(i ledger.Incarnation, from ledger.Seq, count, bytes int) (list []journal.Record, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		size := 0
		for seq := from; len(list) < count; seq++ {
			r, err := tx.Record(i, seq)
			if errors.Is(err, journal.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			if size += len(r.Raw); size > bytes && len(list) > 0 {
				return nil
			}
			list = append(list, r)
		}
		return nil
	})
	return list, err
}

// Acked takes in how far HQ has this terminal's journal, on HQ's signed word.
func (c *Clerk) Acked(head ledger.Head) {
	c.mu.Lock()
	c.acked = head
	c.mu.Unlock()
	c.changed()
}

// HQHas takes in which lives of this terminal HQ has, and how far, on HQ's signed
// word: it is heard also while the day is closed, when no heal is. An older word
// that comes late takes nothing back.
func (c *Clerk) HQHas(list []ledger.Head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range list {
		c.hqHas[h.Incarnation] = max(c.hqHas[h.Incarnation], h.Seq)
	}
}

// keepAcked writes down how far HQ is and who is leaving, now and then; both can
// lag, since HQ says it again and the journal is read again.
func (c *Clerk) keepAcked(now Reading) error {
	c.mu.Lock()
	acked := c.acked
	due := now.Mono-c.ackedAt >= ackedEvery
	if due {
		c.ackedAt = now.Mono
	}
	c.mu.Unlock()
	if !due {
		return nil
	}
	left := codec.Marshal(&c.leaving)
	if acked == c.ackedKept && bytes.Equal(left, c.leftKept) {
		return nil
	}
	err := c.o.Journal.Update(func(tx journal.Tx) error {
		return errors.Join(tx.PutNote(ackedNote, codec.Marshal(&acked)), tx.PutNote(leavingNote, left))
	})
	if err == nil {
		c.mu.Lock()
		c.ackedKept, c.leftKept = acked, left
		c.mu.Unlock()
	}
	return err
}

func (c *Clerk) loadLeaving(tx journal.Tx) error {
	b, err := tx.Note(leavingNote)
	if err != nil || b == nil {
		return err
	}
	c.leftKept = b
	return codec.Own(b, &c.leaving)
}

// load reads a note that is a message, where there is one.
func load(tx journal.Tx, name string, m codec.Message) error {
	b, err := tx.Note(name)
	if err != nil || b == nil {
		return err
	}
	return codec.Unmarshal(b, m)
}

func (c *Clerk) loadAcked(tx journal.Tx) error {
	err := load(tx, ackedNote, &c.acked)
	c.ackedKept = c.acked
	return err
}

// Against compares the journal with what HQ has acked.
func (c *Clerk) Against(tx journal.Tx, state *fold.State) (LedgerView, error) {
	c.mu.Lock()
	v := LedgerView{Online: c.o.Asker.Online(), Head: state.Head(), Acked: c.acked}
	c.mu.Unlock()
	for _, w := range state.Waiting() {
		v.Waiting, v.Lost = v.Waiting || !w.Lost, v.Lost || w.Lost
	}
	streams, err := tx.Streams()
	if err != nil {
		return v, err
	}
	behind := v.Acked.Incarnation == 0
	for _, s := range streams {
		from := ledger.Seq(1)
		if s.Incarnation == v.Acked.Incarnation {
			behind, from = true, v.Acked.Seq+1
		}
		if !behind || s.Seq < from {
			continue
		}
		v.Backlog += uint64(s.Seq - from + 1)
		if v.Oldest.IsZero() {
			if v.Oldest, err = c.writtenAt(tx, s.Incarnation, from); err != nil {
				return v, err
			}
		}
	}
	return v, nil
}

func (c *Clerk) writtenAt(tx journal.Tx, i ledger.Incarnation, seq ledger.Seq) (time.Time, error) {
	r, err := tx.Record(i, seq)
	if err != nil {
		return time.Time{}, err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return time.Time{}, err
	}
	return time.UnixMilli(e.Wall).In(c.Programme().Location()), nil
}
