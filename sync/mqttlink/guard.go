package mqttlink

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// stride is how much is written under one deadline. A slow line that moves is left alone, a stuck one is not.
const stride = 16 << 10

// MQTT packet kinds that a broker may send to us, and what they look like (MQTT 3.1.1 chapter 3).
const (
	kindConnack    = 2
	kindPublish    = 3
	kindPuback     = 4
	kindSuback     = 9
	kindPingresp   = 13
	kindDisconnect = 14
)

// ErrBreach says that a broker sent what no broker may send.
var ErrBreach = errors.New("not MQTT 3.1.1 as agreed")

var (
	errTooLarge   = fmt.Errorf("a packet larger than the limit arrived: %w", ErrBreach)
	errUnexpected = fmt.Errorf("a packet arrived that no broker may send here: %w", ErrBreach)
	errEnded      = errors.New("the broker ended the session")
)

// guard is the network connection that the MQTT client sees. On the way in it reads packet headers along with the
// client and ends the connection before the client takes memory for a packet that is too large (trap 28), or decodes
// one whose shape would make it panic (a SUBACK with more answers than questions). On the way out it puts a deadline
// on each stretch of each write, pings too (trap 15), and ends the connection when one passes: the rest of a broken
// packet must not follow.
type guard struct {
	net.Conn          // the connection that carries MQTT, TLS included
	raw      net.Conn // the socket below: closing it never blocks
	timeout  time.Duration

	in     *bufio.Reader
	header header

	writing sync.Mutex
	closing sync.Once
}

func newGuard(conn, raw net.Conn, timeout time.Duration) *guard {
	return &guard{Conn: conn, raw: raw, timeout: timeout, in: bufio.NewReaderSize(conn, 4096)}
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.in.Read(p)
	if bad := g.header.follow(p[:n]); bad != nil {
		_ = g.Close()
		return 0, bad
	}
	return n, err
}

func (g *guard) Write(p []byte) (int, error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	written := 0
	for written < len(p) {
		if err := g.Conn.SetWriteDeadline(time.Now().Add(g.timeout)); err != nil {
			return written, err
		}
		n, err := g.Conn.Write(p[written:min(len(p), written+stride)])
		written += n
		if err != nil {
			_ = g.Close()
			return written, err
		}
	}
	return written, nil
}

// Close closes the socket itself: a polite TLS end could block on a full buffer.
func (g *guard) Close() error {
	var err error
	g.closing.Do(func() { err = g.raw.Close() })
	return err
}

// SetDeadline bounds reads only; writes have deadlines of their own.
func (g *guard) SetDeadline(t time.Time) error { return g.SetReadDeadline(t) }

// SetWriteDeadline does nothing: Write sets its own.
func (g *guard) SetWriteDeadline(time.Time) error { return nil }

// header follows a stream of MQTT packets just far enough to know where each begins and what it claims to be.
type header struct {
	kind, flags byte
	length      int  // remaining length so far
	digits      int  // bytes of it read
	inside      bool // between the first byte and the end of the length
	body        int  // bytes of the current packet still to come
	begun       bool // the CONNACK has passed
}

func (h *header) follow(b []byte) error {
	for len(b) > 0 {
		switch {
		case h.body > 0:
			n := min(h.body, len(b))
			h.body -= n
			b = b[n:]
			continue
		case !h.inside:
			h.kind, h.flags = b[0]>>4, b[0]&0x0f
			h.length, h.digits, h.inside = 0, 0, true
		default:
			h.length |= int(b[0]&0x7f) << (7 * h.digits)
			h.digits++
			if b[0]&0x80 == 0 {
				if err := h.check(); err != nil {
					return err
				}
				h.inside, h.body, h.begun = false, h.length, true
			} else if h.digits == 4 {
				return errUnexpected
			}
		}
		b = b[1:]
	}
	return nil
}

// check judges a packet by its header alone.
func (h *header) check() error {
	if h.length > MaxPacket {
		return errTooLarge
	}
	if h.begun == (h.kind == kindConnack) {
		return errUnexpected
	}
	fits := false
	switch h.kind {
	case kindConnack, kindPuback:
		fits = h.length == 2
	case kindSuback:
		fits = h.length == 3 // the link asks for one filter at a time
	case kindPingresp:
		fits = h.length == 0
	case kindPublish:
		fits = h.length >= 2 && h.flags>>1&3 < 2
	case kindDisconnect:
		return errEnded // MQTT 3.1.1 does not know this one, yet some brokers send it
	}
	if !fits {
		return errUnexpected
	}
	return nil
}
