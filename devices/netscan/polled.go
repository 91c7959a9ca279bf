package netscan

import (
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// polled reads a file that was opened by somebody else, such as standard input:
// it may be of a kind on which deadlines do not work, and it must not be made
// non-blocking under its other users. So each read is asked for first.
type polled struct{ f *os.File }

func (polled) SetReadDeadline(time.Time) error { return nil }

// Read gives what is there within the time-out of a read.
func (p polled) Read(b []byte) (int, error) {
	fds := []unix.PollFd{{Fd: int32(p.f.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(readTimeout/time.Millisecond))
	switch {
	case errors.Is(err, unix.EINTR), err == nil && n == 0:
		return 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, err
	}
	n, err = unix.Read(int(fds[0].Fd), b)
	if n <= 0 && err == nil {
		return 0, io.EOF
	}
	return max(n, 0), err
}

// waiting reports whether something has come on a stream that was not read: on a
// busy board a read that ran out of time may find it only now.
func waiting(from reader) bool {
	stream, ok := from.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := stream.SyscallConn()
	if err != nil {
		return false
	}
	there := 0
	err = raw.Control(func(fd uintptr) { there, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0) })
	return err == nil && there > 0
}
