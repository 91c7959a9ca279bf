package cashier_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire is a line between a browser and a server that a test can cut.
type wire struct {
	addr string

	mu    sync.Mutex
	to    string
	down  bool
	conns []net.Conn
}

func newWire(t *testing.T) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("lay a wire: %v", err)
	}
	w := &wire{addr: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.cut()
		all.Wait()
	})
	return w
}

// carry copies both ways until one end or the wire is cut.
func (w *wire) carry(near net.Conn) {
	defer near.Close()
	far := w.dial(near)
	if far == nil {
		return
	}
	defer far.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
	_ = near.Close()
	<-done
}

// dial goes on to the server, unless the wire is cut.
func (w *wire) dial(near net.Conn) net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return nil
	}
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return nil
	}
	w.conns = append(w.conns, near, far)
	return far
}

// cut ends every connection and lets no new one through.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = true
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.conns = nil
}

// join lets connections through to an address.
func (w *wire) join(to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to, w.down = to, false
}
