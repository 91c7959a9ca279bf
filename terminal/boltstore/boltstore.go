// Package boltstore keeps a terminal's journal, the state folded from it,
// HQ's journal for it, print jobs and small records in one bbolt file. It
// decides nothing: one call of Update is one durable transaction. It never
// repairs a file, never deletes an entry, and takes no more writes after one
// has failed. Buckets, keys and values are listed in DESIGN.md.
package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// MaxBytes is how large the file may grow (bolt R18).
const MaxBytes = 512 << 20

// mappedBytes is how much of the file is mapped from the start (bolt R29): a
// write that must map more waits for every open View.
const mappedBytes = 256 << 20

// pageBytes is fixed, so that a file moves between kernels (bolt R4).
const pageBytes = 4096

// Errors of opening.
var (
	ErrInUse   = errors.New("ledger is in use by another process")
	ErrVersion = errors.New("ledger is of another version")
	ErrForeign = errors.New("ledger belongs to another terminal")
	ErrDamaged = errors.New("ledger file is damaged")
)

var (
	metaBucket    = []byte("meta")
	streamsBucket = []byte("streams")
	journalBucket = []byte("journal")
	downBucket    = []byte("down")
	stateBucket   = []byte("state")
	refsBucket    = []byte("refs")
	jobsBucket    = []byte("jobs")
	notesBucket   = []byte("notes")
)

// The keys of the meta bucket.
var (
	versionKey  = []byte("version")
	terminalKey = []byte("terminal")
)

var buckets = [][]byte{metaBucket, streamsBucket, journalBucket, downBucket, stateBucket, refsBucket, jobsBucket, notesBucket}

// Store is an open ledger file. It is safe for concurrent use.
type Store struct {
	db       *bolt.DB
	terminal ledger.TerminalID
	poison   atomic.Pointer[error]
}

var _ journal.Journal = (*Store)(nil)

// Open opens the ledger of a terminal, making it first if there is none.
func Open(path string, terminal ledger.TerminalID) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, terminal); err != nil {
			return nil, fmt.Errorf("make ledger %s: %w", path, err)
		}
	}
	return open(path, terminal, false)
}

// OpenRead opens an existing ledger to be read while nobody writes it.
func OpenRead(path string) (*Store, error) { return open(path, 0, true) }

func open(path string, terminal ledger.TerminalID, readOnly bool) (*Store, error) {
	if err := checkMetas(path); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	db, err := openFile(path, readOnly)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	s := &Store{db: db, terminal: terminal}
	if !readOnly {
		if err := settle(path); err != nil {
			return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), db.Close())
		}
	}
	if err := s.checkOwner(); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), db.Close())
	}
	return s, nil
}

// openFile opens the file and puts its errors under our own. bbolt panics over
// a damaged list of free pages, and then keeps the lock on the file: the
// process can only say so and end.
func openFile(path string, readOnly bool) (db *bolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	db, err = bolt.Open(path, 0o600, options(readOnly))
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return db, err
}

func options(readOnly bool) *bolt.Options {
	return &bolt.Options{
		Timeout: time.Second, PageSize: pageBytes, FreelistType: bolt.FreelistMapType,
		ReadOnly: readOnly, MaxSize: MaxBytes, InitialMmapSize: mappedBytes,
	}
}

// create makes the file aside and renames it, so that a power cut leaves
// either no ledger or a whole one (bolt R3).
func create(path string, terminal ledger.TerminalID) error {
	aside := path + ".new"
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := bolt.Open(aside, 0o600, options(false))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaBucket)
		if err := meta.Put(versionKey, sealed(metaBucket, versionKey, []byte{ledger.Version})); err != nil {
			return err
		}
		return meta.Put(terminalKey, sealed(metaBucket, terminalKey, binary.BigEndian.AppendUint32(nil, uint32(terminal))))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Rename(aside, path); err != nil {
		return err
	}
	return flushFolder(filepath.Dir(path))
}

func flushFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (s *Store) checkOwner() error {
	return s.db.View(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("no %s bucket: %w", name, ErrDamaged)
			}
		}
		meta := tx.Bucket(metaBucket)
		version, err := unsealed(metaBucket, versionKey, meta.Get(versionKey))
		if err != nil || len(version) != 1 {
			return fmt.Errorf("version: %w", ErrDamaged)
		}
		if version[0] != ledger.Version {
			return fmt.Errorf("version %d, this build reads %d: %w", version[0], ledger.Version, ErrVersion)
		}
		owner, err := unsealed(metaBucket, terminalKey, meta.Get(terminalKey))
		if err != nil || len(owner) != 4 {
			return fmt.Errorf("owner: %w", ErrDamaged)
		}
		id := ledger.TerminalID(binary.BigEndian.Uint32(owner))
		if s.terminal == 0 {
			s.terminal = id
		}
		if s.terminal != id {
			return fmt.Errorf("it is of %s, not of %s: %w", id, s.terminal, ErrForeign)
		}
		return nil
	})
}

// Terminal is whose ledger it is.
func (s *Store) Terminal() ledger.TerminalID { return s.terminal }

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Update runs fn in one durable transaction; see journal.Journal.
func (s *Store) Update(fn func(journal.Tx) error) error {
	if p := s.poison.Load(); p != nil {
		return *p
	}
	var refused error
	err := s.db.Update(func(b *bolt.Tx) error {
		refused = fn(&tx{b})
		return refused
	})
	if err == nil {
		return nil
	}
	if refused != nil && errors.Is(err, refused) && !isStorage(refused) {
		return refused
	}
	// bolt R9: after a failed write only a rewrite of the file can be trusted.
	failed := fmt.Errorf("write ledger: %w: %w", journal.ErrUnknownResult, err)
	s.poison.CompareAndSwap(nil, &failed)
	return failed
}

// View runs fn on one consistent state; see journal.Journal.
func (s *Store) View(fn func(journal.Tx) error) error {
	return s.db.View(func(b *bolt.Tx) error { return fn(&tx{b}) })
}

// Failed returns the error after which the file takes no more writes, or nil.
func (s *Store) Failed() error {
	if p := s.poison.Load(); p != nil {
		return *p
	}
	return nil
}
