package crashproof

import (
	"errors"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// spring is a scratch card of which every ticket wins.
var spring = programme.Game{
	ID: "spring", Name: programme.Text{ZH: "新春刮刮乐", EN: "Spring scratch card"},
	Stake: programme.Cost{Asset: "points:consumption", Amount: 10}, Batch: 1,
	Prizes: []programme.Prize{{
		ID: "tea", Name: programme.Text{ZH: "茶", EN: "Tea"}, Weight: 1_000_000, WorthFen: 600, Benefit: "tea-set",
	}},
}

// Play plays the first ticket of a batch that HQ gave to this incarnation.
func (s *Script) Play() error {
	deal := game.Deal{Batch: game.NewBatch(s.bench.Programme, &spring, "batch-1", uint32(tilltest.Terminal))}
	deal.Seal = deal.Batch.Seal(deal.Seed)
	s.bench.Deals = []game.Deal{deal}
	s.bench.Restart(s.t)
	for _, asset := range []lot.Asset{deal.Batch.TicketsLot(), lot.BudgetAsset(spring.ID, spring.Prizes[0].ID)} {
		if _, err := s.receive(0, asset); err != nil {
			return err
		}
	}
	if err := errors.Join(s.points(), s.scan(Cards[0])); err != nil {
		return err
	}
	return s.confirm(func(ref string) (clerk.Done, error) { return s.bench.Till.Play(by, ref, spring.ID) })
}
