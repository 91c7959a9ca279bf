package paper

import "golang.org/x/text/encoding/charmap"

// katakana is the number of a page of half-width katakana, which other programs
// choose for its lines.
const katakana = 1

// pages are the code pages by the n of ESC t, as Epson numbers them. A printer
// starts with the first; one that is not here prints like it.
var pages = map[byte]*charmap.Charmap{
	0: charmap.CodePage437, 2: charmap.CodePage850, 3: charmap.CodePage860, 4: charmap.CodePage863, 5: charmap.CodePage865,
	16: charmap.Windows1252, 17: charmap.CodePage866, 18: charmap.CodePage852, 19: charmap.CodePage858,
	45: charmap.Windows1250, 46: charmap.Windows1251, 47: charmap.Windows1253, 48: charmap.Windows1254,
}

// setPage is ESC t.
func (r *Roll) setPage(b []byte) {
	if r.style.page = b[2]; pages[b[2]] == nil && b[2] != katakana {
		r.note("code page")
	}
}

// single returns the character of a byte beyond ASCII in the code page.
func (r *Roll) single(b byte) rune {
	if r.style.page == katakana {
		return kana(b)
	}
	page := pages[r.style.page]
	if page == nil {
		page = charmap.CodePage437
	}
	return page.DecodeByte(b)
}

// kana returns a character of the katakana page: of its graphics the lines only.
func kana(b byte) rune {
	switch {
	case b >= 0xA1 && b <= 0xDF:
		return rune(b-0xA1) + '｡'
	case b == 0x95:
		return '─'
	case b == 0x96:
		return '│'
	}
	return '□'
}
