package boltstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// An archive is a sealed file of entries of one incarnation that follow on one
// another. It is written once, read back, and never changed; DESIGN.md has its
// form. Archives lie in a folder beside the ledger, and an entry that was
// dropped from the ledger is read from there, so that nobody who reads a
// journal has to know.

const (
	archiveMagic   = "JFSEAL1\n"
	archiveEnd     = ".sealed" // of the folder's name and of each file's
	archiveHeader  = len(archiveMagic) + 4 + 8 + 8
	archiveTrailer = 8 + 8 + sha256.Size
	archiveMost    = 10_000 // entries in one file
)

// ErrSealed says that an archive is missing or is not what was sealed.
var ErrSealed = errors.New("archive of sealed entries is missing or damaged")

func archiveFolder(ledgerPath string) string { return ledgerPath + archiveEnd }

func archiveName(ordinal uint32, first ledger.Seq) string {
	return fmt.Sprintf("%08d-%013d%s", ordinal, first, archiveEnd)
}

// archiveOf is the first entry of the archive that an entry is in.
func archiveOf(seq ledger.Seq) ledger.Seq { return seq - (seq-1)%archiveMost }

// frame is an entry as an archive has it: length, the value of the ledger, and
// a checksum over both.
func frame(value []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(value)))
	b = append(b, value...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func unframe(b []byte) ([]byte, error) {
	if len(b) < 8 || int(binary.BigEndian.Uint32(b)) != len(b)-8 ||
		crc32.Checksum(b[:len(b)-4], castagnoli) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return nil, fmt.Errorf("frame of %d bytes: %w", len(b), ErrSealed)
	}
	return b[4 : len(b)-4], nil
}

// encodeArchive makes the file of some entries: header, frames, where each
// frame begins and the last one ends, and the hash of it all.
func encodeArchive(t ledger.TerminalID, i ledger.Incarnation, first ledger.Seq, values [][]byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte(archiveMagic), uint32(t))
	b = binary.BigEndian.AppendUint64(b, uint64(i))
	b = binary.BigEndian.AppendUint64(b, uint64(first))
	var index []byte
	for _, v := range values {
		index = binary.BigEndian.AppendUint64(index, uint64(len(b)))
		b = append(b, frame(v)...)
	}
	at := uint64(len(b))
	b = append(b, index...)
	b = binary.BigEndian.AppendUint64(b, at)
	b = binary.BigEndian.AppendUint64(b, uint64(len(values)))
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// writeArchive puts an archive on the disk and reads it back.
func writeArchive(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := flushFolder(filepath.Dir(filepath.Dir(path))); err != nil {
		return err
	}
	aside := path + backupEnd
	if err := clearAway(aside); err != nil {
		return err
	}
	if err := writeFlushed(aside, b); err != nil {
		return err
	}
	back, err := os.ReadFile(aside)
	if err != nil || !bytes.Equal(back, b) {
		return fmt.Errorf("read back %s: %w", filepath.Base(path), errors.Join(ErrSealed, err))
	}
	return putInPlace(aside, path)
}

func writeFlushed(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// archived returns the value of an entry that was dropped from the ledger.
func (t *tx) archived(s stream, seq ledger.Seq) ([]byte, error) {
	first := archiveOf(seq)
	name := archiveName(s.ordinal, first)
	f, err := os.Open(filepath.Join(archiveFolder(t.s.path), name))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	defer f.Close()
	v, err := readArchived(f, seq-first)
	if err != nil {
		return nil, fmt.Errorf("entry %s/%d in %s: %w", s.id, seq, name, err)
	}
	return v, nil
}

// readArchived reads the n-th entry of an archive.
func readArchived(f *os.File, n ledger.Seq) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	end := info.Size() - int64(archiveTrailer)
	trailer, err := readAt(f, end, int64(archiveTrailer))
	if err != nil {
		return nil, err
	}
	at, count := int64(binary.BigEndian.Uint64(trailer)), ledger.Seq(binary.BigEndian.Uint64(trailer[8:]))
	if n >= count || at < int64(archiveHeader) || at > end {
		return nil, fmt.Errorf("entry %d of %d: %w", n, count, ErrSealed)
	}
	bounds, err := readAt(f, at+8*int64(n), 16) // the last one's end is where the index begins
	if err != nil {
		return nil, err
	}
	from, to := int64(binary.BigEndian.Uint64(bounds)), int64(binary.BigEndian.Uint64(bounds[8:]))
	b, err := readAt(f, from, to-from)
	if err != nil {
		return nil, err
	}
	return unframe(b)
}

func readAt(f *os.File, at, size int64) ([]byte, error) {
	if at < 0 || size < 0 || size > copyBytes {
		return nil, fmt.Errorf("%d bytes at %d: %w", size, at, ErrSealed)
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, at); err != nil {
		return nil, fmt.Errorf("%d bytes at %d: %w: %w", size, at, ErrSealed, err)
	}
	return b, nil
}

// copyArchives copies the archives of one ledger to another place, each whole
// or not; those that are there already stay.
func copyArchives(from, to string) error {
	names, err := os.ReadDir(archiveFolder(from))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, n := range names {
		if filepath.Ext(n.Name()) != archiveEnd {
			continue
		}
		b, err := os.ReadFile(filepath.Join(archiveFolder(from), n.Name()))
		if err != nil {
			return err
		}
		if err := checkArchive(b); err != nil {
			return fmt.Errorf("%s: %w", n.Name(), err)
		}
		path := filepath.Join(archiveFolder(to), n.Name())
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, b) {
			continue
		}
		if err := writeArchive(path, b); err != nil {
			return err
		}
	}
	return nil
}

func checkArchive(b []byte) error {
	if len(b) < archiveHeader+archiveTrailer || string(b[:len(archiveMagic)]) != archiveMagic {
		return fmt.Errorf("file of %d bytes: %w", len(b), ErrSealed)
	}
	if sum := sha256.Sum256(b[:len(b)-sha256.Size]); !bytes.Equal(sum[:], b[len(b)-sha256.Size:]) {
		return fmt.Errorf("hash of a file of %d bytes: %w", len(b), ErrSealed)
	}
	return nil
}
