package escpos

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/devices/receipt/qr"
)

// Dots of one QR module. Below three a worn print head makes codes that no
// scanner reads; above six a short code only wastes paper.
const (
	minModule = 3
	maxModule = 6
)

// Limits of one raster command (dev 4.3): low bands do not choke a printer, and
// small ones let it find its step again after a broken job.
const (
	maxBandRows  = 255
	maxBandBytes = 8 << 10
)

// qr draws the code as a picture, since the cheapest printers cannot draw it
// themselves. At three dots and more a module no row holds a DLE (dev 1.9).
func (e *encoder) qr(text string) error {
	modules, err := qr.Modules(text)
	if err != nil {
		return err
	}
	module := min(e.profile.Dots/len(modules), maxModule)
	if module < minModule {
		return fmt.Errorf("%d modules on %d dots: %w", len(modules), e.profile.Dots, ErrQRFit)
	}
	left := (e.profile.Dots - len(modules)*module) / 2
	e.raster(e.draw(len(modules)*module, len(modules)*module, left, func(x, y int) bool { return modules[y/module][x/module] }))
	return nil
}

// maxShift is how far a picture moves to get out of the way of a hazard.
const maxShift = 7

// picture prints a picture in the middle of the paper. Where its dots spell a
// real-time command it moves a little to the right, and where that does not
// help it loses a dot (dev 1.9).
func (e *encoder) picture(b *receipt.Bitmap) error {
	free := e.profile.Dots - b.Width
	if free < 0 {
		return fmt.Errorf("%d dots on %d: %w", b.Width, e.profile.Dots, ErrPicture)
	}
	var rows [][]byte
	for shift := range min(maxShift, free-free/2) + 1 {
		rows = e.draw(b.Width, b.Height(), free/2+shift, b.Black)
		if hazard(rows) == nil {
			break
		}
	}
	for at := hazard(rows); at != nil; at = hazard(rows) {
		*at = 0
	}
	e.raster(rows)
	return nil
}

// hazard returns the DLE of the first real-time command in the rows, or nil.
func hazard(rows [][]byte) *byte {
	last := new(byte)
	for _, row := range rows {
		for i := range row {
			if RealTimeAt([]byte{*last, row[i]}) >= 0 {
				return last
			}
			last = &row[i]
		}
	}
	return nil
}

// draw returns rows of the whole paper's width, most significant bit left, with
// a picture that begins left dots from the edge.
func (e *encoder) draw(width, height, left int, black func(x, y int) bool) [][]byte {
	rows := make([][]byte, height)
	for y := range rows {
		rows[y] = make([]byte, e.profile.Dots/8)
		for x := range width {
			if black(x, y) {
				rows[y][(left+x)/8] |= 0x80 >> ((left + x) % 8)
			}
		}
	}
	return rows
}

// raster sends rows of equal length as GS v 0, in bands. The white beside a
// picture is in it.
func (e *encoder) raster(rows [][]byte) {
	e.setAlign(receipt.AlignLeft)
	width := len(rows[0])
	band := min(maxBandRows, maxBandBytes/width)
	for len(rows) > 0 {
		n := min(band, len(rows))
		e.put(gs, 'v', '0', 0, byte(width), byte(width>>8), byte(n), byte(n>>8))
		for _, row := range rows[:n] {
			e.put(row...)
		}
		rows = rows[n:]
	}
	e.fed = false
}
