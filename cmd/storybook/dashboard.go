package main

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/exposure"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// dashboardStory is one state of HQ's dashboard.
type dashboardStory struct {
	name     string
	overview hq.Overview
	press    string // a button that is pressed, or ""
}

// Overview gives the story.
func (s dashboardStory) Overview() (hq.Overview, error) { return s.overview, nil }

// Choose finds that somebody else was faster: nothing is settled in a story.
func (s dashboardStory) Choose(hq.Conflict, hq.Choice, hq.By) error { return hq.ErrChoice }

// Exposure is what may be lost at a terminal.
func (s dashboardStory) Exposure(ledger.TerminalID) (exposure.Exposure, error) {
	return exposure.Exposure{Held: 128_450, Frozen: 40_300}, nil
}

func dashboardStories() []dashboardStory {
	troubled := fleet()
	troubled.Terminals[1].Trouble = "trouble-fork"
	troubled.Terminals[2].Parked = 4
	troubled.Totals[0].Risk, troubled.Totals[0].Spent = 300, troubled.Totals[0].Spent+300
	troubled.Totals[1].HQ -= 5
	troubled.Alarms = []book.Alarm{
		{At: noon.Add(-3 * time.Minute), Terminal: 2, Code: "trouble-fork", Detail: "t2/8d1f04c277aa91e0/118: other bytes under a known number"},
		{At: noon.Add(-26 * time.Hour), Terminal: 3, Code: "alarm-risk", Detail: "t3/17c09a6be2f4d350/77"},
	}
	troubled.Conflicts = []hq.Conflict{
		{Code: "trouble-fork", Terminal: 2, Incarnation: 0x17c09a6be2f4d350, Done: "done-stopped", Choices: []hq.Choice{hq.ChooseKeepFirst, hq.ChooseResume, hq.ChooseDecommission}},
		{Code: "conflict-unproven", Terminal: 3, Incarnation: 0x55aa01, Done: "done-frozen", Choices: []hq.Choice{hq.ChooseFree, hq.ChooseDecommission}},
		{Code: "claim-no-sale", Terminal: 3, Of: lot.Origin{Terminal: 3, Incarnation: 0x55aa01, Seq: 77}, Done: "done-held-back", Choices: []hq.Choice{hq.ChooseRefuse}},
	}
	return []dashboardStory{
		{"empty", hq.Overview{Now: noon, Zone: noon.Location()}, ""},
		{"mixed", fleet(), ""},
		{"troubles", troubled, ""},
		{"settling", troubled, "#conflicts .for-good"},
	}
}

func fleet() hq.Overview {
	o := hq.Overview{Now: noon, Zone: noon.Location(), Terminals: []hq.TerminalView{
		{ID: 1, Name: "一号收银台", Store: "riverside", Presence: hq.Online, Heard: noon.Add(-2 * time.Second), Software: "0.2.0", Incarnation: 0x8d1f04c277aa91e0, Has: 1214, Says: 1214, Entries: 4210, DownSent: 88, DownApplied: 88},
		{ID: 2, Name: "二号收银台", Store: "riverside", Presence: hq.Late, Heard: noon.Add(-70 * time.Second), Software: "0.2.0", Incarnation: 0x17c09a6be2f4d350, Has: 118, Says: 131, Backlog: 13, Lag: 95 * time.Second, Entries: 118, DownSent: 12, DownApplied: 11},
		{ID: 3, Name: "农贸市场店自助收银台", Store: "market", Presence: hq.Offline, Heard: noon.Add(-75 * time.Hour), Software: "0.1.9", Incarnation: 0x55aa01, Has: 77, Says: 2291, Backlog: 2214, Lag: 75 * time.Hour, Entries: 977, DownSent: 40, DownApplied: 31},
		{ID: 4, Name: "新店", Store: "hill", Presence: hq.Never},
	}}
	for i := range 20 {
		id := ledger.TerminalID(5 + i)
		o.Terminals = append(o.Terminals, hq.TerminalView{ID: id, Name: fmt.Sprintf("分店 %d", i+1), Store: "branch", Presence: hq.Online, Heard: noon.Add(-time.Duration(i) * time.Second),
			Software: "0.2.0", Incarnation: ledger.Incarnation(0x1000 * (i + 1)), Has: ledger.Seq(300 + i), Says: ledger.Seq(300 + i), Entries: 300})
	}
	o.Totals = []hq.TotalView{
		{Asset: "points:consumption", Name: programme.Text{ZH: "消费积分", EN: "Consumption points"}, Issued: 1284500, HQ: 1100200, Terminals: 120300, Flight: 4000, Spent: 60000},
		{Asset: "points:green", Name: programme.Text{ZH: "绿色积分", EN: "Green points"}, Issued: 84210, HQ: 80000, Terminals: 4010, Spent: 200},
		{Asset: "benefit:tea-set", Name: programme.Text{ZH: "茗茶体验套装", EN: "Tea tasting set"}, Issued: 42, Terminals: 11, Spent: 31},
	}
	kinds := []hq.EntryView{{Kind: "kind-sale", Fen: 12660, Points: 152}, {Kind: "kind-redeem", Points: -500}, {Kind: "kind-voucher-use"}, {Kind: "kind-note-given", Points: -1200}, {Kind: "kind-open"}}
	for i := range 12 {
		e := kinds[i%len(kinds)]
		e.Origin = lot.Origin{Terminal: uint32(1 + i%3), Incarnation: 7, Seq: uint64(1214 - i)}
		e.At, e.Received = noon.Add(-time.Duration(i*i)*time.Minute), noon.Add(-time.Duration(i)*time.Minute)
		o.Recent = append(o.Recent, e)
	}
	return o
}
