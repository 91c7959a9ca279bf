package scan

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// The bytes that mean something between or inside frames.
const (
	stx, etx, eot = 0x02, 0x03, 0x04
	tab, lf, cr   = 0x09, 0x0a, 0x0d
	gs, rs, del   = 0x1d, 0x1e, 0x7f
)

// A Framer cuts the bytes of one scanner into events. It is not safe for use
// by several goroutines. Times given to it must not go back.
type Framer struct {
	opt      Options
	buf      []byte        // the open frame; never longer than opt.MaxFrame
	open     bool          // bytes of a frame have come and its end has not
	skipping bool          // the open frame is already reported as bad
	started  bool          // the STX of the open frame has come
	heard    time.Duration // when the last byte came
	last     Event         // the good code before, for the repeat window; its text is empty before the first
}

// NewFramer returns a framer for a scanner that is set up as opt says. What opt
// leaves out or exceeds is brought to its default or its limit.
func NewFramer(opt Options) *Framer {
	if opt.MaxFrame <= 0 {
		opt.MaxFrame = DefaultMaxFrame
	}
	opt.MaxFrame = min(opt.MaxFrame, LargestMaxFrame)
	if opt.Partial <= 0 {
		opt.Partial = DefaultPartial
	}
	if opt.Repeat == 0 {
		opt.Repeat = DefaultRepeat
	}
	if opt.RepeatOnce == 0 {
		opt.RepeatOnce = DefaultRepeatOnce
	}
	opt.Repeat, opt.RepeatOnce = min(opt.Repeat, LongestRepeat), min(opt.RepeatOnce, LongestRepeat)
	if opt.NoRead == nil {
		opt.NoRead = []string{"NR", "NOREAD"}
	}
	opt.NoRead = slices.Clone(opt.NoRead)
	return &Framer{opt: opt}
}

// Feed takes the bytes that were read at the given time and returns the scans
// they complete. How the bytes are cut into reads makes no difference, nor does how
// late they are read: what waits for a busy board is no silence.
func (f *Framer) Feed(p []byte, at time.Duration) (events []Event) {
	for _, b := range p {
		f.heard = at
		if e, ok := f.step(b, at); ok {
			events = append(events, e)
		}
	}
	return events
}

// Idle is to be called when a read gave nothing, at least once in each second, with
// a time at which, or after which, the line was seen to be empty. It gives up a frame whose last byte is too old, as one bad read; or ends it
// there, for a scanner that is known to send no terminator.
func (f *Framer) Idle(at time.Duration) []Event {
	if f.open && f.opt.Idle > 0 && at-f.heard >= f.opt.Idle {
		e, ok := f.end(at)
		if !ok {
			return nil
		}
		return []Event{e}
	}
	if !f.open || at-f.heard < f.opt.Partial {
		return nil
	}
	return f.Cut(at)
}

// Cut gives up the open frame at once, as one bad read, because the line went
// away or was flushed. What comes next begins a new frame.
func (f *Framer) Cut(at time.Duration) []Event {
	report := f.open && !f.skipping
	f.reset()
	if !report {
		return nil
	}
	return []Event{{At: at, Bad: Partial}}
}

// Lose says that the device dropped something here. The open frame is worthless,
// and so is what comes before the next end, or before silence.
func (f *Framer) Lose(at time.Duration) []Event {
	f.heard = at
	if f.skipping {
		return nil
	}
	e, _ := f.spoil(at, Partial)
	return []Event{e}
}

// step takes one byte and reports the event it completes, if any.
func (f *Framer) step(b byte, at time.Duration) (Event, bool) {
	switch {
	case b == cr, b == lf, b == tab, b == etx && f.opt.STX:
		return f.end(at)
	case b == stx && f.opt.STX:
		return f.begin(at)
	case f.skipping:
		return Event{}, false
	case isNoise(b), f.opt.STX && !f.started:
		return f.spoil(at, Noise)
	case len(f.buf) == f.opt.MaxFrame:
		return f.spoil(at, Overlong)
	}
	f.open = true
	f.buf = append(f.buf, b)
	return Event{}, false
}

// begin opens a frame at STX; a frame still open has lost its end.
func (f *Framer) begin(at time.Duration) (Event, bool) {
	lost := len(f.buf) > 0
	f.reset()
	f.open, f.started = true, true
	return Event{At: at, Bad: Partial}, lost
}

// spoil reports the open frame as bad once and skips to its end.
func (f *Framer) spoil(at time.Duration, why BadReason) (Event, bool) {
	f.open, f.skipping = true, true
	f.buf = f.buf[:0]
	return Event{At: at, Bad: why}, true
}

// end closes the frame. An empty one is dropped, which also makes one end of
// CR and LF, however they are cut into reads.
func (f *Framer) end(at time.Duration) (Event, bool) {
	text, skipped := string(f.buf), f.skipping
	f.reset()
	if skipped || text == "" {
		return Event{}, false
	}
	aim, text := f.opt.AIM.split(text)
	if slices.Contains(f.opt.NoRead, text) {
		return Event{At: at, Bad: NoRead}, true
	}
	e := Event{Text: text, AIM: aim, At: at}
	e.Repeat = f.last.Text == text && f.last.AIM == aim && at-f.last.At < f.window(text)
	f.last = e
	return e, true
}

// window is how soon the same text is a repeat. What is not known to exist once
// is taken for goods: two of them in a row are usual.
func (f *Framer) window(text string) time.Duration {
	code, _ := barcode.Classify("", text)
	switch code.Kind {
	case barcode.Card, barcode.Token, barcode.Payment, barcode.Phone:
		return f.opt.RepeatOnce
	}
	return f.opt.Repeat
}

// reset forgets the open frame and keeps its memory for the next.
func (f *Framer) reset() {
	f.buf, f.open, f.skipping, f.started = f.buf[:0], false, false, false
}

// isNoise reports a byte that no scanner sends inside a code: a control byte
// other than the separators of GS1 and of ISO/IEC 15434 (dev 6.1).
func isNoise(b byte) bool {
	return b < ' ' && b != gs && b != rs && b != eot || b == del
}
