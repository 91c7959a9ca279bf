package grantlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Beside the records lie the documents that they name, in a folder of each copy: a
// file each, under a name that its bytes give. It begins with "JFD1" and the CRC-32C
// of what follows (4 bytes, big-endian).
const (
	documentsDir   = "documents"
	documentSuffix = ".document"
	documentMagic  = "JFD1"
	documentHead   = len(documentMagic) + 4
)

// KeepDocument keeps a document under a name that its bytes give. When it returns
// nil, it is on the disk in every copy.
func (l *Log) KeepDocument(name string, b []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.folders {
		if err := f.keep(name, b); err != nil {
			return fmt.Errorf("keep document %s in %s: %w", name, f.path, err)
		}
	}
	return nil
}

// Document is the document of a name, out of the first copy that has it whole; nil
// where none has.
func (l *Log) Document(name string) (b []byte, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.folders {
		found, failed := f.document(name)
		if failed == nil && found != nil {
			return found, nil
		}
		err = errors.Join(err, failed)
	}
	return nil, err
}

// completeDocuments gives every copy the documents that another one has.
func (l *Log) completeDocuments() error {
	for _, from := range l.folders {
		files, err := filepath.Glob(from.documentFile("*"))
		if err != nil {
			return err
		}
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), documentSuffix)
			b, err := from.document(name)
			if errors.Is(err, ErrDamaged) {
				continue // of the log itself nothing is lost
			}
			for _, to := range l.folders {
				if err == nil {
					err = to.keep(name, b)
				}
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *folder) documentFile(name string) string {
	return filepath.Join(f.path, documentsDir, name+documentSuffix)
}

func (f *folder) document(name string) ([]byte, error) {
	b, err := os.ReadFile(f.documentFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(b) < documentHead || string(b[:len(documentMagic)]) != documentMagic || binary.BigEndian.Uint32(b[len(documentMagic):]) != crc32.Checksum(b[documentHead:], castagnoli) {
		return nil, fmt.Errorf("document %s: %w", name, ErrDamaged)
	}
	return b[documentHead:], nil
}

// keep puts a document's file in place whole, unless it is there.
func (f *folder) keep(name string, b []byte) error {
	if there, err := f.document(name); err == nil && there != nil {
		return nil
	}
	dir := filepath.Join(f.path, documentsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32([]byte(documentMagic), crc32.Checksum(b, castagnoli))
	file, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(append(head, b...))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return errors.Join(os.Rename(file.Name(), f.documentFile(name)), syncFolder(dir), syncFolder(f.path))
}
