// Package printport brings finished jobs to a printer, on TCP, a serial port, a
// USB printer node or a file, and says honestly what became of them.
//
// It never makes what is printed, never prints a job twice by itself and keeps
// no queue: one job at a time, and who asked decides what an unknown outcome
// means. It starts no goroutine and never waits beyond its deadlines.
package printport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/tty"
)

// Kind is how the printer is reached.
type Kind string

// The kinds of port.
const (
	TCP    Kind = "tcp"    // Address is host:port, by custom port 9100
	Serial Kind = "serial" // Address is a tty, best below /dev/serial/by-id
	USB    Kind = "usb"    // Address is /dev/usb/lp* or a link to it
	File   Kind = "file"   // Address is a path; jobs are added at its end
)

// MaxJob is the longest job in bytes.
const MaxJob = 256 << 10

// Errors of New and Print that no printer is to blame for.
var (
	ErrOptions = errors.New("printer options are not valid")
	ErrJob     = errors.New("print job is empty or too long")
	ErrClosed  = errors.New("printer port is closed")
)

// Options describe one printer. Times left 0 get the defaults.
type Options struct {
	Kind    Kind
	Address string
	Baud    int    // of Serial; 115200 when 0
	Flow    string // of Serial: "", "rtscts" or "xonxoff"
	Profile escpos.Profile
	Torn    bool         // a job broke off before New: the printer may stand inside a picture
	Log     *slog.Logger // discards when nil

	Dial   time.Duration // until a TCP printer takes the call; 2 s
	Answer time.Duration // for all questions before a job; 2 s
	Stall  time.Duration // a printer that takes no byte for so long is stuck; 3 s
	Finish time.Duration // from the last byte to the echo, besides the time for the paper; 10 s
	Whole  time.Duration // for sending one job, besides the time a serial line needs; 60 s
}

func (o Options) withDefaults() Options {
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&o.Dial, 2 * time.Second}, {&o.Answer, 2 * time.Second}, {&o.Stall, 3 * time.Second},
		{&o.Finish, 10 * time.Second}, {&o.Whole, time.Minute},
	} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if o.Baud == 0 {
		o.Baud = 115200
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o Options) check() error {
	if o.Address == "" {
		return fmt.Errorf("no address: %w", ErrOptions)
	}
	if _, known := openers[o.Kind]; !known {
		return fmt.Errorf("kind %q: %w", o.Kind, ErrOptions)
	}
	if !tty.KnowsBaud(o.Baud) {
		return fmt.Errorf("a serial line has 9600, 115200 or another usual speed, not %d baud: %w", o.Baud, ErrOptions)
	}
	if o.Flow != string(tty.NoFlow) && o.Flow != string(tty.RTSCTS) && o.Flow != string(tty.XonXoff) {
		return fmt.Errorf("flow control %q: %w", o.Flow, ErrOptions)
	}
	return o.Profile.Check()
}

// Port is one printer. It opens the way to the printer with the first job and
// keeps it open between jobs. Its methods may be called from any goroutine.
type Port struct {
	options Options
	gate    chan struct{} // holds the one job or probe at work

	// Of who holds the gate.
	talk     *talk // nil while not connected
	torn     bool  // the last job broke off: the printer may stand inside a picture
	answered bool  // the printer has answered once
	silences int   // greetings without an answer since it last answered
	proved   bool  // the printer has proved a job once
	unproved int   // jobs that a printer in good order did not prove, until it proves one

	mu       sync.Mutex
	open     *talk // the same as talk, for Close
	status   Status
	identity string
	closed   bool
}

// Status is what was last known of the printer.
type Status struct {
	Connected bool
	Answers   bool // has a back channel, as far as seen
	Proves    bool // proves what it prints, as far as seen
	PaperLow  bool
	Drawer    Drawer  // the level of the drawer's sense pin, where the printer told it
	Trouble   Trouble // None when the last contact found nothing wrong
}

// Drawer is the level of a drawer's sense pin. Which one is an open drawer only
// a person can tell, once (dev 10.3).
type Drawer uint8

// The levels.
const (
	DrawerUnknown Drawer = iota
	DrawerLow
	DrawerHigh
)

// New checks the options. It touches no device.
func New(o Options) (*Port, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("open printer %q: %w", o.Address, err)
	}
	return &Port{options: o, gate: make(chan struct{}, 1), torn: o.Torn}, nil
}

// Status returns what was last known, without asking the printer.
func (p *Port) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// Close hangs up, also under a job at work, which then ends with an error.
func (p *Port) Close() error {
	p.mu.Lock()
	p.closed = true
	open := p.open
	p.open = nil
	p.mu.Unlock()
	if open == nil {
		return nil
	}
	if p.options.Kind == Serial && len(p.gate) > 0 {
		discard(open.link)
	}
	return open.link.Close()
}

// Print sends a job and reports what became of it. The token is four printable
// characters that no other job in flight has; a printer with a back channel
// echoes it when all is printed. The error is nil for Sent only, and matches
// the Trouble of the outcome otherwise.
func (p *Port) Print(ctx context.Context, token string, job escpos.Job) (Outcome, error) {
	return p.PrintNext(ctx, func() (string, escpos.Job, error) { return token, job, nil })
}

// PrintNext prints what next hands out, which is asked only once the printer
// has said that it is ready: what next writes down then is what the first byte
// waits for. An error of next is returned as it is, and nothing was sent.
func (p *Port) PrintNext(ctx context.Context, next func() (token string, job escpos.Job, err error)) (Outcome, error) {
	if err := p.enter(ctx); err != nil {
		return Outcome{Trouble: Interrupted}, p.explain(ctx, Outcome{Trouble: Interrupted}, err)
	}
	defer p.leave()
	if trouble, cause := p.greet(ctx); trouble != None {
		p.note(trouble)
		return Outcome{Trouble: trouble}, p.explain(ctx, Outcome{Trouble: trouble}, cause)
	}
	token, job, err := next()
	if err == nil {
		err = checkJob(token, job)
	}
	if err != nil {
		p.note(None)
		return Outcome{}, err
	}
	outcome, cause := p.deliver(ctx, token, job)
	now := outcome.Trouble
	if outcome.State == Sent && p.talk != nil {
		now = p.talk.trouble()
	}
	p.note(now)
	return outcome, p.explain(ctx, outcome, cause)
}

func checkJob(token string, job escpos.Job) error {
	if _, err := escpos.Fence(token); err != nil {
		return err
	}
	if len(job.Bytes) == 0 || len(job.Bytes) > MaxJob || job.Tail < 0 || job.Tail > len(job.Bytes) {
		return fmt.Errorf("job of %d bytes: %w", len(job.Bytes), ErrJob)
	}
	return nil
}

// Probe asks the printer how it is, without printing. The error matches the
// Trouble of the status.
func (p *Port) Probe(ctx context.Context) (Status, error) {
	if err := p.enter(ctx); err != nil {
		return p.Status(), p.explain(ctx, Outcome{Trouble: Interrupted}, err)
	}
	defer p.leave()
	trouble, cause := p.greet(ctx)
	p.note(trouble)
	return p.Status(), p.explain(ctx, Outcome{Trouble: trouble}, cause)
}

// Miss looks whether an idle printer is still there, or there again, without a
// word to it. It reports whether the status is another, and leaves a port at work
// alone.
func (p *Port) Miss(ctx context.Context) bool {
	before := p.Status()
	switch {
	case len(p.gate) > 0:
		return false
	case p.options.Kind == TCP:
		p.overhear(ctx)
	case p.options.Kind == Serial, p.options.Kind == USB:
		_, err := os.Stat(p.options.Address)
		switch gone := errors.Is(err, fs.ErrNotExist); {
		case gone == (before.Trouble == Missing):
			return false
		case !gone:
			_, _ = p.Probe(ctx)
		case p.enter(ctx) == nil:
			p.hangUp()
			p.note(Missing)
			p.leave()
		}
	}
	return p.Status() != before
}

// overhear takes in what an idle printer said by itself, and hangs up where it
// has, or where the system found nobody at the other end any more. That alone is
// no trouble: many printers end a call on which nothing is said. Look tells.
func (p *Port) overhear(ctx context.Context) {
	if p.enter(ctx) != nil {
		return
	}
	defer p.leave()
	if p.talk == nil {
		return
	}
	trouble, known := p.Status().Trouble, p.talk.trouble()
	_, err := p.talk.listen(ctx, glance, nothing)
	if now := p.talk.trouble(); now != known {
		trouble = now
	}
	if err != nil {
		p.hangUp()
	}
	p.note(trouble)
}

// Look asks an idle printer how it is, if that can tell anything: one that
// answers, and one that is not connected. A mute one at the other end of an open
// call is left in peace. It reports whether the status is another.
func (p *Port) Look(ctx context.Context) bool {
	before := p.Status()
	if p.options.Kind == File || before.Connected && !before.Answers {
		return false
	}
	now, _ := p.Probe(ctx)
	return now != before
}

func (p *Port) enter(ctx context.Context) error {
	select {
	case p.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		<-p.gate
		return ErrClosed
	}
	return nil
}

func (p *Port) leave() { <-p.gate }

// note keeps what was learnt for Status.
func (p *Port) note(trouble Trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status = Status{Connected: p.talk != nil, Answers: p.answered, Proves: p.proved, Trouble: trouble}
	if p.talk != nil {
		p.status.PaperLow = p.talk.status.PaperLow
		p.status.Drawer = p.talk.drawer
	}
}

// explain makes the error of an outcome and logs nothing: the caller decides.
func (p *Port) explain(ctx context.Context, o Outcome, cause error) error {
	switch {
	case o.Trouble == None:
		return nil
	case ctx.Err() != nil:
		cause = context.Cause(ctx)
	}
	if cause == nil {
		return fmt.Errorf("printer %q: %w", p.options.Address, o.Trouble)
	}
	return fmt.Errorf("printer %q: %w: %w", p.options.Address, o.Trouble, cause)
}
