package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
)

// retryMillis is after how long a browser connects again.
const retryMillis = 1000

// ErrLeave, from a Feed's Render, tells the page to load itself anew: what it
// shows is no longer for this person.
var ErrLeave = errors.New("page is to be left")

// Fragment is a part of a page: the outer HTML of the element with the id.
type Fragment struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// Feed is what a page's stream shows.
type Feed struct {
	Hub    *Hub
	Public bool          // for anybody: it does not end with a session
	Every  time.Duration // render without a change too; 0: never
	Render func(context.Context) ([]Fragment, error)
}

// Draw draws fragments from the templates of their names.
func Draw(t *template.Template, names []string, data any) ([]Fragment, error) {
	list := make([]Fragment, 0, len(names))
	for _, name := range names {
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, name, data); err != nil {
			return nil, fmt.Errorf("show %s: %w", name, err)
		}
		list = append(list, Fragment{ID: name, HTML: strings.TrimSpace(b.String())})
	}
	return list, nil
}

// Stream sends a page its fragments as server-sent events until the page goes,
// the session ends or the server stops: all of them first, then those whose
// bytes have changed, those of one change in one event.
func (s *Server) Stream(w http.ResponseWriter, r *http.Request, f Feed) {
	leave, ok := s.enter(f.Public)
	defer leave()
	if !ok {
		s.Reply(w, r, &Fault{Status: http.StatusServiceUnavailable, Code: "too-many-pages"})
		return
	}
	changed, cancel := f.Hub.Subscribe()
	defer cancel()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	t := &stream{w: w, c: http.NewResponseController(w), sent: map[string]string{}}
	if t.write(fmt.Sprintf("retry: %d\n\n", retryMillis)) != nil {
		return
	}
	beat := time.NewTicker(s.o.Beat)
	defer beat.Stop()
	every := ticks(f.Every)
	defer every.Stop()
	for s.show(r, t, f) {
		for again := false; !again; {
			select {
			case <-r.Context().Done():
				return
			case <-s.stopping:
				return
			case <-beat.C:
				if _, ok := s.who(r, false); !ok && !f.Public {
					_ = t.event("leave", "{}")
					return
				}
				if t.event("beat", "{}") != nil {
					return
				}
			case <-changed:
				again = true
			case <-every.C:
				again = true
			}
		}
	}
}

// enter counts a stream, and reports whether there is room for it: those that
// anybody may open keep none from who has signed in.
func (s *Server) enter(public bool) (leave func(), ok bool) {
	ok = s.streams.Add(1) <= StreamsMax
	if !public {
		return func() { s.streams.Add(-1) }, ok
	}
	ok = s.public.Add(1) <= PublicMax && ok
	return func() { s.streams.Add(-1); s.public.Add(-1) }, ok
}

// ticks is a ticker; one of no duration never ticks.
func ticks(every time.Duration) *time.Ticker {
	if every > 0 {
		return time.NewTicker(every)
	}
	t := time.NewTicker(time.Hour)
	t.Stop()
	return t
}

// show renders once and reports whether the stream goes on.
func (s *Server) show(r *http.Request, t *stream, f Feed) bool {
	fragments, err := f.Render(r.Context())
	if errors.Is(err, ErrLeave) {
		_ = t.event("leave", "{}")
		return false
	}
	if err != nil {
		s.o.Log.Error("page cannot be shown", "path", r.URL.Path, "error", err)
		return true
	}
	return t.swap(fragments) == nil
}

// stream is one open event stream.
type stream struct {
	w    http.ResponseWriter
	c    *http.ResponseController
	sent map[string]string
	n    int
}

func (t *stream) swap(fragments []Fragment) error {
	var fresh []Fragment
	for _, f := range fragments {
		if t.sent[f.ID] != f.HTML {
			t.sent[f.ID] = f.HTML
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	b, err := json.Marshal(fresh)
	if err != nil {
		return err
	}
	return t.event("swap", string(b))
}

func (t *stream) event(name, data string) error {
	t.n++
	return t.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", t.n, name, data))
}

func (t *stream) write(text string) error {
	if err := t.c.SetWriteDeadline(time.Now().Add(writeWait)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := t.w.Write([]byte(text)); err != nil {
		return err
	}
	return t.c.Flush()
}
