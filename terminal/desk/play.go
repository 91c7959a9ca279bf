package desk

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// offer is a game that a lane's customer may begin with a finger: offered to one
// member, and good for one play.
type offer struct {
	Game   string    `json:"game"`
	Member member.ID `json:"member"`
}

func offerNote(lane uint32) string { return fmt.Sprintf("offer-%d", lane) }

func readOffer(tx journal.Tx, lane uint32) (*offer, error) {
	b, err := tx.Note(offerNote(lane))
	if err != nil || len(b) == 0 {
		return nil, err
	}
	o := &offer{}
	if err := json.Unmarshal(b, o); err != nil {
		return nil, fmt.Errorf("offer at lane %d: %w", lane, err)
	}
	return o, nil
}

// OfferPlay puts a game onto the customer's screen, for the member on the sale to
// begin. Nothing is staked yet.
func (d *Desk) OfferPlay(by clerk.By, game string) error {
	v, err := d.View(by.Lane)
	if err != nil {
		return err
	}
	g, ok := gameOf(v.Games, game)
	switch {
	case !ok:
		return d.Refuse(by, "unknown-game")
	case v.Member == nil:
		return d.Refuse(by, "no-member")
	case !v.Member.Proof.MaySpend():
		return d.Refuse(by, "not-proved")
	case v.Member.Blocked:
		return d.Refuse(by, "member-blocked")
	case !g.Open:
		return d.Refuse(by, "game-not-open")
	case !g.Playable():
		return d.Refuse(by, "play-nothing-left")
	}
	raw, err := json.Marshal(offer{Game: game, Member: v.Member.ID})
	if err != nil {
		return err
	}
	if err := d.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(offerNote(by.Lane), raw) }); err != nil {
		return err
	}
	return d.Tell(by, till.Attention, "play-offered", g.Name)
}

// WithdrawPlay takes a game off the customer's screen.
func (d *Desk) WithdrawPlay(by clerk.By) error {
	if _, err := d.takeOffer(by.Lane); err != nil {
		return err
	}
	return d.Tell(by, till.OK, "play-withdrawn")
}

// takeOffer takes an offer off a lane, so that it begins one play at most.
func (d *Desk) takeOffer(lane uint32) (o *offer, err error) {
	err = d.o.Journal.Update(func(tx journal.Tx) error {
		if o, err = readOffer(tx, lane); err != nil || o == nil {
			return err
		}
		return tx.PutNote(offerNote(lane), []byte{})
	})
	return o, err
}

// Begin plays the game that was offered to a lane's customer: a finger on their
// screen. However often it is touched, one offer is one play. Who works at the
// lane stands in the entry.
func (d *Desk) Begin(lane uint32) (clerk.Done, error) {
	by := clerk.By{Lane: lane, Actor: d.Cashier(lane)}
	o, err := d.takeOffer(lane)
	if err != nil {
		return clerk.Done{}, err
	}
	v, err := d.Till.View(lane)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case o == nil || v.Member == nil || v.Member.ID != o.Member:
		return clerk.Done{}, d.Refuse(by, "play-not-offered")
	}
	return d.Play(by, v.Ref, o.Game)
}

// viewPlay shows what can be played, what waits for a finger and what was played.
func (d *Desk) viewPlay(tx journal.Tx, v *till.View) error {
	p := d.Programme()
	if len(p.Games) == 0 {
		return nil
	}
	o, err := readOffer(tx, v.Lane)
	if err != nil {
		return err
	}
	if o != nil && v.Member != nil && v.Member.ID == o.Member {
		g, _ := gameOf(v.Games, o.Game)
		known, _ := p.Game(o.Game)
		v.Offer = &view.Offer{Game: g, Rows: view.RowsOf(&known)}
	}
	v.Draws, err = d.drawn(tx, v)
	return err
}

// ofPlays are the sentences at whose entry something may have been played.
const ofPlays = " sold exchanged play-won play-lost play-back play-again "

// drawn is what the lane's newest entry played, as the journal has it, while the
// lane's sentence is about that.
func (d *Desk) drawn(tx journal.Tx, v *till.View) (list []view.Drawn, err error) {
	if v.Last == nil || !strings.Contains(ofPlays, " "+v.Message.Code+" ") {
		return nil, nil
	}
	r, err := tx.Record(ledger.Incarnation(v.Last.Origin.Incarnation), ledger.Seq(v.Last.Origin.Seq))
	if err != nil {
		return nil, err
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return nil, err
	}
	for n, s := range plays(e.Body) {
		id := lot.ID{Origin: v.Last.Origin, N: uint32(n)}
		known, _ := d.Programme().Game(s.Game)
		g, _ := gameOf(v.Games, s.Game)
		list = append(list, view.DrawnOf(id.String(), &known, g, &s))
	}
	return list, nil
}

func plays(b ledger.Body) []ledger.Stake {
	switch b := b.(type) {
	case *ledger.Play:
		return []ledger.Stake{b.Stake}
	case *ledger.Sale:
		return b.Plays
	case *ledger.Return:
		if b.Sale != nil {
			return b.Sale.Plays
		}
	}
	return nil
}

func gameOf(list []view.Game, id string) (view.Game, bool) {
	for _, g := range list {
		if g.ID == id {
			return g, true
		}
	}
	return view.Game{}, false
}
