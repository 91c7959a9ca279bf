package boltstore

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// recordBytes is what stands before an entry: its link and the signature.
const recordBytes = sha256.Size + ed25519.SignatureSize

// stream is what is kept of an incarnation.
type stream struct {
	ordinal uint32
	id      ledger.Incarnation
	first   ledger.Seq // the oldest entry that is still in the file
	sealed  ledger.Seq // the newest entry that is in an archive
	place   uint32     // in the order of incarnations
}

// streamKey is the number of an incarnation in this file.
func streamKey(ordinal uint32) []byte { return binary.BigEndian.AppendUint32(nil, ordinal) }

func readStream(key, raw []byte) (stream, error) {
	v, err := unsealed(streams, key, raw)
	if err != nil || len(key) != 4 || len(v) != 28 {
		return stream{}, fmt.Errorf("stream %x: %w", key, ErrDamaged)
	}
	return stream{
		ordinal: binary.BigEndian.Uint32(key), id: ledger.Incarnation(binary.BigEndian.Uint64(v)),
		first: ledger.Seq(binary.BigEndian.Uint64(v[8:])), sealed: ledger.Seq(binary.BigEndian.Uint64(v[16:])),
		place: binary.BigEndian.Uint32(v[24:]),
	}, nil
}

func (t *tx) putStream(s stream) error {
	v := binary.BigEndian.AppendUint64(nil, uint64(s.id))
	v = binary.BigEndian.AppendUint64(v, uint64(s.first))
	v = binary.BigEndian.AppendUint64(v, uint64(s.sealed))
	return t.put(streams, streamKey(s.ordinal), binary.BigEndian.AppendUint32(v, s.place))
}

// stream looks an incarnation up, the newest first; ok is false for one that
// is not in the file.
func (t *tx) stream(i ledger.Incarnation) (s stream, ok bool, err error) {
	c := t.b.Bucket([]byte{byte(streams)}).Cursor()
	for k, v := c.Last(); v != nil; k, v = c.Prev() {
		if s, err = readStream(k, v); err != nil || s.id == i {
			return s, err == nil, err
		}
	}
	return stream{}, false, nil
}

func (t *tx) ordinal(i ledger.Incarnation) (uint32, bool, error) {
	s, ok, err := t.stream(i)
	return s.ordinal, ok, err
}

func (t *tx) addStream(i ledger.Incarnation) (uint32, error) {
	s := stream{id: i, first: 1}
	if k, v := t.b.Bucket([]byte{byte(streams)}).Cursor().Last(); v != nil {
		s.ordinal = binary.BigEndian.Uint32(k) + 1
	}
	if s.ordinal > ordinalMax {
		return 0, fmt.Errorf("incarnation %s is one too many", i)
	}
	s.place = s.ordinal // there are as many places as numbers
	return s.ordinal, t.putStream(s)
}

// Insert makes room for an incarnation before one that is there.
func (t *tx) Insert(i, before ledger.Incarnation) error {
	if _, there, err := t.stream(i); err != nil || there {
		return errors.Join(err, fmt.Errorf("incarnation %s is there already", i))
	}
	next, ok, err := t.stream(before)
	if err != nil || !ok {
		return errors.Join(err, fmt.Errorf("incarnation %s: %w", before, journal.ErrNotFound))
	}
	list, err := t.streamList()
	if err != nil {
		return err
	}
	for _, s := range list[next.place:] {
		s.place++
		if err := t.putStream(s); err != nil {
			return err
		}
	}
	n, err := t.addStream(i)
	if err != nil {
		return err
	}
	return t.putStream(stream{ordinal: n, id: i, first: 1, place: next.place})
}

// streamList lists the incarnations in their order.
func (t *tx) streamList() (list []stream, err error) {
	c := t.b.Bucket([]byte{byte(streams)}).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			continue // the anchor
		}
		s, err := readStream(k, v)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b stream) int { return cmp.Compare(a.place, b.place) })
	return list, nil
}

// Append adds an entry: its link of the chain, the head's signature, its bytes.
func (t *tx) Append(r journal.Record, ref string) error {
	n, ok, err := t.ordinal(r.Head.Incarnation)
	if err == nil && !ok {
		n, err = t.addStream(r.Head.Incarnation)
	}
	if err != nil {
		return err
	}
	key := entryKey(n, r.Head.Seq)
	b, err := t.segment(entries, key)
	if err != nil {
		return err
	}
	if b.Get(key) != nil || r.Head.Seq > seqMax {
		return fmt.Errorf("entry %s is there already", r.Head)
	}
	value := bytes.Join([][]byte{r.Head.Hash[:], r.Signature[:], r.Raw}, nil)
	if r.Sign != nil { // bbolt keeps the value as it is handed over, and reads it when it commits
		t.s.signing.Go(func() {
			signature := r.Sign()
			copy(value[sha256.Size:], signature[:])
		})
	}
	if err := t.putRaw(entries, key, value); err != nil {
		return err
	}
	if err := t.refer(ref, key); err != nil || r.Head.Seq%dropEvery != 0 {
		return err
	}
	return t.drop()
}

// Record returns an entry as stored.
func (t *tx) Record(i ledger.Incarnation, seq ledger.Seq) (journal.Record, error) {
	s, ok, err := t.stream(i)
	if err != nil {
		return journal.Record{}, err
	}
	var raw []byte
	switch {
	case !ok || seq == 0 || seq > seqMax:
	case seq < s.first:
		raw, err = t.archived(s, seq)
	default:
		if t.b.Writable() { // it may be an entry of this very transaction
			t.s.signing.Wait()
		}
		raw, err = t.value(s, seq)
	}
	if err == nil && raw == nil {
		err = fmt.Errorf("entry %s/%d: %w", i, seq, journal.ErrNotFound)
	}
	if err != nil {
		return journal.Record{}, err
	}
	return readEntry(ledger.Head{Incarnation: i, Seq: seq}, raw)
}

// value is an entry as it stands in the ledger, or nil.
func (t *tx) value(s stream, seq ledger.Seq) ([]byte, error) {
	key := entryKey(s.ordinal, seq)
	b, err := t.segment(entries, key)
	if err != nil {
		return nil, err
	}
	return b.Get(key), nil
}

func readEntry(h ledger.Head, raw []byte) (journal.Record, error) {
	r := journal.Record{Head: h}
	if len(raw) < recordBytes {
		return r, fmt.Errorf("entry %s/%d: %w", h.Incarnation, h.Seq, ErrDamaged)
	}
	raw = raw[copy(r.Head.Hash[:], raw):]
	r.Raw = bytes.Clone(raw[copy(r.Signature[:], raw):])
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
	return t.refer(ref, entryKey(n, head.Seq))
}

func (t *tx) refer(ref string, entry []byte) error {
	if ref == "" {
		return nil
	}
	return t.put(refs, refKey(ref), entry)
}

// Referred returns the entry written under a reference.
func (t *tx) Referred(ref string) (journal.Record, error) {
	key, err := t.get(refs, refKey(ref))
	if err != nil {
		return journal.Record{}, err
	}
	if len(key) != entryBytes {
		return journal.Record{}, fmt.Errorf("reference %q: %w", ref, journal.ErrNotFound)
	}
	n, seq := splitKey(key)
	s, err := t.streamAt(n)
	if err != nil {
		return journal.Record{}, fmt.Errorf("reference %q: %w", ref, err)
	}
	return t.Record(s.id, seq)
}

func (t *tx) streamAt(ordinal uint32) (stream, error) {
	key := streamKey(ordinal)
	return readStream(key, t.b.Bucket([]byte{byte(streams)}).Get(key))
}

// Streams lists the incarnations, oldest first.
func (t *tx) Streams() (heads []ledger.Head, err error) {
	list, err := t.streamList()
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		head, err := t.newest(s)
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// newest finds the last entry of an incarnation.
func (t *tx) newest(s stream) (ledger.Head, error) {
	head := ledger.Head{Incarnation: s.id}
	for r := range t.back(entries, entryKey(s.ordinal+1, 0)) {
		if r.err != nil {
			return head, r.err
		}
		n, seq := splitKey(r.key)
		if n != s.ordinal {
			break
		}
		if len(r.key) == entryBytes {
			head.Seq = seq
			copy(head.Hash[:], r.value)
			break
		}
	}
	return head, nil
}

// AppendDown adds an entry of HQ's journal.
func (t *tx) AppendDown(seq ledger.DownSeq, raw []byte) error {
	return t.put(downs, number(uint64(seq)), raw)
}

// Down returns an entry of HQ's journal.
func (t *tx) Down(seq ledger.DownSeq) ([]byte, error) {
	b, err := t.get(downs, number(uint64(seq)))
	if err == nil && b == nil {
		err = fmt.Errorf("down entry %d: %w", seq, journal.ErrNotFound)
	}
	return b, err
}
