// Package receipt holds what a receipt or voucher says, as lines, and the one
// layout from which printer bytes, pictures and plain text are made.
//
// It knows columns, not printers: it never makes a printer command, never
// looks at a clock and never does I/O. Amounts arrive as finished text.
package receipt

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of one document. They keep a print job small enough to store and a
// paper short enough to read.
const (
	MaxLines = 3000 // lines of a document
	MaxText  = 400  // characters of one text, title or caption
	MaxQR    = 280  // characters of one QR text
	MaxFeed  = 20   // empty lines of one feed
)

// Errors of Check. Each comes wrapped with the number of the line.
var (
	ErrTooManyLines = errors.New("document has too many lines")
	ErrTextTooLong  = errors.New("text is too long")
	ErrQRTooLong    = errors.New("QR text is too long")
	ErrQRText       = errors.New("QR text is empty or holds characters outside printable ASCII")
	ErrLine         = errors.New("line is not valid")
)

// Kind says what a line is. The numbers are stored in print jobs: append, never reuse.
type Kind uint8

// The kinds of line.
const (
	KindText    Kind = 1 // Left, placed by Align
	KindColumns Kind = 2 // Left at the left edge, Right at the right edge
	KindRule    Kind = 3 // a line across the paper
	KindQR      Kind = 4 // a QR of QR, with the caption Left below it
	KindFeed    Kind = 5 // Count empty lines
	KindCut     Kind = 6 // the paper is cut here
	KindBitmap  Kind = 7 // a picture of Bitmap, in the middle
	KindDrawer  Kind = 8 // the cash drawer opens, where the printer has one
)

// Align places a text line. The numbers are stored.
type Align uint8

// The places of a text line.
const (
	AlignLeft   Align = 0
	AlignCentre Align = 1
	AlignRight  Align = 2
)

// Line is one thing that the paper shows. The JSON names are stored: never change them.
type Line struct {
	Kind  Kind   `json:"k"`
	Left  string `json:"l,omitempty"` // text, left column, or caption of a QR
	Right string `json:"r,omitempty"` // right column
	QR    string `json:"q,omitempty"` // printable ASCII (dev 5: scanners re-encode the rest)
	Align Align  `json:"a,omitempty"`
	Bold  bool   `json:"b,omitempty"`
	Size  int    `json:"s,omitempty"` // 0 and 1 are normal, 2 is twice as high and wide
	Count int    `json:"n,omitempty"` // empty lines of a feed

	Bitmap *Bitmap `json:"m,omitempty"`
}

// Document is one receipt or voucher. Title names it for lists and logs and is not printed.
type Document struct {
	Title string `json:"title"`
	Lines []Line `json:"lines"`
}

// Check says what a printer could not print, or nil.
func (d *Document) Check() error {
	if len(d.Lines) > MaxLines {
		return fmt.Errorf("%d lines: %w", len(d.Lines), ErrTooManyLines)
	}
	if utf8.RuneCountInString(d.Title) > MaxText {
		return fmt.Errorf("title: %w", ErrTextTooLong)
	}
	for i, line := range d.Lines {
		if err := line.check(); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return nil
}

func (l Line) check() error {
	switch {
	case l.Kind < KindText || l.Kind > KindDrawer:
		return fmt.Errorf("kind %d: %w", l.Kind, ErrLine)
	case l.Align > AlignRight:
		return fmt.Errorf("align %d: %w", l.Align, ErrLine)
	case l.Size < 0 || l.Size > 2:
		return fmt.Errorf("size %d: %w", l.Size, ErrLine)
	case l.Count < 0 || l.Count > MaxFeed:
		return fmt.Errorf("feed of %d lines: %w", l.Count, ErrLine)
	case utf8.RuneCountInString(l.Left) > MaxText, utf8.RuneCountInString(l.Right) > MaxText:
		return ErrTextTooLong
	case l.Kind == KindQR:
		return checkQR(l.QR)
	case l.Kind == KindBitmap:
		return l.Bitmap.check()
	}
	return nil
}

func checkQR(text string) error {
	if len(text) > MaxQR {
		return fmt.Errorf("%d characters: %w", len(text), ErrQRTooLong)
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return ErrQRText
		}
	}
	if text == "" {
		return ErrQRText
	}
	return nil
}
