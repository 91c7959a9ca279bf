package fold

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// play takes the stake, what the programme set aside for the prize, and gives
// the prize. n is the play's place in its entry.
func (s *step) play(who member.ID, b ledger.Stake, n int, day lot.Day) error {
	if _, err := s.draw(who, b.Draws, b.Asset, AccountSpent); err != nil {
		return err
	}
	if _, err := s.draw(who, b.Quota, anyQuota, AccountSpent); err != nil {
		return err
	}
	if _, err := s.draw(programmeOwner, b.Budget, budgetAsset, AccountSpent); err != nil {
		return err
	}
	for m, i := range b.Issues {
		if _, err := s.issue(who, uint32(ledger.PrizeFrom+n*ledger.PrizesMax+m), i, day); err != nil {
			return err
		}
	}
	s.countUse(day, b.Asset, lot.Sum(b.Draws))
	return nil
}

// programmeOwner owns stock and budgets.
const programmeOwner member.ID = 0

// The assets under which overdrawn stock and budgets are counted.
const (
	stockAsset  lot.Asset = "stock:"
	budgetAsset lot.Asset = "budget:"
)
