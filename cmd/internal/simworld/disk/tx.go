package disk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/tidwall/btree"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// tx is one transaction: an image, and what is written on top of it.
type tx struct {
	img    *Image
	writes bool
	dirty  bool
	failed error // what was refused, and perhaps not said on

	rows, notes map[string][]byte
	jobs        map[uint64][]byte
	refs        map[string]ledger.Head
	records     []journal.Record
	down        map[uint64][]byte
	inserted    [][2]ledger.Incarnation // each before the other
	cleared     bool                    // of the folded state only rows is left
}

var errView = errors.New("a view writes nothing")

// may reports whether this transaction writes.
func (t *tx) may() error {
	if !t.writes {
		return errView
	}
	t.dirty = true
	return nil
}

// fail refuses the whole transaction.
func (t *tx) fail(format string, args ...any) error {
	t.failed = fmt.Errorf(format, args...)
	return t.failed
}

func put[K comparable](m *map[K][]byte, key K, value []byte) {
	if *m == nil {
		*m = map[K][]byte{}
	}
	(*m)[key] = append(make([]byte, 0, len(value)), value...)
}

func (t *tx) Get(key []byte) ([]byte, error) {
	if v, ok := t.rows[string(key)]; ok {
		return bytes.Clone(v), nil
	}
	if t.cleared {
		return nil, nil
	}
	v, _ := t.img.rows.Get(string(key))
	return bytes.Clone(v), nil
}

func (t *tx) PutState(key, value []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	put(&t.rows, string(key), value)
	return nil
}

func (t *tx) StateRows(fn func(key, value []byte) error) (err error) {
	all := &btree.Map[string, []byte]{}
	if !t.cleared {
		all = t.img.rows.Copy()
	}
	for k, v := range t.rows {
		all.Set(k, v)
	}
	all.Scan(func(k string, v []byte) bool {
		err = fn([]byte(k), bytes.Clone(v))
		return err == nil
	})
	return err
}

// ClearState removes what was folded.
func (t *tx) ClearState() error {
	if err := t.may(); err != nil {
		return err
	}
	t.rows, t.cleared = nil, true
	return nil
}

// Insert lets an incarnation stand before another one.
func (t *tx) Insert(i, before ledger.Incarnation) error {
	if err := t.may(); err != nil {
		return err
	}
	if t.newest(i) > 0 || t.newest(before) == 0 {
		return t.fail("insert %s before %s: not possible", i, before)
	}
	t.inserted = append(t.inserted, [2]ledger.Incarnation{i, before})
	return nil
}

// newest is the newest entry of an incarnation as this transaction has it.
func (t *tx) newest(i ledger.Incarnation) ledger.Seq {
	for n := len(t.records) - 1; n >= 0; n-- {
		if t.records[n].Head.Incarnation == i {
			return t.records[n].Head.Seq
		}
	}
	if s := t.img.stream(i); s != nil {
		return ledger.Seq(len(s.records))
	}
	return 0
}

func (t *tx) Append(r journal.Record, ref string) error {
	if err := t.may(); err != nil {
		return err
	}
	if newest := t.newest(r.Head.Incarnation); r.Head.Seq != newest+1 {
		return t.fail("entry %s after %d: not the next one", r.Head, newest)
	}
	r.Raw = bytes.Clone(r.Raw)
	if r.Sign != nil {
		r.Signature, r.Sign = r.Sign(), nil
	}
	t.records = append(t.records, r)
	if ref == "" {
		return nil
	}
	return t.Refer(ref, r.Head)
}

func (t *tx) Record(i ledger.Incarnation, seq ledger.Seq) (journal.Record, error) {
	r, ok := t.img.Record(i, seq)
	for n := 0; !ok && n < len(t.records); n++ {
		if h := t.records[n].Head; h.Incarnation == i && h.Seq == seq {
			r, ok = t.records[n], true
		}
	}
	if !ok {
		return r, fmt.Errorf("entry %s/%d: %w", i, seq, journal.ErrNotFound)
	}
	r.Raw = bytes.Clone(r.Raw)
	return r, nil
}

func (t *tx) Refer(ref string, head ledger.Head) error {
	if err := t.may(); err != nil {
		return err
	}
	if t.refs == nil {
		t.refs = map[string]ledger.Head{}
	}
	t.refs[ref] = head
	return nil
}

func (t *tx) Referred(ref string) (journal.Record, error) {
	h, ok := t.refs[ref]
	if !ok {
		h, ok = t.img.refs.Get(ref)
	}
	if !ok {
		return journal.Record{}, fmt.Errorf("reference %q: %w", ref, journal.ErrNotFound)
	}
	return t.Record(h.Incarnation, h.Seq)
}

func (t *tx) Streams() ([]ledger.Head, error) {
	list := t.img.Heads()
	for _, in := range t.inserted {
		at := slices.IndexFunc(list, func(h ledger.Head) bool { return h.Incarnation == in[1] })
		list = slices.Insert(list, at, ledger.Head{Incarnation: in[0]})
	}
next:
	for _, r := range t.records {
		for n := range list {
			if list[n].Incarnation == r.Head.Incarnation {
				list[n] = r.Head
				continue next
			}
		}
		list = append(list, r.Head)
	}
	return list, nil
}

func (t *tx) AppendDown(seq ledger.DownSeq, raw []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	put(&t.down, uint64(seq), raw)
	return nil
}

func (t *tx) Down(seq ledger.DownSeq) ([]byte, error) {
	v, ok := t.down[uint64(seq)]
	if !ok {
		v, ok = t.img.down.Get(uint64(seq))
	}
	if !ok {
		return nil, fmt.Errorf("entry %d of HQ's journal: %w", seq, journal.ErrNotFound)
	}
	return bytes.Clone(v), nil
}

func (t *tx) Job(id uint64) ([]byte, error) {
	v, ok := t.jobs[id]
	if !ok {
		v, ok = t.img.jobs.Get(id)
	}
	if !ok {
		return nil, fmt.Errorf("print job %d: %w", id, journal.ErrNotFound)
	}
	return bytes.Clone(v), nil
}

func (t *tx) PutJob(id uint64, job []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	put(&t.jobs, id, job)
	return nil
}

func (t *tx) Jobs(limit int) (ids []uint64, jobs [][]byte, err error) {
	all := &t.img.jobs
	if len(t.jobs) > 0 {
		all = all.Copy()
		for k, v := range t.jobs {
			all.Set(k, v)
		}
	}
	all.Reverse(func(id uint64, job []byte) bool {
		if len(ids) >= limit {
			return false
		}
		ids, jobs = append(ids, id), append(jobs, bytes.Clone(job))
		return true
	})
	return ids, jobs, nil
}

func (t *tx) Check() error { return nil }

func (t *tx) Note(name string) ([]byte, error) {
	v, ok := t.notes[name]
	if !ok {
		v, _ = t.img.notes.Get(name)
	}
	return bytes.Clone(v), nil
}

func (t *tx) PutNote(name string, value []byte) error {
	if err := t.may(); err != nil {
		return err
	}
	put(&t.notes, name, value)
	return nil
}

// apply writes what the transaction wrote into an image.
func (t *tx) apply(i *Image) {
	if t.cleared {
		i.rows = btree.Map[string, []byte]{}
	}
	for _, in := range t.inserted {
		at := slices.IndexFunc(i.streams, func(s stream) bool { return s.incarnation == in[1] })
		i.streams = slices.Insert(i.streams, at, stream{incarnation: in[0]})
	}
	for k, v := range t.rows {
		i.rows.Set(k, v)
	}
	for k, v := range t.notes {
		i.notes.Set(k, v)
	}
	for k, v := range t.jobs {
		i.jobs.Set(k, v)
	}
	for k, v := range t.refs {
		i.refs.Set(k, v)
	}
	for _, r := range t.records {
		s := i.stream(r.Head.Incarnation)
		if s == nil {
			i.streams = append(i.streams, stream{incarnation: r.Head.Incarnation})
			s = &i.streams[len(i.streams)-1]
		}
		s.records = append(s.records, r)
	}
	for k, v := range t.down {
		i.down.Set(k, v)
	}
}
