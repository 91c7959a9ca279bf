// Package tty opens serial lines for devices that are written to: printers and
// line displays. They need deadlines and flow control, which the library of the
// scanners does not have (dev 4.5). It starts nothing and keeps nothing.
package tty

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrNotTTY is returned for a path that is not a serial port.
var ErrNotTTY = errors.New("not a serial port")

// Flow says who holds whom back on a line.
type Flow string

// The kinds of flow control.
const (
	NoFlow  Flow = ""
	RTSCTS  Flow = "rtscts"
	XonXoff Flow = "xonxoff"
)

var bauds = map[int]uint32{
	1200: unix.B1200, 2400: unix.B2400, 4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400,
	57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
}

// KnowsBaud reports whether a line can have that speed.
func KnowsBaud(baud int) bool { return bauds[baud] != 0 }

// Open opens a tty as eight bits, no parity, without waiting for a carrier, and
// for us alone.
func Open(path string, baud int, flow Flow) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := control(file, func(fd int) error { return setRaw(fd, baud, flow) }); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("set up %s: %w", path, err)
	}
	return file, nil
}

func setRaw(fd, baud int, flow Flow) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotTTY, err)
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | bauds[baud]
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	switch flow {
	case RTSCTS:
		t.Cflag |= unix.CRTSCTS
	case XonXoff:
		t.Iflag |= unix.IXON
	case NoFlow:
	}
	t.Ispeed, t.Ospeed = bauds[baud], bauds[baud]
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return fmt.Errorf("set termios: %w", err)
	}
	return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
}

// Discard throws away what a line has not sent yet, so that closing it does not
// wait for a device that takes nothing.
func Discard(file syscall.Conn) {
	_ = control(file, func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
}

// settleSteps is how often Settle looks.
const settleSteps = 10

// Settle gives a line a moment to send what it has, and throws away only what is
// left then.
func Settle(file syscall.Conn, patience time.Duration) {
	for range settleSteps {
		left := 0
		err := control(file, func(fd int) (err error) {
			left, err = unix.IoctlGetInt(fd, unix.TIOCOUTQ)
			return err
		})
		if err == nil && left == 0 {
			return
		}
		time.Sleep(patience / settleSteps)
	}
	Discard(file)
}

func control(file syscall.Conn, do func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return fmt.Errorf("reach the descriptor: %w", err)
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil {
		return fmt.Errorf("reach the descriptor: %w", err)
	}
	return inner
}
