package paper

// bitmap is a picture in packed rows, most significant bit left.
type bitmap struct {
	stride, width, height int
	wide, high            int // dots of one pixel
	bits                  []byte
}

func (m bitmap) black(x, y int) bool {
	x, y = x/m.wide, y/m.high
	at := y*m.stride + x/8
	return at < len(m.bits) && m.bits[at]&(0x80>>(x%8)) != 0
}

// raster is a GS v 0 picture that is coming in row by row.
type raster struct {
	stride, rows, done int
	wide, high         int
	left               int
}

// rasterHeader begins GS v 0; the rows follow as they come in.
func (r *Roll) rasterHeader(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	if b[2] != '0' && b[2] != 0 {
		r.note("GS v")
		return 3
	}
	m, stride, rows := b[3], le16(b[4:]), le16(b[6:])
	r.flush()
	if stride == 0 || rows == 0 {
		return 8
	}
	p := &raster{stride: stride, rows: rows, wide: 1 + int(m&1), high: 1 + int(m>>1&1)}
	p.left = r.indent(min(stride*8*p.wide, r.width()))
	if stride*8*p.wide > r.canvas.dots+7 {
		r.note("picture wider than the paper")
	}
	r.raster = p
	return 8
}

// rasterRow draws one row of the picture.
func (r *Roll) rasterRow(b []byte) int {
	p := r.raster
	if len(b) < p.stride {
		return 0
	}
	row := bitmap{stride: p.stride, width: p.stride * 8, height: 1, wide: p.wide, high: p.high, bits: b[:p.stride]}
	r.draw(row.item(r.canvas.dots-p.left), p.left, r.y)
	r.advance(p.high)
	if p.done++; p.done == p.rows {
		r.picture(p.stride*8*p.wide, p.rows*p.high)
		r.raster = nil
	}
	return p.stride
}

// item returns the picture as an item of at most limit dots across.
func (m bitmap) item(limit int) item {
	return item{w: min(m.width*m.wide, limit), h: m.height * m.high, black: m.black}
}

// store keeps the picture of GS ( L function 112 for a later print command.
func (r *Roll) store(body []byte) bool {
	if len(body) < 10 {
		return false
	}
	width, height := le16(body[6:]), le16(body[8:])
	m := bitmap{
		stride: (width + 7) / 8, width: width, height: height,
		wide: scaleOf(body[3]), high: scaleOf(body[4]), bits: body[10:],
	}
	if width == 0 || len(m.bits) < m.stride*height {
		return false
	}
	m.bits = append([]byte(nil), m.bits[:m.stride*height]...)
	r.stored = &m
	return true
}

func scaleOf(b byte) int {
	if b == 2 || b == '2' {
		return 2
	}
	return 1
}

// printStored draws the stored picture where the text stands.
func (r *Roll) printStored() bool {
	if r.stored == nil {
		return false
	}
	r.flush()
	m := *r.stored
	left := r.indent(m.width * m.wide)
	r.draw(m.item(r.canvas.dots), left, r.y)
	r.advance(m.height * m.high)
	r.picture(m.width*m.wide, m.height*m.high)
	return true
}

// columnStrip is ESC *: a strip of 8 or 24 dots high, sent column by column.
func (r *Roll) columnStrip(b []byte) int {
	if len(b) < 5 {
		return 0
	}
	mode, columns := b[2], le16(b[3:])
	deep := 1 // bytes of a column
	if mode == 32 || mode == 33 {
		deep = 3
	}
	if len(b) < 5+columns*deep {
		return 0
	}
	if columns == 0 || r.line.x >= r.width() {
		return 5 + columns*deep
	}
	if len(r.line.items) >= maxItems {
		r.newline()
	}
	wide := 2 - int(mode&1)
	data := append([]byte(nil), b[5:5+columns*deep]...)
	r.line.add(item{x: r.line.x, w: min(columns*wide, r.canvas.dots), h: 24, black: func(x, y int) bool {
		y = y * deep / 3
		return data[x/wide*deep+y/8]&(0x80>>(y%8)) != 0
	}})
	return 5 + columns*deep
}
