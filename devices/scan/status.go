package scan

import (
	"fmt"
	"time"
)

// State is how a scanner stands.
type State uint8

// The states of a scanner.
const (
	Opening State = iota // not tried yet
	Ready                // read from
	Missing              // not there, or unplugged
	Busy                 // another program reads it
	Refused              // there, and cannot be used as it is set up
	Garbled              // read from, and what comes makes no sense
)

var stateNames = [...]string{"opening", "ready", "missing", "busy", "refused", "garbled"}

// String names the state in lower case.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// A Sentence tells the installer what is so and what to do, in both languages.
type Sentence struct{ ZH, EN string }

// A Status is what the health page shows of a scanner.
type Status struct {
	State    State
	Sentence Sentence
	Since    time.Time // when it came into this state, or into this fault
	Scans    uint64    // good reads, repeats included
	BadReads uint64    // reads that made no code
	BadRun   uint64    // of those, garbled ones since the last good read: a wrong setting of the scanner
}

// GarbledRun is how many garbled reads in a row are no accident: a wrong speed,
// no end of a frame, or a settings code that somebody has read by mistake.
const GarbledRun = 3

// Garbles reports a reason that speaks of a wrong setting. That the scanner could
// not read a code, and says so, does not.
func (b BadReason) Garbles() bool { return b == Partial || b == Overlong || b == Noise }
