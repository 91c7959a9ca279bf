package pages

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
)

// ErrCount says that a page does not hold as many records as were written to it.
var ErrCount = errors.New("page with records missing")

// Counted checks that every page holds as many records as were written to it.
// bbolt does not: a damaged count lets records at the end of a page vanish, of
// which nothing else need tell. The data of a page's first record begins where
// the heads of all of them end, so that it says how many there were. A
// transaction that writes is passed over: its pages are not in the file.
func Counted(tx *bolt.Tx) (err error) {
	if tx.Writable() {
		return nil
	}
	f, err := os.Open(tx.DB().Path())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := walk{file: f, pageBytes: uint64(tx.DB().Info().PageSize), pages: uint64(tx.Size()) / uint64(tx.DB().Info().PageSize), seen: map[uint64]bool{}}
	return w.page(uint64(tx.Cursor().Bucket().Root()))
}

// walk goes through the pages that lead from one to another.
type walk struct {
	file      io.ReaderAt
	pageBytes uint64
	pages     uint64
	seen      map[uint64]bool
}

// Sizes and flags of the file format: a page's head is its number (8 bytes), flags
// and count (2 each) and how many pages more it has (4); the head of a record in
// a branch is place and size of the key (4 each) and the page below (8), in a leaf
// flags, place, size of key and of value (4 each). A place counts from the head.
const (
	pageHead   = 16
	recordHead = 16
	branchPage = 1
	bucketLeaf = 1
	bucketHead = 16 // root and sequence (8 each), before the page of an inline bucket
)

func (w *walk) page(id uint64) error {
	if id >= w.pages || w.seen[id] {
		return fmt.Errorf("page %d, of %d, is not there or twice: %w", id, w.pages, ErrCount)
	}
	w.seen[id] = true
	head := make([]byte, pageHead)
	if _, err := w.file.ReadAt(head, int64(id*w.pageBytes)); err != nil {
		return err
	}
	more := uint64(binary.NativeEndian.Uint32(head[12:]))
	if more >= w.pages-id {
		return fmt.Errorf("page %d has %d more: %w", id, more, ErrCount)
	}
	page := make([]byte, (more+1)*w.pageBytes)
	if _, err := w.file.ReadAt(page, int64(id*w.pageBytes)); err != nil {
		return err
	}
	if err := w.records(page); err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

// records checks a page, and what its records lead to.
func (w *walk) records(page []byte) error {
	if len(page) < pageHead {
		return ErrCount
	}
	branch := binary.NativeEndian.Uint16(page[8:])&branchPage != 0
	count := int(binary.NativeEndian.Uint16(page[10:]))
	heads := page[pageHead:]
	if count == 0 && len(heads) >= recordHead && [recordHead]byte(heads) != [recordHead]byte{} || count*recordHead > len(heads) {
		return ErrCount
	}
	for n := range count {
		head := heads[n*recordHead:]
		at := binary.NativeEndian.Uint32(head[4:])
		if branch {
			at = binary.NativeEndian.Uint32(head)
		}
		if n == 0 && int(at) != count*recordHead {
			return ErrCount
		}
		if err := w.below(head, branch, uint64(at)); err != nil {
			return err
		}
	}
	return nil
}

// below checks what one record leads to: a page of a branch, or a bucket.
func (w *walk) below(head []byte, branch bool, at uint64) error {
	if branch {
		return w.page(binary.NativeEndian.Uint64(head[8:]))
	}
	if binary.NativeEndian.Uint32(head)&bucketLeaf == 0 {
		return nil
	}
	from := at + uint64(binary.NativeEndian.Uint32(head[8:]))
	to := from + uint64(binary.NativeEndian.Uint32(head[12:]))
	if to > uint64(len(head)) || to-from < bucketHead {
		return ErrCount
	}
	bucket := head[from:to]
	if root := binary.NativeEndian.Uint64(bucket); root != 0 {
		return w.page(root)
	}
	return w.records(bucket[bucketHead:])
}
