// Package escpos turns the lines of a receipt into the bytes of an ESC/POS
// printer, and the bytes that come back from a printer into answers.
//
// It never does I/O, keeps no clock and never opens a cash drawer by itself.
// It asks little of a printer: GBK text, raster pictures, feed and cut, so that
// the cheapest 58 mm printer prints the same as a good 80 mm one.
package escpos

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
)

// Errors of Encode.
var (
	ErrProfile  = errors.New("printer profile is not valid")
	ErrQRFit    = errors.New("QR does not fit on the paper")
	ErrRealTime = errors.New("job holds the bytes of a real-time command")
)

// dotsPerColumn is the width of a Latin letter; a hanzi takes two.
const dotsPerColumn = 12

// Profile is what the encoder and the port must know of a printer.
type Profile struct {
	Name        string
	Dots        int  // printable dots across: 384 on 58 mm paper, 576 on 80 mm
	Columns     int  // Latin letters across: 32 or 48
	FeedLines   int  // lines from the print head to the tear bar or the blade (dev 4.3)
	Cutter      bool // has a cutter
	BackChannel bool // may answer; false saves the wait for a printer known to be mute
	Fence       bool // echoes the process id, GS ( H; without it nothing proves that a job was printed
}

// Generic58 is a cheap printer for 58 mm paper without a cutter.
var Generic58 = Profile{Name: "generic-58", Dots: 384, Columns: 32, FeedLines: 4, BackChannel: true, Fence: true}

// Generic80 is a printer for 80 mm paper with a cutter.
var Generic80 = Profile{Name: "generic-80", Dots: 576, Columns: 48, FeedLines: 5, Cutter: true, BackChannel: true, Fence: true}

// Find returns the built-in profile of that name.
func Find(name string) (Profile, bool) {
	for _, p := range []Profile{Generic58, Generic80} {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Check says whether the numbers of the profile agree with each other.
func (p Profile) Check() error {
	switch {
	case p.Dots < 192 || p.Dots > 1024 || p.Dots%8 != 0:
		return fmt.Errorf("profile %q: %d dots: %w", p.Name, p.Dots, ErrProfile)
	case p.Columns < receipt.MinColumns || p.Columns*dotsPerColumn > p.Dots:
		return fmt.Errorf("profile %q: %d columns on %d dots: %w", p.Name, p.Columns, p.Dots, ErrProfile)
	case p.FeedLines < 0 || p.FeedLines > receipt.MaxFeed:
		return fmt.Errorf("profile %q: %d feed lines: %w", p.Name, p.FeedLines, ErrProfile)
	}
	return nil
}

// Encode returns the job that prints doc: it begins with the init command and
// ends with the paper fed past the tear bar, and cut if there is a cutter.
func Encode(doc receipt.Document, p Profile) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	rows, err := receipt.Layout(doc, p.Columns)
	if err != nil {
		return nil, err
	}
	e := encoder{profile: p}
	e.begin()
	for _, row := range rows {
		if err := e.row(row); err != nil {
			return nil, fmt.Errorf("encode document %q: %w", doc.Title, err)
		}
	}
	e.finish()
	if at := RealTimeAt(e.out.Bytes()); at >= 0 {
		return nil, fmt.Errorf("encode document %q: byte %d: %w", doc.Title, at, ErrRealTime)
	}
	return e.out.Bytes(), nil
}

// RealTimeAt returns where job holds a byte pair that a printer obeys at once,
// even inside a picture (dev 4.3), or -1.
func RealTimeAt(job []byte) int {
	for i := range len(job) - 1 {
		if job[i] == 0x10 && bytes.IndexByte([]byte{0x04, 0x05, 0x14}, job[i+1]) >= 0 {
			return i
		}
	}
	return -1
}
