package fold

import (
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/fold/sold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// play takes the stake, what the programme set aside for the prize, and gives
// the prize. n is the play's place in its entry.
func (s *step) play(who member.ID, b ledger.Stake, n int, day lot.Day) (played SoldPlay, err error) {
	staked, err := s.draw(who, b.Draws, b.Asset, AccountSpent)
	if err != nil {
		return played, err
	}
	quota, err := s.draw(who, b.Quota, anyQuota, AccountSpent)
	if err != nil {
		return played, err
	}
	if _, err := s.draw(programmeOwner, b.Budget, budgetAsset, AccountSpent); err != nil {
		return played, err
	}
	for m, i := range b.Issues {
		if _, err := s.issue(who, ledger.PrizeLot(n, m), i, day); err != nil {
			return played, err
		}
		played.Prizes = append(played.Prizes, sold.Prize{Asset: i.Asset, Amount: i.Amount})
	}
	s.countUse(day, b.Asset, lot.Sum(b.Draws))
	played.Paid, err = count.Payments(append(staked, quota...))
	return played, err
}

// playsBack undoes plays of the sale: prizes go or are due, stakes come back, to
// new lots numbered from from on where their own have lapsed.
func (s *step) playsBack(r *Sale, b *ledger.Return, from int) error {
	for n := range b.Plays {
		p := &b.Plays[n]
		if int(p.Play) >= len(r.Plays) {
			s.wrong(wrongClaw)
			continue
		}
		played := &r.Plays[p.Play]
		take := func(number uint32, n lot.Amount) bool { return played.Take(int(p.Play), number, n) }
		if err := s.clawLots(b, p.Claw, p.Due, take); err != nil {
			return err
		}
		if err := s.giveBack(played.Paid, p.Back, p.Anew, from); err != nil {
			return err
		}
		from += len(p.Anew)
	}
	return nil
}

// programmeOwner owns stock and budgets.
const programmeOwner member.ID = 0

// The assets under which overdrawn stock and budgets are counted.
const (
	stockAsset  lot.Asset = "stock:"
	budgetAsset lot.Asset = "budget:"
)
