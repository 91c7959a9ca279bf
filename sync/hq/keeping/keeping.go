// Package keeping brings the grant log up to what HQ's book has committed, before
// anything of it leaves: durable before sent. A log that cannot be written is
// written no more, and somebody is told, once.
package keeping

import (
	"errors"
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Log is the append-only file of what HQ has decided and told terminals, apart
// from the book: it does not fail together with it.
type Log interface {
	// Span are the numbers of the first and the newest record; zeros where there
	// is none.
	Span() (first, last uint64, err error)
	// Append adds records, the first of them with a number that follows on the
	// newest, or any number in an empty log. When it returns nil, they are safe.
	Append(first uint64, records [][]byte) error
	// Records lists records after a number.
	Records(after uint64, limit int) ([][]byte, error)
	// KeepDocument keeps a document beside the records, under a name that its bytes
	// give. When it returns nil, it is safe.
	KeepDocument(name string, b []byte) error
	// Document is the document of a name, or nil.
	Document(name string) ([]byte, error)
}

// ErrBroken says that the grant log could not be written. What it has is not known
// then: it is opened anew, by an HQ that is started anew.
var ErrBroken = errors.New("the grant log cannot be written: HQ gives nothing more until it is started anew")

const atOnce = 256

// Keeper keeps a grant log up with a book. It is safe for concurrent use.
type Keeper struct {
	Book  book.Book
	Log   Log
	Broke func(error) // is told once that the log cannot be written
	// Named is the document that a record names; Packed is one as the book keeps it.
	// It is kept beside the log before the record is.
	Named  func(raw []byte) (ledger.Hash, bool)
	Packed func(tx book.Tx, root ledger.Hash) ([]byte, error)

	flushing sync.Mutex // the log is written by one at a time
	mu       sync.Mutex
	last     uint64 // newest record of the log
	broken   error
}

// Flush brings the log up to what is committed.
func (k *Keeper) Flush() error {
	k.flushing.Lock()
	defer k.flushing.Unlock()
	if err := k.Broken(); err != nil {
		return err
	}
	for {
		var list []book.Grant
		err := k.Book.Glance(func(tx book.Tx) (err error) {
			list, err = tx.Grants(k.Last(), atOnce)
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		if err := k.append(list); err != nil {
			return err
		}
		if len(list) < atOnce {
			return nil // who commits another one sees to it itself
		}
	}
}

func (k *Keeper) append(list []book.Grant) error {
	var roots []ledger.Hash
	raws := make([][]byte, len(list))
	for n, g := range list {
		raws[n] = g.Raw
		if root, ok := k.Named(g.Raw); ok {
			roots = append(roots, root)
		}
	}
	if err := k.KeepDocuments(roots); err != nil {
		return err
	}
	if err := k.Log.Append(list[0].N, raws); err != nil {
		return k.failed(err)
	}
	k.At(list[len(list)-1].N)
	return nil
}

// KeepDocuments keeps documents of the book beside the log, those that the book has.
func (k *Keeper) KeepDocuments(roots []ledger.Hash) error {
	for _, root := range roots {
		var packed []byte
		err := k.Book.View(func(tx book.Tx) (err error) {
			packed, err = k.Packed(tx, root)
			return err
		})
		if err != nil {
			return err
		}
		if packed == nil {
			continue
		}
		if err := k.Log.KeepDocument(Name(root), packed); err != nil {
			return k.failed(err)
		}
	}
	return nil
}

// Name is the name of a document beside the log.
func Name(root ledger.Hash) string { return fmt.Sprintf("%x", root) }

// failed breaks the log.
func (k *Keeper) failed(why error) error {
	err := fmt.Errorf("%w: %w", ErrBroken, why)
	k.mu.Lock()
	first := k.broken == nil
	if first {
		k.broken = err
	}
	k.mu.Unlock()
	if first {
		k.Broke(err)
	}
	return err
}

// Last is the newest record that the log has.
func (k *Keeper) Last() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last
}

// At says which record of the book is the newest that the log has.
func (k *Keeper) At(last uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = last
}

// Broken is why the log takes no more, or nil.
func (k *Keeper) Broken() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.broken
}
