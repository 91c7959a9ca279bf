package hq

import (
	"crypto/ed25519"
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/ailment"
	"github.com/jifen-pos/jifen/sync/hq/allotment"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/gifts"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/obeyed"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/hq/supply"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Key is the public key that a terminal enrolled with, or nil.
func (h *HQ) Key(id ledger.TerminalID) (key ed25519.PublicKey, err error) {
	err = h.o.Book.Glance(func(tx book.Tx) error {
		t, err := tx.Terminal(id)
		if errors.Is(err, book.ErrNotFound) {
			return nil
		}
		key = t.Key
		return err
	})
	return key, err
}

// Enrol takes a board's key, once: a second board with the same code is
// refused, the same board is told again. A board of which nobody has said yet
// that it may waits.
func (h *HQ) Enrol(id ledger.TerminalID, m *wire.Enrol) (*wire.Enrolled, error) {
	board := ed25519.PublicKey(m.Key[:])
	var code string
	var public ed25519.PublicKey // under which the board's journal begins
	err := h.decide(func(w *decision.Work) (err error) {
		if code, err = h.judgeBoard(w.Tx, id, m); err != nil || code == "" {
			return err
		}
		t, err := admission.Enter(w, id, board, m.Software)
		if err != nil {
			return err
		}
		public, err = h.terms.Keys.Met(w.Tx, t, m.Knows[:])
		return err
	})
	if err == nil {
		err = h.flush()
	}
	if err != nil {
		return nil, err
	}
	if code == "" {
		return nil, &exchange.RefusedError{Code: "denied-waiting", Waits: true}
	}
	answer := &wire.Enrolled{Mac: wire.EnrolledMac(code, id, board, public)}
	copy(answer.Key[:], public)
	return answer, nil
}

// Keys are those with which HQ signs.
func (h *HQ) Keys() *signer.Signer { return h.terms.Keys }

// Hello notes how a terminal stands and says how far HQ has its journals.
func (h *HQ) Hello(id ledger.TerminalID, m *wire.Hello) (*wire.Welcome, error) {
	if err := h.awake(); err != nil {
		return nil, err
	}
	if err := h.shown(id, m.Last); err != nil {
		return nil, err
	}
	h.almanac.Heard(id, m.Wall, m.Clock, h.o.Now())
	var lacks *exchange.LacksError
	welcome := &wire.Welcome{Wall: h.o.Now().UnixMilli()}
	err := h.o.Book.Update(func(tx book.Tx) error {
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		if t.Trouble != "" {
			return &exchange.RefusedError{Code: t.Trouble}
		}
		t.Software = m.Software
		h.note(&t, m.Streams, m.Down, m.Backlog, m.Oldest)
		if err := tx.PutTerminal(t); err != nil {
			return err
		}
		w, err := h.begin(tx)
		if err != nil {
			return err
		}
		gone, err := w.Gone(id)
		if err != nil {
			return err
		}
		if gone && t.Said == t.Has { // nothing more of it is wanted
			return &exchange.RefusedError{Code: "denied-gone"}
		}
		if err := errors.Join(admission.Met(tx, id, gone), obeyed.Says(w, id, m.Epoch, h.Epoch())); err != nil {
			return err
		}
		if lacks, err = h.lacking(w, id); err != nil {
			return err
		}
		if err := library.Announce(w, t); err != nil {
			return err
		}
		if welcome.Has, err = tx.Streams(id); err != nil {
			return err
		}
		welcome.Has = slices.DeleteFunc(welcome.Has, func(has ledger.Head) bool { // another board's is none that it lacks
			own := slices.ContainsFunc(m.Streams, func(h ledger.Head) bool { return h.Incarnation == has.Incarnation })
			barred, failed := w.Desk.Barred(id, has.Incarnation)
			err = errors.Join(err, failed)
			return barred && !own
		})
		return errors.Join(err, w.End())
	})
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.spoke = true
	h.mu.Unlock()
	if n := len(welcome.Has) - wire.StreamsMax; n > 0 {
		welcome.Has = welcome.Has[n:]
	}
	h.changed()
	if lacks != nil {
		return welcome, lacks
	}
	return welcome, nil
}

// Report notes how a terminal stands.
func (h *HQ) Report(id ledger.TerminalID, m *wire.Report) error {
	if err := h.awake(); err != nil {
		return err
	}
	h.almanac.Heard(id, m.Wall, m.Clock, h.o.Now())
	var lacks *exchange.LacksError
	var behind bool
	var t book.Terminal
	var round allotment.Round
	err := h.o.Book.Update(func(tx book.Tx) (err error) {
		if t, err = tx.Terminal(id); err != nil {
			return err
		}
		if m.Backlog == 0 && m.Head.Seq > 0 && t.Trouble == "" && (t.Has.Incarnation != m.Head.Incarnation || t.Has.Seq < m.Head.Seq) {
			_, err = tx.Entry(id, m.Head.Incarnation, m.Head.Seq)
			behind = errors.Is(err, book.ErrNotFound) // else the report is late, and of a former life
			if err != nil && !behind {
				return err
			}
		}
		h.note(&t, []ledger.Head{m.Head}, m.Down, m.Backlog, m.Oldest)
		if err := tx.PutTerminal(t); err != nil {
			return err
		}
		w, err := h.beginAt(tx, id)
		if err != nil {
			return err
		}
		if err := ailment.Note(w, id, m.Faults); err != nil {
			return err
		}
		if lacks, err = h.lacking(w, id); err != nil {
			return err
		}
		if lacks == nil {
			if round, err = h.rounds.Next(w, id); err != nil {
				return err
			}
			if err := errors.Join(h.deal(w, id), supply.Look(w, id), gifts.Follow(w, id)); err != nil {
				return err
			}
		}
		return w.End()
	})
	if err == nil && lacks == nil {
		h.rounds.Keep(id, round)
	}
	h.changed()
	switch {
	case err == nil && lacks != nil:
		return lacks
	case err == nil && behind:
		return &exchange.BehindError{Head: t.Has}
	}
	return err
}
