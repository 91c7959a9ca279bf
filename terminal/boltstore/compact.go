package boltstore

import (
	"errors"
	"fmt"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/boltstore/pages"
)

// compactBytes bounds what one transaction of a compaction writes.
const compactBytes = 1 << 20

// fillOther is how full a compaction leaves pages that are written anywhere: a
// full one would be split by the next sale. Logs are written at their end.
const fillOther = bolt.DefaultFillPercent * 3 / 2

// compactTo puts every record into a new file, and compares the two.
func compactTo(db *bolt.DB, aside string) error {
	to, err := bolt.Open(aside, 0o600, options(false, MaxBytes(filepath.Dir(aside))))
	if err != nil {
		return err
	}
	c := &compactor{to: to}
	err = db.View(func(from *bolt.Tx) error {
		err := from.ForEach(func(name []byte, b *bolt.Bucket) error { return c.bucket([][]byte{name}, b) })
		if err == nil {
			err = c.flush()
		}
		if err != nil {
			c.drop()
			return err
		}
		return to.View(func(copied *bolt.Tx) error {
			if pages.Contents(from) != pages.Contents(copied) {
				return fmt.Errorf("the copy is not what the ledger is: %w", ErrDamaged)
			}
			return nil
		})
	})
	return errors.Join(err, to.Close())
}

// compactor copies buckets with all that is in them, some of it at a time.
type compactor struct {
	to   *bolt.DB
	tx   *bolt.Tx // nil between two transactions
	size int
}

// bucket copies one bucket, to which a path of names leads.
func (c *compactor) bucket(path [][]byte, from *bolt.Bucket) error {
	to, err := c.open(path)
	if err == nil {
		err = to.SetSequence(from.Sequence())
	}
	if err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v == nil {
			return c.bucket(append(path[:len(path):len(path)], k), from.Bucket(k))
		}
		if c.size += len(k) + len(v); c.size > compactBytes {
			if err := c.flush(); err != nil {
				return err
			}
		}
		if to.Tx() != c.tx { // of a transaction that has ended
			if to, err = c.open(path); err != nil {
				return err
			}
		}
		return to.Put(k, v)
	})
}

// open finds or makes the bucket to which a path leads.
func (c *compactor) open(path [][]byte) (b *bolt.Bucket, err error) {
	if c.tx == nil {
		if c.tx, err = c.to.Begin(true); err != nil {
			return nil, err
		}
	}
	b, err = c.tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err != nil {
			return nil, err
		}
		b, err = b.CreateBucketIfNotExists(name)
	}
	if err != nil {
		return nil, err
	}
	b.FillPercent = fillOther
	if s := space(path[0][0]); s < 'a' || s.isLog() { // of a large letter are closed segments
		b.FillPercent = 1
	}
	return b, nil
}

func (c *compactor) flush() error {
	if c.tx == nil {
		return nil
	}
	tx := c.tx
	c.tx, c.size = nil, 0
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback() // an error if the commit has done so
		return err
	}
	return nil
}

// drop ends a transaction that is not to be committed.
func (c *compactor) drop() {
	if c.tx != nil {
		_ = c.tx.Rollback() // nothing of it is kept
		c.tx = nil
	}
}
