package boltstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/terminal/boltstore/pages"
	"github.com/jifen-pos/jifen/terminal/journal"
)

// hotNoteBytes is how long a note may be to stand with the hot records.
const hotNoteBytes = 512

// Get returns a record of the folded state.
func (t *tx) Get(key []byte) ([]byte, error) {
	s, at, err := t.place(key)
	if err != nil {
		return nil, err
	}
	return t.get(s, at)
}

// PutState writes a record of the folded state.
func (t *tx) PutState(key, value []byte) error {
	s, at, err := t.place(key)
	if err != nil {
		return err
	}
	return t.put(s, at, value)
}

// ClearState removes all records of the folded state.
func (t *tx) ClearState() error {
	var keys [][]byte
	err := t.StateRows(func(key, _ []byte) error {
		keys = append(keys, key)
		return nil
	})
	for _, key := range keys {
		if err != nil {
			return err
		}
		var s space
		var at []byte
		if s, at, err = t.place(key); err == nil {
			err = t.remove(s, at)
		}
	}
	return err
}

// StateRows hands out all records of the folded state in order of their keys.
func (t *tx) StateRows(fn func(key, value []byte) error) error {
	list, err := t.besides()
	if err != nil {
		return err
	}
	cursors := t.rowCursors()
	for {
		low, at := lowest(cursors)
		if len(list) > 0 && (low == nil || bytes.Compare(list[0], low) < 0) {
			low, at, list = list[0], -1, list[1:]
		}
		if low == nil {
			return nil
		}
		value, err := t.Get(low)
		if err != nil {
			return err
		}
		if at >= 0 {
			cursors[at].next()
		}
		if err := fn(bytes.Clone(low), value); err != nil {
			return err
		}
	}
}

// besides lists the keys of the records that stand after entries, in order.
func (t *tx) besides() (list [][]byte, err error) {
	var s stream
	for r := range t.forward(entries, nil) {
		if r.err != nil {
			return nil, r.err
		}
		if len(r.key) <= entryBytes {
			continue
		}
		if n, _ := splitKey(r.key); n != s.ordinal || s.id == 0 {
			if s, err = t.streamAt(n); err != nil {
				return nil, err
			}
		}
		list = append(list, t.beside(r.key, s.id))
	}
	slices.SortFunc(list, bytes.Compare)
	return list, nil
}

// rowCursor stands on one record of the state in one bucket.
type rowCursor struct {
	c    *bolt.Cursor
	skip int    // bytes of a key that only say whose it is
	key  []byte // as the state has it; nil at the end
}

func (r *rowCursor) set(k, v []byte) {
	for k != nil && v == nil { // the anchor
		k, v = r.c.Next()
	}
	r.key = nil
	if k != nil && (r.skip == 0 || k[0] == byte(rows)) {
		r.key = k[r.skip:]
	}
}

func (r *rowCursor) next() { r.set(r.c.Next()) }

// rowCursors stand on the first record of each bucket that has any.
func (t *tx) rowCursors() []*rowCursor {
	first := &rowCursor{c: t.b.Bucket([]byte{byte(hot)}).Cursor(), skip: 1}
	first.set(first.c.Seek([]byte{byte(rows)}))
	list := []*rowCursor{first}
	for n := range rows.shardCount() {
		r := &rowCursor{c: t.b.Bucket(rows.shardName(n)).Cursor()}
		r.set(r.c.First())
		list = append(list, r)
	}
	return list
}

// lowest finds the cursor with the lowest key.
func lowest(list []*rowCursor) (key []byte, at int) {
	for n, r := range list {
		if r.key != nil && (key == nil || bytes.Compare(r.key, key) < 0) {
			key, at = r.key, n
		}
	}
	return key, at
}

// Job returns a print job.
func (t *tx) Job(id uint64) ([]byte, error) {
	b, err := t.get(papers, number(id))
	if err == nil && b == nil {
		err = fmt.Errorf("print job %d: %w", id, journal.ErrNotFound)
	}
	return b, err
}

// PutJob writes a print job.
func (t *tx) PutJob(id uint64, job []byte) error { return t.put(papers, number(id), job) }

// Jobs lists the newest print jobs first.
func (t *tx) Jobs(limit int) (ids []uint64, jobs [][]byte, err error) {
	if limit <= 0 {
		return nil, nil, nil
	}
	for r := range t.back(papers, afterAll) {
		if r.err != nil {
			return nil, nil, r.err
		}
		job, err := unsealed(papers, r.key, r.value)
		if err != nil || len(r.key) != 8 {
			return nil, nil, fmt.Errorf("print job %x: %w", r.key, ErrDamaged)
		}
		ids = append(ids, binary.BigEndian.Uint64(r.key))
		jobs = append(jobs, bytes.Clone(job))
		if len(ids) == limit {
			break
		}
	}
	return ids, jobs, nil
}

// afterAll is after every key of a log.
var afterAll = bytes.Repeat([]byte{0xff}, 9)

// noteKey is where a note stands among the hot records.
func noteKey(name string) []byte { return append([]byte{byte(notes)}, name...) }

// Note returns a small record, or nil.
func (t *tx) Note(name string) ([]byte, error) {
	if b, err := t.get(hot, noteKey(name)); b != nil || err != nil {
		return b, err
	}
	return t.get(notes, []byte(name))
}

// PutNote writes a small record: a short one with the hot ones.
func (t *tx) PutNote(name string, value []byte) error {
	if len(value) <= hotNoteBytes {
		if err := t.remove(notes, []byte(name)); err != nil {
			return err
		}
		return t.put(hot, noteKey(name), value)
	}
	if err := t.remove(hot, noteKey(name)); err != nil {
		return err
	}
	return t.put(notes, []byte(name), value)
}

// Check reads every record and reports the first that is damaged, or missing from
// its page. Whether entries follow on one another is for the chain to say.
func (t *tx) Check() error {
	if err := pages.Counted(t.b); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for _, s := range logs {
		for r := range t.forward(s, nil) {
			if err := cmp.Or(r.err, checkRecord(s, r.key, r.value)); err != nil {
				return err
			}
		}
	}
	return t.b.ForEach(func(name []byte, b *bolt.Bucket) error {
		s := space(name[0])
		if s.isLog() || s < 'a' {
			return nil
		}
		return b.ForEach(func(k, v []byte) error { return checkRecord(s, k, v) })
	})
}

func checkRecord(s space, key, raw []byte) error {
	if s == entries && (len(key) < entryBytes || len(key) == entryBytes && len(raw) < recordBytes) {
		return fmt.Errorf("entry %x: %w", key, ErrDamaged)
	}
	if s == entries && len(key) == entryBytes || raw == nil && bytes.Equal(key, anchor) {
		return nil
	}
	if _, err := unsealed(s, key, raw); err != nil {
		return fmt.Errorf("%s %x: %w", s, key, err)
	}
	return nil
}
