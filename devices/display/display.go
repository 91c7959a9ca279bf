// Package display is what a line display shows the customer during a sale: two
// rows, each a word and an amount. It decides nothing about the sale and keeps
// nothing. The customer's page in a browser is not made from it: it is
// terminal/cashier's, and shows the whole basket.
package display

import (
	"strings"

	"github.com/jifen-pos/jifen/devices/receipt"
)

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
