package paper

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// EventKind says what happened at the printer.
type EventKind uint8

// The kinds of event. All but Torn and Kick are for who plays a printer.
const (
	Torn      EventKind = iota + 1 // Paper is finished, by a cut, by Tear or by a limit
	Kick                           // a drawer pulse
	Init                           // the init command: automatic status goes off
	AutoState                      // N is the new mask of automatic status
	AskQueued                      // GS r N
	AskName                        // GS I N
	Fence                          // process id Token: echo it
)

// Event is something that happened after all bytes before it were printed.
type Event struct {
	Kind  EventKind
	Paper Paper
	N     byte
	Token string
}

// Roll is the paper roll of one printer. Bytes may come in pieces of any size.
type Roll struct {
	on func(Event)

	onPicture func(width int) // told of the width of every picture; may be nil
	canvas    canvas
	style     style
	line      line
	y         int // first row below what is printed
	text      strings.Builder
	unknown   []string
	cuts      int
	kicks     int
	bytes     int // of this paper

	held   []byte  // the beginning of a command whose rest has not come
	skip   int     // bytes to pass over
	raster *raster // the picture that is coming in
	stored *bitmap // a picture sent ahead, printed by a later command
	qr     nativeQR
	codes  []string // of this paper
}

// NewRoll returns a roll of dots dots across. Events go to on, which must not call the roll.
func NewRoll(dots int, on func(Event)) (*Roll, error) {
	if dots < MinDots || dots > MaxDots {
		return nil, fmt.Errorf("roll of %d dots: %w", dots, ErrDots)
	}
	return &Roll{on: on, canvas: canvas{dots: dots}, style: plain}, nil
}

// Feed prints b.
func (r *Roll) Feed(b []byte) {
	r.held = append(r.held, b...)
	done := 0
	for done < len(r.held) {
		n := r.step(r.held[done:])
		if n == 0 {
			break
		}
		done += n
		if r.bytes += n; r.bytes > MaxBytes {
			r.note("paper longer than 1 MiB")
			r.Tear()
		}
	}
	r.held = r.held[:copy(r.held, r.held[done:])]
}

// Empty reports whether nothing was printed or done since the last paper.
func (r *Roll) Empty() bool {
	return r.text.Len() == 0 && r.line.empty() && r.kicks == 0 && r.cuts == 0 && len(r.unknown) == 0
}

// Tear ends the paper as if torn off by hand. A roll on which nothing happened gives no paper.
func (r *Roll) Tear() {
	r.flush()
	if r.Empty() {
		r.start()
		return
	}
	p := Paper{
		Image: r.canvas.image(), Text: strings.Trim(r.text.String(), "\n"),
		Unknown: r.unknown, Cuts: r.cuts, Kicks: r.kicks, Codes: r.codes,
	}
	r.start()
	r.on(Event{Kind: Torn, Paper: p})
}

// start begins a new paper; the modes of the printer stay.
func (r *Roll) start() {
	r.canvas = canvas{dots: r.canvas.dots}
	r.text.Reset()
	r.y, r.unknown, r.cuts, r.kicks, r.bytes, r.codes = 0, nil, 0, 0, 0, nil
}

// cut ends the paper; a cut of bare paper is only counted.
func (r *Roll) cut() {
	r.flush()
	r.cuts++
	if strings.Trim(r.text.String(), "\n") != "" {
		r.Tear()
	}
}

// note names something that was not understood.
func (r *Roll) note(what string) {
	if len(r.unknown) < MaxUnknown && !slices.Contains(r.unknown, what) {
		r.unknown = append(r.unknown, what)
	}
}

// step handles the first thing in b and returns its length, or 0 when more must come.
func (r *Roll) step(b []byte) int {
	switch {
	case r.skip > 0:
		n := min(r.skip, len(b))
		r.skip -= n
		return n
	case r.raster != nil:
		return r.rasterRow(b)
	case b[0] >= 0x80:
		return r.highByte(b)
	case b[0] >= 0x20 && b[0] < 0x7F:
		r.put(rune(b[0]), false)
		return 1
	}
	return r.control(b)
}

func (r *Roll) control(b []byte) int {
	switch b[0] {
	case '\n':
		r.newline()
	case '\t':
		r.line.tab()
	case 0x00, '\r', 0x0C, 0x18, 0x7F:
	case 0x1B, 0x1C, 0x1D, 0x10:
		return r.command(b)
	default:
		r.note(fmt.Sprintf("byte %02X", b[0]))
	}
	return 1
}

// highByte prints a hanzi of two bytes, or one character of the code page. As in
// a real printer, the second byte of a pair is taken whatever it is; a digit in
// its place begins a character of GB18030 with four bytes, of which an older
// printer makes rubbish.
func (r *Roll) highByte(b []byte) int {
	if !r.style.chinese || b[0] == 0x80 || b[0] == 0xFF {
		r.put(r.single(b[0]), false)
		return 1
	}
	if len(b) < 2 {
		return 0
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(b[:2])
	char := []rune(string(text))
	if err != nil || len(char) != 1 || char[0] == '\uFFFD' {
		r.note(fmt.Sprintf("pair %02X %02X", b[0], b[1]))
		char = []rune{'□'}
	}
	r.put(char[0], true)
	return 2
}
