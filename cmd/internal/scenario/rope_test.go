package scenario_test

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"
)

// rope is a line between two programs that somebody handles badly: connections
// that run over it are cut, reset, slowed down, or go silent with both ends
// believing that they stand.
type rope struct {
	addr string
	to   string

	mu    sync.Mutex
	down  bool          // nobody gets through
	piece int           // bytes that pass at once; 0 for any number
	lag   time.Duration // before each of them
	runs  map[*strand]bool
	count map[string]int // what was done to strands that ran
}

// strand is one connection.
type strand struct {
	near, far net.Conn

	up, down bool // in which directions
}

// hang puts a rope in front of an address.
func hang(t testing.TB, network, listen, to string) *rope {
	t.Helper()
	l, err := net.Listen(network, listen)
	if err != nil {
		t.Fatal(err)
	}
	r := &rope{addr: l.Addr().String(), to: to, runs: map[*strand]bool{}, count: map[string]int{}}
	t.Cleanup(func() { _ = l.Close(); r.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go r.run(near)
			}
		}
	}()
	return r
}

func (r *rope) run(near net.Conn) {
	far, err := net.Dial("tcp", r.to)
	r.mu.Lock()
	if r.down || err != nil {
		r.mu.Unlock()
		_ = near.Close()
		if err == nil {
			_ = far.Close()
		}
		return
	}
	s := &strand{near: near, far: far}
	r.runs[s] = true
	r.mu.Unlock()
	go r.pass(s, near, far, &s.up)
	go r.pass(s, far, near, &s.down)
}

// pass carries bytes one way. Where it is silent they are read and lost, as if
// their acknowledgements came from somebody who has forgotten the connection.
func (r *rope) pass(s *strand, from, to net.Conn, silent *bool) {
	defer r.end(s)
	b := make([]byte, 16<<10)
	for {
		n, err := from.Read(b)
		for at := 0; at < n; {
			r.mu.Lock()
			piece, lag, mute := r.piece, r.lag, *silent
			r.mu.Unlock()
			if mute {
				break
			}
			time.Sleep(lag)
			next := n
			if piece > 0 {
				next = min(at+piece, n)
			}
			if _, failed := to.Write(b[at:next]); failed != nil {
				return
			}
			at = next
		}
		if err != nil {
			return
		}
	}
}

func (r *rope) end(s *strand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.runs, s)
	_, _ = s.near.Close(), s.far.Close()
}

// each does something to all connections that run now, and counts it.
func (r *rope) each(what string, do func(*strand)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.runs {
		r.count[what]++
		do(s)
	}
}

// cut ends all connections; those to come pass.
func (r *rope) cut() {
	r.each("cut", func(s *strand) { _, _ = s.near.Close(), s.far.Close() })
}

// reset ends them as a router does that was switched off and on.
func (r *rope) reset() {
	r.each("reset", func(s *strand) {
		for _, c := range []net.Conn{s.near, s.far} {
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}
	})
}

// stall leaves all connections as they are, and lets nothing pass in the
// directions named, for ever: only a new connection helps.
func (r *rope) stall(up, down bool) {
	r.each("stall", func(s *strand) { s.up, s.down = s.up || up, s.down || down })
}

// slow lets so many bytes pass at once, with a pause before each; 0 and 0 is as
// fast as can be.
func (r *rope) slow(piece int, lag time.Duration) {
	r.each("slow", func(*strand) {})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.piece, r.lag = piece, lag
}

// block ends all connections and lets nobody through until it is taken away.
func (r *rope) block(down bool) {
	r.mu.Lock()
	r.down = down
	r.mu.Unlock()
	if down {
		r.cut()
	}
}

// did tells how often something was done to a connection that ran.
func (r *rope) did(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count[what]
}
