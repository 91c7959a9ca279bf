package dealer

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// toldFrom is the worth above which everybody is told who won a prize that is
// drawn on the spot (law L14), and winnersMax how many of the newest are.
const (
	toldFrom   lot.Fen = 50_000
	winnersMax int     = 12
)

// winnersNote keeps who is told of: beside the journal, and written with the
// entry that won.
const winnersNote = "winners"

// winner is what is kept of one prize: what it is called goes by the rules in
// force when it is shown.
type winner struct {
	Day    lot.Day   `json:"day"`
	Member member.ID `json:"member"`
	Game   string    `json:"game"`
	Prize  string    `json:"prize"`
}

func readWinners(tx journal.Tx) (list []winner, err error) {
	b, err := tx.Note(winnersNote)
	if err != nil || b == nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("winners: %w", err)
	}
	return list, nil
}

// Tell keeps who won what everybody is to be told of, once the entry of the plays
// is written.
func (d *Dealer) Tell(x *clerk.Txn, who member.ID, plays []ledger.Stake) {
	p := d.o.Clerk.Programme()
	var fresh []winner
	for _, s := range plays {
		g, _ := p.Game(s.Game)
		if prize, ok := g.Prize(s.Prize); ok && prize.WorthFen > toldFrom {
			fresh = append(fresh, winner{p.BusinessDay(x.Now.Wall), who, s.Game, s.Prize})
		}
	}
	if len(fresh) == 0 {
		return
	}
	x.Then(func() error {
		list, err := readWinners(x)
		if err != nil {
			return err
		}
		list = append(fresh, list...)
		b, err := json.Marshal(list[:min(len(list), winnersMax)])
		if err != nil {
			return err
		}
		return x.PutNote(winnersNote, b)
	})
}

// Show fills in how the member of a view can play the games, and whom everybody is
// told of.
func (d *Dealer) Show(tx journal.Tx, v *view.Lane, members *roll.Members) (err error) {
	p := d.o.Clerk.Programme()
	if len(p.Games) > 0 {
		on := programme.Occasion{At: p.Moment(v.Now), Trusted: v.Clock != ledger.ClockUnset, Store: d.o.Store, Region: p.Region(d.o.Store)}
		if v.Member != nil {
			on.Member, on.Tier = true, v.Member.Tier
		}
		view.For(v.Games, p, &on, v.Member)
	}
	v.Winners, err = d.winners(tx, members)
	return err
}

// winners are those whom everybody is told of, masked, newest first. A prize of a
// game that is no longer in force keeps its id for a name.
func (d *Dealer) winners(tx journal.Tx, members *roll.Members) (list []view.Winner, err error) {
	kept, err := readWinners(tx)
	for _, k := range kept {
		w := view.Winner{Day: k.Day, Name: k.Member.String(), Game: view.Plain(k.Game), Prize: view.Plain(k.Prize)}
		if person, ok := members.ByID(k.Member); ok {
			w.Name, w.Phone = person.Name, person.Phone
		}
		if g, ok := d.o.Clerk.Programme().Game(k.Game); ok {
			w.Game = g.Name
			if prize, ok := g.Prize(k.Prize); ok {
				w.Prize = prize.Name
			}
		}
		list = append(list, w)
	}
	return list, err
}
