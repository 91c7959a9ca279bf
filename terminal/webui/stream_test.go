package webui_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/webui"
)

// counter is a page of two fragments, one of which changes.
type counter struct {
	n       atomic.Int64
	renders atomic.Int64
	err     atomic.Pointer[error]
	held    atomic.Pointer[chan struct{}] // a render waits until it is closed
}

func (c *counter) render(context.Context) ([]webui.Fragment, error) {
	c.renders.Add(1)
	if held := c.held.Load(); held != nil {
		<-*held
	}
	if err := c.err.Load(); err != nil {
		return nil, *err
	}
	return []webui.Fragment{{ID: "still", HTML: "<p id=still>same\nline</p>"}, {ID: "n", HTML: "<p id=n>" + strings.Repeat("I", int(c.n.Load())) + "</p>"}}, nil
}

func (b *bench) feed(c *counter) *bench {
	b.server.Signed("GET /stream", func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		b.server.Stream(w, r, webui.Feed{Hub: b.hub, Render: c.render})
	})
	return b.run()
}

func TestAStreamSendsWhatChanged(t *testing.T) {
	c := &counter{}
	b := newBench(t).feed(c)
	events := b.signedIn().listen("/stream")
	if got := next(t, events, "swap"); !strings.Contains(got, `"still"`) || !strings.Contains(got, `"n"`) {
		t.Fatalf("the first event is %s, want both fragments", got)
	}
	c.n.Add(1)
	b.hub.Changed()
	if got := next(t, events, "swap"); strings.Contains(got, `"still"`) || !strings.Contains(got, `\u003eI\u003c`) {
		t.Errorf("after a change the event is %s, want the changed fragment only", got)
	}
	b.hub.Changed()
	next(t, events, "beat")
	c.n.Add(1)
	b.hub.Changed()
	if got := next(t, events, "swap"); !strings.Contains(got, "II") {
		t.Errorf("the event after an empty change is %s, want the next change", got)
	}
}

func TestManyChangesAreFewRenders(t *testing.T) {
	c := &counter{}
	b := newBench(t).feed(c)
	events := b.signedIn().listen("/stream")
	next(t, events, "swap")
	held := make(chan struct{})
	c.held.Store(&held)
	c.n.Store(1)
	for range 10_000 {
		b.hub.Changed()
	}
	close(held)
	next(t, events, "swap")
	for range 2 {
		next(t, events, "beat")
	}
	if got := c.renders.Load(); got > 3 {
		t.Errorf("10000 changes while it was rendered: the page was rendered %d times, want the first, that one, and one for what came meanwhile", got)
	}
}

func TestAFaultyRenderKeepsTheStream(t *testing.T) {
	c := &counter{}
	b := newBench(t).feed(c)
	events := b.signedIn().listen("/stream")
	next(t, events, "swap")
	fault := errors.New("journal cannot be read")
	c.err.Store(&fault)
	b.hub.Changed()
	next(t, events, "beat")
	c.err.Store(nil)
	c.n.Add(1)
	b.hub.Changed()
	if got := next(t, events, "swap"); !strings.Contains(got, `"n"`) {
		t.Errorf("after a fault the event is %s, want the fragment that changed", got)
	}
}

func TestAPageIsToldToLeave(t *testing.T) {
	t.Run("when-its-person-has-changed", func(t *testing.T) {
		c := &counter{}
		b := newBench(t).feed(c)
		events := b.signedIn().listen("/stream")
		next(t, events, "swap")
		c.err.Store(&webui.ErrLeave)
		b.hub.Changed()
		next(t, events, "leave")
	})
	t.Run("when-its-session-ends", func(t *testing.T) {
		b := newBench(t).feed(&counter{})
		events := b.signedIn().listen("/stream")
		next(t, events, "swap")
		b.clock.pass(time.Hour)
		next(t, events, "leave")
		if got := next(t, events, "swap"); got != "" {
			t.Errorf("after the end of the session came %s, want the end of the stream", got)
		}
	})
}

func TestStreamsNeedASessionAndAreLimited(t *testing.T) {
	b := newBench(t).feed(&counter{})
	if r, _ := b.client().do(http.MethodGet, "/stream", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("stream without a session = %d, want 401", r.StatusCode)
	}
	c := b.signedIn()
	for range webui.StreamsMax {
		next(t, c.listen("/stream"), "swap")
	}
	if r, text := c.do(http.MethodGet, "/stream", ""); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(text, "too-many-pages") {
		t.Errorf("stream number %d = %d %s, want 503", webui.StreamsMax+1, r.StatusCode, text)
	}
}

func TestStoppingEndsStreamsAtOnce(t *testing.T) {
	b := newBench(t).feed(&counter{})
	events := b.signedIn().listen("/stream")
	next(t, events, "swap")
	began := time.Now()
	b.check("stop", b.end())
	if took := time.Since(began); took > 900*time.Millisecond {
		t.Errorf("stopping took %s with a stream open, want them ended at once", took)
	}
	if got := next(t, events, "swap"); got != "" {
		t.Errorf("after the stop came %s, want the end of the stream", got)
	}
}

func TestABusyPortIsNamed(t *testing.T) {
	addr := busyAddr(t)
	b := newBench(t, func(o *webui.Options) { o.Listen = addr })
	err := b.server.Listen()
	if err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "in use") {
		t.Errorf("Listen on a busy port = %v, want a sentence that names %s", err, addr)
	}
	if err := b.server.Run(t.Context()); err == nil {
		t.Errorf("Run on a busy port = nil, want the error")
	}
}
