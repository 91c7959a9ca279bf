// Package display is what the customer is shown during a sale: one small state
// from which a line of two rows and a page are made. It decides nothing about
// the sale, draws no page of its own and keeps nothing.
package display

import (
	"fmt"
	"html"
	"strings"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/devices/receipt/qr"
)

// MaxLines is how many lines of a sale a page shows.
const MaxLines = 12

// Pair is a word and an amount beside it.
type Pair struct {
	Left  string
	Plain string // Left in printable ASCII, for displays that know nothing else; "" leaves it out
	Right string // printable ASCII
}

// Show is one state. The zero value is a dark display.
type Show struct {
	Upper Pair
	Lower Pair
	Lines []Pair // of the sale, oldest first; a line display shows none of them
	Code  string // a QR for the customer's phone, or ""
}

// Rows returns the upper and the lower row of a line display, each exactly cols
// columns wide: the amount stays whole, the word gives way. An ASCII display
// gets the plain words.
func (s Show) Rows(cols int, ascii bool) (upper, lower string) {
	return s.Upper.row(cols, ascii), s.Lower.row(cols, ascii)
}

func (p Pair) row(cols int, ascii bool) string {
	left := p.Left
	if ascii {
		left = p.Plain
	}
	right := cutTo(onlyASCII(p.Right), cols)
	room := max(cols-len(right)-1, 0)
	if right == "" {
		room = cols
	}
	left = receipt.Printable(strings.ReplaceAll(left, "\n", " "))
	if ascii {
		left = onlyASCII(left)
	}
	left = cutTo(left, room)
	return left + strings.Repeat(" ", cols-receipt.Width(left)-len(right)) + right
}

// cutTo cuts without a mark: on twenty columns none is to spare.
func cutTo(s string, cols int) string {
	for receipt.Width(s) > cols {
		runes := []rune(s)
		s = string(runes[:len(runes)-1])
	}
	return s
}

func onlyASCII(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '￥' || r == '¥':
			return -1
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, s)
}

// HTML returns the state as a fragment for a page: a section of class "display"
// without a style or script of its own.
func (s Show) HTML() string {
	var b strings.Builder
	b.WriteString(`<section class="display">` + "\n")
	if len(s.Lines) > 0 {
		b.WriteString(`<ul class="display-lines">` + "\n")
		for _, line := range s.Lines[max(len(s.Lines)-MaxLines, 0):] {
			fmt.Fprintf(&b, "<li>%s</li>\n", line.html())
		}
		b.WriteString("</ul>\n")
	}
	fmt.Fprintf(&b, "<p class=\"display-upper\">%s</p>\n<p class=\"display-lower\">%s</p>\n", s.Upper.html(), s.Lower.html())
	if s.Code != "" {
		b.WriteString(`<figure class="display-code">` + qr.SVG(s.Code) + "</figure>\n")
	}
	b.WriteString("</section>\n")
	return b.String()
}

func (p Pair) html() string {
	return fmt.Sprintf("<span>%s</span> <span>%s</span>", html.EscapeString(p.Left), html.EscapeString(p.Right))
}
