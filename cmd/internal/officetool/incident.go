package officetool

import (
	"context"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Happened is an incident that a person opens, or whose days they change.
type Happened struct {
	Incident string  `json:"incident,omitempty"` // its name
	Store    string  `json:"store,omitempty"`    // "": all stores
	First    lot.Day `json:"first,omitempty"`
	Last     lot.Day `json:"last,omitempty"` // 0: it goes on
}

// happened enters an incident; done is false if a request is about none.
func (d *Desk) happened(r *Request, by hq.By, out *reply) (done bool, err error) {
	if r.Incident == "" {
		return false, nil
	}
	if err := people.Named(by); err != nil {
		return true, err
	}
	err = d.HQ.Decide(func(w *decision.Work) error {
		*out = reply{}
		if r.Store == "" {
			return makegood.Incident(w, r.Incident, r.First, r.Last, by)
		}
		p, err := makegood.AtStore(w, r.Incident, r.Store, r.First, r.Last, by)
		out.add(p)
		return err
	})
	d.Log.Info("work at HQ", "incident", r.Incident, "store", r.Store, "first", r.First.String(), "last", r.Last.String(), "by", r.By, "error", err)
	return true, err
}

// Incident has HQ let last longer what ended in an incident.
func Incident(ctx context.Context, data string, i Happened, by, reason string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Happened: i, By: by, Reason: reason}, &r); err != nil {
		return err
	}
	w := &writer{out: out}
	switch {
	case i.Store != "":
		w.both("incident-store", i.Incident, i.Store, i.First.String(), i.Last.String(), fmt.Sprint(lots(r.Proposals)))
	case i.Last == 0:
		w.both("incident-open", i.Incident, i.First.String())
	default:
		w.both("incident-all", i.Incident, i.First.String(), i.Last.String())
	}
	if w.err == nil && i.Store != "" {
		w.err = r.write(out)
	}
	w.both("tills-incident")
	return w.err
}

func lots(list []shown) (n int) {
	for _, p := range list {
		n += p.AllLots
	}
	return n
}
