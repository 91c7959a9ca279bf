package serialscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// The times of the line.
const (
	// readTimeout ends a read that got nothing. It is never 0: with 0 the
	// library's Close waits for ever behind a Read (dev 6.2). Stopping takes
	// this long at most.
	readTimeout = 500 * time.Millisecond
	// shortTimeout is the same for a scanner whose scans end in silence.
	shortTimeout = 100 * time.Millisecond
	// settleTime is how long the bytes of before the opening may still drip
	// in; they are thrown away (dev 6.1).
	settleTime = 50 * time.Millisecond
	// spinWait is the pause after an early end of file on a line that lives,
	// so that a strange driver does not take a whole core.
	spinWait = 20 * time.Millisecond
)

// errBaud is the library's answer to a speed it has no constant for; it has no
// name there.
const errBaud = "Unrecognized baud rate"

// The faults of a port, each with its state and sentence in faults.
var (
	errMissing    = errors.New("serialscan: no such device")
	errPermission = errors.New("serialscan: no permission")
	errBusy       = errors.New("serialscan: in use by another program")
	errNotSerial  = errors.New("serialscan: not a serial line")
	errBadBaud    = errors.New("serialscan: unknown speed")
	errUnplugged  = errors.New("serialscan: unplugged")
)

// A port is an open line that nobody else reads. All its methods belong to one
// goroutine.
type port struct {
	line  *serial.Port
	guard int // a second descriptor of the line, which holds the lock
	// patience is the read's time-out. A read that got nothing in less than half
	// of it did not time out, so the line may be gone (dev 6.2).
	patience time.Duration
}

// openPort opens the line at path for this process alone. The guard comes
// first, so that a second process is turned away before it touches the line.
func openPort(path string, baud int, patience time.Duration) (*port, error) {
	node, err := filepath.EvalSymlinks(path) // both descriptors on one node
	if err != nil {
		return nil, openFault(path, err)
	}
	guard, err := openGuard(node)
	if err != nil {
		return nil, openFault(path, err)
	}
	line, err := serial.OpenPort(&serial.Config{Name: node, Baud: baud, ReadTimeout: patience})
	if err != nil {
		_ = unix.Close(guard)
		return nil, openFault(path, err)
	}
	return &port{line: line, guard: guard, patience: patience}, nil
}

// openGuard opens a descriptor that makes sure of a serial line and locks it.
// A file system without locks leaves the claim in settle as the only guard.
func openGuard(node string) (int, error) {
	fd, err := unix.Open(node, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if _, err = unix.IoctlGetTermios(fd, unix.TCGETS); err == nil {
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.ENOLCK) || errors.Is(err, unix.EOPNOTSUPP) {
			err = nil
		}
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// settle throws away what came before the opening and while the line settles,
// and then claims the line: other users are turned away by the kernel too, and
// whoever feeds the line can see that it is being read.
func (p *port) settle(ctx context.Context) error {
	if err := p.line.Flush(); err != nil {
		return fmt.Errorf("flush the line: %w: %w", errUnplugged, err)
	}
	if !rest(ctx, settleTime) {
		return ctx.Err()
	}
	if err := p.line.Flush(); err != nil {
		return fmt.Errorf("flush the line: %w: %w", errUnplugged, err)
	}
	if err := unix.IoctlSetInt(p.guard, unix.TIOCEXCL, 0); err != nil {
		return fmt.Errorf("claim the line: %w: %w", errUnplugged, err)
	}
	return nil
}

// read fills buf with what came. Nothing and no error means that the time ran
// out. The library says the same of an unplugged line, only at once; then the
// empty write, which a living line takes, tells the two apart (dev 6.2).
func (p *port) read(ctx context.Context, buf []byte) (int, error) {
	start := time.Now()
	n, err := p.line.Read(buf)
	if n > 0 {
		return n, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read the line: %w: %w", errUnplugged, err)
	}
	if time.Since(start) >= p.patience/2 {
		return 0, nil
	}
	if _, err := p.line.Write(nil); err != nil {
		return 0, fmt.Errorf("probe the line: %w: %w", errUnplugged, err)
	}
	rest(ctx, spinWait)
	return 0, nil
}

// waiting reports whether bytes have come that were not read.
func (p *port) waiting() bool {
	n, err := unix.IoctlGetInt(p.guard, unix.TIOCINQ)
	return err == nil && n > 0
}

// close gives the line back. It is called where read is, so no read is pending.
func (p *port) close() {
	_ = unix.IoctlSetInt(p.guard, unix.TIOCNXCL, 0) // fails on a line that is gone
	_ = p.line.Close()
	_ = unix.Close(p.guard)
}

// openFault turns what the system says of an opening into a fault of ours.
func openFault(path string, err error) error {
	fault := errMissing
	switch {
	case err.Error() == errBaud, errors.Is(err, unix.EINVAL):
		fault = errBadBaud
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		fault = errPermission
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EWOULDBLOCK):
		fault = errBusy
	case errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EISDIR):
		fault = errNotSerial
	}
	return fmt.Errorf("open %s: %w: %w", path, fault, err)
}

// rest waits for d and reports false when ctx ended first.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
