package cashier

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// fragments are the parts of the page that the stream renews, each the element
// with the id of its name.
var fragments = []string{
	"message", "basket", "member", "best", "totals", "pay", "voucher", "returning", "redeem", "use", "about", "papers", "tender", "parked",
	"return", "claiming", "join", "day", "adjust", "play", "family", "care", "attend", "status",
}

// show answers with a lane's page, or with the sign-in if its cashier is not
// who asks.
func (s *Screen) show(w http.ResponseWriter, r *http.Request, lane uint32) {
	v, err := s.Till(lane).View(lane)
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	p, ok := s.o.Server.Who(r)
	if !ok || s.o.Till.Cashier(lane) != p.ID {
		place := v.Store.In(s.o.Server.Lang(r))
		s.o.Server.ShowSignIn(w, r, webui.Gate{
			Heading: s.o.Server.Say(s.o.Server.Lang(r), "lane-of", place, fmt.Sprint(lane)),
			Action:  fmt.Sprintf("/lane/%d/signin", lane),
		})
		return
	}
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, "page", s.sheet(v, p, s.o.Server.Lang(r))); err != nil {
		s.o.Server.Reply(w, r, fmt.Errorf("show lane %d: %w", lane, err))
		return
	}
	s.o.Server.HTML(w, b.Bytes())
}

// stream sends the lane's fragments as they change. What comes from a scanner
// counts as use of the session, so that no till locks itself in mid-sale.
func (s *Screen) stream(w http.ResponseWriter, r *http.Request, by clerk.By, p webui.Person) {
	lang, heard, training := s.o.Server.Lang(r), uint64(0), s.Training(by.Lane)
	s.o.Server.Stream(w, r, webui.Feed{Hub: s.o.Hub, Render: func(context.Context) ([]webui.Fragment, error) {
		v, err := s.Till(by.Lane).View(by.Lane)
		if err != nil {
			return nil, err
		}
		if s.o.Till.Cashier(by.Lane) != by.Actor || s.Training(by.Lane) != training {
			return nil, webui.ErrLeave
		}
		if v.Message.N != heard {
			heard = v.Message.N
			s.o.Server.Who(r)
		}
		return webui.Draw(s.templates, fragments, s.sheet(v, p, lang))
	}})
}

// viewed is a lane's view for programs, with what a person reads of it.
type viewed struct {
	till.View
	JobIDs   []uint64 // of Jobs, in order
	Sentence string   // of the message
	Devices  []DeviceView
	Papers   []PaperView
	Training bool
}

func (s *Screen) viewJSON(w http.ResponseWriter, r *http.Request, by clerk.By, _ webui.Person) {
	v, err := s.Till(by.Lane).View(by.Lane)
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	sh := s.sheet(v, webui.Person{}, s.o.Server.Lang(r))
	out := viewed{View: v, Sentence: sh.Sentence(), Devices: sh.Devices, Papers: sh.Papers, Training: sh.Training}
	for _, j := range v.Jobs {
		out.JobIDs = append(out.JobIDs, j.ID)
	}
	s.tellHead(w)
	s.o.Server.JSON(w, out)
}

// picture answers with a picture of a paper.
func (s *Screen) picture(papers Papers) func(http.ResponseWriter, *http.Request, webui.Person) {
	return func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		name := r.PathValue("name")
		if papers == nil || !slices.ContainsFunc(papers.List(), func(p PaperView) bool { return p.Name == name }) {
			s.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusNotFound, Code: "no-paper"})
			return
		}
		b, err := papers.Picture(name)
		if err != nil {
			s.o.Server.Reply(w, r, fmt.Errorf("picture of %s: %w", name, err))
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(b)
	}
}
