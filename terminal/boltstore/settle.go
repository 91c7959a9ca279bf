package boltstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// settle puts on the disk what the kernel shows of a file that has just been
// locked, before anything is read from it or built on it (bolt R10). The last
// process may have ended between the write of a commit's meta page and its
// flush, or that flush may have failed: then the commit is seen here, and is
// gone after a power cut, while the next commit already reuses the pages that
// it freed. A later flush alone does not help, since the kernel counts pages
// of a failed flush as clean; so both meta pages are written once more. The
// pages that they lead to were flushed before them.
func settle(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	metas := make([]byte, 2*pageBytes)
	if _, err = f.ReadAt(metas, 0); err == nil {
		_, err = f.WriteAt(metas, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("flush what the last process wrote: %w", err)
	}
	return flushFolder(filepath.Dir(path)) // the name too, if it was new
}
