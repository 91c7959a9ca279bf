package virtual_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/devices/virtual"
)

// startPrinter runs a printer on dir until the returned stop or the end of the test.
func startPrinter(t *testing.T, dir string) (printer *virtual.Printer, papers chan virtual.PaperInfo, stop func()) {
	t.Helper()
	papers = make(chan virtual.PaperInfo, 1000)
	printer, err := virtual.NewPrinter(virtual.PrinterOptions{
		Dir: dir, Idle: 50 * time.Millisecond, OnPaper: func(p virtual.PaperInfo) { papers <- p },
		Now: func() time.Time { return time.Date(2026, 11, 22, 10, 16, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- printer.Run(ctx) }()
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
		case <-time.After(5 * time.Second):
			t.Error("Run goes on 5 s after the end of its context")
		}
	}
	t.Cleanup(stop)
	return printer, papers, stop
}

func dial(t *testing.T, p *virtual.Printer) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// talk sends bytes and expects an answer.
func talk(t *testing.T, conn net.Conn, send, want string) {
	t.Helper()
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatalf("send %q: %v", send, err)
	}
	got := make([]byte, len(want))
	n, err := io.ReadFull(conn, got)
	if err != nil || string(got) != want {
		t.Fatalf("after %q came %q, %v, want %q", send, got[:n], err, want)
	}
}

func nextPaper(t *testing.T, papers chan virtual.PaperInfo) virtual.PaperInfo {
	t.Helper()
	select {
	case p := <-papers:
		return p
	case <-time.After(5 * time.Second):
		t.Fatal("no paper for 5 s")
		return virtual.PaperInfo{}
	}
}

func TestPrinterKeepsItsPapers(t *testing.T) {
	dir := t.TempDir()
	printer, papers, stop := startPrinter(t, dir)
	doc := receipt.New("券")
	doc.Centre("第一张")
	doc.Cut()
	doc.Centre("第二张")
	job, err := escpos.Encode(*doc, escpos.Profile{Dots: 384, Columns: 32, FeedLines: 4, Cutter: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t, printer).Write(job); err != nil {
		t.Fatal(err)
	}
	for i, want := range []virtual.PaperInfo{{Name: "paper-000001.png", Text: "第一张"}, {Name: "paper-000002.png", Text: "第二张"}} {
		got := nextPaper(t, papers)
		if got.Name != want.Name || got.Text != want.Text || got.Time.Year() != 2026 {
			t.Errorf("paper %d = %+v, want %+v", i+1, got, want)
		}
		data, err := printer.Picture(got.Name)
		if err != nil {
			t.Fatalf("Picture(%s) = %v", got.Name, err)
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("Picture(%s) is no PNG: %v", got.Name, err)
		}
		if text, err := os.ReadFile(filepath.Join(dir, strings.Replace(got.Name, ".png", ".txt", 1))); string(text) != want.Text {
			t.Errorf("text beside %s = %q, %v, want %q", got.Name, text, err, want.Text)
		}
	}
	stop()

	again, papers, _ := startPrinter(t, dir)
	if got := again.Papers(); len(got) != 2 || got[1].Text != "第二张" {
		t.Errorf("Papers after a restart = %+v, want the two of before", got)
	}
	if _, err := io.WriteString(dial(t, again), "third\n"); err != nil {
		t.Fatal(err)
	}
	if got := nextPaper(t, papers); got.Name != "paper-000003.png" {
		t.Errorf("first paper after a restart = %s, want paper-000003.png", got.Name)
	}
}

func TestPrinterKeepsTheNewest(t *testing.T) {
	dir := t.TempDir()
	printer, papers, _ := startPrinter(t, dir)
	total := virtual.MaxPapers + 5
	conn := dial(t, printer)
	if _, err := io.WriteString(conn, strings.Repeat("x\n\x1dV\x01", total)); err != nil {
		t.Fatal(err)
	}
	for range total {
		nextPaper(t, papers)
	}
	got := printer.Papers()
	if len(got) != virtual.MaxPapers || got[0].Name != "paper-000006.png" {
		t.Errorf("Papers = %d from %s, want %d from paper-000006.png", len(got), got[0].Name, virtual.MaxPapers)
	}
	if files, _ := os.ReadDir(dir); len(files) != 2*virtual.MaxPapers {
		t.Errorf("folder holds %d files, want %d", len(files), 2*virtual.MaxPapers)
	}
}

func TestPictureNames(t *testing.T) {
	dir := t.TempDir()
	printer, _, _ := startPrinter(t, filepath.Join(dir, "papers"))
	if err := os.WriteFile(filepath.Join(dir, "paper-000001.png"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "../paper-000001.png", "paper-1.png", "paper-000001.txt", "paper-000001.png/../x", "paper-000009.png", "/etc/passwd"} {
		if got, err := printer.Picture(name); !errors.Is(err, virtual.ErrNoPicture) {
			t.Errorf("Picture(%q) = %d bytes, %v, want ErrNoPicture", name, len(got), err)
		}
	}
}

func TestPrinterAnswers(t *testing.T) {
	printer, _, _ := startPrinter(t, t.TempDir())
	conn := dial(t, printer)
	talk(t, conn, "\x1b@\x1da\x0f", "\x14\x00\x00\x0f")
	talk(t, conn, "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", "\x16\x12\x12\x12")
	talk(t, conn, "\x1dr\x01", "\x00")
	talk(t, conn, "A\n\x1d(H\x06\x0000AB12", "\x37\x22AB12\x00")

	printer.SetPaperOut(true)
	talk(t, conn, "", "\x1c\x00\x0c\x0f")
	talk(t, conn, "\x10\x04\x01\x10\x04\x02\x10\x04\x04", "\x1e\x32\x72")
	printer.SetPaperOut(false)
	talk(t, conn, "", "\x14\x00\x00\x0f")
	printer.SetCoverOpen(true)
	talk(t, conn, "\x10\x04\x02", "\x3c\x00\x00\x0f\x16")
}

// Without paper nothing is printed and no echo comes; with new paper both come late.
func TestPrinterWaitsForPaper(t *testing.T) {
	printer, papers, _ := startPrinter(t, t.TempDir())
	conn := dial(t, printer)
	talk(t, conn, "\x1da\x0f", "\x14\x00\x00\x0f")
	printer.SetPaperOut(true)
	talk(t, conn, "", "\x1c\x00\x0c\x0f")
	talk(t, conn, "late\n\x1d(H\x06\x0000LATE\x10\x04\x04", "\x72") // the question overtakes
	if got := printer.Papers(); len(got) != 0 {
		t.Errorf("Papers without paper = %+v, want none", got)
	}
	printer.SetPaperOut(false)
	talk(t, conn, "", "\x14\x00\x00\x0f\x37\x22LATE\x00")
	if got := nextPaper(t, papers); got.Text != "late" {
		t.Errorf("paper = %q, want late", got.Text)
	}
}

func TestPrinterPower(t *testing.T) {
	printer, papers, _ := startPrinter(t, t.TempDir())
	conn := dial(t, printer)
	printed := make(chan struct{})
	printer.AtByte(len("half"), func() { close(printed) }) // a question is answered before
	talk(t, conn, "half", "")
	talk(t, conn, "\x10\x04\x01", "\x16")
	<-printed
	printer.PowerOff()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("Read from a printer that is off = nil error")
	}
	if _, err := net.Dial("tcp", printer.Addr()); err == nil {
		t.Error("Dial to a printer that is off = nil error")
	}
	nextPaper(t, papers)
	if err := printer.PowerOn(); err != nil {
		t.Fatal(err)
	}
	talk(t, dial(t, printer), "\x10\x04\x01", "\x16")
}
