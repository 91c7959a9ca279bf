package localapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2/sse"
)

// beat is how often a stream that has nothing to say shows that it is alive.
const beat = 15 * time.Second

// The events of a stream. Each carries the whole of what it is about, so that one
// that was missed is made good by the next.
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

func (a *API) routeEvents() {
	op := operation("events", http.MethodGet, "/events", "What changes",
		"A stream of server-sent events: all that there is first, then what changes. Connect again when it breaks; nothing is lost by that.")
	sse.Register(a.huma, op, map[string]any{"basket": BasketEvent{}, "jobs": JobsEvent{}, "health": HealthEvent{}, "beat": BeatEvent{}}, a.stream)
}

// eventsIn says which lanes a stream is about.
type eventsIn struct {
	Lanes []uint32 `query:"lane" maxItems:"16" doc:"the lanes whose baskets are told; none without it" example:"[1]"`
}

func (a *API) stream(ctx context.Context, in *eventsIn, send sse.Sender) {
	if !a.streams.enter() {
		return
	}
	defer a.streams.leave()
	changed, cancel := a.o.Changes.Subscribe()
	defer cancel()
	t := time.NewTicker(beat)
	defer t.Stop()
	sent := map[string][]byte{}
	for {
		if err := a.tell(sent, in.Lanes, send); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-a.closing:
			return
		case <-changed:
		case <-t.C:
			if send.Data(BeatEvent{time.Now().In(a.o.Zone).Format(timeForm)}) != nil {
				return
			}
		}
	}
}

// tell sends what is other than what was sent before.
func (a *API) tell(sent map[string][]byte, lanes []uint32, send sse.Sender) error {
	say := func(name string, event any) error {
		b, err := json.Marshal(event)
		if err != nil || bytes.Equal(b, sent[name]) {
			return err
		}
		sent[name] = b
		return send.Data(event)
	}
	h, err := a.health()
	if err != nil {
		a.o.Log.Error("local API: stream", "error", err)
		return nil
	}
	if err := say("health", HealthEvent{h}); err != nil {
		return err
	}
	for _, lane := range lanes {
		if lane == 0 || lane > a.o.Lanes {
			continue
		}
		v, err := a.o.Till.View(lane)
		if err != nil {
			a.o.Log.Error("local API: stream", "error", err)
			return nil
		}
		if err := say(fmt.Sprint("basket ", lane), BasketEvent{lane, quoteOf(v), messageOf(v.Message)}); err != nil {
			return err
		}
	}
	list, err := a.o.Till.Jobs()
	if err != nil {
		a.o.Log.Error("local API: stream", "error", err)
		return nil
	}
	return say("jobs", JobsEvent{jobsOf(list)})
}
