package codes

import "image"

// Limits of what may be a code: 21 modules of one dot, and no text.
const (
	minSide = 21
	maxSlip = 2 // dots by which a code is not square
)

// blocks returns the places that may hold one code each: bands of rows without
// an empty row between them, and in each band runs of columns likewise, that
// are about square. A code never has an empty row or column: its timing
// patterns cross all of them.
func blocks(p *image.Paletted) []image.Rectangle {
	var found []image.Rectangle
	whole := p.Bounds()
	for _, y := range runs(whole.Min.Y, whole.Max.Y, func(y int) bool { return anyBlack(p, whole.Min.X, whole.Max.X, y, y+1) }) {
		if y[1]-y[0] < minSide {
			continue
		}
		for _, x := range runs(whole.Min.X, whole.Max.X, func(x int) bool { return anyBlack(p, x, x+1, y[0], y[1]) }) {
			block := image.Rect(x[0], y[0], x[1], y[1])
			if side := block.Dx() - block.Dy(); block.Dx() >= minSide && side <= maxSlip && side >= -maxSlip {
				found = append(found, block)
			}
		}
	}
	return found
}

// runs returns the half-open ranges of from..to in which all are black.
func runs(from, to int, black func(int) bool) [][2]int {
	var list [][2]int
	for i := from; i < to; i++ {
		begin := i
		for i < to && black(i) {
			i++
		}
		if i > begin {
			list = append(list, [2]int{begin, i})
		}
	}
	return list
}

func anyBlack(p *image.Paletted, x0, x1, y0, y1 int) bool {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			if p.ColorIndexAt(x, y) != 0 {
				return true
			}
		}
	}
	return false
}
