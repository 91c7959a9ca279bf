package escpos

import (
	"errors"
	"fmt"

	"github.com/skip2/go-qrcode"

	"github.com/jifen-pos/jifen/devices/receipt"
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

// qr draws the code as a picture, since the cheapest printers cannot draw it themselves.
func (e *encoder) qr(text string) error {
	modules, err := drawQR(text)
	if err != nil {
		return err
	}
	module := min(e.profile.Dots/len(modules), maxModule)
	if module < minModule {
		return fmt.Errorf("%d modules on %d dots: %w", len(modules), e.profile.Dots, ErrQRFit)
	}
	e.setAlign(receipt.AlignLeft) // the white around the code is in the picture
	e.raster(enlarge(modules, module, e.profile.Dots))
	return nil
}

// drawQR returns the modules with their quiet zone, true for black. The
// library ends some faults of its own with a panic.
func drawQR(text string) (modules [][]bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			modules, err = nil, fmt.Errorf("draw QR: %v", p)
		}
	}()
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("draw QR: %w", err)
	}
	if modules = code.Bitmap(); len(modules) == 0 {
		return nil, errors.New("draw QR: empty picture")
	}
	return modules, nil
}

// enlarge returns rows of dots/8 bytes, most significant bit left, with the
// code in the middle and each module as a square of side dots.
func enlarge(modules [][]bool, side, dots int) [][]byte {
	left := (dots - len(modules)*side) / 2
	var rows [][]byte
	for _, line := range modules {
		row := make([]byte, dots/8)
		for x, black := range line {
			if black {
				blacken(row, left+x*side, side)
			}
		}
		for range side {
			rows = append(rows, row)
		}
	}
	return rows
}

func blacken(row []byte, from, n int) {
	for x := from; x < from+n; x++ {
		row[x/8] |= 0x80 >> (x % 8)
	}
}

// raster sends rows of equal length as GS v 0, in bands.
func (e *encoder) raster(rows [][]byte) {
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
}
