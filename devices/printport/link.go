package printport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/tty"
)

// link is an open way to a printer. Both net.Conn and *os.File are one.
type link interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	Close() error
}

var openers = map[Kind]func(context.Context, Options) (link, error){
	TCP: openTCP, Serial: openSerial, USB: openUSB, File: openFile,
}

// sendBuffer is what the system may hold back of a job, so that bytes written
// are about the bytes that the printer took.
const sendBuffer = 8 << 10

// keepAlive lets the system find out within half a minute that an idle printer is
// gone: one without power says nothing, and a mute one never does.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

func openTCP(ctx context.Context, o Options) (link, error) {
	dialer := net.Dialer{Timeout: o.Dial, KeepAliveConfig: keepAlive}
	conn, err := dialer.DialContext(ctx, "tcp", o.Address)
	if err != nil {
		return nil, err // not conn: a nil *TCPConn in link would not be nil
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // a hint; without it a stuck printer is noticed later
	}
	return conn, nil
}

// errNotPrinter is returned for a path that is not a node of the USB printer driver.
var errNotPrinter = errors.New("not a USB printer")

// usbMajor is the device number that the nodes of USB class drivers share.
const usbMajor = 180

// openUSB opens the node of a USB printer, which the driver gives to one
// program at a time.
func openUSB(_ context.Context, o Options) (link, error) {
	var stat unix.Stat_t
	if err := unix.Stat(o.Address, &stat); err != nil {
		return nil, fmt.Errorf("look at %s: %w", o.Address, err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFCHR || unix.Major(uint64(stat.Rdev)) != usbMajor {
		return nil, fmt.Errorf("%s: %w", o.Address, errNotPrinter)
	}
	return openNode(o.Address, os.O_RDWR)
}

func openFile(_ context.Context, o Options) (link, error) {
	return openNode(o.Address, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
}

// openNode never waits: a pipe without a reader is an error.
func openNode(path string, flag int) (link, error) {
	file, err := os.OpenFile(path, flag|unix.O_NOCTTY|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// openTrouble tells why a link could not be opened.
func openTrouble(ctx context.Context, err error) Trouble {
	switch {
	case ctx.Err() != nil, errors.Is(err, ErrClosed):
		return Interrupted
	case errors.Is(err, fs.ErrPermission):
		return Refused
	case errors.Is(err, unix.EBUSY):
		return Busy
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return Missing
	case errors.Is(err, tty.ErrNotTTY), errors.Is(err, errNotPrinter):
		return WrongKind
	}
	return Off
}

// lpGetStatus is the ioctl LPGETSTATUS of a USB printer node, and lpNoPaper its
// bit for paper end. It goes past the data, so a full printer answers too (dev 4.4).
const (
	lpGetStatus = 0x060B
	lpNoPaper   = 0x20
)

// paperOut asks a USB printer node for paper end; other links do not know.
func paperOut(l link) bool {
	out := false
	_ = control(l, func(fd int) error {
		status, err := unix.IoctlGetInt(fd, lpGetStatus)
		out = err == nil && status&lpNoPaper != 0
		return err
	})
	return out
}

// control runs do on the descriptor of a link that is a file.
func control(l link, do func(fd int) error) error {
	conn, ok := l.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("reach the descriptor: %w", err)
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil {
		return fmt.Errorf("reach the descriptor: %w", err)
	}
	return inner
}
