package boltstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// How large the file may grow (bolt R18): a part of its partition, and never
// more than an address space holds.
const (
	partitionPart = 4 // a quarter
	largest32     = 512 << 20
	largest64     = 2 << 30
	largestLeast  = 64 << 20 // also on a very small partition
)

const (
	reserveBytes  = 4 << 20  // what is taken from the disk at a time, ahead of need
	reserveLeast  = 1 << 20  // when there is less ahead, more is taken
	reserveBare   = 1 << 18  // enough ahead for one transaction, on a full disk
	ballastBytes  = 32 << 20 // kept free for the last awards (bolt R19)
	alarmPercent  = 70       // of the largest size
	shortPercent  = 90       // of the largest size: what is left is for awards
	partitionLeft = 5        // percent of the partition; less is an alarm
)

// MaxBytes is how large a ledger may grow in a folder.
func MaxBytes(folder string) int64 {
	most := int64(largest64)
	if strconv.IntSize == 32 {
		most = largest32
	}
	var st unix.Statfs_t
	if err := unix.Statfs(folder, &st); err != nil || st.Blocks == 0 {
		return most
	}
	return min(max(int64(st.Blocks)*int64(st.Bsize)/partitionPart, largestLeast), most)
}

// Room is how much room there is.
type Room struct {
	Used    int64 // bytes of the file that hold something, or did
	Largest int64 // bytes that the file may grow to
	Free    int64 // bytes that the partition has left
	Ballast bool  // the room for the last awards is still untouched
	Alarm   bool  // somebody should see to it
	Short   bool  // what is left is for awards
}

// Room tells how much room there is.
func (s *Store) Room() (Room, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(s.path, &st); err != nil {
		return Room{}, fmt.Errorf("room of %s: %w", s.path, err)
	}
	r := Room{Used: s.used.Load(), Largest: s.largest, Free: int64(st.Bavail) * int64(st.Bsize)}
	_, err := os.Stat(ballastFile(s.path))
	r.Ballast = err == nil
	small := r.Free*100 < int64(st.Blocks)*int64(st.Bsize)*partitionLeft
	r.Alarm = r.Used*100 >= r.Largest*alarmPercent || small
	r.Short = r.Used*100 >= r.Largest*shortPercent || !r.Ballast
	return r, nil
}

func ballastFile(path string) string { return path + ".ballast" }

// KeepBallast sets room aside, to be released when the disk is full: then the
// awards of the last hours still find room. A full disk is no error.
func (s *Store) KeepBallast() error {
	path := ballastFile(s.path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("set room aside: %w", err)
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, ballastBytes)
	if err = errors.Join(err, f.Close()); err == nil || unsupported(err) {
		return nil
	}
	gone := os.Remove(path)
	if errors.Is(err, unix.ENOSPC) {
		err = nil
	}
	if err = errors.Join(err, gone); err != nil {
		return fmt.Errorf("set room aside: %w", err)
	}
	return nil
}

// reserve takes room from the disk before a transaction begins, so that a full
// disk is a refusal and not a failed write (fault S10). The ballast is given
// up before anything is refused.
func (s *Store) reserve() error {
	used := s.used.Load()
	if s.reserved-used >= reserveLeast {
		return nil
	}
	from := max(s.reserved, used)
	err := s.allocate(from, used+reserveBytes-from)
	if errors.Is(err, unix.ENOSPC) && os.Remove(ballastFile(s.path)) == nil {
		err = s.allocate(from, reserveLeast)
	}
	switch {
	case errors.Is(err, unix.ENOSPC):
		if s.reserved-used >= reserveBare {
			return nil
		}
		return fmt.Errorf("write ledger: %w", journal.ErrFull)
	case err != nil && !unsupported(err):
		return fmt.Errorf("write ledger: take room: %w", err)
	}
	return nil
}

// allocate has the disk give blocks to a part of the file; its length stays.
func (s *Store) allocate(from, size int64) error {
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, from, size)
	if err = errors.Join(err, f.Close()); err == nil || unsupported(err) {
		s.reserved = from + size
	}
	return err
}

func unsupported(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, errors.ErrUnsupported)
}

// failedMark lies beside a ledger after a failed write.
func failedMark(path string) string { return path + ".failed" }

// recoverFailed rewrites a ledger whose last write failed, before anything is
// read from it or written to it.
func recoverFailed(path string) error {
	if _, err := os.Stat(failedMark(path)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if err := Rewrite(path); err != nil {
		return err
	}
	if err := os.Remove(failedMark(path)); err != nil {
		return err
	}
	return flushFolder(filepath.Dir(path))
}
