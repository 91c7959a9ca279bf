// Package scan turns the bytes of a scanner into codes: where one scan ends and
// the next begins, what was only half read, and what came twice (dev 6.1).
//
// It has no clock and no device: bytes and their time come in as arguments, and
// events go out. It never says what a code means, never trims a space, and
// never joins the end of one scan to the beginning of another. Its memory is
// bounded whatever is fed to it.
package scan

import (
	"fmt"
	"time"
)

// The limits of a frame, in bytes without terminator and prefix.
const (
	// DefaultMaxFrame is room for every text that a till knows.
	DefaultMaxFrame = 512
	// LargestMaxFrame is the most that a two-dimensional code can hold.
	LargestMaxFrame = 4296
)

// The times of the rules, for an Options that leaves them at zero.
const (
	// DefaultPartial is the silence after which half a scan is given up.
	DefaultPartial = 500 * time.Millisecond
	// DefaultRepeat is how soon the same code is taken for the same item: two
	// equal items in a row are usual.
	DefaultRepeat = 300 * time.Millisecond
	// DefaultRepeatOnce is the same for what there is one of: a member, a
	// voucher, a payment code.
	DefaultRepeatOnce = 3 * time.Second
	// LongestRepeat is the longest window that can be set.
	LongestRepeat = 3 * time.Second
)

// AIMMode says what is done with an ISO/IEC 15424 prefix such as "]E0".
type AIMMode uint8

const (
	// AIMAuto strips a prefix that is in the table of known ones. A code may
	// itself begin with "]", and an unknown prefix is taken for such a code.
	AIMAuto AIMMode = iota
	// AIMOn strips every prefix of the right form: the scanner is known to
	// send one with each code.
	AIMOn
	// AIMOff strips nothing.
	AIMOff
)

// Options says how a scanner is set up. The zero value fits a scanner as it
// comes out of its box, with any of the usual terminators.
type Options struct {
	MaxFrame   int           // longest frame in bytes; 0 is DefaultMaxFrame, never above LargestMaxFrame
	Partial    time.Duration // silence that ends half a scan; 0 is DefaultPartial
	Repeat     time.Duration // window of a repeat; 0 is DefaultRepeat, negative is none, never above LongestRepeat
	RepeatOnce time.Duration // the same for what there is one of; 0 is DefaultRepeatOnce
	Idle       time.Duration // silence that ends a whole scan, for a scanner without terminator; 0 is none
	STX        bool          // each frame begins with STX and may end with ETX
	AIM        AIMMode
	NoRead     []string // what the scanner sends when it could not read; nil is "NR" and "NOREAD", empty is none
}

// BadReason says why bytes made no code.
type BadReason uint8

// The reasons for a bad read. NotBad is a good one.
const (
	NotBad   BadReason = iota
	Partial            // a scan without an end: silence, or the line went away
	Overlong           // more bytes than a frame may have
	Noise              // a byte that no scanner sends inside a code, or none of the agreed prefix
	NoRead             // the scanner itself says that it could not read
)

var badNames = [...]string{"", "partial", "overlong", "noise", "no-read"}

// String names the reason in lower case; a good read has no name.
func (b BadReason) String() string {
	if int(b) < len(badNames) {
		return badNames[b]
	}
	return fmt.Sprintf("bad(%d)", uint8(b))
}

// An Event is one scan, good or bad. A bad one has neither text nor prefix: what
// was half read may be half a payment code.
type Event struct {
	Text   string        // the exact bytes, GS kept, without prefix and terminator; need not be UTF-8
	AIM    string        // the prefix that was stripped, or ""
	At     time.Duration // the reader's monotonic time at which the scan was complete
	Repeat bool          // the same code as the one before, within the window
	Bad    BadReason
}
