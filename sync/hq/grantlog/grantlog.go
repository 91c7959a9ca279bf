// Package grantlog keeps HQ's grant log in append-only files: what HQ has
// decided and told terminals, apart from its book, so that a book that was
// restored from an older backup can be brought up to date. A record is safe when
// Append returns: written and flushed, in a second folder too where there is
// one, which had best be on another device. It never changes or deletes a record
// and never knows what one means.
//
// A file holds consecutive records and is named after the first of them. It
// begins with "JFG0" and the number of that record (8 bytes, big-endian); each
// record is its length and its CRC-32C (4 bytes each, big-endian) and its
// bytes. What a cut left half written at the end of the newest file is taken
// off when it is opened: it was never said to be safe.
package grantlog

import (
	"errors"
	"fmt"
	"sync"
)

// Limits.
const (
	RecordBytesMax  = 1 << 20
	segmentBytesMax = 64 << 20 // after which a new file is begun
)

// Errors that callers match.
var (
	ErrDamaged = errors.New("grant log is damaged")
	ErrOrder   = errors.New("record does not follow")
	ErrBroken  = errors.New("grant log takes no more: a write failed")
	ErrCopy    = errors.New("the copies of the grant log are not of one log: take away the folder that is not this HQ's, and start again")
)

// Log is an open grant log. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	folders []*folder // the first is read
	broken  error
}

// Open opens the log in a folder and its copies, making them if there is none.
// A copy that is behind is completed from the one that has most, if what both have
// is the same: else one of them is another HQ's, and which of them a person says.
func Open(folders ...string) (*Log, error) {
	l := &Log{}
	for _, path := range folders {
		f, err := openFolder(path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open grant log %s: %w", path, err), l.Close())
		}
		l.folders = append(l.folders, f)
	}
	if len(l.folders) == 0 {
		return nil, fmt.Errorf("grant log without a folder: %w", ErrOrder)
	}
	if err := errors.Join(l.complete(), l.completeDocuments()); err != nil {
		return nil, errors.Join(fmt.Errorf("complete the copies of the grant log: %w", err), l.Close())
	}
	return l, nil
}

// complete brings every copy up to the one that goes furthest.
func (l *Log) complete() error {
	best := l.folders[0]
	for _, f := range l.folders[1:] {
		if f.last > best.last {
			best = f
		}
	}
	for _, f := range l.folders {
		if f == best {
			continue
		}
		if err := f.same(best); err != nil {
			return err
		}
		for f.last < best.last {
			after := f.last
			if f.last == 0 {
				after = best.first - 1
			}
			raws, err := best.records(after, 256)
			if err == nil && len(raws) == 0 {
				err = fmt.Errorf("record %d is in no copy: %w", after+1, ErrDamaged)
			}
			if err == nil {
				err = f.append(after+1, raws)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Span are the numbers of the first and the newest record; zeros where there is
// none.
func (l *Log) Span() (first, last uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.folders[0].first, l.folders[0].last, nil
}

// Append adds records, the first of them with a number that follows on the
// newest, or any in an empty log. When it returns nil, they are on the disk in
// every copy. After an error what was added is not known, and the log takes no
// more until it is opened again.
func (l *Log) Append(first uint64, records [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken != nil {
		return fmt.Errorf("%w: %w", ErrBroken, l.broken)
	}
	for _, raw := range records {
		if len(raw) > RecordBytesMax {
			return fmt.Errorf("record of %d bytes: %w", len(raw), ErrOrder)
		}
	}
	if last := l.folders[0].last; first == 0 || last > 0 && first != last+1 {
		return fmt.Errorf("record %d after %d: %w", first, last, ErrOrder)
	}
	for _, f := range l.folders {
		if err := f.append(first, records); err != nil {
			l.broken = err
			return fmt.Errorf("add to grant log %s: %w", f.path, err)
		}
	}
	return nil
}

// Records lists records after a number, in order.
func (l *Log) Records(after uint64, limit int) ([][]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	raws, err := l.folders[0].records(after, limit)
	if err != nil {
		return nil, fmt.Errorf("read grant log %s: %w", l.folders[0].path, err)
	}
	return raws, nil
}

// Close closes the files.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = errors.New("closed")
	var err error
	for _, f := range l.folders {
		err = errors.Join(err, f.close())
	}
	return err
}
