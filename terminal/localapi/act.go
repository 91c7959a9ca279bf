package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
)

// Act is what every action that writes an entry says.
type Act struct {
	Ref     string `json:"ref" minLength:"8" maxLength:"64" doc:"the caller's own reference, never used for anything else"`
	Cashier string `json:"cashier" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9._-]+$" doc:"who does it: written into the journal"`
}

func (a Act) said() Act { return a }

// acting is a body that says who does it, and under which reference.
type acting interface{ said() Act }

// asked is an action of a lane, as it is asked for.
type asked[B acting] struct {
	Lane
	Body B
}

type outcomeOut struct {
	Head string `header:"Jifen-Head" doc:"what a witness is to remember: the newest one counts"`
	Body Outcome
}

// action describes and serves one action of a lane: posted under the caller's own
// reference, answered with what was written for it.
func action[B acting](a *API, id, path, summary, description string, do func(clerk.By, B) (clerk.Done, error)) {
	huma.Register(a.huma, operation(id, http.MethodPost, "/lanes/{lane}/"+path, summary, description),
		func(_ context.Context, in *asked[B]) (*outcomeOut, error) {
			var d clerk.Done
			err := a.at(in.Lane.Lane, in.Body.said().Cashier, func(by clerk.By) (err error) {
				d, err = do(by, in.Body)
				return err
			})
			if err != nil {
				return nil, err
			}
			return a.told(in.Body.said().Ref, d), nil
		})
}

// told is the answer to an action, with the head that proves later that nothing
// of it was lost.
func (a *API) told(ref string, d clerk.Done) *outcomeOut {
	out := &outcomeOut{Body: a.outcome(ref, d)}
	var err error
	if out.Head, err = a.o.Till.HeadCode(); err != nil { // the action is done: a witness less is no reason to say otherwise
		a.o.Log.Warn("local API: no head for the caller", "error", err)
	}
	return out
}
