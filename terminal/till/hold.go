package till

import (
	"errors"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// hold is what a basket keeps of its member's points from other baskets (rule
// S18). It is no entry: it goes with the basket, or when nobody touches that
// for a while.
type hold struct {
	Draws []lot.Draw  `json:"draws"`
	Pool  []member.ID `json:"pool,omitempty"` // the others whose lots are among them
}

// place is what a lane shows the others.
type place struct {
	member  member.ID
	pool    []member.ID // others of the household whose points would pay
	draws   []lot.Draw
	touched time.Duration // monotonic
	open    bool          // somebody is being served
}

// show tells the other lanes whom a lane serves and what it holds.
func (t *Till) show(n uint32, l *lane) {
	p := place{member: l.Member, touched: t.Now().Mono, open: len(l.Lines) > 0 || l.Voucher != nil}
	if l.Hold != nil {
		p.draws, p.pool = l.Hold.Draws, l.Hold.Pool
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.places[n] = p
}

// busy reports whether a member is being served at a lane that somebody has
// touched while a hold lasts. The programme's own rights are nobody's: no basket
// holds stock.
func (t *Till) busy(id member.ID) bool {
	now := t.Now().Mono
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.places {
		if (p.member == id || slices.Contains(p.pool, id)) && id != 0 && now-p.touched < lot.HoldFor {
			return true
		}
	}
	return false
}

// holds are what other lanes' baskets keep of what is held here.
func (t *Till) holds(n uint32) (draws []lot.Draw) {
	now := t.Now().Mono
	t.mu.Lock()
	defer t.mu.Unlock()
	for other, p := range t.places {
		if other != n && now-p.touched < lot.HoldFor {
			draws = append(draws, p.draws...)
		}
	}
	return draws
}

// usable is what a lane may use of a member's rights: what is held here, less
// what other baskets hold. What an alias owns is the member's own.
func (t *Till) usable(state *fold.State, n uint32, id member.ID) ([]lot.Holding, error) {
	held, err := state.Usable(id)
	return t.unheld(held, err, n, id)
}

// spendable is usable, and what a boot that nothing proves may take on trust:
// for what is paid with points, coupons and vouchers, and nothing else.
func (t *Till) spendable(state *fold.State, n uint32, id member.ID) ([]lot.Holding, error) {
	held, err := state.Spendable(id)
	return t.unheld(held, err, n, id)
}

func (t *Till) unheld(held []lot.Holding, err error, n uint32, id member.ID) ([]lot.Holding, error) {
	if err != nil {
		return nil, err
	}
	for i := range held {
		held[i].Lot.Owner = id
	}
	return lot.Without(held, t.holds(n)), nil
}

// keepHold holds the very lots that the basket's wish would take.
func (t *Till) keepHold(n uint32, l *lane) error {
	l.Hold = nil
	if l.Member == 0 || l.Deduct == 0 && len(l.Coupons) == 0 {
		return nil
	}
	t.holding.Lock() // until the others see it: else two lanes would plan on the same lots
	defer t.holding.Unlock()
	defer t.show(n, l)
	return t.Read(func(tx journal.Tx, state *fold.State) error {
		today := t.Today(t.Now())
		quote, _, payers, err := t.quote(state, n, l, today, "")
		if err != nil {
			return nil // the basket has no price yet; it will be said when it is confirmed
		}
		draws, parts, err := payers.Plan(quote.Deduction.Asset, quote.Deduction.Points, today)
		if errors.Is(err, lot.ErrShort) || errors.Is(err, bill.ErrLots) {
			return nil
		}
		var pool []member.ID
		for _, p := range parts {
			draws, pool = append(append(draws, p.Draws...), p.Allowance...), append(pool, p.Member)
		}
		for _, id := range l.Coupons {
			draws = append(draws, lot.Draw{Lot: id, Amount: 1})
		}
		l.Hold = &hold{Draws: draws, Pool: pool}
		return err
	})
}
