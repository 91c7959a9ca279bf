package evdevscan

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An event of the kernel is a time, and then eight bytes. The time has 16 bytes
// on 64-bit systems and 8 on 32-bit ones (dev 6.4).
const (
	headSize  = int(unsafe.Sizeof(unix.Timeval{}))
	eventSize = headSize + 8
)

// The kinds of event and the codes that mean something here, by the kernel's
// input-event-codes.h.
const (
	evSyn, evKey          = 0, 1
	synReport, synDropped = 0, 3

	keyEnter, keyTab, keyKPEnter      = 28, 15, 96
	keyLeftShift, keyRightShift       = 42, 54
	keyLeftCtrl, keyRightCtrl         = 29, 97
	keyLeftAlt, keyRightAlt           = 56, 100
	keyKP7, keyKPDot                  = 71, 83
	pressed                           = 1 // 0 is released, 2 is repeated by the kernel
	altMax                            = 255
	leftBit, rightBit            byte = 1, 2
)

// plain and shifted are the characters of a keyboard with the US layout, to which
// the scanner has to be set. Keys that type nothing are 0.
var plain, shifted = layout()

func layout() (plain, shifted [128]byte) {
	rows := []struct {
		from           int
		plain, shifted string
	}{
		{2, "1234567890-=", "!@#$%^&*()_+"},
		{16, "qwertyuiop[]", "QWERTYUIOP{}"},
		{30, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
		{43, `\zxcvbnm,./`, `|ZXCVBNM<>?`},
		{55, "*", "*"}, {57, " ", " "}, {86, `\`, "|"},
		{keyKP7, "789-456+1230.", "789-456+1230."},
		{98, "/", "/"}, {117, "=", "="}, {121, ",", ","},
		{keyEnter, "\r", "\r"}, {keyKPEnter, "\r", "\r"}, {keyTab, "\t", "\t"},
	}
	for _, r := range rows {
		copy(plain[r.from:], r.plain)
		copy(shifted[r.from:], r.shifted)
	}
	return plain, shifted
}

// what an event came to.
type what uint8

const (
	nothing what = iota
	character
	dropped // the kernel has thrown events away
)

// A decoder turns key events into characters. Only the device's own shift keys
// count: a caps lock that is on elsewhere must not change what a scanner says.
type decoder struct {
	gs       byte // the character typed for GS, or 0
	shift    byte // which of the two are down
	ctrl     byte
	alt      bool
	number   int // typed on the keypad while alt was down; -1 is too large
	digits   int
	skipping bool // events are missing up to the next report
}

// step takes one event.
func (d *decoder) step(event []byte) (byte, what) {
	kind := binary.NativeEndian.Uint16(event[headSize:])
	code := binary.NativeEndian.Uint16(event[headSize+2:])
	value := int32(binary.NativeEndian.Uint32(event[headSize+4:]))
	switch {
	case kind == evSyn && code == synDropped:
		d.skipping = true
		return 0, nothing
	case d.skipping && kind == evSyn && code == synReport:
		d.skipping = false
		d.resync(nil)
		return 0, dropped
	case d.skipping, kind != evKey:
		return 0, nothing
	}
	return d.key(code, value)
}

// key takes one key going down or up.
func (d *decoder) key(code uint16, value int32) (byte, what) {
	down := value != 0
	switch code {
	case keyLeftShift:
		d.shift = set(d.shift, leftBit, down)
		return 0, nothing
	case keyRightShift:
		d.shift = set(d.shift, rightBit, down)
		return 0, nothing
	case keyLeftCtrl:
		d.ctrl = set(d.ctrl, leftBit, down)
		return 0, nothing
	case keyRightCtrl:
		d.ctrl = set(d.ctrl, rightBit, down)
		return 0, nothing
	case keyLeftAlt:
		return d.altKey(down)
	}
	if value != pressed || int(code) >= len(plain) {
		return 0, nothing
	}
	c := plain[code]
	if d.shift != 0 {
		c = shifted[code]
	}
	return d.typed(code, c)
}

// typed makes a character of a key, with what is held down meanwhile.
func (d *decoder) typed(code uint16, c byte) (byte, what) {
	switch {
	case c == 0:
		return 0, nothing
	case d.alt:
		if code >= keyKP7 && code < keyKPDot && c >= '0' && c <= '9' {
			d.digit(int(c - '0'))
		}
		return 0, nothing
	case d.ctrl != 0 && c >= '@' && c < 0x7f:
		return c & 0x1f, character // as ctrl-] is GS
	case d.gs != 0 && c == d.gs:
		return 0x1d, character
	}
	return c, character
}

// altKey begins or ends a character that is typed by its number, as scanners do
// for what has no key.
func (d *decoder) altKey(down bool) (byte, what) {
	n, typed := d.number, d.digits > 0
	d.alt, d.number, d.digits = down, 0, 0
	if down || !typed || n < 0 {
		return 0, nothing
	}
	return byte(n), character
}

func (d *decoder) digit(n int) {
	d.digits = 1
	if d.number < 0 || d.number*10+n > altMax {
		d.number = -1
		return
	}
	d.number = d.number*10 + n
}

// resync takes the keys that are down now, as a bit for each.
func (d *decoder) resync(keys []byte) {
	is := func(code int) bool { return code/8 < len(keys) && keys[code/8]&(1<<(code%8)) != 0 }
	d.shift = set(set(0, leftBit, is(keyLeftShift)), rightBit, is(keyRightShift))
	d.ctrl = set(set(0, leftBit, is(keyLeftCtrl)), rightBit, is(keyRightCtrl))
	d.alt, d.number, d.digits = is(keyLeftAlt), 0, 0
}

// set sets or clears a bit.
func set(to, bit byte, on bool) byte {
	if on {
		return to | bit
	}
	return to &^ bit
}
