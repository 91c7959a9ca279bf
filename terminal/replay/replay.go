// Package replay folds a ledger anew in its one order, from its first entry, and
// shows each step. It writes nothing and compares nothing: whoever asked does.
package replay

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// flushEvery bounds the records that are decoded at a time.
const flushEvery = 1000

// Walk is one such fold.
type Walk struct {
	Tx    journal.Tx
	ID    ledger.TerminalID
	Table fold.Memory // the state, whole once Run has ended
	State *fold.State
	Off   guard.Off // set by the simulation only

	Open  func(raw []byte) (ledger.Down, error)
	Entry func(journal.Record, ledger.Head, fold.Effects) error // the head as folded; nil: nothing is shown
	Down  func(ledger.Down, fold.Effects)                       // nil: nothing is shown of them

	steps int
}

// Run returns how many incarnations there were.
func (w *Walk) Run() (streams int, err error) {
	if err := w.load(); err != nil {
		return 0, err
	}
	heads, err := w.Tx.Streams()
	if err != nil {
		return 0, err
	}
	for _, s := range heads {
		for seq := ledger.Seq(1); seq <= s.Seq; seq++ {
			if err := w.one(s.Incarnation, seq); err != nil {
				return 0, fmt.Errorf("entry %s/%d: %w", s.Incarnation, seq, err)
			}
		}
	}
	if err := w.downTo(toTheEnd); err != nil {
		return 0, fmt.Errorf("HQ's entries: %w", err)
	}
	return len(heads), w.State.Flush(w.Table.Put)
}

func (w *Walk) one(i ledger.Incarnation, seq ledger.Seq) error {
	r, err := w.Tx.Record(i, seq)
	if err != nil {
		return err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return err
	}
	if err := w.downTo(e.Mark); err != nil {
		return err
	}
	effects, err := w.State.Apply(i, r.Raw)
	if err != nil {
		return err
	}
	if w.Entry != nil {
		if err := w.Entry(r, w.State.Head(), effects); err != nil {
			return err
		}
	}
	return w.step()
}

const toTheEnd ledger.DownSeq = 1 << 63

// downTo applies HQ's entries up to a mark, or to the end.
func (w *Walk) downTo(mark ledger.DownSeq) error {
	for w.State.Mark() < mark {
		raw, err := w.Tx.Down(w.State.Mark() + 1)
		if errors.Is(err, journal.ErrNotFound) && mark == toTheEnd {
			return nil
		}
		if err != nil {
			return err
		}
		d, err := w.Open(raw)
		if err != nil {
			return err
		}
		effects, err := w.State.ApplyDown(d)
		if err != nil {
			return err
		}
		if w.Down != nil {
			w.Down(d, effects)
		}
		if err := w.step(); err != nil {
			return err
		}
	}
	return nil
}

// step empties the cache now and then, so that memory holds each record once.
func (w *Walk) step() error {
	if w.steps++; w.steps%flushEvery != 0 {
		return nil
	}
	if err := w.State.Flush(w.Table.Put); err != nil {
		return err
	}
	return w.load()
}

func (w *Walk) load() error {
	s, err := fold.Load(w.ID, w.Table)
	if err == nil {
		w.State = s.Without(w.Off)
	}
	return err
}
