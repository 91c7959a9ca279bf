// Package paper reads the bytes that a receipt printer gets and gives back what
// stands on the paper: a picture, the text, and what else the printer did.
//
// It knows the common ESC/POS commands of any program, not only of ours, and
// shares no code with the encoder, so that it can judge it. It never does I/O
// and never answers: who plays a printer hears the questions as events. What it
// does not know it skips and names. Memory is bounded by the limits below.
package paper

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// Limits of one paper, and of all papers that one Read returns.
const (
	MaxRows    = 20000     // dot rows
	MaxBytes   = 1 << 20   // bytes; what follows is on a new paper
	MaxText    = 256 << 10 // bytes of text, but for the last line
	MaxUnknown = 50        // names of unknown commands
	MinDots    = 96        // dots across
	MaxDots    = 1024

	maxCodes = 50 // codes that the printer draws itself; the others are skipped
)

// Errors of Read and NewRoll.
var (
	ErrDots    = errors.New("paper width is out of range")
	ErrTooLong = errors.New("papers are too long")
)

// Paper is what one piece of paper shows.
type Paper struct {
	Image   *image.Paletted // one pixel a dot, white and black, without a margin
	Text    string          // the lines of text; a picture stands as "[picture 384x370]"
	Unknown []string        // commands that were skipped, each named once
	Cuts    int             // cuts that ended this paper: 0 or 1, more for cuts of bare paper
	Kicks   int             // drawer pulses
	Codes   []string        // texts of the QR codes that the printer drew itself; package codes reads the others
}

// Blank reports whether nothing is printed on the paper.
func (p Paper) Blank() bool { return p.Text == "" }

var palette = color.Palette{color.White, color.Black}

// Read returns the papers that b prints on a printer of dots dots across. A cut
// starts a new paper. With ErrTooLong come the papers before the limit.
func Read(b []byte, dots int) ([]Paper, error) {
	var papers []Paper
	rows := 0
	keep := func(p Paper) {
		if rows += p.Image.Rect.Dy(); rows <= MaxRows {
			papers = append(papers, p)
		}
	}
	roll, err := NewRoll(dots, func(e Event) {
		if e.Kind == Torn {
			keep(e.Paper)
		}
	})
	if err != nil {
		return nil, err
	}
	for len(b) > 0 && rows <= MaxRows {
		n := min(len(b), 4096)
		roll.Feed(b[:n])
		b = b[n:]
	}
	roll.Tear()
	if rows > MaxRows {
		return papers, fmt.Errorf("read printer bytes: more than %d rows: %w", MaxRows, ErrTooLong)
	}
	return papers, nil
}

// Suggest tells how wide a printer the bytes are likely for: 384 dots if they
// hold a picture as wide as such a paper and none that is wider, else 576.
func Suggest(b []byte) int {
	widest := 0
	roll, err := NewRoll(MaxDots, func(Event) {})
	if err != nil {
		return usualDots
	}
	roll.onPicture = func(width int) { widest = max(widest, width) }
	for len(b) > 0 {
		n := min(len(b), 4096)
		roll.Feed(b[:n])
		b = b[n:]
	}
	switch {
	case widest > usualDots && widest <= MaxDots:
		return (widest + 7) / 8 * 8
	case widest > 320 && widest <= 384:
		return 384
	}
	return usualDots
}

// usualDots is the width of 80 mm paper.
const usualDots = 576

// Margin is the white around the picture that PNG makes, in pixels.
const Margin = 24

// PNG returns the picture of the paper with a white margin.
func PNG(p Paper) ([]byte, error) {
	dots, rows := 0, 0
	if p.Image != nil {
		dots, rows = p.Image.Rect.Dx(), p.Image.Rect.Dy()
	}
	sheet := image.NewPaletted(image.Rect(0, 0, dots+2*Margin, rows+2*Margin), palette)
	for y := range rows {
		from := p.Image.Pix[y*p.Image.Stride:]
		copy(sheet.Pix[(y+Margin)*sheet.Stride+Margin:], from[:dots])
	}
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		return nil, fmt.Errorf("encode picture of paper: %w", err)
	}
	return out.Bytes(), nil
}
