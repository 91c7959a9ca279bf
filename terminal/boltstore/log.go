package boltstore

import (
	"encoding/binary"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// segmentBytes is how much is written to a segment of a log before the next
// one begins: its pages then need no branch but their root.
const segmentBytes = 384 << 10

// A log is cut into segments, each a bucket. The newest is in the list of
// buckets; the closed ones are in a bucket of their own, with an index from
// the last key of each to its name. A key belongs to the first closed segment
// whose last key is not smaller, or else to the newest.

func (s space) segmentName(n uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{byte(s)}, n)
}

// closedName is the bucket with a log's closed segments: its letter, large.
func (s space) closedName() []byte { return []byte{byte(s) - 'a' + 'A'} }

// boundKey leads from the last key of a closed segment to its name. It is in
// the same bucket as the segments, after all of them.
func boundKey(key []byte) []byte { return append([]byte{0xff}, key...) }

// open is the newest segment's name, or nil.
func (s space) open(tx *bolt.Tx) []byte {
	name, _ := tx.Cursor().Seek(s.segmentName(0))
	if len(name) != 5 || name[0] != byte(s) {
		return nil
	}
	return name
}

// roll closes the newest segment of a log if it is full. bbolt moves a bucket
// as it is on the disk: nothing may have been written to it in this
// transaction.
func (s space) roll(tx *bolt.Tx) error {
	name := s.open(tx)
	b := tx.Bucket(name)
	if b == nil {
		return fmt.Errorf("no newest segment of %q: %w", s, ErrDamaged)
	}
	if b.Sequence() < segmentBytes {
		return nil
	}
	last, _ := b.Cursor().Last()
	bound := boundKey(last)
	name = append([]byte(nil), name...)
	closed := tx.Bucket(s.closedName())
	if err := tx.MoveBucket(name, nil, closed); err != nil {
		return fmt.Errorf("close segment %x: %w", name, err)
	}
	if err := closed.Put(bound, sealed(s, bound, name)); err != nil {
		return fmt.Errorf("close segment %x: %w", name, err)
	}
	return makeBucket(tx, s.segmentName(binary.BigEndian.Uint32(name[1:])+1))
}

// segment is the bucket in which a key of a log stands, or would stand.
func (t *tx) segment(s space, key []byte) (*bolt.Bucket, error) {
	closed := t.b.Bucket(s.closedName())
	bound, value := closed.Cursor().Seek(boundKey(key))
	if bound == nil {
		return t.b.Bucket(s.open(t.b)), nil
	}
	return closedSegment(s, closed, bound, value)
}

func closedSegment(s space, closed *bolt.Bucket, bound, value []byte) (*bolt.Bucket, error) {
	name, err := unsealed(s, bound, value)
	if err != nil {
		return nil, fmt.Errorf("segment up to %x: %w", bound[1:], err)
	}
	b := closed.Bucket(name)
	if b == nil {
		return nil, fmt.Errorf("no segment %x: %w", name, ErrDamaged)
	}
	return b, nil
}

// segments hands out the segments of a log from the one on in which a key
// stands, in order.
func (t *tx) segments(s space, from []byte) iter.Seq2[*bolt.Bucket, error] {
	return func(yield func(*bolt.Bucket, error) bool) {
		closed := t.b.Bucket(s.closedName())
		c := closed.Cursor()
		for bound, value := c.Seek(boundKey(from)); bound != nil; bound, value = c.Next() {
			if b, err := closedSegment(s, closed, bound, value); !yield(b, err) || err != nil {
				return
			}
		}
		yield(t.b.Bucket(s.open(t.b)), nil)
	}
}

// segmentsBack hands out the segments of a log up to the one in which a key
// stands, the last one first.
func (t *tx) segmentsBack(s space, to []byte) iter.Seq2[*bolt.Bucket, error] {
	return func(yield func(*bolt.Bucket, error) bool) {
		closed := t.b.Bucket(s.closedName())
		c := closed.Cursor()
		bound, value := c.Seek(boundKey(to))
		if bound == nil {
			if !yield(t.b.Bucket(s.open(t.b)), nil) {
				return
			}
			bound, value = c.Last()
		}
		for ; len(bound) > 0 && bound[0] == 0xff; bound, value = c.Prev() {
			if b, err := closedSegment(s, closed, bound, value); !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// record is a key and a value of a bucket, or what is wrong.
type record struct {
	key, value []byte
	err        error
}

// forward hands out the records of a log from a key on.
func (t *tx) forward(s space, from []byte) iter.Seq[record] {
	return func(yield func(record) bool) {
		for b, err := range t.segments(s, from) {
			if err != nil {
				yield(record{err: err})
				return
			}
			c := b.Cursor()
			for k, v := c.Seek(from); k != nil; k, v = c.Next() {
				if v != nil && !yield(record{key: k, value: v}) {
					return
				}
			}
		}
	}
}

// back hands out the records of a log before a key, the last one first.
func (t *tx) back(s space, before []byte) iter.Seq[record] {
	return func(yield func(record) bool) {
		for b, err := range t.segmentsBack(s, before) {
			if err != nil {
				yield(record{err: err})
				return
			}
			c := b.Cursor()
			step := c.Last
			if k, _ := c.Seek(before); k != nil {
				step = c.Prev
			}
			for k, v := step(); k != nil; k, v = c.Prev() {
				if v != nil && !yield(record{key: k, value: v}) {
					return
				}
			}
		}
	}
}
