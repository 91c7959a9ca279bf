package virtual

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A scannerLine is a pseudo terminal in raw mode. The near end stays open so
// that the line keeps its mode while nobody reads it.
type scannerLine struct {
	name string // of the near end, which the till opens

	mu     sync.Mutex // guards the descriptors against close
	master *os.File
	tty    *os.File
}

// openScannerLine opens a new line.
func openScannerLine() (*scannerLine, error) {
	master, tty, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pseudo terminal for the virtual scanner: %w", err)
	}
	l := &scannerLine{name: tty.Name(), master: master, tty: tty}
	if err := setRaw(int(tty.Fd())); err != nil {
		l.close()
		return nil, fmt.Errorf("set the virtual scanner's line to raw: %w", err)
	}
	return l, nil
}

// setRaw lets every byte through as it is: no echo, no line editing, no
// translation of CR.
func setRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CREAD | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// claimed reports that a program has taken the line for itself (TIOCEXCL), as
// serialscan does once it reads.
func (l *scannerLine) claimed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, err := unix.IoctlGetInt(int(l.tty.Fd()), unix.TIOCGEXCL)
	return err == nil && v != 0
}

// write puts the text on the line, whole: the file takes one write at a time.
func (l *scannerLine) write(text string) error {
	if err := l.master.SetWriteDeadline(time.Now().Add(typePatience)); err != nil {
		return fmt.Errorf("scan a code: %w", err)
	}
	if _, err := l.master.WriteString(text); err != nil {
		return fmt.Errorf("scan a code: the till does not take it: %w", err)
	}
	return nil
}

// close hangs the line up. The reader sees that at once.
func (l *scannerLine) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.master.Close()
	_ = l.tty.Close()
}
