package cashier

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// playCommands are games and surveys: begun here, or put onto the customer's
// screen.
var playCommands = map[string]command{
	"play": {fields: []string{"ref", "game"}, act: role.Sell, do: func(x call) error {
		_, err := x.till.Play(x.by, x.f["ref"], x.f["game"])
		return err
	}},
	"play/offer":    {fields: []string{"game"}, act: role.Sell, do: func(x call) error { return x.till.OfferPlay(x.by, x.f["game"]) }},
	"play/withdraw": simple(role.Sell, Till.WithdrawPlay),
	"survey":        {fields: []string{"survey"}, act: role.Enrol, do: func(x call) error { return x.till.AskSurvey(x.by, x.f["survey"]) }},
	"survey/end":    simple(role.Enrol, Till.EndSurvey),
}

// routeTouch takes what the customer's finger does on their screen: it begins a
// game that was offered, or answers a question that was asked, and nothing else.
func (s *Screen) routeTouch() {
	s.o.Server.Open("POST /lane/{lane}/customer/play", s.watched(func(w http.ResponseWriter, r *http.Request, lane uint32) {
		_, err := webui.Fields(r)
		if err == nil {
			_, err = s.Till(lane).Begin(lane)
		}
		s.o.Server.Reply(w, r, s.fault(r, err))
	}))
	s.o.Server.Open("POST /lane/{lane}/customer/answer", s.watched(func(w http.ResponseWriter, r *http.Request, lane uint32) {
		f, err := webui.Fields(r, "question", "option")
		if err == nil {
			question, failed := strconv.Atoi(f["question"])
			option, wrongly := strconv.Atoi(f["option"])
			if failed != nil || wrongly != nil {
				err = wrong("bad-answer")
			} else {
				_, err = s.Till(lane).AnswerSurvey(lane, question, option)
			}
		}
		s.o.Server.Reply(w, r, s.fault(r, err))
	}))
}

// shareLeast is how much of a wheel the rarest prize has, in millionths: drawn to
// be seen. What the chances are stands beside it.
const shareLeast = 40_000

// Sector is a part of a wheel, in millionths of its round and in degrees.
type Sector struct {
	N           int64
	From, Share int64
	Middle      int64
}

// Wheel is the table of a game as the sectors of a wheel.
func (sh *sheet) Wheel(rows []view.Row) []Sector {
	var total, from int64
	for _, r := range rows {
		total += max(r.Share, shareLeast)
	}
	list := make([]Sector, len(rows))
	for i, r := range rows {
		share := max(r.Share, shareLeast) * 1_000_000 / total
		list[i] = Sector{N: int64(i + 1), From: from, Share: share, Middle: (from + share/2) * 360 / 1_000_000}
		from += share
	}
	return list
}

// Rest is how far a wheel is turned where a row of its table is at the top.
func (sh *sheet) Rest(rows []view.Row, row int) int64 {
	if row < 0 || row >= len(rows) {
		return 0
	}
	return 360 - sh.Wheel(rows)[row].Middle
}

// Tint is a sector's colour, of six.
func (sh *sheet) Tint(n int64) int64 { return n % 6 }

// Chance is how likely a row is, as it is published: 2 %, 0.05 %.
func (sh *sheet) Chance(share int64) string {
	text := fmt.Sprintf("%d.%04d", share/10_000, share%10_000)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text + "%"
}

// Entered says how the member on the sale can play a game.
func (sh *sheet) Entered(g view.Game) string {
	switch {
	case !g.Open:
		return sh.Say("game-shut")
	case g.Tickets > 0:
		return sh.Say("game-tickets", g.Tickets)
	case g.Cost > 0 && g.Missing > 0 && sh.Member != nil:
		return sh.Say("game-missing", sh.Points(g.Cost), sh.In(g.Asset), sh.Points(g.Missing))
	case g.Cost > 0:
		return sh.Say("game-costs", sh.Points(g.Cost), sh.In(g.Asset))
	case g.Free:
		return sh.Say("game-free")
	}
	return sh.Say("game-bought", sh.Yuan(g.From))
}

// DrawWord says what a play gave.
func (sh *sheet) DrawWord(d view.Drawn) string { return sh.Say(d.Said, sh.In(d.What)) }

// Step is one answer that a question has.
type Step struct {
	Option int // from 0
	Word   string
}

// Steps are the answers to the question that is being asked; on a scale the best
// one stands first.
func (sh *sheet) Steps() (list []Step) {
	for n, a := range sh.Survey.Answers {
		list = append(list, Step{n, sh.In(a)})
	}
	for n := sh.Survey.Most - 1; n >= 0 && len(sh.Survey.Answers) == 0; n-- {
		list = append(list, Step{n, sh.Say(fmt.Sprintf("scale-%d", n))})
	}
	return list
}

// Asked0 is the number of the question that is being asked, from 0.
func (sh *sheet) Asked0() int { return sh.Survey.N - 1 }
