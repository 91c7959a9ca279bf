package printport_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/jifen-pos/jifen/devices/printport"
)

// openPTY returns the printer's end of a serial line and the path of the other end.
func openPTY(t *testing.T) (printer *os.File, path string) {
	t.Helper()
	printer, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = printer.Close(), tty.Close() })
	return printer, tty.Name()
}

func TestSerialPrinterThatTakesNothing(t *testing.T) {
	_, path := openPTY(t)
	port := newPort(t, path, func(o *printport.Options) { o.Kind = printport.Serial })
	job := make([]byte, 100<<10)
	inTime(t, 4*time.Second, func() {
		got, err := port.Print(t.Context(), "SER1", whole(job))
		if got.State != printport.Unknown || !errors.Is(err, printport.Silent) || got.Written >= len(job) {
			t.Errorf("Print = %+v, %v, want Unknown and Silent", got, err)
		}
		if err := port.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
}

// What a serial line carries must not be changed on the way: no CR, no echo, no XON.
func TestSerialPrinterGetsTheBytesAsTheyAre(t *testing.T) {
	printer, path := openPTY(t)
	port := newPort(t, path, func(o *printport.Options) { o.Kind, o.Baud = printport.Serial, 9600 })
	job := make([]byte, 256)
	for i := range job {
		job[i] = byte(i)
	}
	got := make(chan []byte, 1)
	go func() {
		all := make([]byte, 5+3+len(job)) // greeting, one question, job
		n, _ := io.ReadFull(printer, all)
		got <- all[:n]
	}()
	if o, err := port.Print(t.Context(), "SER2", whole(job)); err != nil || o.State != printport.Sent {
		t.Fatalf("Print = %+v, %v, want Sent", o, err)
	}
	if all := <-got; string(all[8:]) != string(job) {
		t.Errorf("printer got % X, want % X", all[8:], job)
	}
}

func TestSerialPrinterUnplugged(t *testing.T) {
	printer, path := openPTY(t)
	port := newPort(t, path, func(o *printport.Options) { o.Kind = printport.Serial })
	go func() {
		welcome := make([]byte, 5)
		_, _ = io.ReadFull(printer, welcome)
		_, _ = printer.Write([]byte{0x14, 0, 0, 0x0F})
		_, _ = io.ReadFull(printer, make([]byte, 6000))
		_ = printer.Close()
	}()
	inTime(t, 4*time.Second, func() {
		got, err := port.Print(t.Context(), "SER3", whole(make([]byte, 60000)))
		if got.State != printport.Unknown || !errors.Is(err, printport.Off) {
			t.Errorf("Print = %+v, %v, want Unknown and Off", got, err)
		}
	})
}

func TestPathThatIsNoSerialPort(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	port := newPort(t, path, func(o *printport.Options) { o.Kind = printport.Serial })
	if got, err := port.Print(t.Context(), "SER4", whole([]byte("x"))); got.State != printport.NotSent || !errors.Is(err, printport.WrongKind) {
		t.Errorf("Print = %+v, %v, want NotSent and WrongKind", got, err)
	}
}

// An idle printer that is unplugged is missed without a job, and one that was
// never there is missed before the first; both are seen when they are there.
func TestIdlePrinterIsMissed(t *testing.T) {
	_, line := openPTY(t)
	path := filepath.Join(t.TempDir(), "printer")
	port := newPort(t, path, func(o *printport.Options) { o.Kind, o.Answer = printport.Serial, 40*time.Millisecond })
	for range 2 {
		if !port.Miss(t.Context()) || port.Status().Trouble != printport.Missing {
			t.Errorf("without the device Miss leaves %+v, want Missing", port.Status())
		}
		if port.Miss(t.Context()) {
			t.Error("Miss tells the same twice")
		}
		if err := os.Symlink(line, path); err != nil {
			t.Fatal(err)
		}
		if !port.Miss(t.Context()) || port.Status().Trouble != printport.None {
			t.Errorf("with the device Miss leaves %+v, want no trouble", port.Status())
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
