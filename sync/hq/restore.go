package hq

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/obeyed"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// HQ's lives: after each restore a new epoch begins, and of two HQs that are
// at work at the same time the one of the older epoch falls silent.

// ErrFenced says that another HQ of a later epoch is at work: this one says and
// decides nothing more until a person has decided which of them goes on.
var ErrFenced = errors.New("another HQ of a later epoch is at work, and this one decides nothing: switch one of the two off, and take over on the other (jifen conflicts list)")

const (
	epochMeta  = "epoch"
	fencedMeta = "fenced" // the later epoch that was seen
)

func (h *HQ) readEpoch(tx book.Tx) error {
	s, err := tx.Meta(epochMeta)
	if err != nil {
		return err
	}
	if s == "" {
		h.terms.Epoch = 1
		return h.putEpoch(tx)
	}
	if h.terms.Epoch, err = strconv.ParseUint(s, 10, 64); err != nil {
		return fmt.Errorf("epoch of the book: %w", err)
	}
	fenced, err := tx.Meta(fencedMeta)
	h.fenced = fenced != ""
	return err
}

func (h *HQ) putEpoch(tx book.Tx) error {
	return tx.PutMeta(epochMeta, strconv.FormatUint(h.terms.Epoch, 10))
}

// Epoch is HQ's life: it grows when HQ is restored from a backup.
func (h *HQ) Epoch() uint64 {
	h.lives.RLock()
	defer h.lives.RUnlock()
	return h.terms.Epoch
}

func (h *HQ) setEpoch(n uint64) {
	h.lives.Lock()
	defer h.lives.Unlock()
	h.terms.Epoch = n
}

// newEpoch begins a life after the newest that is known. Where something was
// forgotten that terminals were told, they have to be heard first.
func (h *HQ) newEpoch(seen uint64, code string, forgotten bool) error {
	before, begun := h.Epoch(), false
	defer func() {
		if !begun { // also where something broke
			h.setEpoch(before)
		}
	}()
	err := h.o.Book.Update(func(tx book.Tx) error {
		h.setEpoch(max(before+1, seen+1, uint64(max(h.o.Now().Unix(), 0)))) // no two lives share one
		if err := h.putEpoch(tx); err != nil {
			return err
		}
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		if err := w.Alarm(0, code, strconv.FormatUint(h.terms.Epoch, 10)); err != nil {
			return err
		}
		if err := w.Begin(forgotten); err != nil {
			return err
		}
		return w.End()
	})
	if err != nil {
		return fmt.Errorf("begin epoch: %w", err)
	}
	begun = true
	h.o.Log.Warn("a new epoch begins", "epoch", h.Epoch(), "why", code)
	h.changed()
	return nil
}

// forget begins a life in which HQ does not know what it told anybody in the
// end of the one before.
func (h *HQ) forget(code string) error {
	return h.newEpoch(0, code, true)
}

// shown looks at what a terminal shows of HQ's own journal: an entry under HQ's
// signature that this book does not have was written after the backup, or by
// another HQ. A signature is needed: nobody's mere word begins a new life. A later
// epoch is another HQ's, also to one that has only been switched on again, unless
// this one waits to hear what it has forgotten: which of them goes on, a person says.
func (h *HQ) shown(id ledger.TerminalID, last []byte) error {
	if len(last) == 0 {
		return nil
	}
	d, err := h.terms.Keys.Open(last)
	if err != nil || d.Terminal != id {
		return fmt.Errorf("entry that %s shows: %w", id, wire.ErrSignature)
	}
	var lost, parted, known, stopped bool
	err = h.o.Book.View(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		if lost, err = w.Lost(id); err != nil {
			return err
		}
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		stopped = t.Trouble != ""
		raws, err := tx.Down(id, d.Seq-1, 1)
		parted = len(raws) == 1 && !bytes.Equal(raws[0], last)
		known = len(raws) == 1 || lost && d.Epoch < h.Epoch()
		return err
	})
	h.mu.Lock()
	working := h.spoke // in this epoch: then a later one is not one that was forgotten
	h.mu.Unlock()
	switch {
	case err != nil:
		return err
	case d.Epoch > h.Epoch() && (!lost || parted || working):
		return h.fence(d.Epoch)
	case parted && !stopped:
		return h.stop(id, 0, "trouble-journal", fmt.Errorf("entry %d: %w", d.Seq, errParted))
	case !known, d.Epoch > h.Epoch():
		return h.newEpoch(d.Epoch, "alarm-restored", true)
	}
	return nil
}

// errParted: a terminal has another entry of HQ's journal under a number than HQ.
var errParted = errors.New("another entry of HQ's journal is there than here")

// fence ends this HQ's work.
func (h *HQ) fence(epoch uint64) error {
	err := h.o.Book.Update(func(tx book.Tx) error {
		if err := tx.PutMeta(fencedMeta, strconv.FormatUint(epoch, 10)); err != nil {
			return err
		}
		return tx.AddAlarm(book.Alarm{At: h.o.Now(), Code: "alarm-fenced", Detail: strconv.FormatUint(epoch, 10)})
	})
	if err != nil {
		return err
	}
	h.lives.Lock()
	h.fenced = true
	h.lives.Unlock()
	h.changed()
	return ErrFenced
}

// awake is an error where this HQ has nothing to say any more: another one is at
// work, or its grant log cannot be written.
func (h *HQ) awake() error {
	if h.Fenced() {
		return ErrFenced
	}
	return h.keeper.Broken()
}

// Silent is why this HQ has nothing to say any more, or nil.
func (h *HQ) Silent() error { return h.awake() }

// Fenced reports whether another HQ of a later epoch is at work.
func (h *HQ) Fenced() bool {
	h.lives.RLock()
	defer h.lives.RUnlock()
	return h.fenced
}

// TakeOver lets this HQ go on after it was fenced, or where terminals keep to another
// one: a person has ended that. It begins an epoch after that one's, and hears every
// terminal first.
func (h *HQ) TakeOver(by By) error {
	var seen uint64
	err := h.o.Book.Update(func(tx book.Tx) error {
		s, err := tx.Meta(fencedMeta)
		if err != nil {
			return err
		}
		if seen, err = obeyed.Seen(tx, s); err != nil || s == "" && seen <= h.Epoch() {
			return errors.Join(err, ErrNotFenced)
		}
		if err := tx.AddAlarm(book.Alarm{At: h.o.Now(), Code: "alarm-taken-over", Detail: by.Actor + ": " + by.Reason}); err != nil {
			return err
		}
		return tx.PutMeta(fencedMeta, "")
	})
	if err != nil {
		return err
	}
	h.lives.Lock()
	h.fenced = false
	h.lives.Unlock()
	return errors.Join(h.newEpoch(seen, "alarm-restored", true), h.tellKeys())
}

// ErrNotFenced says that no other HQ was seen at work.
var ErrNotFenced = errors.New("no other HQ has been seen")

// Echo takes in as HQ's own what a terminal sends back of HQ's journal for it,
// until nothing is missing of what it showed.
func (h *HQ) Echo(id ledger.TerminalID, m *wire.Echo) error {
	if err := h.awake(); err != nil {
		return err
	}
	var entries []ledger.Down
	for _, raw := range m.Entries {
		d, err := h.terms.Keys.Open(raw)
		if err != nil || d.Terminal != id {
			return &exchange.RefusedError{Code: "denied-echo"}
		}
		if err := h.shown(id, raw); err != nil {
			return err
		}
		entries = append(entries, d)
	}
	var lacks *exchange.LacksError
	err := h.o.Book.Update(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		lost, err := w.Lost(id)
		if err != nil {
			return err
		}
		if !lost {
			return h.claims(tx, id, m)
		}
		if err := w.Early(); err != nil {
			return err
		}
		if err := w.Regain(id, m.Entries, entries); err != nil {
			return err
		}
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		if m.Epoch < h.Epoch() || t.DownSeq < m.Down { // another HQ may still tell it something, or has
			lacks = &exchange.LacksError{After: t.DownSeq}
			return w.End()
		}
		if err := errors.Join(w.Found(id), library.Announce(w, t)); err != nil {
			return err
		}
		return w.End()
	})
	if errors.Is(err, errUnshown) {
		return h.stop(id, 0, "trouble-journal", err)
	}
	if err != nil {
		return fmt.Errorf("take in what %s sent back: %w", id, err)
	}
	h.changed()
	if lacks != nil {
		return lacks
	}
	return nil
}

// errUnshown: a terminal has more of HQ's journal than HQ, and cannot show it.
var errUnshown = errors.New("more of HQ's journal is said to be there than can be shown")

// claims checks what a terminal says to have of HQ's journal, where HQ has
// forgotten nothing.
func (h *HQ) claims(tx book.Tx, id ledger.TerminalID, m *wire.Echo) error {
	t, err := tx.Terminal(id)
	if err == nil && m.Down > t.DownSeq {
		err = fmt.Errorf("up to %d where %d is the newest: %w", m.Down, t.DownSeq, errUnshown)
	}
	return err
}

// lacking says from where on HQ's journal for a terminal is wanted back, or nil
// if HQ does not wait for the terminal. Only an Echo ends that: with it the
// terminal turns away from every other HQ. The newest that HQ has is wanted too: the
// terminal may have something else of another HQ under its number.
func (h *HQ) lacking(w *decision.Work, id ledger.TerminalID) (*exchange.LacksError, error) {
	lost, err := w.Lost(id)
	if err != nil || !lost {
		return nil, err
	}
	t, err := w.Tx.Terminal(id)
	return &exchange.LacksError{After: max(t.DownSeq, 1) - 1}, err
}

// Unheard lists the terminals that may hold what HQ has forgotten that it gave:
// until each of them is heard, or a person accepts what that may cost, HQ
// gives nothing.
func (h *HQ) Unheard() (ids []ledger.TerminalID, err error) {
	err = h.o.Book.View(func(tx book.Tx) error {
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		ids, err = w.Unheard()
		return err
	})
	return ids, err
}

// AcceptUnheard lets HQ give again although a terminal has not been heard: what
// may be spent twice by it is the store's exposure.
func (h *HQ) AcceptUnheard(id ledger.TerminalID, by By) error {
	return h.decide(func(w *decision.Work) error {
		if err := w.AcceptLost(id, by); err != nil {
			return err
		}
		return w.Alarm(id, "alarm-exposure", by.Actor+": "+by.Reason)
	})
}
