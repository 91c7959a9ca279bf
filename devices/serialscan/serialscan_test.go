package serialscan_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/serialscan"
)

// TestContract is what every source of scans keeps.
func TestContract(t *testing.T) {
	devicetest.TestScanner(t, devicetest.Kind{Gone: scan.Missing, New: func(t *testing.T) (devicetest.Source, devicetest.Cable) {
		scanner := devicetest.Scanner(t)
		return serialscan.New(serialscan.Options{Path: scanner.Path()}), scanner
	}})
}

// start runs a source.
func start(t *testing.T, opt serialscan.Options) *devicetest.Reader {
	t.Helper()
	return devicetest.Read(t, serialscan.New(opt))
}

func TestScans(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", scan.DefaultMaxFrame+1)
	tests := []struct {
		name   string
		chunks []string
		want   []scan.Event
	}{
		{"whole-code", []string{"]E06901234567892\r"}, []scan.Event{{AIM: "]E0", Text: "6901234567892"}}},
		{"crlf", []string{"96385074\r\n"}, []scan.Event{{Text: "96385074"}}},
		{"split-read", []string{"692763", "8015494", "\r"}, []scan.Event{{Text: "6927638015494"}}},
		{"byte-by-byte", strings.Split("JF1.A B\r", ""), []scan.Event{{Text: "JF1.A B"}}},
		{"two-glued", []string{"A0\rB1\r"}, []scan.Event{{Text: "A0"}, {Text: "B1"}}},
		{"every-byte-value-that-may-stand-inside", []string{"\x1d\x1e\x04 ~\x80\xff\r"}, []scan.Event{{Text: "\x1d\x1e\x04 ~\x80\xff"}}},
		{"noise", []string{"\x00\x03\x1169", "01\r", "B2\r"}, []scan.Event{{Bad: scan.Noise}, {Text: "B2"}}},
		{"overlong", []string{long, long, "\rB3\r"}, []scan.Event{{Bad: scan.Overlong}, {Text: "B3"}}},
		{"half-then-silence", []string{"690123"}, []scan.Event{{Bad: scan.Partial}}},
		{"twice", []string{"A1\r", "A1\r"}, []scan.Event{{Text: "A1"}, {Text: "A1", Repeat: true}}},
	}
	scanner := devicetest.Scanner(t)
	r := start(t, serialscan.Options{Path: scanner.Path()})
	r.Await(scan.Ready)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r.For(t)
			scanner.SendSlowly(tt.chunks, 10*time.Millisecond)
			r.Want(tt.want...)
		})
	}
	r.For(t)
	got := r.Status()
	if got.Scans != 11 || got.BadReads != 3 || got.BadRun != 0 {
		t.Errorf("Status() = %d scans, %d bad reads, %d in a row, want 11, 3 and 0", got.Scans, got.BadReads, got.BadRun)
	}
}

func TestBadReadsInARowAreCounted(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	r := start(t, serialscan.Options{Path: scanner.Path(), Framer: scan.Options{STX: true}})
	r.Await(scan.Ready)
	scanner.Send([]byte("A1\rA1\rA1\r"))
	noise := scan.Event{Bad: scan.Noise}
	r.Want(noise, noise, noise)
	if got := r.Status().BadRun; got != 3 {
		t.Errorf("Status().BadRun = %d, want 3", got)
	}
}

// The time of an event is the reader's, so that its age can be judged.
func TestEventTime(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	r := start(t, serialscan.Options{Path: scanner.Path(), Mono: func() time.Duration { return 77 * time.Minute }})
	r.Await(scan.Ready)
	scanner.Send([]byte("A1\r"))
	if e := <-r.Events; e.At != 77*time.Minute {
		t.Errorf("event at %v, want %v", e.At, 77*time.Minute)
	}
}

// What came while nobody read is not a scan of now (dev 6.1).
func TestBytesFromBeforeTheOpeningAreThrownAway(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	scanner.Send([]byte("OLD\r\nHALF"))
	r := start(t, serialscan.Options{Path: scanner.Path()})
	r.Await(scan.Ready)
	scanner.Send([]byte("NEW\r"))
	r.Want(scan.Event{Text: "NEW"})
}

func TestUnplugInTheMiddleOfAScan(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	r := start(t, serialscan.Options{Path: scanner.Path()})
	r.Await(scan.Ready)
	scanner.Send([]byte("A1\r690123"))
	r.Want(scan.Event{Text: "A1"})

	pulled := time.Now()
	scanner.Unplug()
	status := r.Await(scan.Missing)
	if took := time.Since(pulled); took > time.Second {
		t.Errorf("unplugging was seen after %v, want within a second", took)
	}
	if !strings.Contains(status.Sentence.EN, "unplugged") || !strings.Contains(status.Sentence.ZH, "已断开") {
		t.Errorf("sentence of an unplugged scanner = %+v", status.Sentence)
	}
	r.Want(scan.Event{Bad: scan.Partial})
	time.Sleep(300 * time.Millisecond) // it is tried again meanwhile
	if got := r.Status(); got.State != scan.Missing || got.Sentence != status.Sentence || !got.Since.Equal(status.Since) {
		t.Errorf("status a while after unplugging = %+v, want still %+v", got, status)
	}

	old := scanner.Device()
	keepTaken(t, old)
	scanner.Plug()
	if scanner.Device() == old {
		t.Fatalf("the scanner came back as %s, want another device", old)
	}
	r.Await(scan.Ready)
	scanner.Send([]byte("4567892\r"))
	r.Want(scan.Event{Text: "4567892"})
}

// keepTaken sees to it that a line's number is not given out again. The kernel
// gives the lowest that is free, of which others may have left some.
func keepTaken(t *testing.T, device string) {
	t.Helper()
	taken, err := strconv.Atoi(strings.TrimPrefix(device, "/dev/pts/"))
	if err != nil {
		t.Fatal(err)
	}
	for number := -1; number < taken; {
		line, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { line.Close() })
		if number, err = unix.IoctlGetInt(int(line.Fd()), unix.TIOCGPTN); err != nil {
			t.Fatal(err)
		}
	}
}

// held is a source whose scans are handled slowly.
type held struct {
	*serialscan.Source
	handle func()
}

func (h held) Run(ctx context.Context, deliver func(scan.Event)) error {
	return h.Source.Run(ctx, func(e scan.Event) { h.handle(); deliver(e) })
}

// A line that goes while nobody waits for it, because a scan is being handled,
// answers the next read like a silent one, only at once and for ever.
func TestUnplugWhileAScanIsHandled(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	handling, handled := make(chan bool), make(chan bool)
	r := devicetest.Read(t, held{serialscan.New(serialscan.Options{Path: scanner.Path()}), func() { handling <- true; <-handled }})
	r.Await(scan.Ready)
	scanner.Send([]byte("A1\r"))
	<-handling
	scanner.Unplug()
	close(handled)
	r.Await(scan.Missing)
}

// A scanner plugged in late is read at once, not after the longest wait.
func TestMissingScannerComesLater(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	scanner.Unplug()
	r := start(t, serialscan.Options{Path: scanner.Path()})
	status := r.Await(scan.Missing)
	if !strings.Contains(status.Sentence.EN, "No scanner at "+scanner.Path()) || !strings.Contains(status.Sentence.ZH, "找不到扫码枪 "+scanner.Path()) {
		t.Errorf("sentence of a missing scanner = %+v", status.Sentence)
	}
	time.Sleep(2 * time.Second) // the waits grow meanwhile
	plugged := time.Now()
	scanner.Plug()
	r.Await(scan.Ready)
	if took := time.Since(plugged); took > time.Second {
		t.Errorf("the scanner was ready %v after it was plugged in, want within a second", took)
	}
	scanner.Send([]byte("A1\r"))
	r.Want(scan.Event{Text: "A1"})
}

// Two programs on one scanner would each get half of every scan.
func TestSecondReaderIsTurnedAway(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	first := start(t, serialscan.Options{Path: scanner.Path()})
	first.Await(scan.Ready)
	second := start(t, serialscan.Options{Path: scanner.Device()})
	status := second.Await(scan.Busy)
	if !strings.Contains(status.Sentence.EN, "Another program") || !strings.Contains(status.Sentence.ZH, "另一个程序") {
		t.Errorf("sentence of a scanner in use = %+v", status.Sentence)
	}
	for range 50 {
		scanner.Send([]byte("6901234567892\r"))
	}
	for range 50 {
		if e := <-first.Events; e.Text != "6901234567892" {
			t.Fatalf("the first reader got %+v, want the whole code", e)
		}
	}
	first.Stop()
	second.Await(scan.Ready)
	scanner.Send([]byte("A1\r"))
	second.Want(scan.Event{Text: "A1"})
}

func TestStatusOfWhatIsNoScanner(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}
	scanner := devicetest.Scanner(t)
	tests := []struct {
		name   string
		path   string
		baud   int
		state  scan.State
		en, zh string
	}{
		{"a-file", file, 0, scan.Refused, "not a serial device", "不是串口设备"},
		{"a-folder", filepath.Dir(file), 0, scan.Refused, "not a serial device", "不是串口设备"},
		{"dev-null", "/dev/null", 0, scan.Refused, "not a serial device", "不是串口设备"},
		{"odd-speed", scanner.Path(), 12345, scan.Refused, "12345 baud", "波特率 12345"},
		{"no-such-folder", filepath.Join(file, "x", "y"), 0, scan.Missing, "No scanner", "找不到"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, serialscan.Options{Path: tt.path, Baud: tt.baud})
			got := r.Await(tt.state).Sentence
			if !strings.Contains(got.EN, tt.en) || !strings.Contains(got.ZH, tt.zh) || !strings.Contains(got.EN, tt.path) {
				t.Errorf("sentence for %s = %+v, want %q and %q in it", tt.path, got, tt.en, tt.zh)
			}
		})
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "keep me" {
		t.Errorf("the file now holds %q, %v, want it untouched", got, err)
	}
}

// The waits double from 100 ms to 5 s and stay there: attempts come at 0, 0.1,
// 0.3, 0.7, 1.5, 3.1, 6.3, 11.3 and 16.3 s.
func TestWaitsGrowToFiveSeconds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := serialscan.New(serialscan.Options{Path: path})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx, nil) }()
		time.Sleep(11350 * time.Millisecond) // of the bubble's clock
		if got := s.Status().State; got != scan.Refused {
			t.Errorf("state of a file = %v, want refused", got)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if at := s.Status().Since.Sub(began); s.Status().State != scan.Missing || at != 16300*time.Millisecond {
			t.Errorf("%v noticed at %v, want missing at 16.3s", s.Status().State, at)
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
}

func TestNewTouchesNothing(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	s := serialscan.New(serialscan.Options{Path: "/dev/ttyACM0", Now: func() time.Time { return now }})
	got := s.Status()
	if got.State != scan.Opening || !got.Since.Equal(now) || !strings.Contains(got.Sentence.EN, "/dev/ttyACM0") {
		t.Errorf("Status() of a new source = %+v, want it opening since %v", got, now)
	}
	if err := s.Run(canceled(), nil); err != nil {
		t.Errorf("Run with an ended context = %v, want nil", err)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
