package hq

import (
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Documents lists what HQ publishes, in the order in which it is told.
var Documents = library.Kinds

// Publish makes a document that the settings name the newest of its kind, from a
// time on, unless a person has published one, and tells all terminals of it.
func (h *HQ) Publish(what, version string, document []byte, from time.Time) error {
	r := library.Release{What: what, Version: version, Bytes: document, From: from}
	return h.publish(func(w *decision.Work) error { return library.Publish(w, r) })
}

// Release publishes a document by a person's decision, to all stores or to some
// first.
func (h *HQ) Release(r library.Release, by By) error {
	return h.publish(func(w *decision.Work) error { return r.Publish(w, by) })
}

// RollBack takes a document back: from the stores that had it first, or, where
// all have it, in favour of the one before it. It returns what is in force then.
func (h *HQ) RollBack(what string, by By) (d ledger.Document, err error) {
	err = h.publish(func(w *decision.Work) (err error) {
		d, err = library.RollBack(w, what, by)
		return err
	})
	return d, err
}

// Fetch is a part of a document, told from the one that the terminal has where
// HQ has that one too and it makes less of it.
func (h *HQ) Fetch(_ ledger.TerminalID, m *wire.Fetch) (*wire.Chunk, error) {
	return h.rules.Fetch(h.o.Book, m)
}

// Certify signs a certificate of a terminal's key; nil where HQ signs none.
func (h *HQ) Certify(id ledger.TerminalID) (*wire.Certificate, error) {
	if h.o.Certify == nil {
		return nil, nil
	}
	key, err := h.Certified(id)
	if err != nil || key == nil {
		return nil, err
	}
	return h.o.Certify(id, key)
}

// Certified is the key for which a terminal may have a certificate, or nil: that
// of a terminal which was decommissioned is worth nothing (sec K6), unless it was
// invited since: it turned up, and is to tell what HQ has not heard.
func (h *HQ) Certified(id ledger.TerminalID) (key ed25519.PublicKey, err error) {
	err = h.Look(func(w *decision.Work) error {
		key = nil
		t, err := w.Tx.Terminal(id)
		if errors.Is(err, book.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		gone, failed := w.Gone(id)
		let, err := admission.Lets(w.Tx, id, gone, h.o.Now())
		if let && failed == nil {
			key = t.Key
		}
		return errors.Join(failed, err)
	})
	return key, err
}
