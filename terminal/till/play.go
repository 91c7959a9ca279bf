package till

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/dealer"
	"github.com/jifen-pos/jifen/terminal/till/person"
)

// Play plays a game once for the member on the sale: with a ticket of theirs, with
// points, or as one of a day's free plays (cap G1). Stake and prize are one entry,
// and the prize is what the next ticket of a sealed batch says that this terminal
// holds (rule S20).
func (t *Till) Play(by clerk.By, ref, id string) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.playAt(by, l, ref, id) })
}

func (t *Till) playAt(by clerk.By, l *lane, ref, id string) (clerk.Done, error) {
	alike := func(b ledger.Body) bool { return b.(*ledger.Play).Stake.Game == id }
	return t.confirmAt(by, l, ref, ledger.KindPlay, alike, func(l *lane) (confirmation, error) {
		g, ok := t.Programme().Game(id)
		switch {
		case !ok:
			return confirmation{}, refuse("unknown-game")
		case l.Member == 0:
			return confirmation{}, refuse("no-member")
		case !l.Proof.MaySpend():
			return confirmation{}, refuse("not-proved")
		}
		return confirmation{
			input: fmt.Appendf(nil, "%s %s", id, l.Member),
			next:  l.basket,
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.play(x, by, l, &g) },
			done: func(d clerk.Done) {
				l.last = &Last{Kind: ledger.KindPlay, Origin: d.Origin}
				level, code, name := dealer.Said(&g, &d.Entry.Body.(*ledger.Play).Stake)
				l.say(level, code, name)
			},
		}, nil
	})
}

// play makes the entry of one play.
func (t *Till) play(x *clerk.Txn, by clerk.By, l *lane, g *programme.Game) (ledger.Body, error) {
	on, err := t.occasion(x, l.Member)
	if err != nil {
		return nil, err
	}
	if !g.Scope.Here(&on) || !on.Trusted && !g.Window.Always() || !g.Window.Open(on.At) {
		return nil, refuse("game-not-open")
	}
	s, err := t.entered(x, by, l.Member, g)
	if err != nil {
		return nil, err
	}
	body := &ledger.Play{Member: l.Member, Proof: l.Proof, Day: t.Programme().BusinessDay(x.Now.Wall), Stake: s}
	t.printPrizes(x, by.Lane, []ledger.Stake{s})
	return body, nil
}

// occasion is what scopes and windows look at; who is blocked plays nothing.
func (t *Till) occasion(x *clerk.Txn, who member.ID) (on programme.Occasion, err error) {
	about, err := x.State.About(who)
	if err != nil || about.Ruling.Blocked {
		return on, cmp.Or(err, refuse("member-blocked"))
	}
	return programme.Occasion{
		At: t.Programme().Moment(x.Now.Wall), Trusted: x.Today.Trusted, Store: t.o.Place.Store, Region: t.Programme().Region(t.o.Place.Store),
		Tier: about.Ruling.Tier, Member: true,
	}, nil
}

// entered plays for a stake: a ticket of the game, points, or a free play of the
// day.
func (t *Till) entered(x *clerk.Txn, by clerk.By, who member.ID, g *programme.Game) (s ledger.Stake, err error) {
	held, err := t.spendable(x.State, by.Lane, who)
	if err != nil {
		return s, err
	}
	s.Asset = lot.TicketAsset(g.ID)
	way := game.ByStake
	if s.Draws, err = lot.Plan(held, s.Asset, 1, x.Today); err != nil {
		switch {
		case g.Stake.Amount > 0:
			s.Asset = g.Stake.Asset
			s.Draws, err = lot.Plan(held, s.Asset, g.Stake.Amount, x.Today)
		case g.PerDay > 0:
			s.Asset, s.Draws, err, way = "", nil, nil, game.ByPurchase
		}
	}
	switch {
	case err != nil:
		return s, short(err, "points-short", who)
	case len(s.Draws) > lot.HoldingsMax:
		return s, refuse("too-many-lots")
	}
	if g.PerDay > 0 {
		q := person.Quota{Quota: ledger.PlayQuota(g.ID, x.Today.Day), Times: lot.Amount(g.PerDay)}
		if s.Quota, err = t.UseQuota(x, who, q, nil); err != nil {
			return s, short(err, "plays-short", who)
		}
	}
	return t.dealer.Draw(x, g, way, s, nil)
}

// enter lets a purchase enter the games that it is enough for, once each (cap
// G1). Where no batch is here, and where the prize is used up, the member gets a
// ticket for another play.
func (t *Till) enter(x *clerk.Txn, sale *ledger.Sale, r pricing.Request) error {
	if sale.Member == 0 || len(t.Programme().Games) == 0 {
		return nil
	}
	on, err := t.occasion(x, sale.Member)
	if err != nil { // who is blocked earns all the same
		return nil
	}
	var gone []lot.Draw
	for i := range t.Programme().Games {
		g := &t.Programme().Games[i]
		open := g.Scope.Here(&on) && (on.Trusted || g.Window.Always()) && g.Window.Open(on.At)
		if g.FromFen == 0 || !open || dealer.SpentOn(sale, r, &g.Scope) < g.FromFen || len(sale.Plays) == ledger.PlaysMax {
			continue
		}
		s, err := t.dealer.Draw(x, g, game.ByPurchase, ledger.Stake{}, gone)
		if errors.Is(err, dealer.ErrNoBatch) {
			later := ledger.Issue{Asset: lot.TicketAsset(g.ID), Amount: 1, Funder: g.Funder, Expires: g.Window.Until}
			s, err = ledger.Stake{Game: g.ID, Issues: []ledger.Issue{later}}, nil
		}
		if err != nil {
			return err
		}
		gone = append(gone, s.Budget...)
		sale.Plays = append(sale.Plays, s)
	}
	return nil
}

// printPrizes prints the vouchers that plays won.
func (t *Till) printPrizes(x *clerk.Txn, lane uint32, plays []ledger.Stake) {
	for _, n := range dealer.Papers(plays) {
		t.Print(x, lane, slip.Voucher, n, slip.Facts{})
	}
}
