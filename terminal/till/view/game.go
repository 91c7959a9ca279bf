package view

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Game is a game of the programme in force, and how the member on the sale can
// play it.
type Game struct {
	ID      string
	Name    programme.Text
	Wheel   bool           // else a scratch card
	Open    bool           // it runs here now
	From    lot.Fen        // a purchase of so much enters; 0 is not by purchase
	Cost    lot.Amount     // of one play, in points of Asset; 0 costs none
	Asset   programme.Text // what the points are called
	Missing lot.Amount     // of Cost, to the member on the sale
	Tickets lot.Amount     // plays that are theirs already
	Free    bool           // a play of the day costs nothing
}

// Playable reports whether the member on the sale can play now, as far as it is
// seen without looking into the batch and at the day's plays.
func (g *Game) Playable() bool {
	return g.Open && (g.Tickets > 0 || g.Cost > 0 && g.Missing == 0 || g.Cost == 0 && g.Free)
}

// Games names the games of a programme.
func Games(p *programme.Programme) (list []Game) {
	for i := range p.Games {
		g := &p.Games[i]
		list = append(list, Game{
			ID: g.ID, Name: g.Name, Wheel: g.Wheel, From: g.FromFen, Cost: g.Stake.Amount, Asset: p.PointsName(g.Stake.Asset), Free: g.Stake.Amount == 0 && g.PerDay > 0,
		})
	}
	return list
}

// For looks at the games as a member would play them on an occasion.
func For(games []Game, p *programme.Programme, on *programme.Occasion, m *Member) {
	for i := range games {
		known, _ := p.Game(games[i].ID)
		g := &games[i]
		g.Open, g.Missing = known.OpenOn(on), g.Cost
		if m == nil {
			continue
		}
		for _, k := range m.Points {
			if k.Asset == known.Stake.Asset {
				g.Missing = max(0, g.Cost-k.Here)
			}
		}
		for _, t := range m.Tickets {
			if t.Game == g.ID {
				g.Tickets = t.Count
			}
		}
	}
}

// Ticket is plays of a game that are a member's.
type Ticket struct {
	Game  string
	Name  programme.Text
	Count lot.Amount
}

func addTicket(list []Ticket, p *programme.Programme, h lot.Holding) []Ticket {
	parts, err := lot.ParseAsset(h.Lot.Asset)
	if err != nil || parts.Class != lot.ClassTicket {
		return list
	}
	if n := slices.IndexFunc(list, func(t Ticket) bool { return t.Game == parts.ID }); n >= 0 {
		list[n].Count += h.Amount
		return list
	}
	t := Ticket{Game: parts.ID, Name: Plain(parts.ID), Count: h.Amount}
	if g, ok := p.Game(parts.ID); ok {
		t.Name = g.Name
	}
	return append(list, t)
}

// Row is one row of a game's published table.
type Row struct {
	Name  programme.Text
	Share int64 // of a million
	Lose  bool
}

// RowsOf is a game's published table.
func RowsOf(g *programme.Game) (rows []Row) {
	for _, p := range g.Prizes {
		rows = append(rows, Row{p.Name, p.Weight, p.Lose})
	}
	return rows
}

// Offer is a game that the customer may begin with a finger.
type Offer struct {
	Game Game
	Rows []Row
}

// Drawn is one play that was done, as its entry has it.
type Drawn struct {
	ID    string // of the play: another one never has it
	Game  Game
	Rows  []Row
	Row   int  // where it came to rest; below 0 is nowhere: nothing was drawn for good
	Won   bool // a prize
	Level Level
	Said  string // a word of the catalogue, for What
	What  programme.Text
}

// DrawnOf is a play as a screen shows it. g is the game; for one that is no longer
// in force only the sentence is left.
func DrawnOf(id string, g *programme.Game, known Game, s *ledger.Stake) Drawn {
	d := Drawn{ID: id, Game: known, Rows: RowsOf(g), Row: -1, Won: s.Prize != ""}
	d.Level, d.Said, d.What = Said(g, s)
	for n, p := range g.Prizes {
		if p.ID == s.Prize && d.Won || p.Lose && d.Said == "play-lost" {
			d.Row = n
		}
	}
	return d
}

// Said tells what a play gave.
func Said(g *programme.Game, s *ledger.Stake) (Level, string, programme.Text) {
	prize, _ := g.Prize(s.Prize)
	switch {
	case s.Prize != "":
		return OK, "play-won", prize.Name
	case len(s.Issues) > 0:
		return Attention, "play-again", g.Name
	case len(s.Draws) == 0 && g.Stake.Amount > 0:
		return Attention, "play-back", g.Name
	}
	return OK, "play-lost", g.Name
}

// Winner is somebody, masked, who won a prize of which everybody is to be told.
type Winner struct {
	Day   lot.Day
	Name  string
	Phone string
	Game  programme.Text
	Prize programme.Text
}
