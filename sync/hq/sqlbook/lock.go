package sqlbook

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock takes a file for this process and returns what gives it up. The kernel
// gives it up too when the process ends, however it ends; the file stays.
func lock(path string) (free func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("another HQ has it open; stop that one first: %w", ErrInUse)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error { // said, since a program that is being started may have the file for a moment too
		return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
	}, nil
}
