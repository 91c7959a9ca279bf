package hq

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/grant"
	"github.com/jifen-pos/jifen/sync/hq/keeping"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Durable before sent: nothing leaves HQ for a terminal before it is committed
// and in the grant log as well, which does not fail together with the book.

// GrantLog is what HQ has decided and told terminals, apart from the book.
type GrantLog = keeping.Log

// ErrGrantLog says that the grant log is not this book's: HQ does not start on
// it, since it cannot tell which of the two is right.
var ErrGrantLog = errors.New("grant log is of another book")

const replayAtOnce = 200

// flush brings the grant log up to what is committed.
func (h *HQ) flush() error {
	if h.o.Grants == nil || h.o.Unguarded.LogFirst {
		return nil
	}
	return h.keeper.Flush()
}

// logBroke says that the grant log cannot be written: nothing that is decided from
// now on could leave, and who runs HQ has it begin anew.
func (h *HQ) logBroke(why error) {
	h.o.Log.Error("HQ gives nothing more", "error", why)
	err := h.o.Book.Update(func(tx book.Tx) error {
		return tx.AddAlarm(book.Alarm{At: h.o.Now(), Code: "alarm-grant-log-broken", Detail: why.Error()})
	})
	if err != nil {
		h.o.Log.Error("alarm not kept", "error", err)
	}
	h.lost <- why
	h.changed()
}

// Lost says once why HQ can go on no more before it is started anew: its grant log
// cannot be written.
func (h *HQ) Lost() <-chan error { return h.lost }

// catchUp holds the book against the grant log before anything is said. A log
// that ends early is completed from the book; a book that is behind is brought
// up to date from the log; where one of them is missing, HQ gives nothing until
// the terminals have said what they were told.
func (h *HQ) catchUp() error {
	if h.o.Grants == nil {
		if h.o.Restored {
			return h.forget("alarm-restored")
		}
		return nil
	}
	first, last, err := h.o.Grants.Span()
	if err != nil {
		return fmt.Errorf("read the grant log: %w", err)
	}
	var have grant.Reached
	var waiting []book.Grant
	err = h.o.Book.View(func(tx book.Tx) (err error) {
		if have, err = decision.Granted(tx); err != nil {
			return err
		}
		waiting, err = tx.Grants(last, 1)
		return err
	})
	if err != nil {
		return err
	}
	if err := h.sameLife(have, first, last); err != nil {
		return err
	}
	h.keeper.At(min(last, have.N))
	switch {
	case last > have.N && (have.N+1 >= first):
		err = h.replay(have)
	case last > have.N:
		err = h.skip(last)
	case last < have.N && (len(waiting) == 0 || waiting[0].N != last+1):
		h.keeper.At(have.N)
		return h.forget("alarm-grant-log")
	}
	if err != nil {
		return err
	}
	if h.o.Restored && last <= have.N || last > have.N && have.N+1 < first {
		return h.forget("alarm-restored")
	}
	return errors.Join(h.keepDocuments(), h.flush())
}

// sameLife checks that the log goes on from the book, or the book from it.
func (h *HQ) sameLife(have grant.Reached, first, last uint64) error {
	if have.N == 0 || first == 0 || have.N < first-1 || have.N > last {
		return nil
	}
	if have.N >= first {
		raws, err := h.o.Grants.Records(have.N-1, 1)
		if err != nil {
			return fmt.Errorf("read the grant log: %w", err)
		}
		if len(raws) != 1 || grant.Sum(raws[0]) != have.Sum {
			return fmt.Errorf("record %d: %w", have.N, ErrGrantLog)
		}
		return nil
	}
	raws, err := h.o.Grants.Records(have.N, 1)
	if err != nil {
		return fmt.Errorf("read the grant log: %w", err)
	}
	g, err := grant.Open(raws[0])
	if err == nil && g.Chain != have.Sum {
		err = fmt.Errorf("record %d: %w", first, ErrGrantLog)
	}
	return err
}

// replay brings a book that was restored from a backup up to date, and begins
// a new epoch.
func (h *HQ) replay(have grant.Reached) error {
	h.o.Log.Warn("the book is behind the grant log and is brought up to date", "from", have.N)
	for {
		raws, err := h.o.Grants.Records(have.N, replayAtOnce)
		if err != nil {
			return fmt.Errorf("read the grant log: %w", err)
		}
		if len(raws) == 0 {
			break
		}
		err = h.o.Book.Update(func(tx book.Tx) error {
			next := have
			w := decision.Begin(tx, &h.terms) // its epoch rises with the records
			if err := w.Early(); err != nil {
				return err
			}
			for _, raw := range raws {
				if err := h.replayOne(w, &next, raw); err != nil {
					return err
				}
			}
			if err := decision.PutGranted(tx, next); err != nil {
				return err
			}
			if err := h.putEpoch(tx); err != nil {
				return err
			}
			return w.End()
		})
		if err != nil {
			return fmt.Errorf("do again what the grant log says after %d: %w", have.N, err)
		}
		have = grant.Reached{N: have.N + uint64(len(raws)), Sum: grant.Sum(raws[len(raws)-1])}
	}
	h.keeper.At(have.N)
	h.rules.Forget()
	return h.newEpoch(0, "alarm-caught-up", false)
}

// judged does again what a person decided of a document, which lies beside the log.
func (h *HQ) judged(w *decision.Work, b *office.Judge) error {
	return library.Again(w, b, func(root ledger.Hash) ([]byte, error) { return h.o.Grants.Document(keeping.Name(root)) })
}

// keepDocuments keeps beside the log what persons published before it was kept there.
func (h *HQ) keepDocuments() error {
	var roots []ledger.Hash
	err := h.o.Book.View(func(tx book.Tx) (err error) {
		roots, err = library.ByPersons(tx)
		return err
	})
	return errors.Join(err, h.keeper.KeepDocuments(roots))
}

func (h *HQ) replayOne(w *decision.Work, have *grant.Reached, raw []byte) error {
	g, err := grant.Open(raw)
	if err != nil {
		return err
	}
	if g.N != have.N+1 || g.Chain != have.Sum {
		return fmt.Errorf("record %d after %d: %w", g.N, have.N, ErrGrantLog)
	}
	if g.Entry != nil {
		h.terms.Epoch = max(h.terms.Epoch, g.Entry.Epoch)
	}
	*have = grant.Reached{N: g.N, Sum: grant.Sum(raw)}
	return w.Replay(g)
}

// skip goes on after a log of which the part that the book needs is gone.
func (h *HQ) skip(last uint64) error {
	raws, err := h.o.Grants.Records(last-1, 1)
	if err != nil || len(raws) != 1 {
		return errors.Join(err, ErrGrantLog)
	}
	g, err := grant.Open(raws[0])
	if err != nil {
		return err
	}
	if g.Entry != nil {
		h.terms.Epoch = max(h.terms.Epoch, g.Entry.Epoch)
	}
	h.keeper.At(last)
	return h.o.Book.Update(func(tx book.Tx) error {
		if err := tx.DropGrants(last); err != nil {
			return err
		}
		return decision.PutGranted(tx, grant.Reached{N: last, Sum: grant.Sum(raws[0])})
	})
}
