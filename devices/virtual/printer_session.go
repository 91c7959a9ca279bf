package virtual

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

// Limits of one connection.
const (
	maxPrinterBuffer = 64 << 10               // bytes taken but not printed, as while there is no paper
	printerPiece     = 512                    // bytes printed before the sensors are read again
	printerPatience  = 500 * time.Millisecond // for a client that does not read its answers
)

// printerSession is one connection to a printer.
type printerSession struct {
	printer *Printer
	conn    net.Conn
	roll    *paper.Roll
	buffer  []byte // taken, not printed
	last    [2]byte
	auto    byte // mask of automatic status; 0 is off
	ended   bool // the last thing printed was a process id: the job is over
	seen    int  // version of the state that the client knows
}

func newPrinterSession(p *Printer, conn net.Conn) (*printerSession, error) {
	s := &printerSession{printer: p, conn: conn}
	roll, err := paper.NewRoll(p.options.Dots, s.event)
	s.roll = roll
	return s, err
}

// run serves the connection until it ends. What was taken by then is printed,
// unless the power went.
func (s *printerSession) run(ctx context.Context) {
	defer s.roll.Tear()
	in := make([]byte, 4096)
	for ctx.Err() == nil {
		state, changed := s.printer.now()
		if state.version != s.seen {
			s.seen = state.version
			s.tellState(state)
			continue
		}
		if s.print(); s.printer.changedSince(s.seen) {
			continue
		}
		if len(s.buffer) >= maxPrinterBuffer {
			select {
			case <-changed:
			case <-ctx.Done():
			}
			continue
		}
		if !s.take(in) {
			s.print()
			return
		}
	}
}

// take reads once and reports whether the connection still lives.
func (s *printerSession) take(in []byte) bool {
	var until time.Time // none while there is nothing to tear off
	if !s.roll.Empty() && len(s.buffer) == 0 {
		until = time.Now().Add(s.printer.options.Idle)
	}
	if err := s.conn.SetReadDeadline(until); err != nil {
		return false
	}
	if s.printer.changedSince(s.seen) {
		return true // a change after this line ends the read
	}
	n, err := s.conn.Read(in)
	s.answerRealTime(in[:n])
	s.buffer = append(s.buffer, in[:n]...)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if n == 0 && !s.printer.changedSince(s.seen) {
			s.roll.Tear()
		}
		return true
	}
	return err == nil
}

// print prints what is in the buffer as far as there is paper.
func (s *printerSession) print() {
	for len(s.buffer) > 0 {
		n := s.printer.takePaper(min(len(s.buffer), printerPiece))
		if n == 0 {
			return
		}
		s.ended = false
		s.roll.Feed(s.buffer[:n])
		s.buffer = s.buffer[n:]
	}
	s.buffer = nil
	if s.ended {
		s.ended = false
		s.roll.Tear()
	}
}

// event hears what the bytes ask for, after all before them was printed.
func (s *printerSession) event(e paper.Event) {
	s.ended = e.Kind == paper.Fence
	state, _ := s.printer.now()
	switch e.Kind {
	case paper.Torn:
		s.printer.keep(e.Paper)
	case paper.Init:
		s.auto = 0
	case paper.AutoState:
		if s.auto = e.N; e.N != 0 {
			s.answer(autoState(state))
		}
	case paper.AskQueued:
		s.answer(queuedState(state, e.N))
	case paper.AskName:
		s.answer(printerName(e.N))
	case paper.Fence:
		s.answer([]byte("\x37\x22" + e.Token + "\x00"))
	}
}

// answerRealTime answers DLE EOT at once, before what came earlier is printed.
func (s *printerSession) answerRealTime(in []byte) {
	for _, b := range in {
		if s.last == [2]byte{0x10, 0x04} && b >= 1 && b <= 4 {
			state, _ := s.printer.now()
			s.answer([]byte{realTimeState(state, b)})
		}
		s.last = [2]byte{s.last[1], b}
	}
}

// tellState sends the automatic status after a change.
func (s *printerSession) tellState(state printerState) {
	if s.auto != 0 {
		s.answer(autoState(state))
	}
}

// answer sends bytes back; a client that does not read them loses them.
func (s *printerSession) answer(b []byte) {
	if state, _ := s.printer.now(); state.mute || len(b) == 0 {
		return
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(printerPatience))
	_, _ = s.conn.Write(b)
}

// autoState returns an ASB frame; the last byte is what real printers send there.
func autoState(s printerState) []byte {
	frame := []byte{0x14, 0x00, 0x00, 0x0F}
	if s.offline() {
		frame[0] |= 0x08
	}
	if s.coverOpen {
		frame[0] |= 0x20
	}
	if s.paperOut {
		frame[2] |= 0x0C
	}
	return frame
}

// realTimeState returns the answer to DLE EOT n.
func realTimeState(s printerState, n byte) byte {
	b := byte(0x12)
	if n == 1 && s.offline() {
		b |= 0x08
	}
	if n == 2 && s.coverOpen {
		b |= 0x04
	}
	if n == 2 && s.paperOut {
		b |= 0x20
	}
	if n == 4 && s.paperOut {
		b |= 0x60
	}
	return b
}

// queuedState returns the answer to GS r n.
func queuedState(s printerState, n byte) []byte {
	if (n == 1 || n == '1') && s.paperOut {
		return []byte{0x0C}
	}
	return []byte{0x00}
}

// printerName returns the answer to GS I n.
func printerName(n byte) []byte {
	if n >= 65 && n <= 69 {
		return []byte("_VIRTUAL\x00")
	}
	return []byte{0x20}
}
