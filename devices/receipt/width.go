package receipt

import (
	"strings"
	"unicode"
)

// Ellipsis ends a text that was cut. It is two columns wide on paper.
const Ellipsis = "…"

// substitutes are characters that Chinese receipt printers do not hold, with
// what is printed instead (dev 5). They stand here and not beside the byte
// encoder because they change the width of a text.
var substitutes = map[rune]string{
	'\u00A0': " ", '\u2002': " ", '\u2003': " ", '\u2007': " ", '\u2009': " ", '\u202F': " ", '\t': " ",
	'¥': "￥", '€': "EUR", '£': "￡", '•': "·", '‧': "·", '™': "TM", '©': "(C)", '®': "(R)",
	'\u2010': "-", '\u2011': "-", '–': "-", '−': "-", '✓': "√", '✔': "√", '½': "1/2", '¼': "1/4", '¾': "3/4",
}

// Printable returns s as it stands on paper: substitutes put in, control and
// zero-width characters taken out. Line feeds stay.
func Printable(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch text, found := substitutes[r]; {
		case found:
			b.WriteString(text)
		case r == '\n' || columns(r) > 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Width counts the columns that s takes on paper: one for ASCII, two for a
// hanzi and for every other character, since a Chinese printer draws all of
// them in a full cell.
func Width(s string) int {
	n := 0
	for _, r := range Printable(s) {
		n += columns(r)
	}
	return n
}

// Fit returns s cut to at most cols columns; a text that was cut ends with "…".
func Fit(s string, cols int) string {
	s = strings.ReplaceAll(Printable(s), "\n", " ")
	if Width(s) <= cols {
		return s
	}
	if cols < Width(Ellipsis) {
		return cut(s, cols)
	}
	return strings.TrimRight(cut(s, cols-Width(Ellipsis)), " ") + Ellipsis
}

// Wrap breaks s into lines of at most cols columns. It breaks at spaces and
// around hanzi, and inside a word only when the word alone is too long.
func Wrap(s string, cols int) []string {
	cols = max(cols, 2)
	var lines []string
	for _, paragraph := range strings.Split(Printable(s), "\n") {
		lines = append(lines, wrapParagraph(paragraph, cols)...)
	}
	return lines
}

func wrapParagraph(s string, cols int) []string {
	var lines []string
	for Width(s) > cols {
		head := cut(s, cols)
		at := breakPoint(s, len(head))
		lines = append(lines, strings.TrimRight(s[:at], " "))
		s = strings.TrimLeft(s[at:], " ")
	}
	return append(lines, s)
}

// breakPoint returns where to break s at or before byte at, which is on a character border.
func breakPoint(s string, at int) int {
	if isBreak(s, at) {
		return at
	}
	for i := at - 1; i > 0; i-- {
		if isBreak(s, i) {
			return i
		}
	}
	return at
}

// isBreak reports whether a line may end before byte i of s: at a space or at
// the border of a full cell, but not before a closing mark.
func isBreak(s string, i int) bool {
	if i <= 0 || i >= len(s) {
		return false
	}
	before, after := s[i-1], s[i]
	if after == ' ' || before == ' ' {
		return true
	}
	if after >= 0x80 && after < 0xC0 { // inside a character
		return false
	}
	if strings.ContainsAny(firstRune(s[i:]), "，。、；：！？）》」』】”’,.;:!?)…") {
		return false
	}
	return before >= 0x80 || after >= 0x80
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// cut returns the longest beginning of s that takes at most cols columns.
func cut(s string, cols int) string {
	n := 0
	for i, r := range s {
		if n += columns(r); n > cols {
			return s[:i]
		}
	}
	return s
}

func columns(r rune) int {
	switch {
	case r < ' ' || r == 0x7F:
		return 0
	case r < 0x7F:
		return 1
	case r < 0xA0, unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Zl, unicode.Zp):
		return 0
	}
	return 2
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
