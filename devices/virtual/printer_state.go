package virtual

import (
	"fmt"
	"net"
)

// printerState is what the sensors say. version counts the changes.
type printerState struct {
	paperOut, paperLow, coverOpen bool
	jammed                        bool // the next cut will not come through
	cutter                        bool // a cut did not come through: the printer has stopped
	drawerOpen                    bool
	mute                          bool
	version                       int
}

func (s printerState) offline() bool { return s.paperOut || s.coverOpen || s.cutter }

// SetPaperOut takes the paper out or puts it in. Without paper the printer
// stops where it is; with new paper it prints on, as real ones do.
func (p *Printer) SetPaperOut(out bool) {
	p.change(func() {
		reloaded := p.state.paperOut && !out
		p.state.paperOut, p.paper = out, -1
		if reloaded && p.options.Character.Forgetful {
			p.engine.forget()
		}
	})
}

// SetPaperLow says that the roll is near its end.
func (p *Printer) SetPaperLow(low bool) { p.change(func() { p.state.paperLow = low }) }

// SetCoverOpen opens or closes the cover. An open printer stops where it is.
func (p *Printer) SetCoverOpen(open bool) { p.change(func() { p.state.coverOpen = open }) }

// SetMute takes the back channel away: the printer prints and never answers.
func (p *Printer) SetMute(mute bool) { p.change(func() { p.state.mute = mute }) }

// JamCutter lets the next cut get stuck, or frees the cutter. A printer whose
// cutter is stuck stops where it is.
func (p *Printer) JamCutter(jam bool) {
	p.change(func() { p.state.jammed, p.state.cutter = jam, false })
}

// ShutDrawer pushes the drawer shut. A pulse opens it.
func (p *Printer) ShutDrawer() { p.change(func() { p.state.drawerOpen = false }) }

// OpenDrawer opens the drawer by its key.
func (p *Printer) OpenDrawer() { p.change(func() { p.state.drawerOpen = true }) }

// Kicks counts the drawer pulses since the printer was made.
func (p *Printer) Kicks() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kicks
}

// EndPaperAfter makes the paper end when n more bytes were printed.
func (p *Printer) EndPaperAfter(n int) { p.change(func() { p.paper = max(n, 0) }) }

// AtByte calls do when n more bytes were printed and before the next one is; do
// may change the printer and must not end it.
func (p *Printer) AtByte(n int, do func()) {
	p.change(func() { p.hookIn, p.hook = max(n, 0), do })
}

// PowerOff closes the port and every connection; what was not printed is lost,
// and so is every mode.
func (p *Printer) PowerOff() {
	p.change(func() {
		if p.listener != nil {
			_ = p.listener.Close()
			p.listener = nil
		}
		for s := range p.clients {
			_ = s.conn.Close()
		}
		p.engine.forget()
	})
}

// HangUp closes every connection and leaves the printer on, as a pulled
// network cable does. What was taken is printed.
func (p *Printer) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.clients {
		_ = s.conn.Close()
	}
}

// PowerOn opens the same port again.
func (p *Printer) PowerOn() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("switch the virtual printer on: %w", err)
	}
	p.listener = listener
	p.wake()
	return nil
}

// change does something to the state, tells those who want to know by
// themselves, and wakes everyone who waits.
func (p *Printer) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changeLocked(do)
}

func (p *Printer) changeLocked(do func()) {
	before := p.state
	do()
	if p.auto != 0 && before != p.state {
		for s := range p.clients {
			p.answerLocked(s, autoState(p.state))
		}
	}
	p.wake()
}

// wake is called with mu held.
func (p *Printer) wake() {
	p.state.version++
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Printer) power() (net.Listener, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listener, p.changed
}

// takePaper asks for paper to print at most n bytes and returns for how many
// there is. At the end of the paper the state changes. It is called with mu held.
func (p *Printer) takePaper(n int) int {
	switch {
	case p.state.offline(), p.listener == nil:
		return 0
	case p.paper < 0:
		return n
	}
	n = min(n, p.paper)
	if p.paper -= n; p.paper == 0 {
		p.paper = -1
		p.changeLocked(func() { p.state.paperOut = true })
	}
	return n
}
