package paper

import "image"

// canvas is the paper as packed rows of dots. It grows downwards to MaxRows;
// what would stand below is dropped.
type canvas struct {
	dots int
	rows [][]byte
}

// extend makes the paper at least height rows long.
func (c *canvas) extend(height int) {
	for len(c.rows) < min(height, MaxRows) {
		c.rows = append(c.rows, nil)
	}
}

// set blackens one dot; dots beside the paper are dropped, as a print head does.
func (c *canvas) set(x, y int) {
	if x < 0 || x >= c.dots || y < 0 || y >= MaxRows {
		return
	}
	c.extend(y + 1)
	if c.rows[y] == nil {
		c.rows[y] = make([]byte, (c.dots+7)/8)
	}
	c.rows[y][x/8] |= 0x80 >> (x % 8)
}

func (c *canvas) image() *image.Paletted {
	picture := image.NewPaletted(image.Rect(0, 0, c.dots, len(c.rows)), palette)
	for y, row := range c.rows {
		for i, b := range row {
			for bit := range 8 {
				if x := i*8 + bit; b&(0x80>>bit) != 0 && x < c.dots {
					picture.Pix[y*picture.Stride+x] = 1
				}
			}
		}
	}
	return picture
}
