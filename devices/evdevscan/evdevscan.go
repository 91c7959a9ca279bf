// Package evdevscan reads a scanner that acts as a keyboard, through the kernel's
// event interface, by hand on golang.org/x/sys (dev 6.4). It takes the device for
// itself, so that no key press of the scanner reaches a screen.
//
// It never takes a device that the settings do not name: a keyboard that is
// grabbed by guess is lost to whoever types on it. It never says what a code
// means and never logs one.
package evdevscan

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
)

// readTimeout ends a read that got nothing. Stopping takes this long at most.
const readTimeout = 250 * time.Millisecond

// Options says which scanner to read and how it is set up.
type Options struct {
	Name string // what the installer calls it
	// Path is the event device, best a link that stays, as below
	// /dev/input/by-id; or what Find looks for, as it is shown.
	Path string
	// Find gives the device that Path stands for now; nil is Path itself. Its
	// errors are shown when they are *scanport.Fault.
	Find func() (string, error)
	// Pipe: Path is no device but a named pipe that carries the same events, as
	// a test or a recording has them. There is nothing to grab.
	Pipe bool
	// GS is the character that the scanner types for the separator of GS1 data,
	// which has no key; 0 is none.
	GS      byte
	Framer  scan.Options
	Changed func()       // called when the status is another; must not wait; nil is none
	Log     *slog.Logger // nil is none
	Now     func() time.Time
	Mono    func() time.Duration
}

// A Source is one scanner. New makes it, Run reads it.
type Source struct {
	*scanport.Source
	opt Options
}

// New returns a source that has touched nothing yet.
func New(opt Options) *Source {
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
		Opening: openingSentence(opt.Path), Ready: readySentence(opt.Path), Garbled: garbledSentence(opt.Path),
	})
	return s
}

// open opens the device, looks that it is a keyboard, and takes it.
func (s *Source) open(ctx context.Context) (scanport.Line, error) {
	path, err := s.opt.Find()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, s.fault(err)
	}
	l := &line{s: s, file: f, keys: decoder{gs: s.opt.GS}}
	if !s.opt.Pipe {
		err = l.take(ctx)
	}
	if err != nil {
		l.Close()
		return nil, s.fault(err)
	}
	return l, nil
}

// there reports that there is something to open, whatever it is.
func (s *Source) there() bool {
	path, err := s.opt.Find()
	if err == nil {
		_, err = os.Stat(path)
	}
	return err == nil
}

// A line is an open device.
type line struct {
	s          *Source
	file       *os.File
	keys       decoder
	raw        [64 * eventSize]byte
	start, end int  // the bytes of raw that are not decoded yet
	lost       bool // something was dropped, and it has not been told
}

// Read gives what was typed, as characters. What stands before a gap is handed on
// first, then the gap is told, then comes what stands behind it: a scan that was
// whole before it is not lost.
func (l *line) Read(_ context.Context, p []byte) (int, error) {
	if l.lost {
		l.lost = false
		return 0, scanport.ErrLost
	}
	if l.end-l.start < eventSize {
		if err := l.fill(); err != nil {
			return 0, err
		}
	}
	typed := l.decode(p)
	if typed == 0 && l.lost {
		l.lost = false
		return 0, scanport.ErrLost
	}
	return typed, nil
}

// fill reads events behind what is left of the last read.
func (l *line) fill() error {
	l.start, l.end = 0, copy(l.raw[:], l.raw[l.start:l.end])
	if err := l.file.SetReadDeadline(time.Now().Add(readTimeout)); err != nil {
		return l.s.fault(err)
	}
	n, err := l.file.Read(l.raw[l.end:])
	l.end += n
	switch {
	case n > 0, errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case errors.Is(err, io.EOF):
		err = unix.ENODEV
	}
	return l.s.fault(err)
}

// Waiting reports whether events have come that were not decoded.
func (l *line) Waiting() bool {
	if l.lost || l.end-l.start >= eventSize {
		return true
	}
	there := 0
	err := l.control(func(fd uintptr) (err error) {
		there, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return err
	})
	return err == nil && there > 0
}

// decode turns whole events into characters, up to the end, the room in p, or a
// gap.
func (l *line) decode(p []byte) (typed int) {
	for l.end-l.start >= eventSize && typed < len(p) && !l.lost {
		c, what := l.keys.step(l.raw[l.start : l.start+eventSize])
		l.start += eventSize
		switch what {
		case character:
			p[typed] = c
			typed++
		case dropped:
			l.lost = true
			if !l.s.opt.Pipe {
				l.keys.resync(l.down())
			}
		}
	}
	return typed
}

// Close gives the device back; a grab ends with its descriptor.
func (l *line) Close() { _ = l.file.Close() }
