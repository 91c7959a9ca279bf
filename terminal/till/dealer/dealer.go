// Package dealer gives out the tickets of sealed batches that a terminal holds,
// in their order: what a play wins is what its ticket says. It keeps the batches
// that it has opened, and writes nothing.
package dealer

import (
	"slices"
	"sync"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Options are what a till lends.
type Options struct {
	Terminal ledger.TerminalID
	Deals    func() []game.Deal
	// Rules are those of a version that was in force here once.
	Rules func(tx journal.Tx, version string) (*programme.Programme, error)
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

// SpentOn is what was really paid for the goods that a scope covers.
func SpentOn(sale *ledger.Sale, r pricing.Request, scope *programme.Scope) (fen lot.Fen) {
	for n := range sale.Lines {
		if scope.Covers(&r.Lines[n].Product) {
			fen += sale.Lines[n].Net()
		}
	}
	return fen
}

// Said tells what a play gave.
func Said(g *programme.Game, s *ledger.Stake) (view.Level, string, programme.Text) {
	prize, _ := g.Prize(s.Prize)
	switch {
	case s.Prize != "":
		return view.OK, "play-won", prize.Name
	case len(s.Issues) > 0:
		return view.Attention, "play-again", g.Name
	case len(s.Draws) == 0 && g.Stake.Amount > 0:
		return view.Attention, "play-back", g.Name
	}
	return view.OK, "play-lost", g.Name
}

// Papers are the numbers of the lots that plays won and that stand on paper.
func Papers(plays []ledger.Stake) (list []uint32) {
	for n, s := range plays {
		for m, i := range s.Issues {
			if i.Asset.Benefit() != "" || i.Asset.Coupon() != "" {
				list = append(list, uint32(ledger.PrizeFrom+n*ledger.PrizesMax+m))
			}
		}
	}
	return list
}
