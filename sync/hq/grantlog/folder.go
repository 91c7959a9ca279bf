package grantlog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	magic      = "JFG0"
	headBytes  = len(magic) + 8
	frameBytes = 8 // before each record

	compareAtOnce = 256
	suffix        = ".grants"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// folder is one copy of the log.
type folder struct {
	path     string
	segments []segment
	first    uint64
	last     uint64
	file     *os.File // the newest segment, or nil
	size     int64
	at       cursor
}

// segment is a file of records.
type segment struct {
	name  string
	first uint64
}

// cursor is where the reading of records left off.
type cursor struct {
	n      uint64 // the record that begins there
	offset int64
	name   string
}

func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	f := &folder{path: path}
	names, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		number, is := strings.CutSuffix(n.Name(), suffix)
		if !is {
			continue
		}
		first, err := strconv.ParseUint(number, 10, 64)
		if err != nil || first == 0 {
			return nil, fmt.Errorf("file %q: %w", n.Name(), ErrDamaged)
		}
		f.segments = append(f.segments, segment{n.Name(), first})
	}
	slices.SortFunc(f.segments, func(a, b segment) int { return strings.Compare(a.name, b.name) })
	for n, s := range f.segments {
		if err := f.scan(s, n == len(f.segments)-1); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	return f, nil
}

// scan reads a segment through. The newest may end in what a cut left.
func (f *folder) scan(s segment, newest bool) error {
	if f.last > 0 && s.first != f.last+1 {
		return fmt.Errorf("%s begins after record %d: %w", s.name, f.last, ErrDamaged)
	}
	file, err := os.OpenFile(filepath.Join(f.path, s.name), os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	whole, count, err := measure(file, s.first)
	switch {
	case err != nil && !(newest && errors.Is(err, errCut)):
		return errors.Join(fmt.Errorf("%s after record %d: %w", s.name, s.first+count-1, err), file.Close())
	case !newest:
		f.count(s, count)
		return file.Close()
	case whole == 0: // cut before its head was written
		f.segments = f.segments[:len(f.segments)-1]
		return errors.Join(file.Close(), os.Remove(file.Name()), syncFolder(f.path))
	}
	f.count(s, count)
	f.file, f.size = file, whole
	if err != nil {
		return f.cut(whole)
	}
	return nil
}

// cut takes off what follows the whole records of the newest segment, and keeps
// it beside the log: should it have been damage, a person can look at it.
func (f *folder) cut(whole int64) error {
	tail, err := io.ReadAll(io.NewSectionReader(f.file, whole, segmentBytesMax))
	if err == nil {
		err = os.WriteFile(f.file.Name()+".cut", tail, 0o600)
	}
	return errors.Join(err, f.file.Truncate(whole), f.file.Sync())
}

func (f *folder) count(s segment, count uint64) {
	if f.first == 0 {
		f.first = s.first
	}
	f.last = s.first + count - 1
	if f.last < f.first { // a head alone
		f.first = 0
	}
}

// errCut says that a file ends in the middle of a record.
var errCut = fmt.Errorf("ends in the middle of a record: %w", ErrDamaged)

// measure is how many bytes of a segment are whole records, and how many there
// are. What does not add up at the very end was cut off; anywhere else it is
// damage.
func measure(file *os.File, first uint64) (whole int64, count uint64, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	r := bufio.NewReaderSize(file, 1<<20)
	head := make([]byte, headBytes)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, 0, errCut
	}
	if string(head[:len(magic)]) != magic || binary.BigEndian.Uint64(head[len(magic):]) != first {
		return 0, 0, ErrDamaged
	}
	whole = int64(headBytes)
	for whole < info.Size() {
		raw, err := readRecord(r)
		if err != nil {
			if end := whole + int64(frameBytes+len(raw)); errors.Is(err, ErrDamaged) && end < info.Size() && raw != nil {
				return whole, count, ErrDamaged
			}
			return whole, count, errCut
		}
		whole += int64(frameBytes + len(raw))
		count++
	}
	return whole, count, nil
}

// readRecord reads the next record; with ErrDamaged it returns the bytes whose
// sum is wrong.
func readRecord(r io.Reader) ([]byte, error) {
	var frame [frameBytes]byte
	if _, err := io.ReadFull(r, frame[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(frame[:])
	if size > RecordBytesMax {
		return nil, ErrDamaged
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(r, raw); err != nil {
		return nil, err
	}
	if crc32.Checksum(raw, castagnoli) != binary.BigEndian.Uint32(frame[4:]) {
		return raw, ErrDamaged
	}
	return raw, nil
}

// append writes records and flushes them.
func (f *folder) append(first uint64, records [][]byte) error {
	if f.file == nil || f.size > segmentBytesMax {
		if err := f.begin(first); err != nil {
			return err
		}
	}
	var b []byte
	for _, raw := range records {
		b = binary.BigEndian.AppendUint32(b, uint32(len(raw)))
		b = binary.BigEndian.AppendUint32(b, crc32.Checksum(raw, castagnoli))
		b = append(b, raw...)
	}
	if _, err := f.file.WriteAt(b, f.size); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	if f.first == 0 {
		f.first = first
	}
	f.size += int64(len(b))
	f.last = first + uint64(len(records)) - 1
	return nil
}

// begin begins a segment.
func (f *folder) begin(first uint64) error {
	if err := f.close(); err != nil {
		return err
	}
	s := segment{fmt.Sprintf("%020d%s", first, suffix), first}
	file, err := os.OpenFile(filepath.Join(f.path, s.name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint64([]byte(magic), first)
	if _, err := file.Write(head); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), syncFolder(f.path)); err != nil {
		return errors.Join(err, file.Close())
	}
	f.file, f.size = file, int64(len(head))
	f.segments = append(f.segments, s)
	return nil
}

// records lists records after a number.
func (f *folder) records(after uint64, limit int) (out [][]byte, err error) {
	for n := max(after+1, f.first); n <= f.last && f.first > 0 && len(out) < limit; {
		list, err := f.read(n, limit-len(out))
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
		n += uint64(len(list))
	}
	return out, nil
}

// same checks that a folder has the same records as another one that goes further,
// as far as it goes, and that the other one goes on from there.
func (f *folder) same(best *folder) error {
	if f.first == 0 {
		return nil
	}
	if best.first > f.last+1 {
		return fmt.Errorf("%s ends with record %d and %s begins with %d: %w", f.path, f.last, best.path, best.first, ErrCopy)
	}
	for n := max(f.first, best.first); n <= f.last; {
		ours, err := f.records(n-1, compareAtOnce)
		if err != nil {
			return err
		}
		theirs, err := best.records(n-1, len(ours))
		if err != nil {
			return err
		}
		for k := range ours {
			if k == len(theirs) || !bytes.Equal(ours[k], theirs[k]) {
				return fmt.Errorf("record %d in %s is not the one in %s: %w", n, filepath.Join(f.path, f.at.name), filepath.Join(best.path, best.at.name), ErrCopy)
			}
			n++
		}
	}
	return nil
}

// read reads records of one segment, from a number on.
func (f *folder) read(n uint64, limit int) (out [][]byte, err error) {
	k := len(f.segments) - 1
	for f.segments[k].first > n {
		k--
	}
	s := f.segments[k]
	last := f.last
	if k+1 < len(f.segments) {
		last = f.segments[k+1].first - 1
	}
	file, err := os.Open(filepath.Join(f.path, s.name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	at := cursor{s.first, int64(headBytes), s.name}
	if f.at.name == s.name && f.at.n <= n {
		at = f.at
	}
	if _, err := file.Seek(at.offset, io.SeekStart); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(file, 1<<20)
	for ; at.n <= last && len(out) < limit; at.n++ {
		raw, err := readRecord(r)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w: %w", at.n, ErrDamaged, err)
		}
		at.offset += int64(frameBytes + len(raw))
		if at.n >= n {
			out = append(out, raw)
		}
	}
	f.at = at
	return out, nil
}

func (f *folder) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
