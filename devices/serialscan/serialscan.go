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
	"sync"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// DefaultBaud is the speed for an Options that names none. USB CDC scanners
// ignore it.
const DefaultBaud = 9600

// Options says which scanner to read and how it is set up.
type Options struct {
	Name   string       // what the installer calls it, such as "lane 1"
	Path   string       // the device; best a link that stays, as below /dev/serial/by-id
	Baud   int          // 0 is DefaultBaud
	Framer scan.Options // how it ends its frames
	Log    *slog.Logger // nil is none
	// Now is the wall clock of Status.Since; nil is time.Now.
	Now func() time.Time
	// Mono is the clock of Event.At; nil is the time since New. It never goes
	// back, and whoever judges the age of a scan must ask the same clock.
	Mono func() time.Duration
}

// A Source is one scanner. New makes it, Run reads it.
type Source struct {
	opt    Options
	log    *slog.Logger
	framer *scan.Framer

	mu     sync.Mutex
	status Status
}

// New returns a source that has touched nothing yet.
func New(opt Options) *Source {
	if opt.Baud == 0 {
		opt.Baud = DefaultBaud
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Mono == nil {
		start := time.Now()
		opt.Mono = func() time.Duration { return time.Since(start) }
	}
	return &Source{
		opt:    opt,
		log:    opt.Log.With("scanner", opt.Name, "path", opt.Path),
		framer: scan.NewFramer(opt.Framer),
		status: Status{State: Opening, Sentence: openingSentence(opt.Path), Since: opt.Now()},
	}
}

// Run reads the scanner until ctx ends and then returns nil, within a second.
// It hands every event to deliver, one after the other in the order of reading,
// on the goroutine that called Run; it starts no other. A deliver that waits
// holds up the scanner and the end of Run. Run is to be called once.
func (s *Source) Run(ctx context.Context, deliver func(scan.Event)) error {
	wait := firstWait
	for ctx.Err() == nil {
		err := s.session(ctx, deliver, func() { wait = firstWait })
		if ctx.Err() != nil {
			break
		}
		s.fault(err)
		wait = s.pause(ctx, wait)
	}
	return nil
}

// session opens the port, reads it until it fails or ctx ends, and closes it. A
// scan that was half read by then is given up.
func (s *Source) session(ctx context.Context, deliver func(scan.Event), opened func()) error {
	p, err := openPort(s.opt.Path, s.opt.Baud)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.settle(ctx); err != nil {
		return err
	}
	opened()
	s.ready()
	defer func() { s.deliver(s.framer.Cut(s.opt.Mono()), deliver) }()
	buf := make([]byte, readSize)
	for ctx.Err() == nil {
		n, err := p.read(ctx, buf)
		at := s.opt.Mono()
		if n > 0 {
			s.deliver(s.framer.Feed(buf[:n], at), deliver)
		} else {
			s.deliver(s.framer.Idle(at), deliver)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deliver counts the events and hands them on.
func (s *Source) deliver(events []scan.Event, deliver func(scan.Event)) {
	for _, e := range events {
		s.count(e)
		deliver(e)
	}
}
