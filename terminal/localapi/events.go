package localapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"
)

// beat is how often a stream that has nothing to say shows that it is alive.
const beat = 15 * time.Second

// The events of a stream. Each carries the whole of what it is about, so that one
// that was missed is made good by the next; scans alone are kept for it.
type (
	// BasketEvent is a lane whose basket or message changed: a scan, a command.
	BasketEvent struct {
		Lane    uint32  `json:"lane"`
		Basket  Quote   `json:"basket"`
		Message Message `json:"message"`
	}
	// JobsEvent are the newest papers.
	JobsEvent struct {
		Jobs []Job `json:"jobs"`
	}
	// HealthEvent is how the terminal is.
	HealthEvent struct {
		Health Health `json:"health"`
	}
	// BeatEvent says that the stream is alive.
	BeatEvent struct {
		Time string `json:"time" format:"date-time"`
	}
)

// eventsIn says what a stream is about, and from where it goes on.
type eventsIn struct {
	Lanes []uint32 `query:"lane" maxItems:"16" doc:"the lanes whose baskets and scans are told; none without it" example:"[1]"`
	Last  string   `header:"Last-Event-ID" maxLength:"20" doc:"the id of the newest event that was heard: scans since are told"`
}

// retryMillis is after how long a stream that broke is to be asked for again.
const retryMillis = 1000

func (a *API) routeEvents() {
	op := operation("events", http.MethodGet, "/events", "What changes",
		"A stream of server-sent events: all that there is first, then what changes, each event with the whole of what it is about. "+
			"Connect again when it breaks, with the id of the newest event (Last-Event-ID, as every client of such streams does by itself): scans meanwhile are told too.")
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		if !a.streams.enter() {
			_ = huma.WriteErr(a.huma, ctx, http.StatusServiceUnavailable, "")
			return
		}
		defer a.streams.leave()
		next(ctx)
	}}
	kinds := map[string]any{"basket": BasketEvent{}, "scan": ScanEvent{}, "jobs": JobsEvent{}, "health": HealthEvent{}, "beat": BeatEvent{}}
	sse.Register(a.huma, op, kinds, a.stream)
}

func (a *API) stream(ctx context.Context, in *eventsIn, send sse.Sender) {
	changed, cancel := a.o.Changes.Subscribe()
	defer cancel()
	t := time.NewTicker(beat)
	defer t.Stop()
	f := &feed{a: a, lanes: in.Lanes, send: send, sent: map[string][]byte{}, scan: a.scans.from(in.Last)}
	for {
		if f.tell() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-a.closing:
			return
		case <-changed:
		case <-t.C:
			if f.event(BeatEvent{time.Now().In(a.o.Zone).Format(timeForm)}) != nil {
				return
			}
		}
	}
}

// feed is one open stream.
type feed struct {
	a     *API
	lanes []uint32
	send  sse.Sender
	sent  map[string][]byte // what was said last of each thing
	scan  int               // the newest scan that was told
}

func (f *feed) event(data any) error {
	return f.send(sse.Message{ID: f.scan, Retry: retryMillis, Data: data})
}

// say sends what is other than what was sent before.
func (f *feed) say(name string, event any) error {
	b, err := json.Marshal(event)
	if err != nil || bytes.Equal(b, f.sent[name]) {
		return err
	}
	f.sent[name] = b
	return f.event(event)
}

// tell sends all that has changed. What cannot be read is logged, and told the
// next time.
func (f *feed) tell() error {
	h, err := f.a.health()
	if err != nil {
		f.a.o.Log.Error("local API: stream", "error", err)
		return nil
	}
	if err := f.say("health", HealthEvent{h}); err != nil {
		return err
	}
	for _, e := range f.a.scans.after(f.scan) {
		f.scan = e.N
		if !slices.Contains(f.lanes, e.Lane) {
			continue
		}
		if err := f.event(e); err != nil {
			return err
		}
	}
	for _, lane := range f.lanes {
		if lane == 0 || lane > f.a.o.Lanes {
			continue
		}
		v, err := f.a.o.Till.View(lane)
		if err != nil {
			f.a.o.Log.Error("local API: stream", "error", err)
			return nil
		}
		if err := f.say(fmt.Sprint("basket ", lane), BasketEvent{lane, quoteOf(v), messageOf(v.Message)}); err != nil {
			return err
		}
	}
	list, err := f.a.o.Till.Jobs()
	if err != nil {
		f.a.o.Log.Error("local API: stream", "error", err)
		return nil
	}
	return f.say("jobs", JobsEvent{jobsOf(list)})
}
