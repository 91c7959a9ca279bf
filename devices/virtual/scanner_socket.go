package virtual

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// MaxScan is the longest code that can be typed, in bytes: the longest that a
// scanner with its usual settings may send.
const MaxScan = scan.DefaultMaxFrame

// The limits of the socket.
const (
	maxSocketPath     = 107 // bytes; the system's limit without the closing zero
	maxScannerClients = 4   // further ones wait their turn
	acceptPause       = 100 * time.Millisecond
	clientPatience    = 10 * time.Second // for the next line of a client, and for the whole of SendScan
	scanned           = "ok"             // the answer to a code that went out
)

// listenScanner opens the socket at path. A socket that nobody answers is what a
// killed run left, and is replaced.
func listenScanner(path string) (*net.UnixListener, os.FileInfo, error) {
	if err := checkSocketPath(path); err != nil {
		return nil, nil, err
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = conn.Close()
		return nil, nil, fmt.Errorf("another program already runs a virtual scanner in the folder %s: stop it, or choose another folder", filepath.Dir(path))
	}
	fresh := filepath.Join(filepath.Dir(path), scannerNew)
	if err := os.Remove(fresh); err != nil && !os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("open the virtual scanner's socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, nil, fmt.Errorf("open the virtual scanner's socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // it would remove the name it no longer has
	info, err := publishSocket(fresh, path)
	if err != nil {
		_ = l.Close()
		_ = os.Remove(fresh)
		return nil, nil, fmt.Errorf("open the virtual scanner's socket: %w", err)
	}
	return l, info, nil
}

// publishSocket gives the socket its mode and then its name.
func publishSocket(fresh, path string) (os.FileInfo, error) {
	if err := os.Chmod(fresh, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return nil, err
	}
	return os.Lstat(path)
}

// serve answers clients until the scanner is closed, and waits for the last. What
// keeps it from taking a client now, such as a lack of descriptors, passes.
func (s *Scanner) serve() {
	var clients sync.WaitGroup
	defer clients.Wait()
	places := make(chan struct{}, maxScannerClients)
	for {
		select {
		case places <- struct{}{}:
		case <-s.off:
			return
		}
		conn, err := s.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			<-places
			s.rest(acceptPause)
			continue
		}
		clients.Go(func() {
			defer func() { <-places }()
			s.attend(conn)
		})
	}
}

// rest waits for d, or less when the scanner is closed.
func (s *Scanner) rest(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.off:
	case <-t.C:
	}
}

// attend scans each line of one client and answers it.
func (s *Scanner) attend(conn net.Conn) {
	done := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		select {
		case <-s.off:
		case <-done:
		}
		_ = conn.Close()
	})
	defer watcher.Wait()
	defer close(done)

	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, MaxScan+2), MaxScan+2)
	lines.Split(splitLines)
	for {
		_ = conn.SetDeadline(time.Now().Add(clientPatience))
		if !lines.Scan() {
			if errors.Is(lines.Err(), bufio.ErrTooLong) {
				_, _ = fmt.Fprintln(conn, errScanLength)
			}
			return
		}
		answer := scanned
		if err := s.Type(lines.Text()); err != nil {
			answer = err.Error()
		}
		if _, err := fmt.Fprintln(conn, answer); err != nil {
			return
		}
	}
}

// splitLines cuts at line feeds only. A last line without one was cut short by
// its sender and is no code.
func splitLines(data []byte, _ bool) (int, []byte, error) {
	for i, b := range data {
		if b == '\n' {
			return i + 1, data[:i], nil
		}
	}
	return 0, nil, nil
}

// errScanLength answers a code that is too long.
var errScanLength = fmt.Errorf("a code has at most %d bytes", MaxScan)

// checkScan refuses what no scanner sends as one code. The error is a sentence.
func checkScan(code string) error {
	switch {
	case code == "":
		return errors.New("there is no code to scan")
	case len(code) > MaxScan:
		return errScanLength
	}
	for i := range len(code) {
		if b := code[i]; b < ' ' && b != 0x1d || b == 0x7f {
			return fmt.Errorf("byte %d of the code is the control character %#02x: only GS (0x1d) can be scanned", i+1, b)
		}
	}
	return nil
}

// checkSocketPath refuses a path that the system would not take, with what to do.
func checkSocketPath(path string) error {
	if n := len(path); n > maxSocketPath {
		return fmt.Errorf("the path of the virtual scanner's socket has %d bytes and may have %d: choose a folder with a shorter path than %s", n, maxSocketPath, filepath.Dir(path))
	}
	return nil
}

// SendScan lets the virtual scanner at socketPath scan a code and returns nil
// once the code has gone out to the till. Any error is a sentence for the person
// who typed it. It takes a few seconds at most.
func SendScan(ctx context.Context, socketPath, code string) error {
	if err := checkScan(code); err != nil {
		return err
	}
	if err := checkSocketPath(socketPath); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, clientPatience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socketPath)
	if err != nil {
		return fmt.Errorf("no virtual scanner answers at %s: is the till running? (%w)", socketPath, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	answer, err := askScan(conn, code)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the virtual scanner did not answer: %w", ctx.Err())
	case err != nil:
		return fmt.Errorf("the virtual scanner hung up before it answered: %w", err)
	case answer != scanned:
		return errors.New(answer)
	}
	return nil
}

// askScan sends one code and reads the answer.
func askScan(conn net.Conn, code string) (string, error) {
	if _, err := fmt.Fprintln(conn, code); err != nil {
		return "", err
	}
	answer, err := bufio.NewReaderSize(conn, 1024).ReadString('\n')
	return strings.TrimSuffix(answer, "\n"), err
}
