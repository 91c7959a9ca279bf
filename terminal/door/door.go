// Package door bounds the connections of an HTTP server, and says which one has
// to go when there are too many: one that has not asked anything whole yet, the
// oldest first. So whoever opens connections and sends nothing, or little by
// little, keeps nobody else out (sec W5). It knows no route and no person.
package door

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync"
)

// Door is where the connections of one server come in. It is safe for concurrent
// use.
type Door struct {
	most    int
	bodyMax int64
	shut    func(from net.Addr) // told of each connection that had to go

	mu    sync.Mutex
	guest map[net.Conn]*guest
	n     uint64
}

// guest is one connection.
type guest struct {
	n     uint64 // when it came, in order
	asked bool   // something whole, once at least
	busy  bool   // it is being answered
}

// New makes a door for so many connections, whose requests have bodies of at most
// bodyMax bytes.
func New(most int, bodyMax int64, shut func(from net.Addr)) *Door {
	return &Door{most: most, bodyMax: bodyMax, shut: shut, guest: map[net.Conn]*guest{}}
}

type key struct{}

// Attach has a server's connections come in by the door. It is called before the
// server serves.
func (d *Door) Attach(s *http.Server) {
	s.Handler = d.whole(s.Handler)
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, key{}, d.enter(c))
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			d.mu.Lock()
			defer d.mu.Unlock()
			delete(d.guest, c)
		}
	}
}

// enter lets a connection in; where there are too many another one goes, or this
// one if all others are being answered.
func (d *Door) enter(c net.Conn) *guest {
	d.mu.Lock()
	d.n++
	g := &guest{n: d.n}
	d.guest[c] = g
	var out net.Conn
	if len(d.guest) > d.most {
		out = d.weakest(c)
		delete(d.guest, out)
	}
	d.mu.Unlock()
	if out != nil {
		d.shut(out.RemoteAddr())
		if t, ok := out.(*tls.Conn); ok { // its own Close would wait for the other side
			out = t.NetConn()
		}
		_ = out.Close()
	}
	return g
}

// weakest is the connection that goes: of those that never asked anything whole,
// else of those that ask nothing now, the oldest; else the newcomer.
func (d *Door) weakest(newcomer net.Conn) net.Conn {
	out, best := newcomer, (*guest)(nil)
	for c, g := range d.guest {
		if c == newcomer || g.busy {
			continue
		}
		if best == nil || !g.asked && best.asked || g.asked == best.asked && g.n < best.n {
			out, best = c, g
		}
	}
	return out
}

// whole reads a request's body before anything is done for it. Until then its
// connection may have to go.
func (d *Door) whole(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g, _ := r.Context().Value(key{}).(*guest)
		if r.Body != nil && r.Body != http.NoBody {
			var b bytes.Buffer
			_, err := io.Copy(&b, io.LimitReader(r.Body, d.bodyMax+1))
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(&b, rest{r.Body, err}), r.Body}
		}
		d.set(g, true)
		defer d.set(g, false)
		next.ServeHTTP(w, r)
	})
}

func (d *Door) set(g *guest, busy bool) {
	if g == nil { // not a connection of this door: a test's own
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	g.asked, g.busy = true, busy
}

// rest is what is left of a body: the fault that reading it met, if it did.
type rest struct {
	io.Reader
	err error
}

func (r rest) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return r.Reader.Read(p)
}
