package boltstore

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// tx is what one caller sees of a transaction, which it may share with
// others. It remembers what it changed, so that it can be taken back alone.
type tx struct {
	b      *bolt.Tx
	s      *Store
	undone []change
}

var _ journal.Tx = (*tx)(nil)

// change is what stood under a key before it was written, or nil.
type change struct {
	bucket *bolt.Bucket
	key    []byte
	value  []byte
}

// bucket is where a key of a space stands.
func (t *tx) bucket(s space, key []byte) (*bolt.Bucket, error) {
	switch s {
	case entries, downs, papers:
		return t.segment(s, key)
	case rows, refs:
		return t.b.Bucket(s.shardOf(key)), nil
	}
	return t.b.Bucket([]byte{byte(s)}), nil
}

// get returns a copy of a value, or nil if there is none.
func (t *tx) get(s space, key []byte) ([]byte, error) {
	b, err := t.bucket(s, key)
	if err != nil {
		return nil, err
	}
	raw := b.Get(key)
	if raw == nil {
		return nil, nil
	}
	v, err := unsealed(s, key, raw)
	if err != nil {
		return nil, &journal.Damaged{Name: fmt.Sprintf("%s %x", s, key), Raw: bytes.Clone(raw), Err: err}
	}
	return bytes.Clone(v), nil
}

func (t *tx) put(s space, key, value []byte) error { return t.putRaw(s, key, sealed(s, key, value)) }

// putRaw writes a value as it is to stand in the file.
func (t *tx) putRaw(s space, key, raw []byte) error {
	b, err := t.bucket(s, key)
	if err != nil {
		return err
	}
	before := b.Get(key)
	if s.isLog() {
		b.FillPercent = 1 // keys mostly grow: fill the pages
		if before == nil {
			err = b.SetSequence(b.Sequence() + uint64(len(key)+len(raw)))
		}
	}
	if err = errors.Join(err, b.Put(key, raw)); err != nil {
		return fmt.Errorf("put %s %x: %w", s, key, err)
	}
	t.undone = append(t.undone, change{b, key, before})
	return nil
}

// remove removes a record, if it is there.
func (t *tx) remove(s space, key []byte) error {
	b, err := t.bucket(s, key)
	if err != nil {
		return err
	}
	before := b.Get(key)
	if before == nil {
		return nil
	}
	if err := b.Delete(key); err != nil {
		return fmt.Errorf("remove %s %x: %w", s, key, err)
	}
	t.undone = append(t.undone, change{b, key, before})
	return nil
}

// undo takes back what this caller wrote, and nothing else.
func (t *tx) undo() error {
	for n := len(t.undone) - 1; n >= 0; n-- {
		c := t.undone[n]
		err := error(nil)
		if c.value == nil {
			err = c.bucket.Delete(c.key)
		} else {
			err = c.bucket.Put(c.key, c.value)
		}
		if err != nil {
			return fmt.Errorf("take back %x: %w", c.key, err)
		}
	}
	t.undone = nil
	return nil
}
