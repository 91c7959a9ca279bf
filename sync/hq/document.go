package hq

import (
	"crypto/ed25519"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/admission"
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
	if err := h.awake(); err != nil || h.o.Certify == nil {
		return nil, err
	}
	key, err := h.Certified(id)
	if err != nil || key == nil {
		return nil, err
	}
	return h.o.Certify(id, key)
}

// Certified is the key for which a terminal may have a certificate, or nil.
func (h *HQ) Certified(id ledger.TerminalID) (key ed25519.PublicKey, err error) {
	err = h.Look(func(w *decision.Work) (err error) {
		key, err = admission.Certified(w, id, h.o.Now())
		return err
	})
	return key, err
}

// Vouched takes in a board for which HQ's authority vouches and which the book does
// not know: it went back to before the board enrolled, and no grant log said so.
func (h *HQ) Vouched(id ledger.TerminalID, key ed25519.PublicKey) error {
	return h.decide(func(w *decision.Work) error { return admission.Vouched(w, id, key) })
}
