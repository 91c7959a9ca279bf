package qr

import (
	"fmt"
	"html"
	"strings"
)

// SVG draws a QR for a page; one that cannot be drawn stands as its text.
func SVG(text string) string {
	rows, err := Modules(text)
	if err != nil {
		return html.EscapeString(text)
	}
	return DrawSVG(len(rows), len(rows), func(x, y int) bool { return rows[y][x] })
}

// DrawSVG draws black runs as one path, on white whatever the page's colours
// are: a scanner must read it.
func DrawSVG(width, height int, black func(x, y int) bool) string {
	var path strings.Builder
	for y := range height {
		for x := 0; x < width; x++ {
			from := x
			for x < width && black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return fmt.Sprintf(`<svg viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		width, height, width, height, path.String())
}
