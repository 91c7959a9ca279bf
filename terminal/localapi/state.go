package localapi

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Health is how the terminal is.
type Health struct {
	Terminal string   `json:"terminal" example:"t1"`
	Store    Text     `json:"store"`
	Software string   `json:"software"`
	Lanes    uint32   `json:"lanes"`
	Online   bool     `json:"online" doc:"HQ answers; a terminal without it sells and redeems what it holds"`
	Backlog  uint64   `json:"backlog" doc:"entries that HQ does not have yet"`
	Oldest   string   `json:"oldest,omitempty" format:"date-time" doc:"when the oldest of them was written"`
	Clock    string   `json:"clock" enum:"unset,running,synced" doc:"how far the clock is trusted"`
	Head     string   `json:"head" doc:"the newest entry of the journal"`
	Devices  []Device `json:"devices"`
}

// Job is a paper that is to be printed, or was.
type Job struct {
	ID      uint64 `json:"id"`
	Lane    uint32 `json:"lane"`
	State   string `json:"state" enum:"queued,sending,printed,unknown,failed"`
	Attempt int64  `json:"attempt" doc:"from the second on, the paper says 补打"`
	Entry   string `json:"entry"`
	Reason  string `json:"reason,omitempty"`
}

// Message is the newest sentence of a lane for its cashier.
type Message struct {
	Level string `json:"level" enum:"ok,attention,refused"`
	Code  string `json:"code"`
	ZH    string `json:"zh"`
	EN    string `json:"en"`
	N     uint64 `json:"n" doc:"grows with every message of the lane"`
}

type (
	healthOut struct{ Body Health }
	jobsOut   struct{ Body []Job }
	scanIn    struct {
		Lane
		Who
		Body struct {
			Code string `json:"code" minLength:"1" maxLength:"512"`
			AIM  string `json:"aim,omitempty" maxLength:"3" doc:"the scanner's AIM identifier" example:"]E0"`
		}
	}
	challengeIn struct {
		Lane
		Who
	}
	challengeOut struct {
		Body struct {
			Code string `json:"code" doc:"the text of its QR code" example:"JF1.C.…"`
		}
	}
	noticeIn struct {
		Lane
		Who
		Body struct {
			Game string `json:"game,omitempty" maxLength:"32" doc:"a game's id; none is the rules of points" example:"spring-wheel"`
		}
	}
	reprintIn struct {
		Lane
		Who
		Job uint64 `path:"job"`
	}
)

func (a *API) routeState() {
	huma.Register(a.huma, operation("health", http.MethodGet, "/health", "How the terminal is", ""),
		func(context.Context, *struct{}) (*healthOut, error) {
			h, err := a.health()
			return &healthOut{h}, a.fault(err)
		})
	huma.Register(a.huma, operation("scan", http.MethodPost, "/lanes/{lane}/scans", "Scan",
		"A code into the lane's basket, as if a scanner of the lane had read it."),
		func(_ context.Context, in *scanIn) (*quoteOut, error) {
			b := in.Body
			if err := a.does(in.Lane.Lane, in.Who, role.Sell, func(by clerk.By) error { return a.o.Till.Scan(by, b.AIM, b.Code) }); err != nil {
				return nil, err
			}
			return a.basket(in.Lane.Lane)
		})
	huma.Register(a.huma, operation("challenge", http.MethodPost, "/lanes/{lane}/challenges", "Challenge a phone",
		"Where HQ cannot be reached: a code for the member's phone, which HQ answers with codes to be scanned here. It is good for five minutes. With a line it is refused (challenge-online)."),
		func(_ context.Context, in *challengeIn) (*challengeOut, error) {
			out := &challengeOut{}
			return out, a.does(in.Lane.Lane, in.Who, role.Sell, func(by clerk.By) error {
				if err := a.o.Till.Challenge(by); err != nil {
					return err
				}
				v, err := a.o.Till.View(in.Lane.Lane)
				out.Body.Code = v.Challenge
				return err
			})
		})
}

func (a *API) routePaper() {
	huma.Register(a.huma, operation("jobs", http.MethodGet, "/jobs", "Papers", "The newest papers, newest first."),
		func(context.Context, *struct{}) (*jobsOut, error) {
			list, err := a.o.Till.Jobs()
			return &jobsOut{jobsOf(list)}, a.fault(err)
		})
	huma.Register(a.huma, operation("reprint", http.MethodPost, "/lanes/{lane}/jobs/{job}/reprints", "Print again",
		"Under the same number; the paper says 补打, and the journal who asked for it."),
		func(_ context.Context, in *reprintIn) (*struct{}, error) {
			return nil, a.does(in.Lane.Lane, in.Who, role.Reprint, func(by clerk.By) error { return a.o.Till.Reprint(by, in.Job) })
		})
}

func (a *API) routeNotice() {
	huma.Register(a.huma, operation("notice", http.MethodPost, "/lanes/{lane}/notices", "Print a notice",
		"What the shop puts up: the rules of its points or, with a game's id, those of that game."),
		func(_ context.Context, in *noticeIn) (*struct{}, error) {
			return nil, a.does(in.Lane.Lane, in.Who, role.Reprint, func(by clerk.By) error { return a.o.Till.Notice(by, in.Body.Game) })
		})
}

func (a *API) health() (Health, error) {
	v, err := a.o.Till.View(1)
	if err != nil {
		return Health{}, err
	}
	h := Health{
		Terminal: v.Terminal.String(), Store: text(v.Store), Software: a.o.Software, Lanes: a.o.Lanes, Online: v.Ledger.Online,
		Backlog: v.Ledger.Backlog, Clock: clock(v.Clock), Head: v.Ledger.Head.String(), Devices: []Device{},
	}
	if !v.Ledger.Oldest.IsZero() {
		h.Oldest = v.Ledger.Oldest.In(a.o.Zone).Format(timeForm)
	}
	for lane := uint32(1); lane <= a.o.Lanes && a.o.Devices != nil; lane++ {
		h.Devices = append(h.Devices, a.o.Devices(lane)...)
	}
	return h, nil
}

func clock(c ledger.Clock) string {
	switch c {
	case ledger.ClockSynced:
		return "synced"
	case ledger.ClockRunning:
		return "running"
	}
	return "unset"
}

func jobsOf(list []printjob.Paper) []Job {
	out := make([]Job, len(list))
	for i, j := range list {
		out[i] = Job{ID: j.ID, Lane: j.Lane, State: string(j.State), Attempt: j.Attempt, Entry: j.Entry.String(), Reason: j.Reason}
	}
	return out
}

func messageOf(m till.Message) Message {
	p := problem(0, m.Code, m.Args...)
	return Message{Level: string(m.Level), Code: m.Code, ZH: p.ZH, EN: strings.TrimSpace(p.EN), N: m.N}
}
