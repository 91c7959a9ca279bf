package paper

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt/qr"
)

// nativeQR is the printer's own QR drawing, as other programs use it: what is
// set until it is printed.
type nativeQR struct {
	text   []byte
	module int // dots; 0 is 3
	level  qr.Level
	rows   [][]bool // of text at level, once it was drawn
}

// maxQR is the longest text of any QR code.
const maxQR = 7089

// symbol is GS ( k. Of its symbols only QR is known; body begins after the length.
func (r *Roll) symbol(body []byte) bool {
	if len(body) < 2 || body[0] != '1' {
		return false
	}
	switch fn, rest := body[1], body[2:]; {
	case fn == 65: // model
	case fn == 67 && len(rest) > 0:
		r.qr.module = int(min(max(rest[0], 1), 16))
	case fn == 69 && len(rest) > 0:
		r.qr.level, r.qr.rows = qr.Level(min(max(rest[0], '0')-'0', 3)), nil
	case fn == 80 && len(rest) > 1 && len(rest)-1 <= maxQR:
		r.qr.text, r.qr.rows = append([]byte(nil), rest[1:]...), nil
	case fn == 81:
		return r.printQR()
	default:
		return false
	}
	return true
}

// printQR draws the stored text. The printer draws no quiet zone.
func (r *Roll) printQR() bool {
	if len(r.qr.text) == 0 || len(r.codes) >= maxCodes {
		return false
	}
	rows := r.qr.rows
	if rows == nil {
		var err error
		if rows, err = qr.ModulesAt(string(r.qr.text), r.qr.level); err != nil {
			return false
		}
		r.qr.rows = rows
	}
	const quiet = 4
	side, dots := len(rows)-2*quiet, r.qr.module
	if dots == 0 {
		dots = 3
	}
	r.flush()
	black := func(x, y int) bool { return rows[quiet+y/dots][quiet+x/dots] }
	r.draw(item{w: min(side*dots, r.canvas.dots), h: side * dots, black: black}, r.indent(side*dots), r.y)
	r.advance(side * dots)
	r.codes = append(r.codes, string(r.qr.text))
	r.write(fmt.Sprintf("[QR] %s", printable(r.qr.text)))
	return true
}

// barcode is GS k. Its bars are not drawn: what they say stands in the text.
func (r *Roll) barcode(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	if b[2] >= 65 {
		n := 4 + int(b[3])
		if len(b) < n {
			return 0
		}
		r.bars(b[4:n])
		return n
	}
	for i, c := range b[3:] {
		if c == 0 || i == 255 {
			r.bars(b[3 : 3+i])
			return 3 + i + 1
		}
	}
	return 0
}

func (r *Roll) bars(data []byte) {
	r.note("GS k")
	r.flush()
	r.write("[barcode] " + printable(data))
}

// printable shows bytes of a code as text.
func printable(b []byte) string {
	text := make([]rune, 0, len(b))
	for _, c := range string(b) {
		if c < 0x20 || c == 0x7F || c == 0xFFFD {
			c = '□'
		}
		text = append(text, c)
	}
	return string(text)
}
