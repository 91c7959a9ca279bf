// Package boltstore keeps a terminal's journal, the state folded from it,
// HQ's journal for it, print jobs and small records in one bbolt file. It
// decides nothing: a call of Update is durable when it returns, and callers
// who come together share one transaction. It never mends a record, drops
// entries only once they are sealed in an archive, and takes no more writes
// after one has failed. Buckets, keys and values are listed in DESIGN.md.
package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

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
	ErrMissing = errors.New("ledger is missing")
)

// Store is an open ledger file. It is safe for concurrent use.
type Store struct {
	db       *bolt.DB
	path     string
	terminal ledger.TerminalID
	poison   atomic.Pointer[error]
	used     atomic.Int64 // bytes up to the end of the last page in use

	waiting  atomic.Int32   // callers of Update whose turn has not come
	body     sync.Mutex     // held by the caller whose turn it is
	group    *group         // that the next caller joins; under body
	before   int            // how many callers shared the last one; under body
	writing  sync.Mutex     // held from the begin of a group to its end
	signing  sync.WaitGroup // signatures of the group that are being made
	reserved int64          // bytes of the file that the disk has given; under writing
	largest  int64          // bytes that the file may grow to
	metas    int            // of the two meta pages, that were whole when it was opened
}

var _ journal.Journal = (*Store)(nil)
var _ journal.Doubtful = (*Store)(nil)

// Open opens the ledger of a terminal, making it first if there is none.
func Open(path string, terminal ledger.TerminalID) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, terminal); err != nil {
			return nil, fmt.Errorf("make ledger %s: %w", path, err)
		}
	}
	return OpenExisting(path, terminal)
}

// OpenExisting opens the ledger of a terminal that has had one: a missing file
// is ErrMissing (fault S6). A ledger whose last write failed is rewritten
// first (bolt R10).
func OpenExisting(path string, terminal ledger.TerminalID) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open ledger %s: %w", path, ErrMissing)
	}
	if err := recoverFailed(path); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	return open(path, terminal, false)
}

// OpenRead opens an existing ledger to be read while nobody writes it.
func OpenRead(path string) (*Store, error) { return open(path, 0, true) }

func open(path string, terminal ledger.TerminalID, readOnly bool) (*Store, error) {
	metas, err := checkMetas(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	largest := MaxBytes(filepath.Dir(path))
	db, err := openFile(path, options(readOnly, largest))
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	s := &Store{db: db, path: path, terminal: terminal, largest: largest, metas: metas}
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
func openFile(path string, o *bolt.Options) (db *bolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	db, err = bolt.Open(path, 0o600, o)
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return db, err
}

func options(readOnly bool, largest int64) *bolt.Options {
	return &bolt.Options{
		Timeout: time.Second, PageSize: pageBytes, FreelistType: bolt.FreelistMapType,
		ReadOnly: readOnly, MaxSize: int(largest), InitialMmapSize: mappedBytes,
	}
}

// create makes the file aside and renames it, so that a power cut leaves
// either no ledger or a whole one (bolt R3).
func create(path string, terminal ledger.TerminalID) error {
	aside := path + ".new"
	if err := clearAway(aside); err != nil {
		return err
	}
	db, err := bolt.Open(aside, 0o600, options(false, MaxBytes(filepath.Dir(path))))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error { return makeBuckets(tx, terminal) })
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return putInPlace(aside, path)
}

// clearAway removes what a power cut left of an earlier try.
func clearAway(aside string) error {
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// putInPlace gives a file that is on the disk its final name.
func putInPlace(aside, path string) error {
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
		s.used.Store(tx.Size())
		if err := checkVersion(tx); err != nil {
			return err
		}
		if err := complete(tx); err != nil {
			return err
		}
		id, err := unsealed(owner, terminalKey, tx.Bucket([]byte{byte(owner)}).Get(terminalKey))
		if err != nil || len(id) != 4 {
			return fmt.Errorf("owner: %w", ErrDamaged)
		}
		have := ledger.TerminalID(binary.BigEndian.Uint32(id))
		if s.terminal == 0 {
			s.terminal = have
		}
		if s.terminal != have {
			return fmt.Errorf("it is of %s, not of %s: %w", have, s.terminal, ErrForeign)
		}
		return nil
	})
}

// checkVersion knows the first layout by its bucket of another name.
func checkVersion(tx *bolt.Tx) error {
	if tx.Bucket([]byte("meta")) != nil {
		return fmt.Errorf("layout 0, this build reads %d: %w", layout, ErrVersion)
	}
	b := tx.Bucket([]byte{byte(owner)})
	if b == nil {
		return fmt.Errorf("no bucket %q: %w", owner, ErrDamaged)
	}
	version, err := unsealed(owner, versionKey, b.Get(versionKey))
	if err != nil || len(version) != 2 {
		return fmt.Errorf("version: %w", ErrDamaged)
	}
	if version[0] != ledger.Version || version[1] != layout {
		return fmt.Errorf("version %d.%d, this build reads %d.%d: %w", version[0], version[1], ledger.Version, layout, ErrVersion)
	}
	return nil
}

// Terminal is whose ledger it is.
func (s *Store) Terminal() ledger.TerminalID { return s.terminal }

// Doubtful reports whether one of the meta pages was damaged, or torn by a power
// cut: the other one may be a transaction older.
func (s *Store) Doubtful() bool { return s.metas < 2 }

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
