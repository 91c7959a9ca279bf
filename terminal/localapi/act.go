package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Act is what every action that writes an entry says.
type Act struct {
	Ref    string  `json:"ref" minLength:"8" maxLength:"64" doc:"the caller's own reference, never used for anything else"`
	Second *Second `json:"second,omitempty" doc:"where the answer was needs-step-up: somebody with the right, who agrees to this one action"`
}

func (a Act) said() Act { return a }

// acting is a body that says under which reference something is done.
type acting interface{ said() Act }

// asked is an action of a lane, as it is asked for.
type asked[B acting] struct {
	Lane
	Who
	Body B
}

type outcomeOut struct {
	Head string `header:"Jifen-Head" doc:"what a witness is to remember: the newest one counts"`
	Body Outcome
}

// doing is an action in hand.
type doing struct {
	clerk.By
	second string // who lent a right to it, or ""
}

// action describes and serves one action of a lane: posted under the caller's own
// reference by somebody who has the right that it needs, answered with what was
// written for it.
func action[B acting](a *API, id, path, summary, description string, need func(clerk.By, B) (right, error), do func(doing, B) (clerk.Done, error)) {
	huma.Register(a.huma, operation(id, http.MethodPost, "/lanes/{lane}/"+path, summary, description),
		func(ctx context.Context, in *asked[B]) (*outcomeOut, error) {
			p, err := a.who(in.Who)
			if err != nil {
				return nil, err
			}
			var d clerk.Done
			err = a.at(in.Lane.Lane, p, func(by clerk.By) error {
				r, err := need(by, in.Body)
				if err != nil {
					return err
				}
				second, err := a.allow(ctx, by, p, r, in.Body.said(), in.Body)
				if err == nil {
					d, err = do(doing{by, second}, in.Body)
				}
				return err
			})
			if err != nil {
				return nil, err
			}
			return a.told(in.Body.said().Ref, d), nil
		})
}

// does runs what writes no entry of its own, for somebody who may.
func (a *API) does(lane uint32, w Who, act role.Act, fn func(clerk.By) error) error {
	p, err := a.may(w, act)
	if err != nil {
		return err
	}
	return a.at(lane, p, fn)
}

// at runs something at a lane with nobody else's in between.
func (a *API) at(lane uint32, p webui.Person, fn func(clerk.By) error) error {
	if lane == 0 || lane > a.o.Lanes {
		return problem(http.StatusNotFound, "no-lane")
	}
	a.lanes[lane].Lock()
	defer a.lanes[lane].Unlock()
	by := clerk.By{Lane: lane, Actor: p.ID}
	if a.o.Till.Cashier(lane) != p.ID {
		if err := a.o.Till.SignIn(by); err != nil {
			return a.fault(err)
		}
	}
	return a.fault(fn(by))
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
