package escpos

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
)

// ErrProfile is returned for a profile whose numbers do not agree.
var ErrProfile = errors.New("printer profile is not valid")

// dotsPerColumn is the width of a Latin letter; a hanzi takes two.
const dotsPerColumn = 12

// Proof is how a printer can prove that a job is on paper.
type Proof string

// The proofs, the best first.
const (
	ProofEcho   Proof = "process-id" // GS ( H: the echo of our own token
	ProofQueued Proof = "queued"     // GS r 1: a byte that tells only that something was reached
	ProofNone   Proof = "none"       // only a person or a scanner can tell
)

// Encoding is how a printer wants Chinese text.
type Encoding string

// The encodings. Each printer that we know holds the two-byte characters of
// GBK; the other two add what GBK lacks.
const (
	GBK     Encoding = "gbk"
	GB18030 Encoding = "gb18030"
	UTF8    Encoding = "utf-8" // of printers that a set-up tool has switched
)

// Pin is the drawer output that is wired. No profile names one: a person does,
// since a pulse into the wrong plug burns something (dev 10.4).
type Pin uint8

// The pins of the drawer's plug.
const (
	NoDrawer Pin = 0
	Pin2     Pin = 2
	Pin5     Pin = 5
)

// Profile is what the encoder and the port must know of a printer.
type Profile struct {
	Name        string
	Dots        int // printable dots across: 384 on 58 mm paper, 576 on 80 mm
	Columns     int // Latin letters across: 32 or 48
	FeedLines   int // lines from the print head to the tear bar or the blade (dev 4.3)
	Cutter      bool
	BackChannel bool // may answer; false saves the wait for a printer known to be mute
	Proof       Proof
	Encoding    Encoding // GBK when empty
	Drawer      Pin
}

// Generic58 is a cheap printer for 58 mm paper without a cutter.
var Generic58 = Profile{
	Name: "generic58", Dots: 384, Columns: 32, FeedLines: 4, BackChannel: true, Proof: ProofEcho, Encoding: GBK,
}

// Generic80 is a printer for 80 mm paper with a cutter.
var Generic80 = Profile{
	Name: "generic80", Dots: 576, Columns: 48, FeedLines: 5, Cutter: true, BackChannel: true, Proof: ProofEcho, Encoding: GBK,
}

// Check says whether the numbers of the profile agree with each other.
func (p Profile) Check() error {
	fault := ""
	switch {
	case p.Dots < 192 || p.Dots > 1024 || p.Dots%8 != 0:
		fault = fmt.Sprintf("%d dots", p.Dots)
	case p.Columns < receipt.MinColumns || p.Columns*dotsPerColumn > p.Dots:
		fault = fmt.Sprintf("%d columns on %d dots", p.Columns, p.Dots)
	case p.FeedLines < 0 || p.FeedLines > receipt.MaxFeed:
		fault = fmt.Sprintf("%d feed lines", p.FeedLines)
	case p.Proof != "" && p.Proof != ProofEcho && p.Proof != ProofQueued && p.Proof != ProofNone:
		fault = fmt.Sprintf("proof %q", p.Proof)
	case p.Encoding != "" && p.Encoding != GBK && p.Encoding != GB18030 && p.Encoding != UTF8:
		fault = fmt.Sprintf("encoding %q", p.Encoding)
	case p.Drawer != NoDrawer && p.Drawer != Pin2 && p.Drawer != Pin5:
		fault = fmt.Sprintf("drawer on pin %d", p.Drawer)
	}
	if fault == "" {
		return nil
	}
	return fmt.Errorf("profile %q: %s: %w", p.Name, fault, ErrProfile)
}
