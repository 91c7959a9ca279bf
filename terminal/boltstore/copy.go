package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	bolt "go.etcd.io/bbolt"
)

// copyBytes bounds what one transaction of a copy writes.
const copyBytes = 1 << 20

// CopyJournals writes a new ledger file with the journals, the print jobs and
// the small records of this one, and with no state and no references: those
// are to be folded anew. A file that is there already is an error.
func (s *Store) CopyJournals(path string) (err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy journals to %s: %w", path, errors.Join(fs.ErrExist, err))
	}
	if err := create(path, s.terminal); err != nil {
		return fmt.Errorf("copy journals to %s: %w", path, err)
	}
	to, err := bolt.Open(path, 0o600, options(false))
	if err != nil {
		return fmt.Errorf("copy journals to %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for _, bucket := range [][]byte{streamsBucket, journalBucket, downBucket, jobsBucket, notesBucket} {
		if err := s.copyBucket(to, bucket); err != nil {
			return fmt.Errorf("copy %s to %s: %w", bucket, path, err)
		}
	}
	return nil
}

// copyBucket copies a bucket as it is, some of it at a time.
func (s *Store) copyBucket(to *bolt.DB, bucket []byte) error {
	return s.db.View(func(from *bolt.Tx) error {
		c := from.Bucket(bucket).Cursor()
		k, v := c.First()
		for k != nil {
			err := to.Update(func(tx *bolt.Tx) error {
				b := tx.Bucket(bucket)
				b.FillPercent = 1 // keys come in order
				for size := 0; k != nil && size < copyBytes; k, v = c.Next() {
					if err := b.Put(k, v); err != nil {
						return err
					}
					size += len(k) + len(v)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
