package cashier

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// fragments are the parts of the page that the stream renews, each the element
// with the id of its name.
var fragments = []string{"message", "basket", "member", "deduct", "totals", "pay", "voucher", "redeem", "papers", "status"}

// show answers with a lane's page, or with the sign-in if its cashier is not
// who asks.
func (s *Screen) show(w http.ResponseWriter, r *http.Request, lane uint32) {
	v, err := s.o.Till.View(lane)
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	p, ok := s.o.Server.Who(r)
	if !ok || v.Cashier != p.ID {
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

// stream sends the lane's fragments as they change.
func (s *Screen) stream(w http.ResponseWriter, r *http.Request, by clerk.By) {
	p, lang := webui.Person{ID: by.Actor}, s.o.Server.Lang(r)
	if who, ok := s.o.Server.Who(r); ok {
		p = who
	}
	s.o.Server.Stream(w, r, webui.Feed{Hub: s.o.Hub, Render: func(context.Context) ([]webui.Fragment, error) {
		v, err := s.o.Till.View(by.Lane)
		if err != nil {
			return nil, err
		}
		if v.Cashier != by.Actor {
			return nil, webui.ErrLeave
		}
		return s.render(s.sheet(v, p, lang))
	}})
}

func (s *Screen) render(sh *sheet) ([]webui.Fragment, error) {
	list := make([]webui.Fragment, 0, len(fragments))
	for _, name := range fragments {
		var b bytes.Buffer
		if err := s.templates.ExecuteTemplate(&b, name, sh); err != nil {
			return nil, fmt.Errorf("show %s: %w", name, err)
		}
		list = append(list, webui.Fragment{ID: name, HTML: strings.TrimSpace(b.String())})
	}
	return list, nil
}

// viewed is a lane's view for programs, with what a person reads of it.
type viewed struct {
	till.View
	JobIDs   []uint64 // of Jobs, in order
	Sentence string   // of the message
	Devices  []DeviceView
	Papers   []PaperView
}

func (s *Screen) viewJSON(w http.ResponseWriter, r *http.Request, by clerk.By) {
	v, err := s.o.Till.View(by.Lane)
	if err != nil {
		s.o.Server.Reply(w, r, err)
		return
	}
	sh := s.sheet(v, webui.Person{}, s.o.Server.Lang(r))
	out := viewed{View: v, Sentence: sh.Sentence(), Devices: sh.Devices, Papers: sh.Papers}
	for _, j := range v.Jobs {
		out.JobIDs = append(out.JobIDs, j.ID)
	}
	s.tellHead(w)
	s.o.Server.JSON(w, out)
}

// picture answers with a picture of a paper.
func (s *Screen) picture(w http.ResponseWriter, r *http.Request, _ webui.Person) {
	name := r.PathValue("name")
	missing := &webui.Fault{Status: http.StatusNotFound, Code: "no-paper"}
	if s.o.Papers == nil {
		s.o.Server.Reply(w, r, missing)
		return
	}
	for _, p := range s.o.Papers.List() {
		if p.Name != name {
			continue
		}
		b, err := s.o.Papers.Picture(name)
		if err != nil {
			s.o.Server.Reply(w, r, fmt.Errorf("picture of %s: %w", name, err))
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(b)
		return
	}
	s.o.Server.Reply(w, r, missing)
}
