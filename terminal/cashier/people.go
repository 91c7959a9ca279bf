package cashier

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// stepUpFields are what a command may carry beside its own fields: a second
// person's right, lent to this very request and to no other (sec U5).
var stepUpFields = []string{"second", "pin", "reason"}

// signIn lets somebody work at a lane. Who only looks signs in too; what they
// may do is asked at each command.
func (s *Screen) signIn(w http.ResponseWriter, r *http.Request) {
	n, err := s.lane(r)
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	fields, err := webui.Fields(r, "person", "pin")
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	p, err := s.o.Server.SignIn(w, r, fields["person"], fields["pin"])
	if err == nil {
		err = s.fault(r, s.o.Till.SignIn(clerk.By{Lane: n, Actor: p.ID}))
	}
	if err == nil && s.Training(n) {
		err = s.fault(r, s.o.Training.SignIn(clerk.By{Lane: n, Actor: p.ID}))
	}
	s.o.Server.Reply(w, r, err)
}

// run does a command, if who asks may do it or somebody who may lends them the
// right.
func (s *Screen) run(w http.ResponseWriter, r *http.Request, by clerk.By, p webui.Person, c command) {
	fields, err := webui.Fields(r, append(append([]string{}, c.fields...), stepUpFields...)...)
	if err == nil {
		x := call{by: by, till: s.Till(by.Lane), f: fields}
		if x.second, err = s.allow(r, x, p, c); err == nil {
			err = c.do(x)
		}
	}
	s.tellHead(w)
	if err = s.fault(r, err); again(err) && fields["second"] == "" {
		err = &webui.Fault{Status: http.StatusForbidden, Code: "needs-step-up", Args: []string{s.o.Server.Say(s.o.Server.Lang(r), "act-return-again")}}
	}
	s.o.Server.Reply(w, r, c.at(fields, err))
}

// again reports a claim of goods that were claimed here before: a second person
// has to agree.
func again(err error) bool {
	var fault *webui.Fault
	return errors.As(err, &fault) && fault.Code == "return-claimed"
}

// allow returns the second person who lends their right, "" where none is
// needed, and writes down that they did.
func (s *Screen) allow(r *http.Request, x call, p webui.Person, c command) (second string, err error) {
	act := c.act
	two := false
	if c.which != nil {
		act, two = c.which(x)
	}
	if role.Role(p.Role).May(act) && !two {
		return "", nil
	}
	word := s.o.Server.Say(s.o.Server.Lang(r), "act-"+string(act))
	if x.f["second"] == "" {
		return "", &webui.Fault{Status: http.StatusForbidden, Code: "needs-step-up", Args: []string{word}}
	}
	if x.f["second"] == p.ID {
		return "", &webui.Fault{Status: http.StatusForbidden, Code: "second-person"}
	}
	if !role.Reason(x.f["reason"]) {
		return "", &webui.Fault{Status: http.StatusForbidden, Code: "reason-missing"}
	}
	lender, err := s.o.Server.Check(r.Context(), x.f["second"], x.f["pin"])
	if err != nil {
		return "", err
	}
	if !role.Role(lender.Role).MayLend(act) {
		return "", &webui.Fault{Status: http.StatusForbidden, Code: "may-not-lend", Args: []string{lender.Name, word}}
	}
	asked := map[string]string{"act": string(act)}
	for _, name := range c.fields {
		asked[name] = x.f[name]
	}
	input, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("lend a right: %w", err)
	}
	return lender.ID, x.till.StepUp(x.by, till.StepUp{Action: c.kind, Input: input, Second: lender.ID, Reason: x.f["reason"]})
}

// train moves a lane to the training's ledger, or back. What lies in the real
// basket stays there.
func (s *Screen) train(w http.ResponseWriter, r *http.Request, by clerk.By, p webui.Person) {
	fields, err := webui.Fields(r, "on")
	switch {
	case err != nil:
	case s.o.Training == nil:
		err = &webui.Fault{Status: http.StatusUnprocessableEntity, Code: "no-training"}
	case !role.Role(p.Role).May(role.Train):
		err = &webui.Fault{Status: http.StatusForbidden, Code: "may-not"}
	case fields["on"] == "true":
		if err = s.fault(r, s.o.Training.SignIn(by)); err == nil {
			s.training[by.Lane].Store(true)
		}
	default:
		s.training[by.Lane].Store(false)
	}
	s.o.Hub.Changed()
	s.o.Server.Reply(w, r, err)
}

// unlock lets somebody who gave too many wrong PINs try again. It stands in the
// real ledger, wherever the lane practises.
func (s *Screen) unlock(w http.ResponseWriter, r *http.Request, by clerk.By, p webui.Person) {
	fields, err := webui.Fields(r, "person")
	switch {
	case err != nil:
	case !role.Role(p.Role).May(role.Unlock):
		err = &webui.Fault{Status: http.StatusForbidden, Code: "may-not"}
	default:
		var was bool
		if was, err = s.o.Till.UnlockPIN(by, fields["person"]); err == nil && !was {
			err = &webui.Fault{Status: http.StatusUnprocessableEntity, Code: "not-locked", Args: []string{fields["person"]}}
		}
	}
	s.o.Server.Reply(w, r, s.fault(r, err))
}
