package webui_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/webui"
)

const pin = "271828"

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// say is a catalogue that shows what it was asked for.
func say(lang, code string, values ...string) string {
	return lang + ":" + code + "(" + strings.Join(values, ",") + ")"
}

// cheap is a PIN hash that takes no time, for tests that check many.
const cheap = "$argon2id$v=19$m=8,t=1,p=1$c2FsdCBvZiB0aGUgdGVzdA$"

// bench is a server with a page behind the sign-in that counts its visitors.
type bench struct {
	t      *testing.T
	server *webui.Server
	hub    *webui.Hub
	clock  *clock
	end    func() error
}

func newBench(t *testing.T, change ...func(*webui.Options)) *bench {
	t.Helper()
	b := &bench{t: t, hub: webui.NewHub(), clock: &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}}
	hash := webui.HashPIN(pin, []byte("salt of the test"))
	o := webui.Options{
		Listen: "127.0.0.1:0", Hosts: []string{"till.shop"}, Title: "title", Say: say, Now: b.clock.Now, Beat: 20 * time.Millisecond,
		People: []webui.Person{{ID: "li", Name: "Li <b>", PIN: hash}, {ID: "wu", Name: "Wu", PIN: hash}},
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	b.server, err = webui.New(o)
	b.check("make server", err)
	b.server.Open("GET /gate", func(w http.ResponseWriter, r *http.Request) {
		b.server.ShowSignIn(w, r, webui.Gate{Heading: "<i>here</i>", Action: "/signin"})
	})
	b.server.Open("POST /signin", func(w http.ResponseWriter, r *http.Request) {
		fields, err := webui.Fields(r, "person", "pin")
		if err == nil {
			_, err = b.server.SignIn(w, r, fields["person"], fields["pin"])
		}
		b.server.Reply(w, r, err)
	})
	b.server.Open("POST /signout", func(w http.ResponseWriter, r *http.Request) {
		b.server.SignOut(w, r)
		b.server.Reply(w, r, nil)
	})
	b.server.Signed("POST /act", func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		_, err := webui.Fields(r, "a", "b")
		b.server.Reply(w, r, err)
	})
	return b
}

// run serves until the end of the test, or until end is called.
func (b *bench) run() *bench {
	b.t.Helper()
	b.check("listen", b.server.Listen())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.server.Run(ctx) }()
	b.end = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	b.t.Cleanup(func() { b.check("run", b.end()) })
	return b
}

func (b *bench) check(act string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", act, err)
	}
}

// client is a browser without a page.
type client struct {
	http.Client
	b *bench
}

func (b *bench) client() *client {
	jar, _ := cookiejar.New(nil)
	return &client{http.Client{Jar: jar, Timeout: 10 * time.Second}, b}
}

func (b *bench) signedIn() *client {
	b.t.Helper()
	c := b.client()
	if got, text := c.post("/signin", `{"person":"li","pin":"`+pin+`"}`); got != http.StatusNoContent {
		b.t.Fatalf("sign in = %d %s, want 204", got, text)
	}
	return c
}

// do sends a request after a change, and returns the answer and its body.
func (c *client) do(method, path, body string, change ...func(*http.Request)) (*http.Response, string) {
	c.b.t.Helper()
	r, err := http.NewRequest(method, "http://"+c.b.server.Addr()+path, strings.NewReader(body))
	c.b.check("make request", err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, f := range change {
		f(r)
	}
	answer, err := c.Do(r)
	c.b.check(method+" "+path, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	c.b.check("read answer", err)
	return answer, string(text)
}

func (c *client) post(path, body string, change ...func(*http.Request)) (int, string) {
	c.b.t.Helper()
	r, text := c.do(http.MethodPost, path, body, change...)
	return r.StatusCode, text
}

// event is one event of a stream.
type event struct{ name, data string }

// listen opens a stream; the channel closes when it ends.
func (c *client) listen(path string) <-chan event {
	c.b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+c.b.server.Addr()+path, nil)
	c.b.check("make request", err)
	c.Timeout = 0
	answer, err := c.Do(r)
	c.b.check("open stream", err)
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" || answer.Header.Get("X-Accel-Buffering") != "no" {
		c.b.t.Errorf("stream's Content-Type = %q, want text/event-stream without buffering", got)
	}
	events := make(chan event, 100)
	go func() {
		defer close(events)
		defer answer.Body.Close()
		var e event
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			switch key, value, _ := strings.Cut(lines.Text(), ": "); key {
			case "event":
				e.name = value
			case "data":
				events <- event{e.name, value}
			}
		}
	}()
	return events
}

// next waits for an event of a name; "" is returned when the stream ends.
func next(t *testing.T, events <-chan event, name string) string {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return ""
			}
			if e.name == name {
				return e.data
			}
		case <-deadline:
			t.Fatalf("no event %q within 5 s", name)
		}
	}
}

// busyAddr is an address that somebody listens on.
func busyAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
