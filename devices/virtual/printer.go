package virtual

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

// PrinterOptions say where a printer listens and what it does with its papers.
type PrinterOptions struct {
	Address string           // of TCP; "127.0.0.1:0" when empty
	Dir     string           // where the papers are kept; made when missing
	Dots    int              // across; 384 when 0
	Idle    time.Duration    // a paper without a cut is torn off this long after its last byte; 1.5 s when 0
	OnPaper func(PaperInfo)  // told of every paper; must not call the printer's Run
	Log     *slog.Logger     // discards when nil
	Now     func() time.Time // time.Now when nil
}

// maxPrinterClients bounds the connections served at one time.
const maxPrinterClients = 4

// Printer is a receipt printer behind a TCP port. It keeps every paper as a
// picture, answers status questions, and has paper, cover and power to play with.
type Printer struct {
	options PrinterOptions
	shelf   *shelf
	address string // with the port that was given at first

	mu       sync.Mutex
	state    printerState
	listener net.Listener // nil while the power is off
	clients  map[net.Conn]bool
	changed  chan struct{} // closed at every change of state or power
	paper    int           // bytes until the paper ends; -1 is no end in sight
}

// printerState is what the sensors say. version counts the changes.
type printerState struct {
	paperOut, coverOpen, mute bool
	version                   int
}

func (s printerState) offline() bool { return s.paperOut || s.coverOpen }

// NewPrinter opens the port and the folder. Nobody is served before Run.
func NewPrinter(o PrinterOptions) (*Printer, error) {
	o = o.withDefaults()
	if o.Dots < paper.MinDots || o.Dots > paper.MaxDots {
		return nil, fmt.Errorf("virtual printer of %d dots: %w", o.Dots, paper.ErrDots)
	}
	kept, err := openShelf(o.Dir)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("listen as virtual printer: %w", err)
	}
	return &Printer{
		options: o, shelf: kept, address: listener.Addr().String(), listener: listener,
		clients: map[net.Conn]bool{}, changed: make(chan struct{}), paper: -1,
	}, nil
}

func (o PrinterOptions) withDefaults() PrinterOptions {
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.Dots == 0 {
		o.Dots = 384
	}
	if o.Idle == 0 {
		o.Idle = 1500 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Addr returns host and port.
func (p *Printer) Addr() string { return p.address }

// Papers returns the papers that are kept, newest last.
func (p *Printer) Papers() []PaperInfo { return p.shelf.list() }

// Picture returns the PNG of the paper with that name, ErrNoPicture when there is none.
func (p *Printer) Picture(name string) ([]byte, error) { return p.shelf.picture(name) }

// Run serves clients until ctx ends and then returns nil. A printer runs once.
func (p *Printer) Run(ctx context.Context) error {
	var sessions sync.WaitGroup
	defer sessions.Wait()
	stop := context.AfterFunc(ctx, p.PowerOff)
	defer stop()
	defer p.PowerOff()
	for ctx.Err() == nil {
		listener, changed := p.power()
		if listener == nil {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			continue
		}
		if err != nil {
			return fmt.Errorf("accept a client of the virtual printer: %w", err)
		}
		if !p.admit(conn) {
			_ = conn.Close()
			continue
		}
		sessions.Go(func() { p.serve(ctx, conn) })
	}
	return nil
}

func (p *Printer) serve(ctx context.Context, conn net.Conn) {
	defer p.dismiss(conn)
	s, err := newPrinterSession(p, conn)
	if err != nil {
		p.options.Log.Error("virtual printer cannot serve", "error", err)
		return
	}
	s.run(ctx)
}

// admit notes a client; it refuses one too many, or one that came as the power went.
func (p *Printer) admit(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil || len(p.clients) >= maxPrinterClients {
		return false
	}
	p.clients[conn] = true
	return true
}

func (p *Printer) dismiss(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, conn)
	_ = conn.Close()
}

// keep puts a finished paper on the shelf and tells of it.
func (p *Printer) keep(sheet paper.Paper) {
	if sheet.Blank() {
		return
	}
	info, err := p.shelf.keep(sheet, p.options.Now())
	if err != nil {
		p.options.Log.Error("virtual printer lost a paper", "error", err)
		return
	}
	p.options.Log.Info("virtual printer printed", "paper", info.Name, "unknown_commands", len(sheet.Unknown))
	if p.options.OnPaper != nil {
		p.options.OnPaper(info)
	}
}
