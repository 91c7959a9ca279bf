package game

import (
	"fmt"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Outcome is what a play comes to.
type Outcome struct {
	Number uint64
	Drawn  string // what the ticket says: a prize's id
	Given  string // what the member gets: the same, what stands in for it, or "" for nothing
	Back   bool   // the stake is not taken: the prize is used up and nothing stands in for it
	Budget lot.Asset
	Issues []ledger.Issue
}

// Entered says how a play was entered.
type Entered uint8

// The ways in.
const (
	ByStake    Entered = iota // points or a ticket
	ByPurchase                // or as one of a day's free plays: there is no stake to give back
)

// Play is what a ticket gives. left says whether there is one more of a prize's
// budget where the play is written. A prize whose budget is used up never
// becomes a loss (rule S20): what the table names stands in for it, else the
// stake is not taken; where there was none the member gets a ticket for another
// play.
func (d *Deck) Play(p *programme.Programme, number uint64, by Entered, today lot.Day, left func(lot.Asset) bool) (Outcome, error) {
	g, ok := p.Game(d.Game)
	row, err := d.Ticket(number)
	if !ok || err != nil {
		return Outcome{}, fmt.Errorf("play ticket %d of game %q: %w", number, d.Game, orBatch(err))
	}
	o := Outcome{Number: number, Drawn: row.Prize}
	if !row.Wins {
		return o, nil
	}
	for _, id := range []string{row.Prize, row.Instead} {
		if id == "" || !left(d.BudgetOf(id)) {
			continue
		}
		prize, known := g.Prize(id)
		if !known {
			return Outcome{}, fmt.Errorf("prize %q: %w", id, ErrBatch)
		}
		o.Given, o.Budget, o.Issues = id, d.BudgetOf(id), issues(p, &g, &prize, today)
		return o, nil
	}
	if o.Back = by == ByStake; !o.Back {
		o.Issues = []ledger.Issue{ticket(&g)}
	}
	return o, nil
}

func orBatch(err error) error {
	if err == nil {
		return ErrBatch
	}
	return err
}

// Stake is the play as it stands in an entry. Draws are of the stake and of the
// budget; of them only those that the outcome uses go in.
func (o *Outcome) Stake(b *Batch, asset lot.Asset, stake, budget, quota []lot.Draw) ledger.Stake {
	s := ledger.Stake{Game: b.Game, Batch: b.ID, Number: o.Number, Asset: asset, Prize: o.Given, Issues: o.Issues, Draws: stake, Quota: quota}
	if o.Back {
		s.Draws, s.Quota = nil, nil
	}
	if o.Budget != "" {
		s.Budget = budget
	}
	return s
}

// issues are the rights that a prize is.
func issues(p *programme.Programme, g *programme.Game, prize *programme.Prize, today lot.Day) []ledger.Issue {
	i := ledger.Issue{Amount: 1, Funder: g.Funder, UnitCost: prize.WorthFen * 1000}
	switch {
	case prize.Benefit != "":
		b, _ := p.Benefit(prize.Benefit)
		i = bill.Promise(p, b, today)
		if g.Funder != "" {
			i.Funder = g.Funder
		}
	case prize.Coupon != "":
		c, _ := p.Coupon(prize.Coupon)
		i.Asset, i.Expires = lot.CouponAsset(c.ID), c.ExpiryFrom(today)
		if i.Funder == "" {
			i.Funder = c.Merchant
		}
	case prize.Medal != "":
		i.Asset, i.UnitCost = lot.MedalAsset(prize.Medal), 0
	default:
		i.Asset, i.Amount, i.UnitCost = prize.Asset, prize.Amount, unitCost(p, g.Funder, prize.Asset)
		i.Active, i.Expires = p.TermsOf(prize.Asset, today)
	}
	return []ledger.Issue{i}
}

// unitCost is what 1,000 points cost whoever bears them: a merchant by contract,
// the programme itself what they are worth.
func unitCost(p *programme.Programme, funder string, asset lot.Asset) lot.Fen {
	if m, ok := p.Merchant(funder); ok {
		return m.UnitCost
	}
	fen, err := p.Worth(asset).Inverse().Ceil(1000)
	if err != nil {
		return 0
	}
	return lot.Fen(fen)
}

// ticket is one more play of a game, as long as it runs.
func ticket(g *programme.Game) ledger.Issue {
	return ledger.Issue{Asset: lot.TicketAsset(g.ID), Amount: 1, Funder: g.Funder, Expires: g.Window.Until}
}

// Given is the rights that a task, a scheme, an activity or a survey gives.
func Given(p *programme.Programme, gives *programme.Gives, today lot.Day) []ledger.Issue {
	prize := programme.Prize{Benefit: gives.Benefit, Coupon: gives.Coupon, Medal: gives.Medal, Asset: gives.Asset, Amount: gives.Points}
	return issues(p, &programme.Game{}, &prize, today)
}
