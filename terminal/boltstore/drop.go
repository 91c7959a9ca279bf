package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// dropping is how entries that are sealed leave the ledger: some of them with
// every few that are appended, so that the list of free pages stays short.
const (
	dropEvery = 16
	dropCount = 2 * dropEvery
)

// drop removes some entries that are in archives, oldest first.
func (t *tx) drop() error {
	s, ok, err := t.droppable()
	if err != nil || !ok {
		return err
	}
	for n := 0; n < dropCount && s.first <= s.sealed; n++ {
		if err := t.remove(entries, entryKey(s.ordinal, s.first)); err != nil {
			return err
		}
		s.first++
	}
	return t.putStream(s)
}

// droppable is the oldest incarnation with entries to drop.
func (t *tx) droppable() (stream, bool, error) {
	c := t.b.Bucket([]byte{byte(streams)}).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if v == nil {
			continue // the anchor
		}
		if s, err := readStream(k, v); err != nil || s.first <= s.sealed {
			return s, err == nil, err
		}
	}
	return stream{}, false, nil
}

// Seal writes the entries up to one, which HQ says that it has in two places,
// into archives. They leave the ledger later, as others are appended. Only
// whole archives are written, and what is left of an incarnation that is over;
// the newest entry of each stays. It returns how many entries were sealed.
func (s *Store) Seal(upTo ledger.Head) (sealed int, err error) {
	for {
		n, err := s.sealOne(upTo)
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("seal up to %s: %w", upTo, err)
		}
		if n == 0 {
			return sealed, nil
		}
	}
}

// sealOne writes the next archive, if one is due.
func (s *Store) sealOne(upTo ledger.Head) (int, error) {
	var at stream
	var values [][]byte
	err := s.View(func(j journal.Tx) (err error) {
		t := j.(*tx)
		if r, err := t.Record(upTo.Incarnation, upTo.Seq); err != nil || r.Head != upTo {
			return errors.Join(fmt.Errorf("entry %s is not in this ledger: %w", upTo, journal.ErrNotFound), err)
		}
		at, values, err = t.toSeal(upTo)
		return err
	})
	if err != nil || len(values) == 0 {
		return 0, err
	}
	first := archiveOf(at.sealed + 1)
	path := filepath.Join(archiveFolder(s.path), archiveName(at.ordinal, first))
	if err := writeArchive(path, encodeArchive(s.terminal, at.id, first, values)); err != nil {
		return 0, err
	}
	sealed := first - 1 + ledger.Seq(len(values))
	return int(sealed - at.sealed), s.Update(func(j journal.Tx) error {
		t := j.(*tx)
		now, err := t.streamAt(at.ordinal)
		if err != nil {
			return err
		}
		now.sealed = sealed
		return t.putStream(now)
	})
}

// toSeal finds the entries of the next archive.
func (t *tx) toSeal(upTo ledger.Head) (stream, [][]byte, error) {
	heads, err := t.Streams()
	if err != nil {
		return stream{}, nil, err
	}
	for n, h := range heads {
		s, _, err := t.stream(h.Incarnation)
		if err != nil {
			return s, nil, err
		}
		last := h.Seq - 1 // the newest one stays
		if h.Incarnation == upTo.Incarnation {
			last = min(last, upTo.Seq)
		}
		done := int(s.sealed % archiveMost) // of an archive that healing made longer: it is written anew
		count := min(int(last-s.sealed)+done, archiveMost)
		if count > done && (count == archiveMost || n < len(heads)-1 && last == h.Seq-1) {
			values, err := t.values(s, archiveOf(s.sealed+1), count)
			return s, values, err
		}
		if h.Incarnation == upTo.Incarnation {
			break
		}
	}
	return stream{}, nil, nil
}

// values reads entries that follow on one another as they stand in the ledger,
// and follows their chain.
func (t *tx) values(s stream, first ledger.Seq, count int) ([][]byte, error) {
	var list [][]byte
	var before *ledger.Hash
	for seq := first; len(list) < count; seq++ {
		r, err := t.Record(s.id, seq)
		if err != nil {
			return nil, err
		}
		if before != nil && before.Next(r.Raw) != r.Head.Hash {
			return nil, fmt.Errorf("entry %s does not follow on the one before: %w", r.Head, ErrDamaged)
		}
		before = &r.Head.Hash
		list = append(list, bytes.Join([][]byte{r.Head.Hash[:], r.Signature[:], r.Raw}, nil))
	}
	return list, nil
}
