package contract

import (
	"net/http"
	"strconv"
	"time"
)

// The parts about who acts, and what they may do.

// patience is how often somebody waits for their turn after wrong PINs.
const patience = 3

// enter has somebody sign in, after the wait that wrong PINs of before may ask for.
func (s *suite) enter(p Person) (session string, a answer) {
	for range patience {
		a = s.call("POST", "/sessions", object{"person": p.ID, "pin": p.PIN})
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		if a.status != http.StatusTooManyRequests || err != nil || wait > 30 {
			break
		}
		select {
		case <-s.ctx.Done():
		case <-time.After(time.Duration(wait) * time.Second):
		}
	}
	return a.text("session"), a
}

// people is who works here; from here on the suite acts as one of them.
func people(s *suite) {
	list := s.send("GET", "/people", nil, nil)
	if list.status != http.StatusOK {
		s.broken("GET /people: %v; want who works here", list)
	}
	for how, session := range map[string]string{"no session": "", "a session that nobody has": "nonsense"} {
		s.session = session
		if a := s.call("POST", s.lane("sales"), s.sale(order("", s.o.Goods), 100)); a.status != http.StatusUnauthorized || a.text("code") != "sign-in-needed" {
			s.wrong("a sale with %s: %v; want 401 and sign-in-needed", how, a)
		}
	}
	s.session = ""
	if a := s.call("POST", "/sessions", object{"person": s.o.Senior.ID}); s.o.Senior.PIN != "" && (a.status != http.StatusForbidden || a.text("code") != "pin-needed") {
		s.wrong("signing in without a PIN: %v; want 403 and pin-needed", a)
	}
	session, a := s.enter(s.o.Senior)
	if a.status != http.StatusOK || session == "" || a.text("person") != s.o.Senior.ID {
		s.broken("%s signs in: %v; want a session", s.o.Senior.ID, a)
	}
	if role := a.text("role"); role != "senior" && role != "keeper" {
		s.broken("%s is %s here; want a senior or a keeper, who may do what is tried", s.o.Senior.ID, role)
	}
	s.session = session
}

// roles are kept: a cashier undoes no sale, unless a senior agrees.
func roles(s *suite) {
	if s.o.Cashier.ID == "" {
		panic(left("no cashier was named"))
	}
	_, sold := s.sellOne(order("", s.o.Goods))
	senior := s.session
	session, a := s.enter(s.o.Cashier)
	if session == "" {
		s.broken("%s signs in: %v; want a session", s.o.Cashier.ID, a)
	}
	defer func() { s.session = senior }()
	s.session = session
	if a.text("role") != "cashier" {
		s.broken("%s is %s here; want a cashier", s.o.Cashier.ID, a.text("role"))
	}
	body := s.act(object{"sale": sold.text("entry"), "void": true, "tender": "cash"})
	s.refused(http.StatusForbidden, "needs-step-up", "POST", s.lane("returns"), body)
	lend := func(p Person) object { return object{"person": p.ID, "pin": p.PIN, "reason": "reason-mistake"} }
	body["second"] = lend(s.o.Cashier)
	s.refused(http.StatusForbidden, "second-person", "POST", s.lane("returns"), body)
	body["second"] = lend(s.o.Senior)
	back := s.once("returns", body)
	if back.number("paid_fen") != -sold.number("paid_fen") {
		s.wrong("a void that a senior agreed to: %v; want all of %d back", back, sold.number("paid_fen"))
	}
	s.refused(http.StatusForbidden, "may-not", "DELETE", "/people/"+s.o.Cashier.ID+"/lock", nil)
	s.want(http.StatusNoContent, "DELETE", "/sessions", nil)
	s.refused(http.StatusUnauthorized, "sign-in-needed", "DELETE", s.lane("basket"), nil)
}

// guessing is slow.
func guessing(s *suite) {
	if s.o.Senior.PIN == "" {
		panic(left("no PIN was given"))
	}
	wrong := Person{ID: s.o.Senior.ID, PIN: s.o.Senior.PIN + "0"}
	if _, a := s.enter(wrong); a.status != http.StatusForbidden || a.text("code") != "wrong-pin" {
		s.wrong("a wrong PIN: %v; want 403 and wrong-pin", a)
	}
	a := s.call("POST", "/sessions", object{"person": s.o.Senior.ID, "pin": s.o.Senior.PIN})
	if a.status == http.StatusOK { // a second has passed
		return
	}
	if a.status != http.StatusTooManyRequests || a.text("code") != "pin-wait" || a.header.Get("Retry-After") == "" {
		s.wrong("the right PIN right after a wrong one: %v; want 429, and how long to wait", a)
	}
	if session, a := s.enter(s.o.Senior); session == "" {
		s.wrong("the right PIN after the wait: %v; want a session", a)
	}
}
