package paper

import (
	"image"

	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/math/fixed"
)

// A character cell of the printer is 12 dots wide for ASCII and 24 for a
// hanzi; the font's pixels are drawn two dots wide and high.
const (
	cellWidth  = 12
	cellHeight = 32
	fontScale  = 2
)

// item is something in the line buffer: a character or a strip of a picture.
type item struct {
	x, w, h int
	black   func(x, y int) bool // within w and h
}

// glyph returns r as an item of its cell at position x.
func glyph(r rune, x int, full bool, s style) item {
	wide, high := s.scale(full)
	columns := 1
	if full {
		columns = 2
	}
	width := columns * cellWidth
	mask, at, advance, ok := lookUp(r)
	shift := (width - advance*fontScale) / 2 // a narrow mark stands in the middle of a full cell
	black := func(x, y int) bool {
		px, py := (x/wide-shift)/fontScale, y/high/fontScale
		if !ok || x/wide < shift || px >= advance {
			return false
		}
		_, _, _, a := mask.At(at.X+px, at.Y+py).RGBA()
		return a != 0
	}
	if s.bold {
		black = embolden(black, wide)
	}
	return item{x: x, w: width * wide, h: cellHeight * high, black: black}
}

// embolden draws everything a second time a little to the right, as a printer does.
func embolden(black func(x, y int) bool, shift int) func(x, y int) bool {
	return func(x, y int) bool { return black(x, y) || x >= shift && black(x-shift, y) }
}

// lookUp returns the pixels of r, where they begin in the mask, and their width.
func lookUp(r rune) (mask image.Image, at image.Point, advance int, ok bool) {
	_, mask, at, move, ok := bitmapfont.FaceSC.Glyph(fixed.P(0, 0), r)
	return mask, at, move.Round(), ok
}
