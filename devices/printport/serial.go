package printport

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// errNotTTY is returned for a path that is not a serial port.
var errNotTTY = errors.New("not a serial port")

var bauds = map[int]uint32{
	4800: unix.B4800, 9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400,
	57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
}

// openSerial opens a tty as eight bits, no parity, without waiting for a
// carrier, and for us alone. It is an own file and not the library of the
// scanners, since a printer needs deadlines and flow control (dev 4.5).
func openSerial(_ context.Context, o Options) (link, error) {
	file, err := openNode(o.Address, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if err := control(file, func(fd int) error { return setRaw(fd, o) }); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("set up %s: %w", o.Address, err)
	}
	return file, nil
}

func setRaw(fd int, o Options) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotTTY, err)
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | bauds[o.Baud]
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	switch o.Flow {
	case "rtscts":
		t.Cflag |= unix.CRTSCTS
	case "xonxoff":
		t.Iflag |= unix.IXON
	}
	t.Ispeed, t.Ospeed = bauds[o.Baud], bauds[o.Baud]
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, t); err != nil {
		return fmt.Errorf("set termios: %w", err)
	}
	return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0)
}

// discard throws away what a serial line has not sent yet, so that closing it
// does not wait for a printer that takes nothing.
func discard(l link) {
	_ = control(l, func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
}
