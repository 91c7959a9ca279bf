package virtual

import (
	"fmt"
	"net"
	"time"
)

// SetPaperOut takes the paper out or puts it in. Without paper the printer
// stops where it is; with new paper it prints on, as real ones do.
func (p *Printer) SetPaperOut(out bool) {
	p.change(func() { p.state.paperOut, p.paper = out, -1 })
}

// SetCoverOpen opens or closes the cover. An open printer stops where it is.
func (p *Printer) SetCoverOpen(open bool) { p.change(func() { p.state.coverOpen = open }) }

// SetMute takes the back channel away: the printer prints and never answers.
func (p *Printer) SetMute(mute bool) { p.change(func() { p.state.mute = mute }) }

// EndPaperAfter makes the paper end when n more bytes were printed.
func (p *Printer) EndPaperAfter(n int) { p.change(func() { p.paper = max(n, 0) }) }

// PowerOff closes the port and every connection; what was not printed is lost.
func (p *Printer) PowerOff() {
	p.change(func() {
		if p.listener != nil {
			_ = p.listener.Close()
			p.listener = nil
		}
		for conn := range p.clients {
			_ = conn.Close()
		}
	})
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

// change does something to the state and wakes everyone who waits.
func (p *Printer) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	p.wake()
	for conn := range p.clients {
		_ = conn.SetReadDeadline(time.Unix(1, 0))
	}
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

func (p *Printer) now() (printerState, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.changed
}

func (p *Printer) changedSince(version int) bool {
	state, _ := p.now()
	return state.version != version
}

// takePaper asks for paper to print at most n bytes and returns for how many
// there is. At the end of the paper the state changes.
func (p *Printer) takePaper(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.state.offline(), p.listener == nil:
		return 0
	case p.paper < 0:
		return n
	}
	n = min(n, p.paper)
	if p.paper -= n; p.paper == 0 {
		p.state.paperOut = true
		p.paper = -1
		p.wake()
	}
	return n
}
