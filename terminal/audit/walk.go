package audit

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// flushEvery bounds the records that are decoded at a time.
const flushEvery = 1000

// walker folds a ledger in its one order, from its first entry, and shows each
// step.
type walker struct {
	tx    journal.Tx
	id    ledger.TerminalID
	table fold.Memory // the state, whole once walk has ended
	state *fold.State
	steps int

	open  func(raw []byte) (ledger.Down, error)
	entry func(journal.Record, ledger.Head, fold.Effects) error // the head as folded
	down  func(ledger.Down, fold.Effects)                       // nil: nothing is shown of them
}

// walk returns how many incarnations there were.
func (w *walker) walk() (streams int, err error) {
	if w.state, err = fold.Load(w.id, w.table); err != nil {
		return 0, err
	}
	heads, err := w.tx.Streams()
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
	return len(heads), w.state.Flush(w.table.Put)
}

func (w *walker) one(i ledger.Incarnation, seq ledger.Seq) error {
	r, err := w.tx.Record(i, seq)
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
	effects, err := w.state.Apply(i, r.Raw)
	if err != nil {
		return err
	}
	if err := w.entry(r, w.state.Head(), effects); err != nil {
		return err
	}
	return w.step()
}

const toTheEnd ledger.DownSeq = 1 << 63

// downTo applies HQ's entries up to a mark, or to the end.
func (w *walker) downTo(mark ledger.DownSeq) error {
	for w.state.Mark() < mark {
		raw, err := w.tx.Down(w.state.Mark() + 1)
		if errors.Is(err, journal.ErrNotFound) && mark == toTheEnd {
			return nil
		}
		if err != nil {
			return err
		}
		d, err := w.open(raw)
		if err != nil {
			return err
		}
		effects, err := w.state.ApplyDown(d)
		if err != nil {
			return err
		}
		if w.down != nil {
			w.down(d, effects)
		}
		if err := w.step(); err != nil {
			return err
		}
	}
	return nil
}

// step empties the cache now and then, so that memory holds each record once.
func (w *walker) step() (err error) {
	if w.steps++; w.steps%flushEvery != 0 {
		return nil
	}
	if err := w.state.Flush(w.table.Put); err != nil {
		return err
	}
	w.state, err = fold.Load(w.id, w.table)
	return err
}
