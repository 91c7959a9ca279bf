// Package shelf is the documents that both daemons go by: what the settings
// name, and at a terminal what HQ has published since.
package shelf

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/parcel"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// fromHQ are the names of documents that came over the link.
var fromHQ = map[string]string{"programme": "programme from HQ", "products": "products from HQ", "members": "members from HQ"}

// kinds are those of documents that a terminal is told of: all have the same but
// for the deals, of which each has its own.
var kinds = append(slices.Clone(hq.Documents), library.Deals)

// Shelf is where a terminal keeps the documents that HQ has published, in a
// folder of its own: for each kind the head that HQ announced, the parts that
// have come, and the document that was last found good. Each file is put in
// place whole, so that a power cut leaves the one before or the one after.
type Shelf struct {
	folder   string
	phoneKey []byte
	key      ed25519.PrivateKey // of the board: for its deals
	now      func() time.Time

	mu    sync.Mutex
	inUse map[string][]byte // bytes by kind
	bad   map[ledger.Hash]bool
}

var _ exchange.Shelf = (*Shelf)(nil)

// New starts with what is in the settings, or with what HQ has published
// since and was good.
func New(data string, docs Documents, key ed25519.PrivateKey, now func() time.Time) (*Shelf, Documents, error) {
	dir := filepath.Join(data, "documents")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, docs, fmt.Errorf("make the documents' folder: %w", err)
	}
	s := &Shelf{folder: dir, phoneKey: docs.phoneKey, key: key, now: now, inUse: docs.Raw, bad: map[ledger.Hash]bool{}}
	kept := s.raw()
	if kept == nil {
		return s, docs, nil
	}
	deals, err := s.deals(kept[library.Deals])
	if err != nil {
		delete(kept, library.Deals)
	}
	better, err := parse(kept, fromHQ, docs.phoneKey)
	if err != nil { // the settings' own are the last good ones
		docs.Deals = deals
		s.inUse = maps.Clone(docs.Raw)
		s.inUse[library.Deals] = kept[library.Deals]
		return s, docs, nil
	}
	s.inUse, better.Deals = kept, deals
	return s, better, nil
}

// deals opens the batches of games that this board plays: nobody else can.
func (s *Shelf) deals(b []byte) ([]game.Deal, error) {
	if len(b) == 0 {
		return nil, nil
	}
	plain, err := sealed.Open(s.key, b)
	if err != nil {
		return nil, fmt.Errorf("batches of games: %w", err)
	}
	return game.ReadDeals(plain)
}

// raw is what is in use, with what lies here in its place; nil if nothing does.
func (s *Shelf) raw() map[string][]byte {
	out, found := map[string][]byte{}, false
	for _, what := range kinds {
		out[what] = s.inUse[what]
		if b, err := os.ReadFile(s.path(what, "")); err == nil {
			out[what], found = b, true
		}
	}
	if !found {
		return nil
	}
	return out
}

func (s *Shelf) path(what, ending string) string { return filepath.Join(s.folder, what+ending) }

// Announce notes what HQ says in its journal.
func (s *Shelf) Announce(raws [][]byte, news func([]byte) *ledger.Document) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, raw := range raws {
		d := news(raw)
		if d == nil || !known(d.What) {
			continue
		}
		if err := keyfile.Write(s.path(d.What, ".head"), codec.Marshal(d)); err != nil {
			return err
		}
	}
	return nil
}

func known(what string) bool {
	for _, w := range kinds {
		if w == what {
			return true
		}
	}
	return false
}

// head is what HQ announced of a kind; ok is false if nothing.
func (s *Shelf) head(what string) (d ledger.Document, ok bool, err error) {
	b, err := os.ReadFile(s.path(what, ".head"))
	if errors.Is(err, fs.ErrNotExist) {
		return d, false, nil
	}
	if err == nil {
		err = codec.Unmarshal(b, &d)
	}
	return d, err == nil, err
}

// part is what has come of a document so far, and the root of the one that is in use.
func (s *Shelf) part(d ledger.Document) (p parcel.Part, here ledger.Hash) {
	here = parcel.Root(s.inUse[d.What])
	fresh := parcel.Part{Root: d.Root, Base: here}
	b, err := os.ReadFile(s.path(d.What, ".part"))
	var c wire.Chunk
	if err != nil || codec.Unmarshal(b, &partFile{&c}) != nil || c.Root != d.Root {
		return fresh, here
	}
	if p = (parcel.Part{Root: c.Root, Base: c.Base, Sum: c.Sum, Size: c.Size, Bytes: c.Bytes}); !p.From(here) {
		p = fresh
	}
	return p, here
}

// partFile is the form of a file of parts: as a chunk, but of any length.
type partFile struct{ *wire.Chunk }

// Fields lists the message's fields.
func (p *partFile) Fields(c *codec.Coder) {
	codec.Array(c, 1, p.Root[:])
	codec.Array(c, 2, p.Base[:])
	codec.Array(c, 3, p.Sum[:])
	codec.Uint(c, 4, &p.Size)
	codec.Bytes(c, 6, &p.Bytes, 2*ledger.DocumentBytesMax)
}

// missing is the first kind of which something else is announced than is in use
// and lies ready.
func (s *Shelf) missing() (ledger.Document, bool, error) {
	for _, what := range kinds {
		d, ok, err := s.head(what)
		if err != nil {
			return d, false, err
		}
		if !ok || d.Is(s.inUse[what]) || s.bad[d.Root] {
			continue
		}
		if b, err := os.ReadFile(s.path(what, ".next")); err == nil && d.Is(b) {
			continue
		}
		return d, true, nil
	}
	return ledger.Document{}, false, nil
}

// Wanted says which part to ask for next, or nil.
func (s *Shelf) Wanted() (*wire.Fetch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok, err := s.missing()
	if err != nil || !ok {
		return nil, err
	}
	p, _ := s.part(d)
	return p.Next(), nil
}

// Take takes in a part, if it is the one that was wanted; the last one makes the document.
func (s *Shelf) Take(c *wire.Chunk) (took bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok, err := s.missing()
	if err != nil || !ok {
		return false, err
	}
	p, here := s.part(d)
	if !p.Add(c, here) {
		return false, nil
	}
	if !p.Whole() {
		file := partFile{&wire.Chunk{Root: p.Root, Base: p.Base, Sum: p.Sum, Size: p.Size, Bytes: p.Bytes}}
		return true, keyfile.Write(s.path(d.What, ".part"), codec.Marshal(&file))
	}
	var base []byte
	if p.Base != (ledger.Hash{}) {
		base = s.inUse[d.What]
	}
	document, err := parcel.Unpack(p.Bytes, base, d.Root)
	if err == nil {
		err = keyfile.Write(s.path(d.What, ".next"), document)
	}
	return true, errors.Join(err, remove(s.path(d.What, ".part")))
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Due puts what is whole and due into force: all of it together, if it is good
// together, and the deals by themselves. What is not good is said once, and what
// was in force stays.
func (s *Shelf) Due(use func(till.Documents) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.due(hq.Documents, use), s.due([]string{library.Deals}, use))
}

func (s *Shelf) due(which []string, use func(till.Documents) error) error {
	next := maps.Clone(s.inUse)
	var heads []ledger.Document
	for _, what := range which {
		d, ok, err := s.head(what)
		if err != nil {
			return err
		}
		if !ok || d.Is(s.inUse[what]) || s.bad[d.Root] || d.From > s.now().UnixMilli() {
			continue
		}
		if b, err := os.ReadFile(s.path(what, ".next")); err == nil && d.Is(b) {
			next[what], heads = b, append(heads, d)
		}
	}
	if len(heads) == 0 {
		return nil
	}
	docs, err := parse(next, fromHQ, s.phoneKey)
	if err == nil {
		docs.Deals, err = s.deals(next[library.Deals])
	}
	if err != nil {
		for _, d := range heads {
			s.bad[d.Root] = true
		}
		return fmt.Errorf("what HQ published is not good, what was in force stays: %w", err)
	}
	for _, d := range heads {
		if err := keyfile.Write(s.path(d.What, ""), next[d.What]); err != nil {
			return err
		}
	}
	if err := use(till.Documents{Programme: docs.Programme, RulesText: docs.Text, Products: docs.Products, Members: docs.Members, Deals: docs.Deals}); err != nil {
		return err
	}
	s.inUse = next
	for _, d := range heads {
		if err := remove(s.path(d.What, ".next")); err != nil {
			return err
		}
	}
	return nil
}
