package devicetest

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's event: its kinds and a few of its codes.
const (
	evSyn, evKey          = 0, 1
	synReport, synDropped = 0, 3
	keyEnter, keyShift    = 28, 42
)

// A Wedge is a scanner that acts as a keyboard: what a test types comes out at
// Path as the key events of the kernel, through a named pipe. Its methods end the
// test when something fails; they are for the goroutine of the test.
type Wedge struct {
	t    testing.TB
	path string
	pipe *os.File // nil while unplugged
}

// NewWedge plugs in a keyboard scanner that is pulled out when the test ends.
func NewWedge(t testing.TB) *Wedge {
	t.Helper()
	w := &Wedge{t: t, path: filepath.Join(t.TempDir(), "usb-scanner-event-kbd")}
	t.Cleanup(w.Unplug)
	w.Plug()
	return w
}

// Path is where the scanner is found, the same however often it is plugged in.
func (w *Wedge) Path() string { return w.path }

// Plug plugs the scanner in again.
func (w *Wedge) Plug() {
	w.t.Helper()
	if w.pipe != nil {
		w.t.Fatal("devicetest: the wedge is plugged in already")
	}
	// The pipe gets its name when it can be read: a reader in between would see
	// it without a writer, as if unplugged.
	fresh := w.path + ".new"
	if err := unix.Mkfifo(fresh, 0o600); err != nil {
		w.t.Fatalf("devicetest: make the wedge's pipe: %v", err)
	}
	pipe, err := os.OpenFile(fresh, os.O_RDWR, 0)
	if err == nil {
		err = os.Rename(fresh, w.path)
	}
	if err != nil {
		w.t.Fatalf("devicetest: open the wedge's pipe: %v", err)
	}
	w.pipe = pipe
}

// Unplug pulls the cable. What was typed and not yet read is still read, as the
// kernel has it in its buffer. Unplugging twice is allowed.
func (w *Wedge) Unplug() {
	if w.pipe == nil {
		return
	}
	_ = os.Remove(w.path)
	_ = w.pipe.Close()
	w.pipe = nil
}

// Type types a text as a scanner with the US layout does, Enter for \r, and at
// once: a machine that is slow puts no pause into it.
func (w *Wedge) Type(text string) {
	w.t.Helper()
	var all []byte
	for i := range len(text) {
		code, shift := keyOf(w.t, text[i])
		if shift {
			all = append(all, key(keyShift, 1)...)
		}
		all = append(append(all, key(code, 1)...), key(code, 0)...)
		if shift {
			all = append(all, key(keyShift, 0)...)
		}
	}
	w.Raw(all)
}

// Key presses (1), repeats (2) or releases (0) a key, with the report behind it.
func (w *Wedge) Key(code uint16, value int32) {
	w.t.Helper()
	w.Raw(key(code, value))
}

func key(code uint16, value int32) []byte {
	return append(Event(evKey, code, value), Event(evSyn, synReport, 0)...)
}

// Drop is what comes when the kernel had to throw events away.
func (w *Wedge) Drop() {
	w.t.Helper()
	w.Raw(append(Event(evSyn, synDropped, 0), Event(evSyn, synReport, 0)...))
}

// Raw writes bytes as they are.
func (w *Wedge) Raw(p []byte) {
	w.t.Helper()
	if w.pipe == nil {
		w.t.Fatal("devicetest: type with the wedge unplugged")
	}
	if err := w.pipe.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		w.t.Fatalf("devicetest: limit the time of a write: %v", err)
	}
	if _, err := w.pipe.Write(p); err != nil {
		w.t.Fatalf("devicetest: type: %v", err)
	}
}

// Event is one event as this system's kernel has it.
func Event(kind, code uint16, value int32) []byte {
	e := make([]byte, unsafe.Sizeof(unix.Timeval{}), unsafe.Sizeof(unix.Timeval{})+8)
	e = binary.NativeEndian.AppendUint16(e, kind)
	e = binary.NativeEndian.AppendUint16(e, code)
	return binary.NativeEndian.AppendUint32(e, uint32(value))
}

// keyOf finds the key of a character, and whether shift is held.
func keyOf(t testing.TB, c byte) (code uint16, shift bool) {
	t.Helper()
	rows := []struct {
		from           uint16
		plain, shifted string
	}{
		{2, "1234567890-=", "!@#$%^&*()_+"}, {15, "\t", ""}, {16, "qwertyuiop[]", "QWERTYUIOP{}"}, {keyEnter, "\r", ""},
		{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"}, {43, `\zxcvbnm,./`, `|ZXCVBNM<>?`}, {57, " ", ""},
	}
	for _, r := range rows {
		if i := strings.IndexByte(r.plain, c); i >= 0 {
			return r.from + uint16(i), false
		}
		if i := strings.IndexByte(r.shifted, c); i >= 0 {
			return r.from + uint16(i), true
		}
	}
	t.Fatalf("devicetest: no key types %q", fmt.Sprintf("%c", c))
	return 0, false
}
