package broker

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"runtime/debug"
	"sync"
	"time"
)

// stride is how much is written under one deadline. A slow client that moves is left alone, a stuck one is not.
const stride = 16 << 10

var (
	errNotConnect = errors.New("the first packet is not a CONNECT of a sensible size")
	errCrowded    = errors.New("too many connections")
)

// door is one accepted connection: who is behind it, and how it is read, written and closed.
type door struct {
	net.Conn          // what carries MQTT, TLS included
	raw      net.Conn // the socket below: closing it never waits
	shown    []*x509.Certificate
	in       *bufio.Reader
	identity Identity      // set once, before the client is in
	clientID string        // likewise
	left     chan struct{} // closed when the server has let go of it

	writing sync.Mutex
	closing sync.Once
}

func (d *door) Read(p []byte) (int, error) { return d.in.Read(p) }

// Write puts a deadline on each stretch. The server takes a failed write lightly and goes on with the next packet;
// after a broken one nothing may follow, so the connection ends.
func (d *door) Write(p []byte) (int, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	written := 0
	for written < len(p) {
		if err := d.SetWriteDeadline(time.Now().Add(stuck)); err != nil {
			return written, err
		}
		n, err := d.Conn.Write(p[written:min(len(p), written+stride)])
		written += n
		if err != nil {
			_ = d.Close()
			return written, err
		}
	}
	return written, nil
}

// SetDeadline is what the server calls after each packet to watch the keep-alive. It bounds reads only.
func (d *door) SetDeadline(t time.Time) error { return d.SetReadDeadline(t) }

// Close closes the connection at once; the server notices by reading.
func (d *door) Close() error {
	var err error
	d.closing.Do(func() { err = d.raw.Close() })
	return err
}

// greets looks at the first bytes without taking them: a CONNECT of at most MaxConnectPacket. Before that the server
// has made nothing for this connection.
func (d *door) greets() error {
	first, err := d.in.Peek(1)
	if err != nil {
		return err
	}
	if first[0] != 0x10 {
		return errNotConnect
	}
	for size, shift := 0, 0; shift < 14; shift += 7 { // two length bytes are enough for 4096
		b, err := d.in.Peek(2 + shift/7)
		if err != nil {
			return err
		}
		last := b[len(b)-1]
		size |= int(last&0x7f) << shift
		if last&0x80 == 0 {
			if size > MaxConnectPacket {
				return errNotConnect
			}
			return nil
		}
	}
	return errNotConnect
}

// admit deals with a new connection in a goroutine of its own.
func (b *Broker) admit(c net.Conn) {
	d := &door{Conn: c, raw: c, left: make(chan struct{})}
	if err := b.doors.enter(d); err != nil {
		b.refuse("broker refused a connection", d, err)
		_ = d.Close()
		return
	}
	go func() {
		defer b.doors.leave(d)
		defer b.clear(d)
		defer b.recovered(d)
		err := b.secure(d)
		if err == nil {
			_ = d.SetReadDeadline(time.Now().Add(b.o.Greeting))
			err = d.greets()
		}
		if err != nil {
			b.refuse("broker refused a connection", d, err)
			return
		}
		_ = b.server.EstablishConnection(listenerID, d)
	}()
}

// secure agrees on TLS with whoever stands before the door.
func (b *Broker) secure(d *door) error {
	if b.o.TLS != nil {
		c := tls.Server(d.raw, b.o.TLS)
		ctx, cancel := context.WithTimeout(context.Background(), b.o.Greeting)
		defer cancel()
		if err := c.HandshakeContext(ctx); err != nil {
			return err
		}
		d.Conn, d.shown = c, c.ConnectionState().PeerCertificates
	}
	d.in = bufio.NewReaderSize(d.Conn, 2048)
	return nil
}

// recovered keeps the process alive when the server stumbles over a packet: a 7-byte SUBSCRIBE is enough.
func (b *Broker) recovered(d *door) {
	if cause := recover(); cause != nil {
		b.panics.Add(1)
		b.log.Error("broker stumbled over a packet", "client", d.clientID, "remote", d.RemoteAddr().String(),
			"cause", cause, "stack", string(debug.Stack()))
	}
}

// clear closes the connection and removes what the server may have left of its client. The server forgets to when it
// cannot write its consent, and when it panics.
func (b *Broker) clear(d *door) {
	_ = d.Close()
	cl, ok := b.server.Clients.Get(d.clientID)
	if !ok || cl.Net.Conn != net.Conn(d) {
		return
	}
	cl.Stop(net.ErrClosed)
	cl.ClearInflights()
	b.server.UnsubscribeClient(cl)
	b.server.Clients.Delete(cl.ID)
}

func (b *Broker) refuse(what string, d *door, why error, more ...any) {
	b.refused.Add(1)
	b.log.Warn(what, append([]any{"remote", d.RemoteAddr().String(), "client", d.clientID, "reason", why}, more...)...)
}
