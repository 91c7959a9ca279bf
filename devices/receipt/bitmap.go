package receipt

import (
	"errors"
	"fmt"
)

// Limits of a picture: a shop's mark, not a photograph.
const (
	MaxBitmapWidth = 640 // dots
	MaxBitmapRows  = 400
)

// ErrBitmap is returned for a picture whose numbers do not agree.
var ErrBitmap = errors.New("picture is not valid")

// Bitmap is a picture of black dots. The JSON names are stored.
type Bitmap struct {
	Width int    `json:"w"` // dots
	Bits  []byte `json:"b"` // rows of (Width+7)/8 bytes, most significant bit left, 1 is black
}

// Stride is the length of a row in bytes.
func (b *Bitmap) Stride() int { return (b.Width + 7) / 8 }

// Height counts the rows.
func (b *Bitmap) Height() int { return len(b.Bits) / b.Stride() }

// Black reports whether a dot is black.
func (b *Bitmap) Black(x, y int) bool { return b.Bits[y*b.Stride()+x/8]&(0x80>>(x%8)) != 0 }

func (b *Bitmap) check() error {
	switch {
	case b == nil, b.Width < 1, b.Width > MaxBitmapWidth, len(b.Bits) == 0:
		return fmt.Errorf("no dots, or more than %d across: %w", MaxBitmapWidth, ErrBitmap)
	case len(b.Bits)%b.Stride() != 0:
		return fmt.Errorf("%d bytes in rows of %d: %w", len(b.Bits), b.Stride(), ErrBitmap)
	case b.Height() > MaxBitmapRows:
		return fmt.Errorf("%d rows: %w", b.Height(), ErrBitmap)
	}
	return nil
}
