// Package qr draws QR codes as modules, for the printer's picture and for pages
// alike. It never scales, never writes a file and keeps nothing.
package qr

import (
	"errors"
	"fmt"

	"github.com/skip2/go-qrcode"
)

// ErrEmpty is returned when the library draws nothing.
var ErrEmpty = errors.New("empty QR picture")

// Modules returns the modules of text at level M with their quiet zone of four,
// true for black. The library ends some faults of its own with a panic, and
// hands out memory that it goes on using, so the rows are copies (dev 8.1).
func Modules(text string) (rows [][]bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("draw QR: %v", p)
		}
	}()
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("draw QR: %w", err)
	}
	for _, row := range code.Bitmap() {
		rows = append(rows, append([]bool(nil), row...))
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("draw QR: %w", ErrEmpty)
	}
	return rows, nil
}
