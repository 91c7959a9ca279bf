package library

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// toldMax is how many documents are kept as they are told from another one: a new
// version goes to all terminals within minutes, each of which asks part by part.
const toldMax = 4

// told is a document as it goes out to who has another one.
type told struct {
	root, base ledger.Hash
	packed     []byte
	from       ledger.Hash // base, or zero where it is told whole
}

// Fetch is a part of a document, told from the one that the terminal has where
// HQ has that one too and it makes less of it.
func (r *Rules) Fetch(b book.Book, m *wire.Fetch) (*wire.Chunk, error) {
	same := func(t told) bool { return t.root == m.Root && t.base == m.Base }
	r.mu.Lock()
	n := slices.IndexFunc(r.told, same)
	var t told
	if n >= 0 {
		t = r.told[n]
	}
	r.mu.Unlock()
	if n < 0 {
		var err error
		if t, err = tell(b, m); err != nil {
			return nil, fmt.Errorf("document %x: %w", m.Root[:4], err)
		}
	}
	if t.packed == nil {
		return &wire.Chunk{Root: m.Root}, nil
	}
	if n < 0 && m.Base != (ledger.Hash{}) {
		r.mu.Lock()
		r.told = append(slices.DeleteFunc(r.told, same), t)
		r.told = slices.Delete(r.told, 0, max(len(r.told)-toldMax, 0))
		r.mu.Unlock()
	}
	return parcel.Cut(t.packed, m, t.from), nil
}

// tell packs a document for who has another one; it has no bytes where HQ has no such
// document.
func tell(b book.Book, m *wire.Fetch) (told, error) {
	t := told{root: m.Root, base: m.Base}
	var document, base []byte
	err := b.View(func(tx book.Tx) (err error) {
		if document, t.packed, err = stored(tx, m.Root); err == nil && m.Base != (ledger.Hash{}) {
			base, _, err = stored(tx, m.Base)
		}
		return err
	})
	if err != nil || t.packed == nil || base == nil {
		return t, err
	}
	shorter, err := parcel.Pack(document, base)
	if err == nil && len(shorter) < len(t.packed) {
		t.packed, t.from = shorter, m.Base
	}
	return t, err
}
