package boltstore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/jifen-pos/jifen/terminal/boltstore/pages"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealed puts a checksum after a value (bolt R12). It covers the space and the
// key too: a record whose key was damaged must not turn up under another one.
// An entry needs none, since its link of the chain stands before it.
func sealed(s space, key, value []byte) []byte {
	b := make([]byte, 0, len(value)+4)
	b = append(b, value...)
	return binary.BigEndian.AppendUint32(b, checksum(s, key, value))
}

func unsealed(s space, key, b []byte) ([]byte, error) {
	if len(b) < 4 {
		return nil, fmt.Errorf("record of %d bytes: %w", len(b), ErrDamaged)
	}
	value := b[:len(b)-4]
	if checksum(s, key, value) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return nil, fmt.Errorf("checksum of a record of %d bytes: %w", len(value), ErrDamaged)
	}
	return value, nil
}

// checksum is over the space's letter, the key with its length, and the value.
func checksum(s space, key, value []byte) uint32 {
	sum := crc32.Checksum([]byte{byte(s)}, castagnoli)
	sum = crc32.Update(sum, castagnoli, binary.BigEndian.AppendUint32(nil, uint32(len(key))))
	sum = crc32.Update(sum, castagnoli, key)
	return crc32.Update(sum, castagnoli, value)
}

// checkMetas reads the file's first pages plainly before it is mapped, since a
// file that is shorter than it says kills the process (bolt R7). It returns how
// many of the two are whole.
func checkMetas(path string) (whole int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder: name the ledger's file in it", path)
	}
	if err != nil {
		return 0, err
	}
	head := make([]byte, 2*pageBytes)
	if _, err := io.ReadFull(f, head); err != nil {
		return 0, fmt.Errorf("file of %d bytes: %w", info.Size(), ErrDamaged)
	}
	count, whole := pages.Newest(head, pageBytes)
	if whole == 0 || count > uint64(info.Size())/pageBytes {
		return 0, fmt.Errorf("file of %d bytes is cut short or its first pages are damaged: %w", info.Size(), ErrDamaged)
	}
	return whole, nil
}
