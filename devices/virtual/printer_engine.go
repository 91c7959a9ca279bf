package virtual

import (
	"bytes"
	"context"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

// Limits of the engine.
const (
	defaultBuffer = 64 << 10 // bytes taken but not printed, as while there is no paper
	printerPiece  = 512      // bytes printed before the sensors are read again
	maxPieces     = 4096     // reads that wait
	fenceIdle     = 100 * time.Millisecond
)

// engine is the part that prints. There is one in a printer, whoever sends: a
// picture that one connection leaves half done eats what the next one sends.
type engine struct {
	printer *Printer
	roll    *paper.Roll
	from    *printerSession // whose bytes are being printed
	ended   bool            // the last thing printed was a process id: the job may be over
	fenced  bool            // a process id was printed on this paper

	// Guarded by the printer's mu.
	queue  []piece
	held   int  // bytes in queue
	forgot bool // the power went, or the printer lost what it had: start afresh
}

// piece is bytes that came on one connection.
type piece struct {
	from *printerSession
	data []byte
}

// forget drops what was taken and not printed. It is called with mu held.
func (e *engine) forget() { e.queue, e.held, e.forgot = nil, 0, true }

// push takes bytes in, as soon as there is room for them.
func (e *engine) push(ctx context.Context, from *printerSession, data []byte) bool {
	for {
		e.printer.mu.Lock()
		changed, alive := e.printer.changed, e.printer.clients[from]
		if alive && e.held+len(data) <= e.printer.options.Character.Buffer+len(data)-1 && len(e.queue) < maxPieces {
			e.queue = append(e.queue, piece{from, append([]byte(nil), data...)})
			e.held += len(data)
			e.printer.wake()
			e.printer.mu.Unlock()
			return true
		}
		e.printer.mu.Unlock()
		if !alive {
			return false
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// run prints until ctx ends.
func (e *engine) run(ctx context.Context) {
	defer e.roll.Tear()
	for ctx.Err() == nil {
		from, data, forgot, changed := e.next()
		if forgot {
			e.restart()
			continue
		}
		if len(data) > 0 {
			if e.fenced && bytes.HasPrefix(data, []byte("\x1b@")) { // the next job: tear the last one off
				e.roll.Tear()
			}
			e.from, e.ended = from, false
			e.print(data)
			e.callHook(len(data))
			continue
		}
		e.rest(ctx, changed)
	}
}

// next takes the next bytes for which there is paper.
func (e *engine) next() (from *printerSession, data []byte, forgot bool, changed <-chan struct{}) {
	p := e.printer
	p.mu.Lock()
	defer p.mu.Unlock()
	if forgot, e.forgot = e.forgot, false; forgot || len(e.queue) == 0 {
		return nil, nil, forgot, p.changed
	}
	want := printerPiece
	if p.state.jammed {
		want = 1 // so that nothing is printed behind a cut that does not come
	}
	if p.hook != nil {
		want = min(want, max(p.hookIn, 1))
	}
	n := p.takePaper(min(len(e.queue[0].data), want))
	from, data = e.queue[0].from, e.queue[0].data[:n]
	e.queue[0].data = e.queue[0].data[n:]
	if e.held -= n; len(e.queue[0].data) == 0 {
		e.queue = e.queue[1:]
	}
	if n > 0 {
		p.wake() // there is room again
	}
	return from, data, false, p.changed
}

func (e *engine) print(data []byte) {
	if pace := e.printer.options.Character.Pace; pace > 0 {
		time.Sleep(pace)
	}
	e.roll.Feed(data)
}

// callHook counts printed bytes for AtByte.
func (e *engine) callHook(printed int) {
	p := e.printer
	p.mu.Lock()
	do := p.hook
	if p.hookIn -= printed; do == nil || p.hookIn > 0 {
		p.mu.Unlock()
		return
	}
	p.hook = nil
	p.mu.Unlock()
	do()
}

// restart is a printer that was switched off and on: what was printed is torn
// off, and no mode or half command is left.
func (e *engine) restart() {
	e.roll.Tear()
	if roll, err := paper.NewRoll(e.printer.options.Dots, e.event); err == nil {
		e.roll = roll
	}
	e.printer.mu.Lock()
	defer e.printer.mu.Unlock()
	e.printer.auto = 0
}

// rest waits for something to do, and tears a paper off that nobody goes on with.
func (e *engine) rest(ctx context.Context, changed <-chan struct{}) {
	var idle <-chan time.Time
	e.printer.mu.Lock()
	waiting := len(e.queue) > 0
	e.printer.mu.Unlock()
	if !e.roll.Empty() && !waiting {
		wait := e.printer.options.Idle
		if e.ended {
			wait = min(wait, fenceIdle)
		}
		idle = time.After(wait)
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-idle:
		e.ended = false
		e.roll.Tear()
	}
}

// event hears what the bytes ask for, after all before them was printed.
func (e *engine) event(ev paper.Event) {
	e.ended = ev.Kind == paper.Fence
	e.fenced = e.ended || e.fenced && ev.Kind != paper.Torn
	p := e.printer
	if ev.Kind == paper.Torn {
		p.keep(ev.Paper)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev.Kind {
	case paper.Torn:
		if p.state.jammed && ev.Paper.Cuts > 0 {
			p.changeLocked(func() { p.state.jammed, p.state.cutter = false, true })
		}
	case paper.Kick:
		p.kicks++
		p.changeLocked(func() { p.state.drawerOpen = true })
	case paper.Init:
		p.auto = 0
	case paper.AutoState:
		if p.auto = ev.N; ev.N != 0 {
			p.answerLocked(e.from, autoState(p.state))
		}
	case paper.AskQueued:
		p.answerLocked(e.from, queuedState(p.state, ev.N))
	case paper.AskName:
		p.answerLocked(e.from, p.options.Character.name(ev.N))
	case paper.Fence:
		p.echo(e.from, ev.Token)
	}
}

// echo answers a process id, as the printer's character has it.
func (p *Printer) echo(to *printerSession, token string) {
	c := p.options.Character
	if c.NoEcho {
		return
	}
	p.answerLocked(to, []byte("\x37\x22"+token+"\x00"))
	if c.EchoTwice {
		p.answerLocked(to, []byte("\x37\x22"+token+"\x00"))
	}
}
