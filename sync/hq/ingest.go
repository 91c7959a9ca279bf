package hq

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/intake"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// note keeps what a terminal says of itself; it decides nothing.
func (h *HQ) note(t *book.Terminal, streams []ledger.Head, down ledger.DownSeq, backlog uint64, oldest int64) {
	t.Heard, t.DownApplied, t.Backlog, t.Oldest = h.o.Now(), down, backlog, time.Time{}
	if oldest > 0 {
		t.Oldest = time.UnixMilli(oldest)
	}
	if n := len(streams); n > 0 {
		t.Said = streams[n-1]
	}
}

// Ingest commits a batch, or several that follow on each other, in one transaction
// with the cursor. A batch that HQ has already is acked again; one that does not
// follow asks the terminal to resume; one with other bytes under known numbers stops
// the exchange with that terminal until a person has looked, if it came alone.
func (h *HQ) Ingest(id ledger.TerminalID, list ...*wire.Batch) (head ledger.Head, resume bool, err error) {
	if err := h.awake(); err != nil {
		return head, false, err
	}
	var in *intake.Batch
	err = h.o.Book.Update(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		in = intake.New(w, &h.intake, id)
		head, resume, err = in.Take(list...)
		return err
	})
	if trouble := troubleOf(err); trouble != "" && len(list) == 1 {
		return head, false, h.stop(id, list[0].Incarnation, trouble, err)
	}
	if err != nil && h.o.Unguarded.AckAfterCommit && !resume && head.Seq > 0 {
		return head, false, nil
	}
	if err != nil {
		return head, false, fmt.Errorf("take in %d batches of %s: %w", len(list), id, err)
	}
	h.intake.Keep(in)
	h.changed()
	return head, resume, nil
}

// reread takes in what terminals wrote of kinds that HQ did not know before it was
// upgraded. Where that cannot be done the entries stay parked, and HQ starts all the same.
func (h *HQ) reread() error {
	if h.awake() != nil {
		return nil
	}
	var list []book.Terminal
	err := h.o.Book.View(func(tx book.Tx) (err error) {
		list, err = tx.Terminals()
		return err
	})
	for _, t := range list {
		if t.Parked == 0 {
			continue
		}
		var done bool
		failed := h.decide(func(w *decision.Work) (err error) {
			done, err = intake.New(w, &h.intake, t.ID).Reread()
			return err
		})
		if failed != nil || done {
			h.o.Log.Warn("entries of kinds that HQ did not know are read again", "terminal", t.ID.String(), "done", done, "error", failed)
		}
	}
	return err
}

// troubleOf tells a terminal's fault from HQ's own. What goes beyond a limit is a person's
// to look at, whosever limit that is: else the same would come again for ever.
func troubleOf(err error) string {
	switch {
	case errors.Is(err, fold.ErrState): // HQ's own
		return ""
	case errors.Is(err, intake.ErrFork), errors.Is(err, fold.ErrParent):
		return "trouble-fork"
	case errors.Is(err, wire.ErrSignature):
		return "trouble-signature"
	case errors.Is(err, fold.ErrOrder), errors.Is(err, intake.ErrEntry) && errors.Is(err, codec.ErrMalformed), errors.Is(err, lot.ErrAmount):
		return "trouble-journal"
	}
	return ""
}

// stop takes no more from a terminal until a person has looked.
func (h *HQ) stop(id ledger.TerminalID, i ledger.Incarnation, trouble string, why error) error {
	err := h.o.Book.Update(func(tx book.Tx) error {
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		t.Trouble = trouble
		if err := tx.PutTerminal(t); err != nil {
			return err
		}
		if err := meetStranger(tx, id, i); err != nil {
			return err
		}
		return tx.AddAlarm(book.Alarm{At: h.o.Now(), Terminal: id, Code: trouble, Detail: why.Error()})
	})
	if err != nil {
		return fmt.Errorf("stop %s: %w", id, err)
	}
	h.changed()
	return fmt.Errorf("%w: %w", why, &exchange.RefusedError{Code: trouble}) // each fault of its own is kept
}
