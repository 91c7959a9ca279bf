package paper

import (
	"fmt"
	"strings"
)

// style is what the mode commands have set.
type style struct {
	wide, high           int // of ASCII, 1 to 8
	hanziWide, hanziHigh int
	bold                 bool
	align                int // 0 left, 1 centre, 2 right
	spacing              int // dots from line to line
	chinese              bool
	page                 byte // code page
	margin, area         int  // dots left of the lines, and their width; 0 is up to the edge
}

// plain is the state after power-on and after the init command of a Chinese
// printer: two-byte text is on, lines are a sixth of an inch apart.
var plain = style{wide: 1, high: 1, hanziWide: 1, hanziHigh: 1, spacing: 34, chinese: true}

func (s style) scale(full bool) (wide, high int) {
	if full {
		return s.hanziWide, s.hanziHigh
	}
	return s.wide, s.high
}

// line is the printer's line buffer.
type line struct {
	items []item
	x     int // where the next item goes
	text  strings.Builder
	said  int // where the text ends
}

// width is how wide a line is.
func (r *Roll) width() int {
	free := r.canvas.dots - r.style.margin
	if r.style.area > 0 {
		return min(r.style.area, free)
	}
	return free
}

// setArea is GS W.
func (r *Roll) setArea(b []byte) {
	r.style.area = max(le16(b[2:]), MinDots)
	if r.onPicture != nil {
		r.onPicture(r.style.area)
	}
}

// tabStop is the distance of the tab stops of an untouched printer.
const tabStop = 8 * cellWidth

// maxItems is what the line buffer holds, for a line that never moves on.
const maxItems = 2000

// put prints a character, on a new line when the old one is full.
func (r *Roll) put(char rune, full bool) {
	g := glyph(char, r.line.x, full, r.style)
	if r.line.x+g.w > r.width() && len(r.line.items) > 0 || len(r.line.items) >= maxItems {
		r.newline()
		g.x = 0
	}
	r.line.add(g)
	r.line.say(char, g)
}

// say writes a character into the text, with blanks where the line moved on
// without one.
func (l *line) say(char rune, g item) {
	if gap := (g.x - l.said) / cellWidth; gap > 0 {
		l.text.WriteString(strings.Repeat(" ", gap))
	}
	l.text.WriteRune(char)
	l.said = g.x + g.w
}

func (l *line) add(g item) {
	l.items = append(l.items, g)
	l.x = g.x + g.w
}

// right is where the line ends.
func (l *line) right() int {
	right := 0
	for _, g := range l.items {
		right = max(right, g.x+g.w)
	}
	return right
}

func (l *line) empty() bool { return len(l.items) == 0 }

func (l *line) tab() {
	l.x = (l.x/tabStop + 1) * tabStop
}

// newline prints the line buffer and feeds one line.
func (r *Roll) newline() {
	height := 0
	for _, g := range r.line.items {
		height = max(height, g.h)
	}
	shift := r.indent(r.line.right())
	for _, g := range r.line.items {
		r.draw(g, g.x+shift, r.y+height-g.h)
	}
	r.advance(max(height, r.style.spacing))
	r.write(r.line.text.String())
	r.line = line{}
}

// indent returns how far something of that width moves right by the alignment.
func (r *Roll) indent(width int) int {
	free := max(r.width()-width, 0)
	return r.style.margin + free*r.style.align/2
}

func (r *Roll) draw(g item, left, top int) {
	if top >= MaxRows {
		return
	}
	for y := range g.h {
		for x := range g.w {
			if g.black(x, y) {
				r.canvas.set(left+x, top+y)
			}
		}
	}
}

func (r *Roll) advance(dots int) {
	r.y = min(r.y+dots, MaxRows)
	r.canvas.extend(r.y)
}

// write adds a line to the text, which ends where no reader would go on.
func (r *Roll) write(s string) {
	if r.text.Len() > MaxText {
		r.note("text longer than 256 KiB")
		return
	}
	r.text.WriteString(strings.TrimRight(s, " "))
	r.text.WriteByte('\n')
}

// flush prints what stands in the line buffer, if anything.
func (r *Roll) flush() {
	if !r.line.empty() {
		r.newline()
	}
}

// feed prints the line buffer and moves the paper n lines.
func (r *Roll) feed(n int) {
	if !r.line.empty() {
		r.newline()
		n--
	}
	for range n {
		r.write("")
	}
	r.advance(max(n, 0) * r.style.spacing)
}

// picture notes a picture in the text.
func (r *Roll) picture(width, height int) {
	if r.onPicture != nil {
		r.onPicture(width)
	}
	r.write(fmt.Sprintf("[picture %dx%d]", width, height))
}
