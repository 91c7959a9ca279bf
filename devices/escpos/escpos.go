// Package escpos turns the lines of a receipt into the bytes of an ESC/POS
// printer, and the bytes that come back from a printer into answers.
//
// It never does I/O, keeps no clock and opens a cash drawer only where the
// document says so and the profile names a pin. It asks little of a printer:
// GBK text, raster pictures, feed and cut, so that the cheapest 58 mm printer
// prints the same as a good 80 mm one.
package escpos

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/devices/receipt"
)

// Errors of Encode.
var (
	ErrQRFit    = errors.New("QR does not fit on the paper")
	ErrPicture  = errors.New("picture does not fit on the paper")
	ErrRealTime = errors.New("job holds the bytes of a real-time command")
)

// Job is the bytes that print one document. Bytes[Tail:] move the last paper
// past the tear bar or the blade and cut it: what stands on paper before that
// can be proved before the paper is cut.
type Job struct {
	Bytes []byte
	Tail  int
}

// NewJob encodes doc: the job begins with the init command and ends with the
// paper fed past the tear bar, and cut if there is a cutter.
func NewJob(doc receipt.Document, p Profile) (Job, error) {
	if err := p.Check(); err != nil {
		return Job{}, err
	}
	rows, err := receipt.Layout(doc, p.Columns)
	if err != nil {
		return Job{}, err
	}
	e := encoder{profile: p}
	e.begin()
	for _, row := range rows {
		if err := e.row(row); err != nil {
			return Job{}, fmt.Errorf("encode document %q: %w", doc.Title, err)
		}
	}
	e.finish()
	if at := RealTimeAt(e.out.Bytes()); at >= 0 {
		return Job{}, fmt.Errorf("encode document %q: byte %d: %w", doc.Title, at, ErrRealTime)
	}
	return Job{Bytes: e.out.Bytes(), Tail: e.tail}, nil
}

// Encode returns the bytes of the job that prints doc.
func Encode(doc receipt.Document, p Profile) ([]byte, error) {
	job, err := NewJob(doc, p)
	return job.Bytes, err
}

// RealTimeAt returns where job holds a byte pair that a printer obeys at once,
// even inside a picture (dev 4.3), or -1.
func RealTimeAt(job []byte) int {
	for i := range len(job) - 1 {
		if job[i] == dle && bytes.IndexByte(realTime, job[i+1]) >= 0 {
			return i
		}
	}
	return -1
}

// realTime are the bytes that make a real-time command of a DLE before them.
var realTime = []byte{0x04, 0x05, 0x14}
