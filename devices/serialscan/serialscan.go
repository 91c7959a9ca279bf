// Package serialscan reads a scanner on a serial line, be it a real port, USB
// CDC or a USB adapter, through github.com/tarm/serial, and follows every rule
// of the table of that library's behaviour (dev 6.2).
//
// It never gives up a scanner: it is retried in place until its context ends,
// and what is wrong meanwhile stands in its Status as a sentence for the
// installer. It never says what a code means, never logs one, and never writes
// to the line.
package serialscan

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
)

// DefaultBaud is the speed for an Options that names none. USB CDC scanners
// ignore it.
const DefaultBaud = 9600

// Options says which scanner to read and how it is set up.
type Options struct {
	Name string // what the installer calls it, such as "lane 1"
	// Path is the device, best a link that stays, as below /dev/serial/by-id;
	// or what Find looks for, as it is shown.
	Path string
	// Find gives the device that Path stands for now; nil is Path itself. Its
	// errors are shown when they are *scanport.Fault.
	Find    func() (string, error)
	Baud    int          // 0 is DefaultBaud
	Framer  scan.Options // how it ends its frames
	Changed func()       // called when the status is another; must not wait; nil is none
	Log     *slog.Logger // nil is none
	// Now is the wall clock of Status.Since; nil is time.Now.
	Now func() time.Time
	// Mono is the clock of Event.At; nil is the time since New. It never goes
	// back, and whoever judges the age of a scan must ask the same clock.
	Mono func() time.Duration
}

// A Source is one scanner. New makes it, Run reads it.
type Source struct {
	*scanport.Source
	opt Options
}

// New returns a source that has touched nothing yet.
func New(opt Options) *Source {
	if opt.Baud == 0 {
		opt.Baud = DefaultBaud
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Find == nil {
		opt.Find = func() (string, error) { return opt.Path, nil }
	}
	s := &Source{opt: opt}
	s.Source = scanport.New(scanport.Options{
		Open: s.open, There: s.there, Framer: opt.Framer, Changed: opt.Changed, Now: opt.Now, Mono: opt.Mono,
		Log:     opt.Log.With("scanner", opt.Name, "path", opt.Path),
		Opening: openingSentence(opt.Path), Ready: readySentence(opt.Path), Garbled: garbledSentence(opt.Path, opt.Baud),
	})
	return s
}

// open opens the line and makes sure of it.
func (s *Source) open(ctx context.Context) (scanport.Line, error) {
	path, err := s.opt.Find()
	if err != nil {
		return nil, err
	}
	patience := readTimeout
	if s.opt.Framer.Idle > 0 {
		patience = shortTimeout
	}
	p, err := openPort(path, s.opt.Baud, patience)
	if err != nil {
		return nil, s.fault(err)
	}
	if err := p.settle(ctx); err != nil {
		p.close()
		return nil, s.fault(err)
	}
	return line{s, p}, nil
}

// there reports that there is something to open, whatever it is.
func (s *Source) there() bool {
	path, err := s.opt.Find()
	if err == nil {
		_, err = os.Stat(path)
	}
	return err == nil
}

// line is an open port whose faults are told in sentences.
type line struct {
	s *Source
	p *port
}

func (l line) Read(ctx context.Context, p []byte) (int, error) {
	n, err := l.p.read(ctx, p)
	if err != nil {
		err = l.s.fault(err)
	}
	return n, err
}

func (l line) Waiting() bool { return l.p.waiting() }
func (l line) Close()        { l.p.close() }
