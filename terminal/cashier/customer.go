package cashier

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"

	"github.com/jifen-pos/jifen/devices/receipt/qr"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// customerFragments are the parts of the customer's page.
var customerFragments = []string{"customer-main", "customer-side", "customer-draw"}

// routeCustomer serves what the customer of a lane sees: the basket, the points,
// what they save at most. It is for a second window of the same machine, or for
// a browser where the lane's cashier has signed in.
func (s *Screen) routeCustomer() {
	s.o.Server.Open("GET /lane/{lane}/customer", s.watched(func(w http.ResponseWriter, r *http.Request, lane uint32) {
		v, err := s.Till(lane).View(lane)
		if err != nil {
			s.o.Server.Reply(w, r, err)
			return
		}
		var b bytes.Buffer
		if err := s.templates.ExecuteTemplate(&b, "customer", s.sheet(v, webui.Person{}, s.o.Server.Lang(r))); err != nil {
			s.o.Server.Reply(w, r, fmt.Errorf("show the customer of lane %d: %w", lane, err))
			return
		}
		s.o.Server.HTML(w, b.Bytes())
	}))
	s.o.Server.Open("GET /lane/{lane}/customer/stream", s.watched(func(w http.ResponseWriter, r *http.Request, lane uint32) {
		lang := s.o.Server.Lang(r)
		s.o.Server.Stream(w, r, webui.Feed{Hub: s.o.Hub, Public: true, Render: func(context.Context) ([]webui.Fragment, error) {
			v, err := s.Till(lane).View(lane)
			if err != nil {
				return nil, err
			}
			return webui.Draw(s.templates, customerFragments, s.sheet(v, webui.Person{}, lang))
		}})
	}))
}

// watched lets only this machine see a lane without a session.
func (s *Screen) watched(h func(http.ResponseWriter, *http.Request, uint32)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := s.lane(r)
		if err == nil && !here(r) {
			if _, ok := s.o.Server.Who(r); !ok {
				err = &webui.Fault{Status: http.StatusUnauthorized, Code: "sign-in-needed"}
			}
		}
		if err != nil {
			s.o.Server.Reply(w, r, err)
			return
		}
		h(w, r, n)
	}
}

// here reports whether a request comes from this machine.
func here(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// PageCode is a code that leads a phone to the member page, nothing where there
// is none.
func (sh *sheet) PageCode() template.HTML {
	if sh.s.o.MemberPage == "" {
		return ""
	}
	return template.HTML(qr.SVG(sh.s.o.MemberPage))
}

// ChallengeCode is a code for the customer's phone to read: it leads to the member
// page and brings the challenge along or, where there is no page, is the challenge.
func (sh *sheet) ChallengeCode() template.HTML {
	if page := sh.s.o.MemberPage; page != "" {
		return template.HTML(qr.SVG(page + "?till=" + url.QueryEscape(sh.Challenge)))
	}
	return template.HTML(qr.SVG(sh.Challenge))
}

// Greeting names the customer, "" for nobody.
func (sh *sheet) Greeting() string {
	if sh.Member == nil {
		return ""
	}
	return sh.Say("greeting", sh.Member.Name)
}

// Shown are the newest lines that fit the customer's screen.
func (sh *sheet) Shown() (list []int) {
	for i := max(0, len(sh.Lines)-customerLines); i < len(sh.Lines); i++ {
		list = append(list, i)
	}
	return list
}

// Earlier is how many lines stand above those that are shown.
func (sh *sheet) Earlier() int { return max(0, len(sh.Lines)-customerLines) }

// Staged reports whether something takes the place of the basket: a code for the
// customer's phone, a question, a game that waits for a finger, or what was played.
func (sh *sheet) Staged() bool {
	return sh.Challenge != "" || sh.Survey != nil || sh.Offer != nil || len(sh.Draws) > 0
}

// TopWinners are those that there is room for.
func (sh *sheet) TopWinners() []view.Winner { return sh.Winners[:min(len(sh.Winners), winnersShown)] }

// winnersShown is how many winners stand on the customer's screen at once.
const winnersShown = 3

// drawTable is a game's table and the sheet that it stands on.
type drawTable struct {
	Sheet *sheet
	Rows  []view.Row
}

// Table is a game's table, to be drawn.
func (sh *sheet) Table(rows []view.Row) drawTable { return drawTable{sh, rows} }

// customerLines is how many lines the customer's screen shows.
const customerLines = 6
