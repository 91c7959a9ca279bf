// Package qr draws QR codes as modules, for the printer's picture and for pages
// alike. It never scales, never writes a file and keeps nothing.
package qr

import (
	"errors"
	"fmt"

	"github.com/skip2/go-qrcode"
)

// Level is how much of a code may be lost.
type Level uint8

// The levels by their usual letters, the least first.
const (
	L Level = iota // 7 %
	M              // 15 %
	Q              // 25 %
	H              // 30 %
)

// Errors of Modules.
var (
	ErrEmpty = errors.New("empty QR picture")
	ErrLevel = errors.New("QR level is not known")
)

// Modules returns the modules of text at level M, which ours are drawn at.
func Modules(text string) ([][]bool, error) { return ModulesAt(text, M) }

// ModulesAt returns the modules of text with their quiet zone of four, true for
// black. The library ends some faults of its own with a panic, and hands out
// memory that it goes on using, so the rows are copies (dev 8.1).
func ModulesAt(text string, level Level) (rows [][]bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("draw QR: %v", p)
		}
	}()
	// The library calls Q high and H highest.
	levels := []qrcode.RecoveryLevel{L: qrcode.Low, M: qrcode.Medium, Q: qrcode.High, H: qrcode.Highest}
	if int(level) >= len(levels) {
		return nil, fmt.Errorf("draw QR: %w", ErrLevel)
	}
	code, err := qrcode.New(text, levels[level])
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
