package till

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// ackedNote keeps how far HQ has the journal, so that a restart knows the
// backlog before HQ is heard.
const ackedNote = "acked"

// Standing is how the journals stand.
type Standing struct {
	Streams []ledger.Head // oldest first, each with its newest entry
	Down    ledger.DownSeq
	Ledger  LedgerView
	Reading Reading
}

// Standing tells how the journals stand.
func (t *Till) Standing() (Standing, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Standing{Reading: t.o.Now()}
	err := t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.state(tx)
		if err != nil {
			return err
		}
		s.Down = state.Mark()
		if s.Streams, err = tx.Streams(); err != nil {
			return err
		}
		s.Ledger, err = t.viewLedger(tx, state)
		return err
	})
	if err != nil {
		return Standing{}, fmt.Errorf("read where the journals stand: %w", err)
	}
	return s, nil
}

// Entries returns entries of an incarnation from seq on, as many as the limits
// allow; fewer or none at its end.
func (t *Till) Entries(i ledger.Incarnation, from ledger.Seq, count, bytes int) (list []journal.Record, err error) {
	err = t.o.Journal.View(func(tx journal.Tx) error {
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
func (t *Till) Acked(head ledger.Head) {
	t.mu.Lock()
	t.acked = head
	t.mu.Unlock()
	t.changed()
}

// keepAcked writes down how far HQ is; it can lag, since HQ says it again.
func (t *Till) keepAcked() error {
	if t.acked == t.ackedKept {
		return nil
	}
	acked := t.acked
	err := t.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(ackedNote, codec.Marshal(&acked)) })
	if err == nil {
		t.ackedKept = acked
	}
	return err
}

func (t *Till) loadAcked(tx journal.Tx) error {
	b, err := tx.Note(ackedNote)
	if err != nil || b == nil {
		return err
	}
	if err := codec.Unmarshal(b, &t.acked); err != nil {
		return err
	}
	t.ackedKept = t.acked
	return nil
}
