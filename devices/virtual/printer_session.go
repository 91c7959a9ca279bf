package virtual

import (
	"context"
	"net"
	"time"
)

// printerPatience is for a client that does not read its answers.
const printerPatience = 500 * time.Millisecond

// Character is what makes a printer unlike the good ones. The zero value is a
// good one.
type Character struct {
	Name      string        // what it says it is, whatever it is; "VIRTUAL" when empty
	NoEcho    bool          // knows no process id, as cheap clones
	EchoTwice bool          // says everything twice, as some drivers' boxes do
	Forgetful bool          // drops what it had taken when new paper is put in, instead of printing on
	Pace      time.Duration // that it needs for every 512 bytes, besides the work itself
	Buffer    int           // bytes taken and not printed; 64 KiB when 0
}

// name is the answer to GS I n.
func (c Character) name(n byte) []byte {
	if n < 65 || n > 69 {
		return []byte{0x20}
	}
	name := c.Name
	if name == "" {
		name = "VIRTUAL"
	}
	return []byte("_" + name + "\x00")
}

// printerSession is one connection to a printer.
type printerSession struct {
	printer *Printer
	conn    net.Conn
	last    [2]byte
}

// run takes bytes in until the connection ends.
func (s *printerSession) run(ctx context.Context) {
	in := make([]byte, 4096)
	for {
		n, err := s.conn.Read(in)
		s.answerRealTime(in[:n])
		if n > 0 && !s.printer.engine.push(ctx, s, in[:n]) || err != nil {
			return
		}
	}
}

// answerRealTime answers DLE EOT at once, before what came earlier is printed.
func (s *printerSession) answerRealTime(in []byte) {
	for _, b := range in {
		if s.last == [2]byte{0x10, 0x04} && b >= 1 && b <= 4 {
			s.printer.mu.Lock()
			s.printer.answerLocked(s, []byte{realTimeState(s.printer.state, b)})
			s.printer.mu.Unlock()
		}
		s.last = [2]byte{s.last[1], b}
	}
}

// answerLocked sends bytes back; a client that does not read them loses them,
// and so does one that is gone.
func (p *Printer) answerLocked(to *printerSession, b []byte) {
	if p.state.mute || len(b) == 0 || !p.clients[to] {
		return
	}
	_ = to.conn.SetWriteDeadline(time.Now().Add(printerPatience))
	_, _ = to.conn.Write(b)
}

// autoState returns an ASB frame; the last byte is what real printers send there.
func autoState(s printerState) []byte {
	frame := []byte{0x10, 0x00, 0x00, 0x0F}
	set := func(on bool, i int, bits byte) {
		if on {
			frame[i] |= bits
		}
	}
	set(!s.drawerOpen, 0, 0x04)
	set(s.offline(), 0, 0x08)
	set(s.coverOpen, 0, 0x20)
	set(s.cutter, 1, 0x08)
	set(s.paperLow, 2, 0x03)
	set(s.paperOut, 2, 0x0C)
	return frame
}

// realTimeState returns the answer to DLE EOT n.
func realTimeState(s printerState, n byte) byte {
	b := byte(0x12)
	set := func(on bool, question, bits byte) {
		if on && n == question {
			b |= bits
		}
	}
	set(!s.drawerOpen, 1, 0x04)
	set(s.offline(), 1, 0x08)
	set(s.coverOpen, 2, 0x04)
	set(s.paperOut, 2, 0x20)
	set(s.cutter, 2, 0x40)
	set(s.cutter, 3, 0x08)
	set(s.paperLow, 4, 0x0C)
	set(s.paperOut, 4, 0x60)
	return b
}

// queuedState returns the answer to GS r n.
func queuedState(s printerState, n byte) []byte {
	b := byte(0)
	switch {
	case (n == 2 || n == '2') && !s.drawerOpen:
		b = 0x01
	case (n == 1 || n == '1') && s.paperLow:
		b = 0x03
	}
	return []byte{b}
}
