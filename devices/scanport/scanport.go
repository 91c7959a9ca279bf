// Package scanport keeps a scanner that comes and goes: it is opened, read and
// retried in place until its context ends, its bytes are cut into scans, and
// what is wrong meanwhile stands in its Status as a sentence for the installer.
// How a scanner is opened and read is the business of the adapters that use
// this package: serialscan and evdevscan.
//
// It never gives a scanner up, never says what a code means and never logs one.
package scanport

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// The waits between two attempts to open a scanner.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 5 * time.Second
	// lookEvery is how often a missing device is looked for during a wait, so
	// that a scanner plugged in again is read at once even where no event says
	// so (dev 6.3).
	lookEvery = 200 * time.Millisecond
	// graceTime is how long a fault that mends itself is not shown: the node of
	// a device is there a moment before its permissions are (dev 6.3).
	graceTime = 2 * time.Second
)

// readSize is the most bytes taken in one read.
const readSize = 1024

// ErrLost is what Read returns when the device dropped something: the scan around
// the gap is given up, and the line is read on.
var ErrLost = errors.New("scanport: the device dropped bytes")

// A Line is an open scanner. Its methods are called on one goroutine.
type Line interface {
	// Read fills p with what came. Nothing and no error means that some time
	// passed, at most half a second. Any error but ErrLost ends the line.
	Read(ctx context.Context, p []byte) (int, error)
	// Waiting reports whether something has come that was not read. A board that
	// is busy ends its read late, and then finds both: that the time is over, and
	// what came meanwhile.
	Waiting() bool
	Close()
}

// A Fault is an error with what is shown of it.
type Fault struct {
	State    scan.State
	Sentence scan.Sentence
	Passing  bool // it mends itself within moments after plugging in, or it is shown
	Err      error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap gives the error behind the fault.
func (f *Fault) Unwrap() error { return f.Err }

// Options says what scanner to keep.
type Options struct {
	// Open opens the scanner. Its errors, and those of Read, are *Fault.
	Open func(context.Context) (Line, error)
	// There says whether there is something to open.
	There func() bool

	Opening, Ready, Garbled scan.Sentence // for these states

	Framer  scan.Options
	Changed func()           // called when the state or the sentence is another; must not wait; nil is none
	Log     *slog.Logger     // nil is none
	Now     func() time.Time // the wall clock of Status.Since; nil is time.Now
	// Mono is the clock of Event.At; nil is the time since New. It never goes
	// back, and whoever judges the age of a scan must ask the same clock.
	Mono func() time.Duration
}

// A Source is one scanner. New makes it, Run reads it.
type Source struct {
	opt    Options
	log    *slog.Logger
	framer *scan.Framer
	wake   chan struct{}
	denied time.Duration // when a passing fault began, 0 when there is none

	mu     sync.Mutex
	status scan.Status
}

// New returns a source that has touched nothing yet.
func New(opt Options) *Source {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Changed == nil {
		opt.Changed = func() {}
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Mono == nil {
		start := time.Now()
		opt.Mono = func() time.Duration { return time.Since(start) }
	}
	return &Source{
		opt: opt, log: opt.Log, framer: scan.NewFramer(opt.Framer), wake: make(chan struct{}, 1),
		status: scan.Status{State: scan.Opening, Sentence: opt.Opening, Since: opt.Now()},
	}
}

// Wake says that devices have come or gone. It may be called at any time from
// any goroutine.
func (s *Source) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
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

// session opens the scanner, reads it until it fails or ctx ends, and closes it.
// A scan that was half read by then is given up.
func (s *Source) session(ctx context.Context, deliver func(scan.Event), opened func()) error {
	line, err := s.opt.Open(ctx)
	if err != nil {
		return err
	}
	defer line.Close()
	opened()
	s.ready()
	defer func() { s.deliver(s.framer.Cut(s.opt.Mono()), deliver) }()
	buf := make([]byte, readSize)
	for ctx.Err() == nil {
		n, err := line.Read(ctx, buf)
		at := s.opt.Mono()
		switch {
		case n > 0:
			s.deliver(s.framer.Feed(buf[:n], at), deliver)
		case err == nil && !line.Waiting(): // after at, so the line was empty until then
			s.deliver(s.framer.Idle(at), deliver)
		}
		if errors.Is(err, ErrLost) {
			s.log.Warn("scanner dropped key presses")
			s.deliver(s.framer.Lose(at), deliver)
			continue
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

// pause waits before the next attempt and returns how long to wait after that
// one. It ends early, and the waits begin anew, when a device that was not
// there appears: the first attempts may come before its permissions are set.
func (s *Source) pause(ctx context.Context, wait time.Duration) time.Duration {
	gone := !s.opt.There()
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for left := wait; left > 0; left -= lookEvery {
		timer.Reset(min(left, lookEvery))
		select {
		case <-ctx.Done():
			return wait
		case <-s.wake:
			left += lookEvery // nobody waited this long
		case <-timer.C:
		}
		there := s.opt.There()
		if gone && there {
			return firstWait
		}
		gone = !there
	}
	return min(2*wait, lastWait)
}
