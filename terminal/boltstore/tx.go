package boltstore

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// storageError marks an error of the file, as against a refusal by a caller.
type storageError struct{ error }

func (e storageError) Unwrap() error { return e.error }

func isStorage(err error) bool {
	var s storageError
	return errors.As(err, &s)
}

// recordBytes is what stands before an entry: its link and the signature.
const recordBytes = sha256.Size + ed25519.SignatureSize

// tx is one transaction. Keys are big-endian, values carry their own check.
type tx struct{ b *bolt.Tx }

func (t *tx) put(bucket, key, value []byte) error {
	if err := t.b.Bucket(bucket).Put(key, sealed(bucket, key, value)); err != nil {
		return storageError{fmt.Errorf("put %s %x: %w", bucket, key, err)}
	}
	return nil
}

// get returns a copy of a value, or nil if there is none.
func (t *tx) get(bucket, key []byte) ([]byte, error) {
	b := t.b.Bucket(bucket).Get(key)
	if b == nil {
		return nil, nil
	}
	v, err := unsealed(bucket, key, b)
	if err != nil {
		return nil, fmt.Errorf("%s %x: %w", bucket, key, err)
	}
	return bytes.Clone(v), nil
}

// Get returns a record of the folded state.
func (t *tx) Get(key []byte) ([]byte, error) { return t.get(stateBucket, key) }

// PutState writes a record of the folded state.
func (t *tx) PutState(key, value []byte) error { return t.put(stateBucket, key, value) }

// StateRows hands out all records of the folded state.
func (t *tx) StateRows(fn func(key, value []byte) error) error {
	return t.b.Bucket(stateBucket).ForEach(func(k, v []byte) error {
		value, err := unsealed(stateBucket, k, v)
		if err != nil {
			return fmt.Errorf("state %x: %w", k, err)
		}
		return fn(bytes.Clone(k), bytes.Clone(value))
	})
}

// Append adds an entry: its link of the chain, the head's signature, its bytes.
func (t *tx) Append(r journal.Record, ref string) error {
	n, ok, err := t.ordinal(r.Head.Incarnation)
	if err != nil {
		return err
	}
	if !ok {
		if n, err = t.addStream(r.Head.Incarnation); err != nil {
			return err
		}
	}
	bucket, key := t.b.Bucket(journalBucket), journalKey(n, r.Head.Seq)
	if bucket.Get(key) != nil {
		return fmt.Errorf("entry %s is there already", r.Head)
	}
	bucket.FillPercent = 1 // keys only grow: fill the pages
	value := append(append(r.Head.Hash[:], r.Signature[:]...), r.Raw...)
	if err := bucket.Put(key, value); err != nil {
		return storageError{fmt.Errorf("append %s: %w", r.Head, err)}
	}
	if ref == "" {
		return nil
	}
	return t.put(refsBucket, []byte(ref), key)
}

// Record returns an entry as stored.
func (t *tx) Record(i ledger.Incarnation, seq ledger.Seq) (journal.Record, error) {
	n, ok, err := t.ordinal(i)
	if err != nil {
		return journal.Record{}, err
	}
	b := t.b.Bucket(journalBucket).Get(journalKey(n, seq))
	if !ok || b == nil {
		return journal.Record{}, fmt.Errorf("entry %s/%d: %w", i, seq, journal.ErrNotFound)
	}
	r := journal.Record{Head: ledger.Head{Incarnation: i, Seq: seq}}
	if len(b) < recordBytes {
		return r, fmt.Errorf("entry %s/%d: %w", i, seq, ErrDamaged)
	}
	b = b[copy(r.Head.Hash[:], b):]
	r.Raw = bytes.Clone(b[copy(r.Signature[:], b):])
	return r, nil
}

// Refer makes a reference lead to an entry.
func (t *tx) Refer(ref string, head ledger.Head) error {
	n, ok, err := t.ordinal(head.Incarnation)
	if err == nil && !ok {
		err = fmt.Errorf("entry %s: %w", head, journal.ErrNotFound)
	}
	if err != nil {
		return err
	}
	return t.put(refsBucket, []byte(ref), journalKey(n, head.Seq))
}

// Referred returns the entry written under a reference.
func (t *tx) Referred(ref string) (journal.Record, error) {
	key, err := t.get(refsBucket, []byte(ref))
	if err != nil {
		return journal.Record{}, err
	}
	if len(key) != 12 {
		return journal.Record{}, fmt.Errorf("reference %q: %w", ref, journal.ErrNotFound)
	}
	i, err := unsealed(streamsBucket, key[:4], t.b.Bucket(streamsBucket).Get(key[:4]))
	if err != nil || len(i) != 8 {
		return journal.Record{}, fmt.Errorf("reference %q: %w", ref, ErrDamaged)
	}
	return t.Record(ledger.Incarnation(binary.BigEndian.Uint64(i)), ledger.Seq(binary.BigEndian.Uint64(key[4:])))
}

// Streams lists the incarnations, oldest first.
func (t *tx) Streams() ([]ledger.Head, error) {
	var heads []ledger.Head
	c := t.b.Bucket(streamsBucket).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		i, err := unsealed(streamsBucket, k, v)
		if err != nil || len(i) != 8 {
			return nil, fmt.Errorf("stream %x: %w", k, ErrDamaged)
		}
		head := ledger.Head{Incarnation: ledger.Incarnation(binary.BigEndian.Uint64(i))}
		head.Seq, head.Hash = t.newest(binary.BigEndian.Uint32(k))
		heads = append(heads, head)
	}
	return heads, nil
}

// newest finds the last entry of an incarnation.
func (t *tx) newest(n uint32) (ledger.Seq, ledger.Hash) {
	c := t.b.Bucket(journalBucket).Cursor()
	back := c.Last
	if k, _ := c.Seek(journalKey(n+1, 0)); k != nil {
		back = c.Prev
	}
	k, v := back()
	var h ledger.Hash
	if len(k) != 12 || binary.BigEndian.Uint32(k) != n {
		return 0, h
	}
	copy(h[:], v)
	return ledger.Seq(binary.BigEndian.Uint64(k[4:])), h
}

// ordinal returns the number of an incarnation in this file; the newest is
// looked at first.
func (t *tx) ordinal(i ledger.Incarnation) (uint32, bool, error) {
	want := binary.BigEndian.AppendUint64(nil, uint64(i))
	c := t.b.Bucket(streamsBucket).Cursor()
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		have, err := unsealed(streamsBucket, k, v)
		if err != nil {
			return 0, false, fmt.Errorf("stream %x: %w", k, err)
		}
		if bytes.Equal(have, want) {
			return binary.BigEndian.Uint32(k), true, nil
		}
	}
	return 0, false, nil
}

func (t *tx) addStream(i ledger.Incarnation) (uint32, error) {
	var n uint32
	if k, _ := t.b.Bucket(streamsBucket).Cursor().Last(); k != nil {
		n = binary.BigEndian.Uint32(k) + 1
	}
	key := binary.BigEndian.AppendUint32(nil, n)
	return n, t.put(streamsBucket, key, binary.BigEndian.AppendUint64(nil, uint64(i)))
}

// AppendDown adds an entry of HQ's journal.
func (t *tx) AppendDown(seq ledger.DownSeq, raw []byte) error {
	return t.put(downBucket, number(uint64(seq)), raw)
}

// Down returns an entry of HQ's journal.
func (t *tx) Down(seq ledger.DownSeq) ([]byte, error) {
	b, err := t.get(downBucket, number(uint64(seq)))
	if err == nil && b == nil {
		err = fmt.Errorf("down entry %d: %w", seq, journal.ErrNotFound)
	}
	return b, err
}

// Job returns a print job.
func (t *tx) Job(id uint64) ([]byte, error) {
	b, err := t.get(jobsBucket, number(id))
	if err == nil && b == nil {
		err = fmt.Errorf("print job %d: %w", id, journal.ErrNotFound)
	}
	return b, err
}

// PutJob writes a print job.
func (t *tx) PutJob(id uint64, job []byte) error { return t.put(jobsBucket, number(id), job) }

// Jobs lists the newest print jobs first.
func (t *tx) Jobs(limit int) (ids []uint64, jobs [][]byte, err error) {
	c := t.b.Bucket(jobsBucket).Cursor()
	for k, v := c.Last(); k != nil && len(ids) < limit; k, v = c.Prev() {
		job, err := unsealed(jobsBucket, k, v)
		if err != nil {
			return nil, nil, fmt.Errorf("print job %x: %w", k, err)
		}
		ids = append(ids, binary.BigEndian.Uint64(k))
		jobs = append(jobs, bytes.Clone(job))
	}
	return ids, jobs, nil
}

// Note returns a small record, or nil.
func (t *tx) Note(name string) ([]byte, error) { return t.get(notesBucket, []byte(name)) }

// PutNote writes a small record.
func (t *tx) PutNote(name string, value []byte) error { return t.put(notesBucket, []byte(name), value) }

// Check reads every record and reports the first that is damaged. Whether
// entries follow on one another is for the chain to say.
func (t *tx) Check() error {
	for _, name := range buckets {
		err := t.b.Bucket(name).ForEach(func(k, v []byte) error {
			if bytes.Equal(name, journalBucket) {
				if len(k) != 12 || len(v) < recordBytes {
					return fmt.Errorf("entry %x: %w", k, ErrDamaged)
				}
				return nil
			}
			if _, err := unsealed(name, k, v); err != nil {
				return fmt.Errorf("%s %x: %w", name, k, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func journalKey(n uint32, seq ledger.Seq) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, n), uint64(seq))
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
