package escpos

import (
	"bytes"

	"github.com/jifen-pos/jifen/devices/receipt"
)

// Command bytes, dev 4.1.
const (
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
	dle = 0x10
	lf  = 0x0A
)

// encoder owns the bytes of one job, so that nothing comes between the two
// bytes of a hanzi. Its modes say what the printer was last told.
type encoder struct {
	profile Profile
	out     bytes.Buffer
	chinese bool
	bold    bool
	size    int
	align   receipt.Align
	fed     bool // the paper was fed (and cut) and nothing was printed since
	tail    int  // where the last feed to the blade begins
}

func (e *encoder) begin() {
	e.put(esc, '@')
	if e.profile.BackChannel {
		e.put(statusOn...) // init switched it off
	}
	e.put(fs, '.')
	e.size, e.fed = 1, true
}

func (e *encoder) finish() {
	if !e.fed {
		e.cut()
	}
	if e.tail == 0 { // nothing was printed
		e.tail = e.out.Len()
	}
}

func (e *encoder) row(r receipt.Row) error {
	switch r.Kind {
	case receipt.KindQR:
		return e.qr(r.QR)
	case receipt.KindBitmap:
		return e.picture(r.Bitmap)
	case receipt.KindDrawer:
		e.kick()
	case receipt.KindFeed:
		e.feed(r.Count)
	case receipt.KindCut:
		e.cut()
	case receipt.KindColumns:
		e.line(receipt.AlignLeft, r, r.Spread(e.profile.Columns/r.Size))
	case receipt.KindRule:
		e.line(receipt.AlignCentre, r, r.Left)
	default:
		e.line(r.Align, r, r.Left)
	}
	return nil
}

func (e *encoder) line(align receipt.Align, r receipt.Row, text string) {
	e.setAlign(align)
	e.setBold(r.Bold)
	e.setSize(r.Size)
	e.text(text)
	e.put(lf)
	e.fed = false
}

// text writes s, which fits one line, in runs of one- and two-byte characters.
func (e *encoder) text(s string) {
	for _, r := range s {
		if r < 0x80 {
			e.setChinese(false)
			e.put(byte(r))
			continue
		}
		e.setChinese(e.profile.Encoding != UTF8)
		e.put(e.profile.Encoding.encodeRune(r)...)
	}
	e.setChinese(false)
}

// Times of a drawer pulse in units of 2 ms: long enough for a slow lock, and
// short enough for a weak coil (dev 10.1).
const (
	pulseOn  = 50
	pulseOff = 250
)

// kick opens the drawer, in order with what is printed.
func (e *encoder) kick() {
	switch e.profile.Drawer {
	case Pin2:
		e.put(esc, 'p', 0, pulseOn, pulseOff)
	case Pin5:
		e.put(esc, 'p', 1, pulseOn, pulseOff)
	case NoDrawer:
	}
}

// feed gives n empty lines, in normal size whatever was printed before.
func (e *encoder) feed(n int) {
	e.setSize(1)
	if n > 0 {
		e.put(esc, 'd', byte(n))
	}
}

// cut feeds the last line past the blade and cuts; without a cutter the paper
// stands at the tear bar. A second cut with nothing between does nothing.
func (e *encoder) cut() {
	if e.fed {
		return
	}
	e.tail = e.out.Len()
	e.feed(e.profile.FeedLines)
	if e.profile.Cutter {
		e.put(gs, 'V', 1)
	}
	e.fed = true
}

func (e *encoder) setChinese(on bool) {
	if e.chinese == on {
		return
	}
	e.chinese = on
	if on {
		e.put(fs, '&')
	} else {
		e.put(fs, '.')
	}
}

func (e *encoder) setBold(on bool) {
	if e.bold == on {
		return
	}
	e.bold = on
	n := byte(0)
	if on {
		n = 1
	}
	e.put(esc, 'E', n)
}

// setSize sends both size commands: on some clones the first leaves hanzi as they are (dev 5).
func (e *encoder) setSize(size int) {
	if e.size == size {
		return
	}
	e.size = size
	if size == 2 {
		e.put(gs, '!', 0x11, fs, '!', 0x0C)
	} else {
		e.put(gs, '!', 0x00, fs, '!', 0x00)
	}
}

func (e *encoder) setAlign(a receipt.Align) {
	if e.align != a {
		e.align = a
		e.put(esc, 'a', byte(a))
	}
}

func (e *encoder) put(b ...byte) { e.out.Write(b) }
