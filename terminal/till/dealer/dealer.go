// Package dealer gives out the tickets of sealed batches that a terminal holds,
// in their order: what a play wins is what its ticket says. It plans what a play
// takes and gives, keeps the batches that it has opened, and writes nothing.
package dealer

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/till/person"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Options are what a till lends.
type Options struct {
	Terminal ledger.TerminalID
	Deals    func() []game.Deal
	// Rules are those of a version that was in force here once.
	Rules     func(tx journal.Tx, version string) (*programme.Programme, error)
	Store     string
	Clerk     *clerk.Clerk
	Care      *person.Care
	Spendable func(state *fold.State, lane uint32, id member.ID) ([]lot.Holding, error) // what a lane may use of a member's rights
}

// Dealer deals at one terminal. It is safe for concurrent use.
type Dealer struct {
	o     Options
	mu    sync.Mutex
	decks map[game.Seal]*game.Deck
}

// New makes one; it starts nothing.
func New(o Options) *Dealer { return &Dealer{o: o, decks: map[game.Seal]*game.Deck{}} }

// Draw takes the next ticket of a batch that is held here. What others before it
// in the same entry take is gone.
func (d *Dealer) Draw(x *clerk.Txn, g *programme.Game, way game.Entered, s ledger.Stake, gone []lot.Draw) (ledger.Stake, error) {
	stock, err := x.State.Usable(0)
	if err != nil {
		return s, err
	}
	stock = lot.Without(stock, gone)
	for _, deal := range d.o.Deals() {
		if deal.Batch.Game != g.ID || deal.Batch.Terminal != uint32(d.o.Terminal) {
			continue
		}
		n := slices.IndexFunc(stock, func(h lot.Holding) bool { return h.Lot.Asset == deal.Batch.TicketsLot() && h.Amount > 0 })
		if n < 0 {
			continue
		}
		ticket := stock[n]
		rules, err := d.o.Rules(x.Tx, deal.Batch.Programme)
		if err != nil {
			return s, err
		}
		deck, err := d.deck(deal)
		if err != nil {
			return s, err
		}
		left := func(budget lot.Asset) bool { return lot.Available(stock, budget, x.Today) > 0 }
		o, err := deck.Play(rules, uint64(ticket.Lot.Amount-ticket.Amount), way, x.Today.Day, left)
		if err != nil {
			return s, err
		}
		var budget []lot.Draw
		if o.Budget != "" {
			if budget, err = lot.Plan(stock, o.Budget, 1, x.Today); err != nil {
				return s, err
			}
		}
		out := o.Stake(&deck.Batch, s.Asset, s.Draws, budget, s.Quota)
		out.Budget = append(out.Budget, lot.Draw{Lot: ticket.Lot.ID, Amount: 1})
		return out, nil
	}
	return s, ErrNoBatch
}

// ErrNoBatch says that no sealed batch of a game has a ticket left here.
var ErrNoBatch = view.Refuse("no-batch")

// deck is a batch with its tickets in their order, put so once.
func (d *Dealer) deck(deal game.Deal) (*game.Deck, error) {
	d.mu.Lock()
	deck := d.decks[deal.Seal]
	d.mu.Unlock()
	if deck != nil {
		return deck, nil
	}
	deck, err := game.Open(deal.Batch, deal.Seal, deal.Seed)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.decks[deal.Seal] = deck
	d.mu.Unlock()
	return deck, nil
}

// occasion is what scopes and windows look at; who is blocked plays nothing.
func (d *Dealer) occasion(x *clerk.Txn, who member.ID) (on programme.Occasion, err error) {
	about, err := x.State.About(who)
	if err != nil || about.Ruling.Blocked {
		return on, cmp.Or(err, view.Refuse("member-blocked"))
	}
	return programme.Occasion{
		At: d.o.Clerk.Programme().Moment(x.Now.Wall), Trusted: x.Today.Trusted, Store: d.o.Store, Region: d.o.Clerk.Programme().Region(d.o.Store),
		Tier: about.Ruling.Tier, Grade: about.Ruling.Grade, Member: true,
	}, nil
}

// Play plays once for a member: with a ticket of the game, with points, or as one
// of a day's free plays.
func (d *Dealer) Play(x *clerk.Txn, by clerk.By, who member.ID, g *programme.Game) (ledger.Stake, error) {
	on, err := d.occasion(x, who)
	if err != nil {
		return ledger.Stake{}, err
	}
	if !g.OpenOn(&on) {
		return ledger.Stake{}, view.Refuse("game-not-open")
	}
	return d.entered(x, by, who, g)
}

// entered plays for a stake: a ticket of the game, points, or a free play of the
// day.
func (d *Dealer) entered(x *clerk.Txn, by clerk.By, who member.ID, g *programme.Game) (s ledger.Stake, err error) {
	held, err := d.o.Spendable(x.State, by.Lane, who)
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
		return s, view.Short(err, "points-short", who)
	case len(s.Draws) > lot.HoldingsMax:
		return s, view.Refuse("too-many-lots")
	}
	if g.PerDay > 0 {
		q := person.Quota{Quota: quota.Play(g.ID, x.Today.Day), Times: lot.Amount(g.PerDay)}
		if s.Quota, err = d.o.Care.UseQuota(x, who, q, nil); err != nil {
			return s, view.Short(err, "plays-short", who)
		}
	}
	return d.Draw(x, g, way, s, nil)
}

// Enter lets a purchase enter the games that it is enough for, once each (cap
// G1). Where no batch is here, and where the prize is used up, the member gets a
// ticket for another play.
func (d *Dealer) Enter(x *clerk.Txn, sale *ledger.Sale, r pricing.Request) error {
	if sale.Member == 0 || len(d.o.Clerk.Programme().Games) == 0 {
		return nil
	}
	on, err := d.occasion(x, sale.Member)
	if err != nil { // who is blocked earns all the same
		return nil
	}
	var gone []lot.Draw
	for i := range d.o.Clerk.Programme().Games {
		g := &d.o.Clerk.Programme().Games[i]
		if g.FromFen == 0 || !g.OpenOn(&on) || SpentOn(sale, r, &g.Scope) < g.FromFen || len(sale.Plays) == ledger.PlaysMax {
			continue
		}
		s, err := d.Draw(x, g, game.ByPurchase, ledger.Stake{}, gone)
		if errors.Is(err, ErrNoBatch) {
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

// SpentOn is what was really paid for the goods that a scope covers.
func SpentOn(sale *ledger.Sale, r pricing.Request, scope *programme.Scope) (fen lot.Fen) {
	for n := range sale.Lines {
		if scope.Covers(&r.Lines[n].Product) {
			fen += sale.Lines[n].Net()
		}
	}
	return fen
}

// Papers are the numbers of the lots that plays won and that stand on paper.
func Papers(plays []ledger.Stake) (list []uint32) {
	for n, s := range plays {
		for m, i := range s.Issues {
			if i.Asset.Benefit() != "" || i.Asset.Coupon() != "" {
				list = append(list, ledger.PrizeLot(n, m))
			}
		}
	}
	return list
}
