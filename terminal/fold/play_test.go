package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const (
	ticket lot.Asset = "ticket:wheel"
	budget lot.Asset = "budget:wheel"
	stock  lot.Asset = "stock:tea-set"
)

// bring gives a holder some of a lot that HQ issued.
func (b *bench) bring(owner member.ID, asset lot.Asset, n lot.Amount) lot.ID {
	b.t.Helper()
	id := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1<<33 + uint64(b.state.Mark())}}
	l := lot.Lot{ID: id, Owner: owner, Asset: asset, Amount: n, Expires: 20500}
	b.down(&lot.Note{
		ID: id.Origin, Terminal: uint32(here), Incarnation: uint64(b.state.Head().Incarnation), Holdings: []lot.Holding{{Lot: l, Amount: n}},
	})
	return id
}

func TestPlayTakesItsStakeAndGivesItsPrize(t *testing.T) {
	b := opened(t)
	tickets, fund, daily := b.bring(wang, ticket, 3), b.bring(0, budget, 1000), b.bring(wang, "quota:plays:20000", 2)
	effects := b.add(&ledger.Play{Member: wang, Day: 20000, Stake: ledger.Stake{
		Game: "wheel", Number: 7, Asset: ticket, Draws: draw(tickets, 1), Prize: "tea", Budget: draw(fund, 600), Quota: draw(daily, 1),
		Issues: []ledger.Issue{{Asset: teaSet, Amount: 1, Expires: 20060}, {Asset: points, Amount: 20, Expires: 21000}},
	}})
	says(t, "Play", effects, "", 0)
	tea, won := lot.ID{Origin: effects.Origin, N: ledger.PrizeFrom}, lot.ID{Origin: effects.Origin, N: ledger.PrizeFrom + 1}
	want(t, "Usable", held{tickets: 2, daily: 1, tea: 1, won: 20}, b.usable(wang))
	want(t, "Usable of the programme", held{fund: 400}, b.usable(0))
	if v, ok, err := b.state.Voucher(tea); err != nil || !ok || v.Status != fold.VoucherIssued || v.Member != wang {
		t.Errorf("Voucher(prize) = %+v, %v, %v, want it issued to %s", v, ok, err, wang)
	}
	says(t, "VoucherUse", b.add(&ledger.VoucherUse{Member: wang, Voucher: tea, Benefit: "tea-set", Day: 20001}), "", 0)
}

// TestPlayBeyondWhatThereIsIsTheStoresLoss: each part is limited by itself.
func TestPlayBeyondWhatThereIsIsTheStoresLoss(t *testing.T) {
	for _, c := range []struct {
		name  string
		stake func(id lot.ID) ledger.Stake
		owner member.ID
		asset lot.Asset
	}{
		{"stake", func(id lot.ID) ledger.Stake { return ledger.Stake{Asset: ticket, Draws: draw(id, 5)} }, wang, ticket},
		{"budget", func(id lot.ID) ledger.Stake { return ledger.Stake{Budget: draw(id, 5)} }, 0, budget},
		{"budget-of-a-member", func(id lot.ID) ledger.Stake { return ledger.Stake{Budget: draw(id, 2)} }, wang, budget},
		{"plays-a-day", func(id lot.ID) ledger.Stake { return ledger.Stake{Quota: draw(id, 5)} }, wang, "quota:plays:20000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			id := b.bring(c.owner, c.asset, 3)
			says(t, "Play", b.add(&ledger.Play{Member: wang, Stake: c.stake(id)}), "", 2)
		})
	}
}

func TestPlaysInsideASaleHaveNumbersOfTheirOwn(t *testing.T) {
	b := opened(t)
	tickets := b.bring(wang, ticket, 3)
	play := ledger.Stake{Asset: ticket, Draws: draw(tickets, 1), Issues: []ledger.Issue{{Asset: points, Amount: 1}, {Asset: points, Amount: 2}}}
	effects := b.add(&ledger.Sale{
		Member: wang, Day: 20000, Plays: []ledger.Stake{play, play, {}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 3}}},
	})
	says(t, "Sale", effects, "", 0)
	id := func(n uint32) lot.ID { return lot.ID{Origin: effects.Origin, N: n} }
	const second = ledger.PrizeFrom + ledger.PrizesMax
	want(t, "Usable", held{
		tickets: 1, id(0): 3, id(ledger.PrizeFrom): 1, id(ledger.PrizeFrom + 1): 2, id(second): 1, id(second + 1): 2,
	}, b.usable(wang))
}
