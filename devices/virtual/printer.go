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

	Character Character
}

// maxPrinterClients bounds the connections served at one time.
const maxPrinterClients = 4

// Printer is a receipt printer behind a TCP port. It keeps every paper as a
// picture, answers status questions, and has paper, cover and power to play with.
type Printer struct {
	options PrinterOptions
	shelf   *shelf
	address string // with the port that was given at first

	engine *engine

	mu       sync.Mutex
	state    printerState
	auto     byte         // mask of automatic status; 0 is off
	listener net.Listener // nil while the power is off
	clients  map[*printerSession]bool
	changed  chan struct{} // closed at every change of state or power, and of what was taken
	paper    int           // bytes until the paper ends; -1 is no end in sight
	kicks    int
	hook     func() // called when so many more bytes were printed
	hookIn   int
}

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
	p := &Printer{
		options: o, shelf: kept, address: listener.Addr().String(), listener: listener,
		clients: map[*printerSession]bool{}, changed: make(chan struct{}), paper: -1,
	}
	p.engine = &engine{printer: p}
	if p.engine.roll, err = paper.NewRoll(o.Dots, p.engine.event); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return p, nil
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
	if o.Character.Buffer == 0 {
		o.Character.Buffer = defaultBuffer
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
	var parts sync.WaitGroup
	defer parts.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, p.PowerOff)()
	parts.Go(func() { p.engine.run(ctx) })
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
		s := &printerSession{printer: p, conn: conn}
		if !p.admit(s) {
			_ = conn.Close()
			continue
		}
		parts.Go(func() {
			defer p.dismiss(s)
			s.run(ctx)
		})
	}
	return nil
}

// admit notes a client; it refuses one too many, or one that came as the power went.
func (p *Printer) admit(s *printerSession) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil || len(p.clients) >= maxPrinterClients {
		return false
	}
	p.clients[s] = true
	return true
}

// dismiss ends a connection. What came on it is still printed.
func (p *Printer) dismiss(s *printerSession) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, s)
	_ = s.conn.Close()
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
