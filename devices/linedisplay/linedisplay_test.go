package linedisplay_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/display"
	"github.com/jifen-pos/jifen/devices/linedisplay"
)

// glass is a line display on a pty: what was written to it comes out of the
// master's side. Its path is a link, so that it can be unplugged.
type glass struct {
	master, line *os.File
	link         string
}

func newGlass(t *testing.T, link string) *glass {
	t.Helper()
	master, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	raw(t, line)
	_ = os.Remove(link)
	if err := os.Symlink(line.Name(), link); err != nil {
		t.Fatal(err)
	}
	g := &glass{master, line, link}
	t.Cleanup(func() { _, _ = master.Close(), line.Close() })
	return g
}

func raw(t *testing.T, f *os.File) {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Oflag, mode.Lflag, mode.Iflag = 0, 0, 0
	if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(int(f.Fd()), false); err != nil {
		t.Fatal(err)
	}
}

// until reads until what came ends in text, and returns all of it.
func (g *glass) until(t *testing.T, text string) string {
	t.Helper()
	var all strings.Builder
	found := make(chan error, 1)
	go func() {
		piece := make([]byte, 256)
		for !strings.HasSuffix(all.String(), text) {
			n, err := g.master.Read(piece)
			all.Write(piece[:n])
			if err != nil {
				found <- err
				return
			}
		}
		found <- nil
	}()
	select {
	case err := <-found:
		if err != nil {
			t.Fatalf("the display's line ended with %v after %q, want %q", err, all.String(), text)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("%q did not come", text)
	}
	return all.String()
}

func run(t *testing.T, o linedisplay.Options) (d *linedisplay.Display, stop func()) {
	t.Helper()
	d, err := linedisplay.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	ended := false
	stop = func() {
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
		case <-time.After(10 * time.Second):
			t.Error("Run goes on 10 s after the end of its context")
		}
	}
	t.Cleanup(stop)
	return d, stop
}

func show(word, amount string) display.Show {
	return display.Show{Upper: display.Pair{Left: "合计", Plain: word, Right: amount}, Lower: display.Pair{Left: "找零", Plain: "CHANGE", Right: "0.00"}}
}

func TestProtocols(t *testing.T) {
	tests := []struct {
		name    string
		options linedisplay.Options
		begin   string
		want    string
	}{
		{"cd5220", linedisplay.Options{Protocol: linedisplay.CD5220, Brightness: 4}, "\x1b@\x0c\x1b*\x04",
			"\x1bQATOTAL           1.50\r\x1bQBCHANGE          0.00\r"},
		{"escpos", linedisplay.Options{Protocol: linedisplay.ESCPOS}, "\x1b@\x0c",
			"\x1f$\x01\x01TOTAL           1.50\x1f$\x01\x02CHANGE          0.00"},
		{"gbk", linedisplay.Options{Protocol: linedisplay.CD5220, GBK: true, Columns: 16}, "\x1b@\x0c",
			"\x1bQA\xba\xcf\xbc\xc6        1.50\r\x1bQB\xd5\xd2\xc1\xe3        0.00\r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGlass(t, filepath.Join(t.TempDir(), "display"))
			tt.options.Path = g.link
			d, err := linedisplay.New(tt.options)
			if err != nil {
				t.Fatal(err)
			}
			d.Show(show("TOTAL", "1.50")) // before it runs: the newest state comes first
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- d.Run(ctx) }()
			if got := g.until(t, tt.want); got != tt.begin+tt.want {
				t.Errorf("the display got %q, want %q", got, tt.begin+tt.want)
			}
			if ok, zh, en := d.Status(); !ok || zh != "" || en != "" {
				t.Errorf("Status() = %v, %q, %q, want all well", ok, zh, en)
			}
			cancel()
			g.until(t, "\x0c")
			if err := <-done; err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
		})
	}
}

// A till shows more states in a second than a display can take: the last one counts.
func TestNewestStateWins(t *testing.T) {
	g := newGlass(t, filepath.Join(t.TempDir(), "display"))
	d, _ := run(t, linedisplay.Options{Path: g.link, Protocol: linedisplay.ESCPOS})
	g.until(t, "\x1b@\x0c\x1f$\x01\x01"+strings.Repeat(" ", 20)+"\x1f$\x01\x02"+strings.Repeat(" ", 20))
	for i := range 500 {
		d.Show(show("TOTAL", fmt.Sprintf("%d.00", i)))
	}
	got := g.until(t, "TOTAL         499.00\x1f$\x01\x02CHANGE          0.00")
	if n := strings.Count(got, "TOTAL"); n > 20 {
		t.Errorf("%d states were written, want a few", n)
	}
}

// A display that is missing, is unplugged or comes back is told of and taken up.
func TestDisplayComesAndGoes(t *testing.T) {
	link := filepath.Join(t.TempDir(), "display")
	d, _ := run(t, linedisplay.Options{Path: link, Protocol: linedisplay.ESCPOS})
	d.Show(show("TOTAL", "7.00"))
	said := func(want string) {
		t.Helper()
		for range 2000 {
			if ok, _, en := d.Status(); strings.Contains(en, want) && ok == (want == "") && (want != "" || en == "") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		ok, _, en := d.Status()
		t.Fatalf("Status() = %v, %q, want %q in it", ok, en, want)
	}
	said("There is no customer display")
	g := newGlass(t, link)
	g.until(t, "TOTAL           7.00\x1f$\x01\x02CHANGE          0.00")
	said("")
	_, _ = g.master.Close(), g.line.Close()
	d.Show(show("TOTAL", "8.00"))
	said("customer display")
	again := newGlass(t, link)
	again.until(t, "TOTAL           8.00\x1f$\x01\x02CHANGE          0.00")
}

func TestNoSerialPortIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d, _ := run(t, linedisplay.Options{Path: file, Protocol: linedisplay.CD5220})
	for range 1000 {
		if _, zh, en := d.Status(); strings.Contains(en, "not a serial port") && strings.Contains(zh, "不是串口") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("nobody is told that the path is not a serial port")
}

func TestNewRefuses(t *testing.T) {
	good := linedisplay.Options{Path: "/dev/x", Protocol: linedisplay.CD5220}
	for name, change := range map[string]func(*linedisplay.Options){
		"path": func(o *linedisplay.Options) { o.Path = "" }, "baud": func(o *linedisplay.Options) { o.Baud = 12 },
		"protocol": func(o *linedisplay.Options) { o.Protocol = "dsp800" }, "columns": func(o *linedisplay.Options) { o.Columns = 2 },
		"brightness": func(o *linedisplay.Options) { o.Brightness = 9 },
	} {
		o := good
		change(&o)
		if _, err := linedisplay.New(o); !errors.Is(err, linedisplay.ErrOptions) {
			t.Errorf("New with a wrong %s = %v, want ErrOptions", name, err)
		}
	}
}
