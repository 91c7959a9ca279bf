package hq

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Documents lists what HQ publishes, in the order in which it is told.
var Documents = []string{"programme", "products", "members"}

// Names of rows of meta: the newest head of a kind of document, the bytes of
// one, and what a terminal was told last.
func headMeta(what string) string       { return "document-" + what }
func bytesMeta(root ledger.Hash) string { return fmt.Sprintf("document-bytes-%x", root) }
func toldMeta(id ledger.TerminalID, what string) string {
	return "document-told-" + id.String() + "-" + what
}

// Publish makes a document the newest of its kind, from a time on, and tells
// all terminals of it. Publishing the same again does nothing.
func (h *HQ) Publish(what, version string, document []byte, from time.Time) error {
	if len(document) > ledger.DocumentBytesMax {
		return fmt.Errorf("publish %s of %d bytes: more than %d", what, len(document), ledger.DocumentBytesMax)
	}
	packed, err := parcel.Pack(document, nil)
	if err != nil {
		return err
	}
	d := ledger.Document{What: what, Version: version, Root: parcel.Root(document), Size: uint64(len(document))}
	if !from.IsZero() {
		d.From = from.UnixMilli()
	}
	return h.decide(func(w *decision.Work) error {
		if newest, ok, err := newestOf(w.Tx, what); err != nil || ok && newest.Root == d.Root {
			return err
		}
		if err := w.Tx.PutMeta(bytesMeta(d.Root), base64.StdEncoding.EncodeToString(packed)); err != nil {
			return err
		}
		if err := w.Tx.PutMeta(headMeta(what), base64.StdEncoding.EncodeToString(codec.Marshal(&d))); err != nil {
			return err
		}
		terminals, err := w.Tx.Terminals()
		if err != nil {
			return err
		}
		for _, t := range terminals {
			if err := h.announce(w, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// newestOf is the head of the newest document of a kind.
func newestOf(tx book.Tx, what string) (d ledger.Document, ok bool, err error) {
	text, err := tx.Meta(headMeta(what))
	if err != nil || text == "" {
		return d, false, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = codec.Unmarshal(raw, &d)
	}
	return d, err == nil, err
}

// announce tells an enrolled terminal of the documents that it was not told of.
func (h *HQ) announce(w *decision.Work, t book.Terminal) error {
	if len(t.Key) == 0 {
		return nil
	}
	for _, what := range Documents {
		d, ok, err := newestOf(w.Tx, what)
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
		if err := w.Tx.PutMeta(toldMeta(t.ID, what), root); err != nil {
			return err
		}
	}
	return nil
}

// Fetch is a part of a document, told from the one that the terminal has where
// HQ has that one too and it makes less of it.
func (h *HQ) Fetch(_ ledger.TerminalID, m *wire.Fetch) (*wire.Chunk, error) {
	var document, base, packed []byte
	err := h.o.Book.View(func(tx book.Tx) (err error) {
		if document, packed, err = stored(tx, m.Root); err == nil && m.Base != (ledger.Hash{}) {
			base, _, err = stored(tx, m.Base)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("document %x: %w", m.Root[:4], err)
	}
	if packed == nil {
		return &wire.Chunk{Root: m.Root}, nil
	}
	var from ledger.Hash
	if base != nil {
		told, err := parcel.Pack(document, base)
		if err != nil {
			return nil, err
		}
		if len(told) < len(packed) {
			packed, from = told, m.Base
		}
	}
	return parcel.Cut(packed, m, from), nil
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

// Certify signs a certificate of a terminal's key; nil where HQ signs none.
func (h *HQ) Certify(id ledger.TerminalID) (*wire.Certificate, error) {
	if h.o.Certify == nil {
		return nil, nil
	}
	key, err := h.Key(id)
	if err != nil || key == nil {
		return nil, err
	}
	return h.o.Certify(id, key)
}
