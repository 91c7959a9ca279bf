package localapi

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/role"
)

// Played is one play of a game.
type Played struct {
	Game     string   `json:"game" example:"spring-wheel"`
	Batch    string   `json:"batch,omitempty" doc:"the sealed batch; none where the member got a ticket to play later"`
	Number   uint64   `json:"number" doc:"of the ticket in its batch, from 0"`
	Prize    string   `json:"prize,omitempty" doc:"the prize's id in the game's table; none is no prize"`
	Staked   *Points  `json:"staked,omitempty" doc:"what was taken for it"`
	Given    []Points `json:"given,omitempty" doc:"what it gave: points, a voucher, a coupon, a ticket"`
	Vouchers []Issued `json:"vouchers,omitempty" doc:"that were won, and printed"`
}

// Play is one play of a game, to be made.
type Play struct {
	Act
	Member string `json:"member" minLength:"1" maxLength:"512" doc:"a card or a pass"`
	Game   string `json:"game" minLength:"1" maxLength:"64" example:"spring-wheel"`
}

func (a *API) routePlays() {
	action(a, "play", "plays", "Play a game",
		"Once, with a ticket, with points or as a free play of the day: stake and prize are one entry, and the prize is what the next ticket of the sealed batch says.",
		needs[Play](role.Sell, ledger.KindPlay),
		func(by doing, b Play) (clerk.Done, error) { return a.o.Till.PlayFor(by.By, b.Ref, b.Member, b.Game) })
}

func (a *API) plays(o *Outcome, origin lot.Origin, list []ledger.Stake) {
	for n, s := range list {
		p := Played{Game: s.Game, Batch: s.Batch, Number: s.Number, Prize: s.Prize}
		if len(s.Draws) > 0 {
			p.Staked = &Points{string(s.Asset), int64(lot.Sum(s.Draws))}
		}
		for m, i := range s.Issues {
			p.Given = append(p.Given, Points{string(i.Asset), int64(i.Amount)})
			if i.Asset.Benefit() != "" || i.Asset.Coupon() != "" {
				p.Vouchers = append(p.Vouchers, a.issued(lot.ID{Origin: origin, N: ledger.PrizeLot(n, m)}, i))
			}
		}
		o.Plays = append(o.Plays, p)
	}
}
