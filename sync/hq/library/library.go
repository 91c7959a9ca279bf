// Package library is the documents that HQ publishes: which is the newest of each
// kind, which stores have another first, what came before, and which a terminal
// was told of. Who publishes, and when, others decide.
package library

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Kinds lists what HQ publishes, in the order in which it is told.
var Kinds = []string{"programme", "products", "members"}

// Deals is the kind of document of which each terminal has its own: the batches
// of games that it plays, sealed for its key.
const Deals = "deals"

// Names of rows of meta: the newest head of a kind of document, the bytes of
// one, and what a terminal was told last.
func headMeta(what string) string       { return "document-" + what }
func bytesMeta(root ledger.Hash) string { return fmt.Sprintf("document-bytes-%x", root) }
func toldMeta(id ledger.TerminalID, what string) string {
	return "document-told-" + id.String() + "-" + what
}

// Publish makes a document the newest of its kind, from a time on, and tells
// all terminals of it. Publishing the same again does nothing, and neither does
// publishing what the settings name once a person has published a document.
func Publish(w *decision.Work, r Release) error {
	if newest, ok, err := newestOf(w.Tx, r.What); err != nil || ok && newest.Root == parcel.Root(r.Bytes) {
		return err
	}
	if person, err := w.Tx.Meta(personMeta(r.What)); err != nil || person != "" {
		return err
	}
	d, packed, err := r.pack()
	if err != nil {
		return err
	}
	return errors.Join(w.Tx.PutMeta(bytesMeta(d.Root), packed), w.Tx.PutMeta(headMeta(r.What), headText(&d)), announceAll(w))
}

func dealsMeta(id ledger.TerminalID) string { return "document-deals-" + id.String() }

// Give makes bytes the document of deals of one terminal, and tells it. The one
// before is of no use to anybody.
func Give(w *decision.Work, id ledger.TerminalID, b []byte) error {
	r := Release{What: Deals, Version: Deals, Bytes: b}
	d, packed, err := r.pack()
	if err != nil {
		return err
	}
	t, err := w.Tx.Terminal(id)
	if err != nil {
		return err
	}
	if was, ok, err := headFor(w.Tx, Deals, &t); err != nil {
		return err
	} else if ok {
		if err := w.Tx.PutMeta(bytesMeta(was.Root), ""); err != nil {
			return err
		}
	}
	return errors.Join(w.Tx.PutMeta(bytesMeta(d.Root), packed), w.Tx.PutMeta(dealsMeta(id), headText(&d)), Announce(w, t))
}

// DealsOf is the newest document of deals of a terminal, as it goes out.
func DealsOf(tx book.Tx, id ledger.TerminalID) ([]byte, error) {
	text, err := tx.Meta(dealsMeta(id))
	if err != nil || text == "" {
		return nil, err
	}
	d, err := readHead(text)
	if err != nil {
		return nil, err
	}
	document, _, err := stored(tx, d.Root)
	return document, err
}

// newestOf is the head of the newest document of a kind.
func newestOf(tx book.Tx, what string) (d ledger.Document, ok bool, err error) {
	text, err := tx.Meta(headMeta(what))
	if err != nil || text == "" {
		return d, false, err
	}
	d, err = readHead(text)
	return d, err == nil, err
}

// Announce tells an enrolled terminal of the documents that it was not told of.
func Announce(w *decision.Work, t book.Terminal) error {
	if len(t.Key) == 0 {
		return nil
	}
	for _, what := range append(slices.Clone(Kinds), Deals) {
		d, ok, err := headFor(w.Tx, what, &t)
		if err != nil {
			return err
		}
		root := fmt.Sprintf("%x", d.Root)
		told, err := w.Tx.Meta(toldMeta(t.ID, what))
		if err != nil {
			return err
		}
		if !ok || told == root {
			continue
		}
		if _, err := w.Send(t.ID, ledger.Down{Document: &d}); err != nil {
			return err
		}
		if err := Told(w.Tx, ledger.Down{Terminal: t.ID, Document: &d}); err != nil {
			return err
		}
	}
	return nil
}

// Told remembers of which document an entry told its terminal. Where HQ has it no
// more, since its book went back, the terminal is told of the one that HQ has.
func Told(tx book.Tx, d ledger.Down) error {
	if d.Document == nil {
		return nil
	}
	return tx.PutMeta(toldMeta(d.Terminal, d.Document.What), fmt.Sprintf("%x", d.Document.Root))
}

// stored reads a document's bytes and its packed form; both are nil where HQ
// has no such document.
func stored(tx book.Tx, root ledger.Hash) (document, packed []byte, err error) {
	text, err := tx.Meta(bytesMeta(root))
	if err != nil || strings.TrimSpace(text) == "" {
		return nil, nil, err
	}
	if packed, err = base64.StdEncoding.DecodeString(text); err != nil {
		return nil, nil, err
	}
	document, err = parcel.Unpack(packed, nil, root)
	return document, packed, err
}
