package mqttlink_test

import (
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// proxy is a line to a broker that can be cut, or frozen so that both ends believe it stands.
type proxy struct {
	addr string

	mu     sync.Mutex
	change *sync.Cond
	frozen bool
	conns  []net.Conn
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String()}
	p.change = sync.NewCond(&p.mu)
	t.Cleanup(func() { _ = l.Close(); p.thaw(); p.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				_ = near.Close()
				continue
			}
			p.keep(near, far)
			go p.forward(near, far)
			go p.forward(far, near)
		}
	}()
	return p
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, conns...)
}

// forward copies until either end closes; while frozen it neither reads nor writes nor closes.
func (p *proxy) forward(from, to net.Conn) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		p.mu.Lock()
		for p.frozen {
			p.change.Wait()
		}
		p.mu.Unlock()
		if _, failed := to.Write(b[:n]); err != nil || failed != nil {
			_, _ = from.Close(), to.Close()
			return
		}
	}
}

func (p *proxy) freeze() { p.set(true) }
func (p *proxy) thaw()   { p.set(false) }

func (p *proxy) set(frozen bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = frozen
	p.change.Broadcast()
}

// cut breaks all lines at once.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// fake listens and gives each connection to serve, in a goroutine of its own.
func fake(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	return l.Addr().String()
}

// swallow reads and answers nothing until the other end closes.
func swallow(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// ours counts the goroutines of links and of their MQTT clients.
func ours() int {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for g := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(g, "paho.mqtt.golang") || strings.Contains(g, "mqttlink.(*") {
			n++
		}
	}
	return n
}
