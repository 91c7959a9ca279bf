package boltstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// Copies of a whole ledger. Each is made under a name of its own, put on the
// disk, looked through, and only then renamed: whatever interrupts it, under
// the final name there is the old file or the new one (faults S23 and S25).

// How long a backup, and a copy that is written slowly, may hold on to a state:
// pages that are freed meanwhile cannot be used again (bolt R21).
const (
	backupMost = time.Minute
	copyMost   = 2 * time.Minute
)

// asides are the ends of the names of files that are not whole yet.
const (
	rewriteEnd = ".rewrite"
	backupEnd  = ".part"
	compactEnd = ".compact"
)

// Rewrite copies everything out of a ledger that nobody has open, as the
// kernel shows it, and puts the copy in its place, so that every page is
// written anew (bolt R10).
func Rewrite(path string) error {
	err := replace(path, path+rewriteEnd, func(db *bolt.DB, aside string) error {
		return copyTo(context.Background(), db, aside)
	})
	if err != nil {
		return fmt.Errorf("rewrite %s: %w", path, err)
	}
	return nil
}

// Compact writes a ledger that nobody has open into a new file without the
// room that it no longer needs, and puts that in its place (bolt R22).
func Compact(path string) error {
	err := replace(path, path+compactEnd, compactTo)
	if err != nil {
		return fmt.Errorf("compact %s: %w", path, err)
	}
	return nil
}

// replace has a whole ledger made aside and puts it in the place of the old
// one, which stays locked meanwhile.
func replace(path, aside string, make func(db *bolt.DB, aside string) error) (err error) {
	if _, err := checkMetas(path); err != nil {
		return err
	}
	db, err := openFile(path, options(false, MaxBytes(filepath.Dir(path))))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := clearAway(aside); err != nil {
		return err
	}
	if err := make(db, aside); err != nil {
		return errors.Join(err, clearAway(aside))
	}
	if err := lookThrough(aside); err != nil {
		return errors.Join(err, clearAway(aside))
	}
	return putInPlace(aside, path)
}

// Backup copies the ledger while it is in use, into a file that is a ledger
// itself (bolt R20). It holds one state of it. What is there under the name is
// replaced only if it is a ledger of the same terminal.
func (s *Store) Backup(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, backupMost)
	defer cancel()
	err := s.mayReplace(path)
	aside := path + backupEnd
	if err == nil {
		err = clearAway(aside)
	}
	if err == nil {
		if err = copyTo(ctx, s.db, aside); err == nil {
			err = lookThrough(aside)
		}
		if err == nil {
			err = copyArchives(s.path, path) // what the copy no longer holds itself
		}
		if err == nil {
			err = putInPlace(aside, path)
		}
		if err != nil {
			err = errors.Join(err, clearAway(aside))
		}
	}
	if err != nil {
		return fmt.Errorf("back the ledger up to %s: %w", path, err)
	}
	return nil
}

func (s *Store) mayReplace(path string) error {
	there, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if own, err := os.Stat(s.path); err != nil || os.SameFile(own, there) {
		return errors.Join(errors.New("that is the ledger itself"), err)
	}
	old, err := OpenRead(path)
	if err != nil {
		return fmt.Errorf("a file is there already, and it is no backup: %w", err)
	}
	if err := old.Close(); err != nil {
		return err
	}
	if old.terminal != s.terminal {
		return fmt.Errorf("a backup of %s is there: %w", old.terminal, ErrForeign)
	}
	return nil
}

// Copy writes a state of the ledger into a new file while the ledger is in use,
// for somebody who looks through it and throws it away: at most so many bytes a
// second, not flushed, and without the archives. It reads the file plainly, so
// that a page that cannot be read is an error and not the end of the process.
func (s *Store) Copy(ctx context.Context, path string, pace int64) error {
	ctx, cancel := context.WithTimeout(ctx, copyMost)
	defer cancel()
	if err := writeState(&bounded{ctx: ctx, pace: pace, begun: time.Now()}, s.db, path, false); err != nil {
		return fmt.Errorf("copy the ledger to %s: %w", path, err)
	}
	return nil
}

// copyTo writes the pages of a state to a new file and flushes it.
func copyTo(ctx context.Context, db *bolt.DB, aside string) error {
	return writeState(&bounded{ctx: ctx}, db, aside, true)
}

func writeState(b *bounded, db *bolt.DB, aside string, flush bool) error {
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	b.to = f
	err = db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(b)
		return err
	})
	if err == nil && flush {
		err = f.Sync()
	}
	if late := b.ctx.Err(); late != nil {
		err = late // bbolt hides it in a text
	}
	return errors.Join(err, f.Close())
}

// bounded is a writer that stops when its context ends, and goes no faster than
// its pace.
type bounded struct {
	ctx   context.Context
	to    io.Writer
	pace  int64 // bytes a second; 0 is as fast as it goes
	begun time.Time
	done  int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.pace > 0 {
		ahead := time.Duration(b.done)*time.Second/time.Duration(b.pace) - time.Since(b.begun)
		select {
		case <-b.ctx.Done():
		case <-time.After(max(ahead, 0)):
		}
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.to.Write(p)
	b.done += int64(n)
	return n, err
}

// lookThrough checks every page and every record of a file that is to become a
// ledger.
func lookThrough(path string) error {
	s, err := OpenRead(path)
	if err != nil {
		return err
	}
	if err = s.CheckPages(); err == nil {
		err = s.View(func(tx journal.Tx) error { return tx.Check() })
	}
	return errors.Join(err, s.Close())
}

// CheckPages has bbolt look at how the pages of the file hang together. It may
// end the process over a damaged one: a file in doubt is for a child process
// (bolt R8).
func (s *Store) CheckPages() error {
	return s.db.View(func(b *bolt.Tx) (first error) {
		for err := range b.Check() { // to its end, or its goroutine stays
			if first == nil {
				first = fmt.Errorf("pages: %w: %w", ErrDamaged, err)
			}
		}
		return first
	})
}
