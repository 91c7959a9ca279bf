// Package netscan takes scans from other programs: over TCP, where each
// connection sends scans like a scanner does, one a line; and from a stream such
// as standard input. Both cut bytes into scans by the same rules as a serial
// line.
//
// It answers nothing and never says what a code means. Who may connect is the
// business of the address it listens on.
package netscan

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// The limits of a listener.
const (
	// ConnectionsMax is how many programs may be connected at once; one more is
	// hung up on.
	ConnectionsMax = 8
	readSize       = 1024
	readTimeout    = 250 * time.Millisecond
	retryWait      = 2 * time.Second
)

// Options says where scans come from and how they end.
type Options struct {
	Name    string // what the installer calls it
	Listen  string // host:port; "" is Stream
	Stream  *os.File
	Framer  scan.Options
	Changed func()       // called when the status is another; must not wait; nil is none
	Log     *slog.Logger // nil is none
	Now     func() time.Time
	Mono    func() time.Duration
}

// A Source is one way in. New makes it, Run reads it.
type Source struct {
	opt Options
	log *slog.Logger

	mu     sync.Mutex
	status scan.Status
	addr   net.Addr
}

// New returns a source that has touched nothing yet.
func New(opt Options) *Source {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Changed == nil {
		opt.Changed = func() {}
	}
	if opt.Mono == nil {
		start := time.Now()
		opt.Mono = func() time.Duration { return time.Since(start) }
	}
	return &Source{
		opt: opt, log: opt.Log.With("scanner", opt.Name),
		status: scan.Status{State: scan.Opening, Sentence: openingSentence(opt), Since: opt.Now()},
	}
}

// Addr is where it listens now, nil when it does not.
func (s *Source) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// Run takes scans until ctx ends and then returns nil, within a second. It hands
// every event to deliver on the goroutine that called Run, in the order of each
// connection. Run is to be called once.
func (s *Source) Run(ctx context.Context, deliver func(scan.Event)) error {
	if s.opt.Listen == "" {
		s.stream(ctx, deliver)
		return nil
	}
	for ctx.Err() == nil {
		if err := s.listen(ctx, deliver); err != nil && ctx.Err() == nil {
			s.enter(faultState(err), faultSentence(s.opt.Listen, err))
			rest(ctx, retryWait)
		}
	}
	return nil
}

// stream reads the one stream there is. Its end is the end of the source, which
// then waits: a daemon whose standard input closes runs on.
func (s *Source) stream(ctx context.Context, deliver func(scan.Event)) {
	s.enter(scan.Ready, readySentence(s.opt))
	s.read(ctx, s.opt.Stream, func(e scan.Event) { s.count(e); deliver(e) })
	if ctx.Err() == nil {
		s.enter(scan.Missing, endedSentence())
		<-ctx.Done()
	}
}

// listen serves connections until ctx ends or the listener fails.
func (s *Source) listen(ctx context.Context, deliver func(scan.Event)) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.opt.Listen)
	if err != nil {
		return fmt.Errorf("listen for scans: %w", err)
	}
	s.bind(l.Addr())
	defer s.bind(nil)
	s.enter(scan.Ready, readySentence(s.opt))
	ctx, stop := context.WithCancel(ctx)
	events := make(chan scan.Event)
	failed := make(chan error, 1)
	var readers sync.WaitGroup
	readers.Go(func() { failed <- s.accept(ctx, l, events, &readers) })
	defer readers.Wait()
	defer l.Close()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case e := <-events:
			s.count(e)
			deliver(e)
		}
	}
}

// accept takes connections and reads each on a goroutine of its own.
func (s *Source) accept(ctx context.Context, l net.Listener, events chan<- scan.Event, readers *sync.WaitGroup) error {
	room := make(chan struct{}, ConnectionsMax)
	for {
		conn, err := l.Accept()
		if err != nil {
			return fmt.Errorf("take a connection: %w", err)
		}
		select {
		case room <- struct{}{}:
		default:
			s.log.Warn("one program too many wants to send scans", "from", conn.RemoteAddr())
			_ = conn.Close()
			continue
		}
		readers.Go(func() {
			defer func() { <-room }()
			defer conn.Close()
			s.read(ctx, conn, func(e scan.Event) {
				select {
				case events <- e:
				case <-ctx.Done():
				}
			})
		})
	}
}

// reader is a stream whose reads can be given up: a connection or a pipe.
type reader interface {
	Read(p []byte) (int, error)
	SetReadDeadline(t time.Time) error
}

// read cuts what comes from one stream into scans until it ends. Half a scan at
// the end is a bad one.
func (s *Source) read(ctx context.Context, from reader, deliver func(scan.Event)) {
	framer := scan.NewFramer(s.opt.Framer)
	hand := func(events []scan.Event) {
		for _, e := range events {
			deliver(e)
		}
	}
	whole := from
	if f, ok := from.(*os.File); ok {
		from = polled{f}
	}
	buf := make([]byte, readSize)
	for ctx.Err() == nil {
		err := from.SetReadDeadline(time.Now().Add(readTimeout))
		n := 0
		if err == nil {
			n, err = from.Read(buf)
		}
		at := s.opt.Mono()
		if n > 0 {
			hand(framer.Feed(buf[:n], at))
			continue
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if !waiting(whole) { // after at, so nothing had come until then
			hand(framer.Idle(at))
		}
	}
	hand(framer.Cut(s.opt.Mono()))
}

func (s *Source) bind(addr net.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr = addr
}

func faultState(err error) scan.State {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return scan.Busy
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EADDRNOTAVAIL):
		return scan.Refused
	}
	return scan.Missing
}

// rest waits for d or the end of ctx.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
