package paper

import "fmt"

// effect does what a command says; b is the whole command.
type effect func(r *Roll, b []byte)

// command is a command of fixed length.
type command struct {
	length int // with its two name bytes
	do     effect
}

func nothing(*Roll, []byte) {}

// exact holds the commands of fixed length by their two name bytes. Those that
// change nothing a reader of the paper would miss are passed over.
var exact = map[[2]byte]command{
	{0x1B, '@'}: {2, (*Roll).init},
	{0x1B, '!'}: {3, (*Roll).printMode},
	{0x1B, 'E'}: {3, func(r *Roll, b []byte) { r.style.bold = b[2]&1 != 0 }},
	{0x1B, 'G'}: {3, func(r *Roll, b []byte) { r.style.bold = b[2]&1 != 0 }},
	{0x1B, 'a'}: {3, func(r *Roll, b []byte) { r.style.align = int(min(b[2]&0x0F, 2)) }},
	{0x1B, 'd'}: {3, func(r *Roll, b []byte) { r.feed(int(b[2])) }},
	{0x1B, 'J'}: {3, func(r *Roll, b []byte) { r.flush(); r.advance(int(b[2])) }},
	{0x1B, '2'}: {2, func(r *Roll, _ []byte) { r.style.spacing = plain.spacing }},
	{0x1B, '3'}: {3, func(r *Roll, b []byte) { r.style.spacing = int(b[2]) }},
	{0x1B, '$'}: {4, func(r *Roll, b []byte) { r.line.x = min(le16(b[2:]), r.width()) }},
	{0x1B, 'p'}: {5, (*Roll).kick},
	{0x1B, 'i'}: {2, func(r *Roll, _ []byte) { r.cut() }},
	{0x1B, 'm'}: {2, func(r *Roll, _ []byte) { r.cut() }},

	{0x1B, ' '}: {3, nothing}, {0x1B, '%'}: {3, nothing}, {0x1B, '-'}: {3, nothing}, {0x1B, '='}: {3, nothing},
	{0x1B, 'B'}: {4, nothing}, {0x1B, 'M'}: {3, nothing}, {0x1B, 'R'}: {3, nothing}, {0x1B, 'S'}: {2, nothing},
	{0x1B, 'L'}: {2, nothing}, {0x1B, 'T'}: {3, nothing}, {0x1B, 'V'}: {3, nothing}, {0x1B, 'W'}: {10, nothing},
	{0x1B, '\\'}: {4, func(r *Roll, b []byte) { r.line.x = max(min(r.line.x+int(int16(le16(b[2:]))), r.width()), 0) }},
	{0x1B, 't'}:  {3, (*Roll).setPage},
	{0x1B, 'c'}:  {4, nothing}, {0x1B, 'r'}: {3, nothing},
	{0x1B, 'u'}: {3, nothing}, {0x1B, 'v'}: {2, nothing}, {0x1B, '{'}: {3, nothing},

	{0x1C, '&'}: {2, func(r *Roll, _ []byte) { r.style.chinese = true }},
	{0x1C, '.'}: {2, func(r *Roll, _ []byte) { r.style.chinese = false }},
	{0x1C, '!'}: {3, (*Roll).hanziMode},
	{0x1C, 'W'}: {3, func(r *Roll, b []byte) { r.hanziScale(1+int(b[2]&1), 1+int(b[2]&1)) }},
	{0x1C, '-'}: {3, nothing}, {0x1C, 'S'}: {4, nothing}, {0x1C, 'C'}: {3, nothing},

	{0x1D, '!'}: {3, (*Roll).charSize},
	{0x1D, 'a'}: {3, func(r *Roll, b []byte) { r.on(Event{Kind: AutoState, N: b[2]}) }},
	{0x1D, 'r'}: {3, func(r *Roll, b []byte) { r.on(Event{Kind: AskQueued, N: b[2]}) }},
	{0x1D, 'I'}: {3, func(r *Roll, b []byte) { r.on(Event{Kind: AskName, N: b[2]}) }},
	{0x1D, 'L'}: {4, func(r *Roll, b []byte) { r.style.margin = min(le16(b[2:]), r.canvas.dots-MinDots) }},
	{0x1D, 'W'}: {4, (*Roll).setArea},
	{0x1D, 'B'}: {3, nothing}, {0x1D, 'H'}: {3, nothing}, {0x1D, 'P'}: {4, nothing}, {0x1D, 'b'}: {3, nothing}, {0x1D, 'f'}: {3, nothing}, {0x1D, 'h'}: {3, nothing},
	{0x1D, 'w'}: {3, nothing}, {0x1D, 'T'}: {3, nothing},

	// Real-time questions were answered when they came in.
	{0x10, 0x04}: {3, nothing}, {0x10, 0x05}: {3, nothing},
}

// sized holds the commands whose length stands in their bytes. Each returns the
// length, or 0 when more must come.
var sized = map[[2]byte]func(r *Roll, b []byte) int{
	{0x1B, '*'}: (*Roll).columnStrip, {0x1B, 'D'}: (*Roll).tabs, {0x1B, '('}: (*Roll).block,
	{0x1C, '('}: (*Roll).block, {0x1C, 'p'}: (*Roll).storedLogo,
	{0x1D, '('}: (*Roll).block, {0x1D, '8'}: (*Roll).longBlock, {0x1D, 'V'}: (*Roll).cutCommand,
	{0x1D, 'v'}: (*Roll).rasterHeader, {0x1D, 'k'}: (*Roll).barcode, {0x10, 0x14}: (*Roll).realTime,
}

// command handles the command that b begins with.
func (r *Roll) command(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	name := [2]byte{b[0], b[1]}
	if c, found := exact[name]; found {
		if len(b) < c.length {
			return 0
		}
		c.do(r, b[:c.length])
		return c.length
	}
	if do, found := sized[name]; found {
		return do(r, b)
	}
	r.note(commandName(b))
	return 2
}

// commandName writes the first two bytes of a command as manuals do: "GS v".
func commandName(b []byte) string {
	first := map[byte]string{0x10: "DLE", 0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}[b[0]]
	if b[1] > 0x20 && b[1] < 0x7F {
		return first + " " + string(rune(b[1]))
	}
	return fmt.Sprintf("%s %02X", first, b[1])
}

func (r *Roll) init([]byte) {
	r.style, r.stored = plain, nil
	r.line = line{}
	r.on(Event{Kind: Init})
}

// printMode is ESC !: bold, double height and double width in one byte.
func (r *Roll) printMode(b []byte) {
	r.style.bold = b[2]&0x08 != 0
	high, wide := 1+int(b[2]>>4&1), 1+int(b[2]>>5&1)
	r.style.wide, r.style.high = wide, high
	r.hanziScale(wide, high)
}

// charSize is GS !; most Chinese printers apply it to hanzi too.
func (r *Roll) charSize(b []byte) {
	wide, high := 1+int(b[2]>>4&7), 1+int(b[2]&7)
	r.style.wide, r.style.high = wide, high
	r.hanziScale(wide, high)
}

func (r *Roll) hanziMode(b []byte) { r.hanziScale(1+int(b[2]>>2&1), 1+int(b[2]>>3&1)) }

func (r *Roll) hanziScale(wide, high int) { r.style.hanziWide, r.style.hanziHigh = wide, high }

func (r *Roll) kick(b []byte) {
	r.kicks++
	r.on(Event{Kind: Kick, N: b[2]})
}

func (r *Roll) tabs(b []byte) int {
	for i := 2; i < len(b); i++ {
		if b[i] == 0 || i == 34 {
			return i + 1
		}
	}
	return 0
}

// cutCommand is GS V; the forms from 65 on feed first.
func (r *Roll) cutCommand(b []byte) int {
	switch {
	case len(b) < 3:
		return 0
	case b[2] < 65:
		r.cut()
		return 3
	case len(b) < 4:
		return 0
	}
	r.flush()
	r.advance(int(b[3]))
	r.cut()
	return 4
}

// realTime is DLE DC4, a family of its own lengths; function 1 is a drawer pulse.
func (r *Roll) realTime(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	length := map[byte]int{1: 5, 2: 5, 3: 8, 7: 4, 8: 10}[b[2]]
	if length == 0 {
		r.note(commandName(b))
		return 3
	}
	if len(b) < length {
		return 0
	}
	if b[2] == 1 {
		r.kick([]byte{b[0], b[1], b[3]})
	}
	return length
}

// storedLogo is FS p, a picture that only the printer knows.
func (r *Roll) storedLogo(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	r.note("FS p")
	return 4
}

// maxBlock is the largest block that is looked into; the longer ones are passed over.
const maxBlock = 64 << 10

// block is "ESC (", "FS (" or "GS (": a letter, a length, and as many bytes.
func (r *Roll) block(b []byte) int {
	if len(b) < 5 {
		return 0
	}
	return r.body(b, 5, le16(b[3:]))
}

// longBlock is GS 8 L, the same with a length of four bytes.
func (r *Roll) longBlock(b []byte) int {
	if len(b) < 7 {
		return 0
	}
	return r.body(b, 7, int(min(uint32(b[3])|uint32(b[4])<<8|uint32(b[5])<<16|uint32(b[6])<<24, 1<<30)))
}

func (r *Roll) body(b []byte, head, length int) int {
	name := commandName(b) + " " + string(rune(b[2]&0x7F))
	if length > maxBlock {
		r.note(name)
		r.skip = length
		return head
	}
	if len(b) < head+length {
		return 0
	}
	if !r.understood(b[0], b[2], b[head:head+length]) {
		r.note(name)
	}
	return head + length
}

// understood handles the body of a block and reports whether it was known.
func (r *Roll) understood(family, letter byte, body []byte) bool {
	if family == 0x1C && letter == 'A' { // the font of hanzi
		return true
	}
	if family != 0x1D || len(body) < 2 {
		return false
	}
	switch fn := body[1]; {
	case letter == 'H' && fn == '0' && len(body) == 6:
		r.on(Event{Kind: Fence, Token: string(body[2:6])})
	case letter == 'k':
		return r.symbol(body)
	case letter == 'L' && (fn == 112 || fn == 'p'):
		return r.store(body)
	case letter == 'L' && (fn == 50 || fn == 2):
		return r.printStored()
	default:
		return false
	}
	return true
}

func le16(b []byte) int { return int(b[0]) | int(b[1])<<8 }
