package virtual

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The names of a scanner in its folder.
const (
	scannerLink   = "scanner"      // leads to the serial line
	scannerSocket = "scanner.sock" // takes codes, see SendScan
	scannerNew    = "scanner.new"  // a link or socket on its way to its name; no longer than they are
)

// The waits of a scanner.
const (
	readerPatience = 3 * time.Second       // for a till that is just starting
	readerLook     = 20 * time.Millisecond // between two looks for it
	typePatience   = 2 * time.Second       // for a till that does not take the bytes
)

// The reasons for which a code is not scanned. Both are sentences for the
// person who typed it.
var (
	// ErrNoReader: a scan now would be lost, as no program has claimed the line.
	ErrNoReader = errors.New("no till is reading this scanner: start the till first")
	// ErrScannerOff: the scanner was closed.
	ErrScannerOff = errors.New("the virtual scanner is switched off")
)

// A Scanner is a serial scanner without hardware: a pseudo terminal that
// whoever opens Path reads like a real port, and a socket that takes the codes
// to scan. A code goes out as typed, followed by CR.
type Scanner struct {
	link, socket string
	line         *scannerLine
	listener     *net.UnixListener
	listening    os.FileInfo // the socket's file, to tell it from a later one

	once sync.Once
	off  chan struct{} // closed by Close
}

// NewScanner opens a scanner in the folder dir, which is made when missing. What
// a killed run left there is replaced; a scanner that still lives is an error.
// Codes from the socket are taken once Run runs.
func NewScanner(dir string) (*Scanner, error) {
	s := &Scanner{
		link:   filepath.Join(dir, scannerLink),
		socket: filepath.Join(dir, scannerSocket),
		off:    make(chan struct{}),
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the virtual scanner: %w", err)
	}
	var err error
	if s.listener, s.listening, err = listenScanner(s.socket); err != nil {
		return nil, err
	}
	if s.line, err = openScannerLine(); err != nil {
		s.close()
		return nil, err
	}
	if err := replaceLink(s.line.name, s.link); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// Path is where the scanner is read: a link that stays the same over restarts.
func (s *Scanner) Path() string { return s.link }

// Socket is where SendScan finds the scanner.
func (s *Scanner) Socket() string { return s.socket }

// Type scans a code. It waits a few seconds for a reader that has claimed the
// line, because what is scanned before is thrown away by any careful reader.
// The error is a sentence for the person who typed.
func (s *Scanner) Type(code string) error {
	if err := checkScan(code); err != nil {
		return err
	}
	if err := s.awaitReader(); err != nil {
		return err
	}
	return s.line.write(code + "\r")
}

// awaitReader returns nil as soon as somebody has claimed the line.
func (s *Scanner) awaitReader() error {
	tick := time.NewTicker(readerLook)
	defer tick.Stop()
	limit := time.NewTimer(readerPatience)
	defer limit.Stop()
	for {
		select {
		case <-s.off:
			return ErrScannerOff
		default:
		}
		if s.line.claimed() {
			return nil
		}
		select {
		case <-s.off:
			return ErrScannerOff
		case <-limit.C:
			return ErrNoReader
		case <-tick.C:
		}
	}
}

// Run takes codes from the socket until ctx ends, closes the scanner and
// returns nil.
func (s *Scanner) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, s.Close)
	defer stop()
	s.serve()
	return nil
}

// Close pulls the scanner out: its reader sees the line hang up, and the names
// in the folder are gone unless somebody else has taken them since. It is for a
// scanner that is never run: the end of Run's context closes too.
func (s *Scanner) Close() { s.once.Do(s.close) }

func (s *Scanner) close() {
	close(s.off)
	if info, err := os.Lstat(s.socket); err == nil && os.SameFile(info, s.listening) {
		_ = os.Remove(s.socket)
	}
	_ = s.listener.Close()
	if s.line == nil {
		return
	}
	if to, err := os.Readlink(s.link); err == nil && to == s.line.name {
		_ = os.Remove(s.link)
	}
	s.line.close()
}

// replaceLink makes link lead to target in one step, whatever it was before. The
// name of the fresh one is free: listenScanner has just used and left it.
func replaceLink(target, link string) error {
	fresh := filepath.Join(filepath.Dir(link), scannerNew)
	if err := os.Symlink(target, fresh); err != nil {
		return fmt.Errorf("link the virtual scanner: %w", err)
	}
	if err := os.Rename(fresh, link); err != nil {
		return fmt.Errorf("link the virtual scanner: %w", err)
	}
	return nil
}
