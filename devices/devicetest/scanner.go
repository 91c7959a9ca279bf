package devicetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"
)

// sendLimit is how long Send waits for a line that nobody reads.
const sendLimit = 5 * time.Second

// A SerialScanner is the far end of a serial line: what a test sends comes out
// at Path. Its methods end the test when the machine gives no pseudo terminal;
// they are for the goroutine of the test.
type SerialScanner struct {
	t      testing.TB
	link   string
	master *os.File // nil while unplugged
	device string
}

// Scanner plugs in a scanner that is pulled out when the test ends.
func Scanner(t testing.TB) *SerialScanner {
	t.Helper()
	s := &SerialScanner{t: t, link: filepath.Join(t.TempDir(), "scanner")}
	t.Cleanup(s.Unplug)
	s.Plug()
	return s
}

// Path is where the scanner is found, the same however often it is plugged in:
// a link to the device, as below /dev/serial/by-id.
func (s *SerialScanner) Path() string { return s.link }

// Device is the node that Path leads to since the last Plug. It stands outside
// the folders of the test, so other users can reach it too.
func (s *SerialScanner) Device() string { return s.device }

// Plug plugs the scanner in again, on a new line.
func (s *SerialScanner) Plug() {
	s.t.Helper()
	if s.master != nil {
		s.t.Fatal("devicetest: the scanner is plugged in already")
	}
	master, tty, err := pty.Open()
	if err != nil {
		s.t.Fatalf("devicetest: open a pseudo terminal: %v", err)
	}
	s.master, s.device = master, tty.Name()
	if err := tty.Close(); err != nil {
		s.t.Fatalf("devicetest: close the near end: %v", err)
	}
	if err := os.Symlink(s.device, s.link); err != nil {
		s.t.Fatalf("devicetest: link the scanner: %v", err)
	}
}

// Unplug pulls the cable: the line hangs up and its path is gone. What was sent
// and not yet read is lost. Unplugging twice is allowed.
func (s *SerialScanner) Unplug() {
	if s.master == nil {
		return
	}
	_ = os.Remove(s.link)
	_ = s.master.Close()
	s.master = nil
}

// Send puts the bytes on the line as they are.
func (s *SerialScanner) Send(p []byte) {
	s.t.Helper()
	if s.master == nil {
		s.t.Fatal("devicetest: send with the scanner unplugged")
	}
	if err := s.master.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		s.t.Fatalf("devicetest: limit the time of a write: %v", err)
	}
	if _, err := s.master.Write(p); err != nil {
		s.t.Fatalf("devicetest: send %q: %v", p, err)
	}
}

// Type sends a text at once.
func (s *SerialScanner) Type(text string) {
	s.t.Helper()
	s.Send([]byte(text))
}

// SendSlowly sends the chunks with a gap between them, as a slow line does.
func (s *SerialScanner) SendSlowly(chunks []string, gap time.Duration) {
	s.t.Helper()
	for i, c := range chunks {
		if i > 0 {
			time.Sleep(gap)
		}
		s.Send([]byte(c))
	}
}
