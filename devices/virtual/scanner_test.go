package virtual_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/serialscan"
	"github.com/jifen-pos/jifen/devices/virtual"
)

const scannerPatience = 10 * time.Second

// newScanner opens a scanner in dir and ends the test when it cannot.
func newScanner(t *testing.T, dir string) *virtual.Scanner {
	t.Helper()
	s, err := virtual.NewScanner(dir)
	if err != nil {
		t.Fatalf("NewScanner(%q): %v", dir, err)
	}
	t.Cleanup(s.Close)
	return s
}

// background runs a part until the test ends or stop is called.
func background(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	ended := false
	stop = func() {
		t.Helper()
		if ended {
			return
		}
		ended = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		case <-time.After(scannerPatience):
			t.Error("Run has not ended")
		}
	}
	t.Cleanup(stop)
	return stop
}

// till reads the scanner at path as a till does.
func till(t *testing.T, path string) (events <-chan scan.Event, stop func()) {
	t.Helper()
	out := make(chan scan.Event, 100)
	src := serialscan.New(serialscan.Options{Path: path})
	return out, background(t, func(ctx context.Context) error {
		return src.Run(ctx, func(e scan.Event) { out <- e })
	})
}

// next returns the next event or ends the test.
func next(t *testing.T, events <-chan scan.Event) scan.Event {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(scannerPatience):
		t.Fatal("no scan came")
		return scan.Event{}
	}
}

func TestTypedCodeReachesTheTill(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	events, _ := till(t, s.Path())
	// The till may still be opening the scanner: the first code waits for it.
	for _, code := range []string{"6901234567892", "JF1.A  B ", "01\x1d10", "积分", strings.Repeat("9", virtual.MaxScan)} {
		if err := s.Type(code); err != nil {
			t.Fatalf("Type(%q) = %v, want nil", code, err)
		}
		if e := next(t, events); e.Text != code || e.Bad != scan.NotBad {
			t.Errorf("Type(%q): the till got %+v", code, e)
		}
	}
}

func TestSentCodeReachesTheTill(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	events, _ := till(t, s.Path())
	for i := range 20 {
		code := fmt.Sprintf("CODE %d ", i)
		if err := virtual.SendScan(t.Context(), s.Socket(), code); err != nil {
			t.Fatalf("SendScan(%q) = %v, want nil", code, err)
		}
		if e := next(t, events); e.Text != code {
			t.Errorf("SendScan(%q): the till got %+v", code, e)
		}
	}
}

// Twenty at once are served in turn, and none is mixed with another.
func TestManySendersAtOnce(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	events, _ := till(t, s.Path())
	const senders = 20
	errs := make(chan error, senders)
	for i := range senders {
		go func() {
			errs <- virtual.SendScan(context.Background(), s.Socket(), strings.Repeat(string(rune('A'+i)), 100))
		}()
	}
	seen := map[string]bool{}
	for range senders {
		if err := <-errs; err != nil {
			t.Errorf("SendScan = %v, want nil", err)
		}
		e := next(t, events)
		if seen[e.Text] || len(e.Text) != 100 || strings.Trim(e.Text, e.Text[:1]) != "" {
			t.Errorf("the till got %+v, want 100 equal letters, each letter once", e)
		}
		seen[e.Text] = true
	}
}

func TestSeveralLinesOnOneConnection(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	events, _ := till(t, s.Path())
	conn, err := net.Dial("unix", s.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewScanner(conn)
	ask := func(line string) string {
		t.Helper()
		if _, err := fmt.Fprint(conn, line); err != nil {
			t.Fatalf("send %q: %v", line, err)
		}
		answers.Scan()
		return answers.Text()
	}
	if got := ask("A1\n"); got != "ok" {
		t.Errorf("answer to a code = %q, want ok", got)
	}
	if got := ask("A\x00\n"); !strings.Contains(got, "control character 0x00") {
		t.Errorf("answer to a control character = %q, want a sentence about it", got)
	}
	if got := ask("\n"); !strings.Contains(got, "no code") {
		t.Errorf("answer to an empty line = %q, want a sentence about it", got)
	}
	if got := ask("B2\n"); got != "ok" {
		t.Errorf("answer to a code after refusals = %q, want ok", got)
	}
	if got := ask(strings.Repeat("9", 4000)); !strings.Contains(got, "at most 512 bytes") {
		t.Errorf("answer to an endless line = %q, want a sentence about its length", got)
	}
	for _, want := range []string{"A1", "B2"} {
		if e := next(t, events); e.Text != want {
			t.Errorf("the till got %+v, want %q", e, want)
		}
	}
}

// Any program that claims the line gets the very bytes, without setting the
// line's mode first.
func TestLineIsRaw(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	fd, err := unix.Open(s.Path(), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.IoctlSetInt(fd, unix.TIOCEXCL, 0); err != nil {
		t.Fatal(err)
	}
	const code = "A \x1d积\xff"
	if err := s.Type(code); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 100)
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(scannerPatience/time.Millisecond))
	if err != nil || ready != 1 {
		t.Fatalf("poll of the line = %d, %v, want bytes", ready, err)
	}
	n, err := unix.Read(fd, got)
	if err != nil || string(got[:n]) != code+"\r" {
		t.Errorf("the reader got %q, %v, want %q", got[:n], err, code+"\r")
	}
}

// A sender that dies in the middle of a line has scanned nothing.
func TestLineCutShortIsNoScan(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	events, _ := till(t, s.Path())
	if err := s.Type("A1"); err != nil {
		t.Fatal(err)
	}
	next(t, events)
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: s.Socket(), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "690123"); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || len(answer) != 0 {
		t.Errorf("answer to half a line = %q, %v, want none", answer, err)
	}
	if err := virtual.SendScan(t.Context(), s.Socket(), "B2"); err != nil {
		t.Fatal(err)
	}
	if e := next(t, events); e.Text != "B2" {
		t.Errorf("the till got %+v, want B2 alone", e)
	}
}

func TestScanRefusals(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	till(t, s.Path())
	tests := []struct{ name, code, want string }{
		{"empty", "", "no code"},
		{"too-long", strings.Repeat("9", virtual.MaxScan+1), "at most 512 bytes"},
		{"line-feed", "A\nB", "byte 2 of the code is the control character 0x0a"},
		{"carriage-return", "A\r", "0x0d"},
		{"tab", "A\tB", "0x09"},
		{"delete", "\x7f", "0x7f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, err := range map[string]error{"Type": s.Type(tt.code), "SendScan": virtual.SendScan(t.Context(), s.Socket(), tt.code)} {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s(%q) = %v, want %q in it", name, tt.code, err, tt.want)
				}
			}
		})
	}
}

// A code typed while no till reads would be lost, so nobody is told ok.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	s := newScanner(t, t.TempDir())
	background(t, s.Run)
	if err := virtual.SendScan(t.Context(), s.Socket(), "A1"); err == nil || err.Error() != virtual.ErrNoReader.Error() {
		t.Errorf("SendScan without a till = %v, want %v", err, virtual.ErrNoReader)
	}
	events, stop := till(t, s.Path())
	if err := s.Type("B2"); err != nil {
		t.Errorf("Type with a till = %v, want nil", err)
	}
	if e := next(t, events); e.Text != "B2" {
		t.Errorf("the till got %+v, want B2 and nothing from before", e)
	}
	stop()
	if err := s.Type("C3"); !errors.Is(err, virtual.ErrNoReader) {
		t.Errorf("Type after the till stopped = %v, want %v", err, virtual.ErrNoReader)
	}
}

func TestSendScanWithoutScanner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "scanner.sock")
	if err := virtual.SendScan(t.Context(), path, "A1"); err == nil || !strings.Contains(err.Error(), "is the till running?") {
		t.Errorf("SendScan to nobody = %v, want a question whether the till runs", err)
	}
	l, err := net.Listen("unix", path) // takes the code and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := virtual.SendScan(ctx, path, "A1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("SendScan to a mute socket = %v, want it to end with its context", err)
	}
}

// A killed run leaves its names behind; the next one takes them over.
func TestStaleNamesAreReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "scanner.sock"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	for _, name := range []string{"scanner", "scanner.new"} {
		if err := os.Symlink("/dev/pts/999999", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := newScanner(t, dir)
	background(t, s.Run)
	events, _ := till(t, filepath.Join(dir, "scanner"))
	if err := virtual.SendScan(t.Context(), filepath.Join(dir, "scanner.sock"), "A1"); err != nil {
		t.Fatalf("SendScan over stale names = %v, want nil", err)
	}
	if e := next(t, events); e.Text != "A1" {
		t.Errorf("the till got %+v, want A1", e)
	}
}

func TestSecondScannerInTheSameFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := newScanner(t, dir)
	background(t, first.Run)
	events, _ := till(t, first.Path())
	if _, err := virtual.NewScanner(dir); err == nil || !strings.Contains(err.Error(), "already runs") {
		t.Errorf("NewScanner beside a living one = %v, want it refused", err)
	}
	if err := virtual.SendScan(t.Context(), first.Socket(), "A1"); err != nil {
		t.Errorf("SendScan to the first after the second was refused = %v, want nil", err)
	}
	if e := next(t, events); e.Text != "A1" {
		t.Errorf("the till got %+v, want A1", e)
	}
}

func TestFolderTooDeepForASocket(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(t.TempDir(), strings.Repeat("d", 100))
	for name, err := range map[string]error{"NewScanner": second(virtual.NewScanner(deep)), "SendScan": virtual.SendScan(t.Context(), filepath.Join(deep, "scanner.sock"), "A1")} {
		if err == nil || !strings.Contains(err.Error(), "may have 107") || !strings.Contains(err.Error(), "shorter path") {
			t.Errorf("%s in a deep folder = %v, want what to do", name, err)
		}
	}
}

func second(_ *virtual.Scanner, err error) error { return err }

func TestNewScannerMakesItsFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := newScanner(t, dir)
	info, err := os.Stat(s.Socket())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the socket = %v, want 0600", info.Mode().Perm())
	}
}

// The end of a scanner is the pulling of its cable: the till sees it at once,
// the names are gone, and nothing runs on.
func TestRunEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	s := newScanner(t, dir)
	stop := background(t, s.Run)
	src := serialscan.New(serialscan.Options{Path: s.Path()})
	stopTill := background(t, func(ctx context.Context) error { return src.Run(ctx, func(scan.Event) {}) })
	if err := s.Type("A1"); err != nil {
		t.Fatal(err)
	}
	idle, err := net.Dial("unix", s.Socket()) // a client that says nothing holds up nobody
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()

	began := time.Now()
	stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run ended after %v, want within a second", took)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := began.Add(scannerPatience); src.Status().State != scan.Missing; <-tick.C {
		if time.Now().After(limit) {
			t.Fatalf("state of the till's scanner = %v, want missing", src.Status().State)
		}
	}
	stopTill()
	if err := s.Type("B2"); !errors.Is(err, virtual.ErrScannerOff) {
		t.Errorf("Type after the end = %v, want %v", err, virtual.ErrScannerOff)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) != 0 {
		t.Errorf("the folder still holds %v, %v, want nothing", names, err)
	}
	for limit := time.Now().Add(scannerPatience); runtime.NumGoroutine() > before; <-tick.C {
		if time.Now().After(limit) {
			t.Fatalf("%d goroutines after the end, want %d", runtime.NumGoroutine(), before)
		}
	}
}

// A scanner that ends late does not take away the names of its successor.
func TestLateEndLeavesTheSuccessorAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := newScanner(t, dir)
	if err := os.Rename(first.Socket(), filepath.Join(dir, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	heir := newScanner(t, dir)
	background(t, heir.Run)
	events, _ := till(t, heir.Path())
	first.Close()
	if _, err := os.Lstat(heir.Path()); err != nil {
		t.Errorf("the successor's link after the first one ended: %v", err)
	}
	if err := virtual.SendScan(t.Context(), heir.Socket(), "A1"); err != nil {
		t.Fatalf("SendScan after the first one ended = %v, want nil", err)
	}
	if e := next(t, events); e.Text != "A1" {
		t.Errorf("the till got %+v, want A1", e)
	}
}
