package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// bounds are what a boot that nothing proves may use on trust: of points 50 a
// member and 80 in all, of vouchers one a member and two, each of ¥50 at most.
func bounds() []ledger.Bound {
	return []ledger.Bound{
		{Asset: points, Member: 50, Terminal: 80},
		{Asset: "benefit:", Each: 5000, Member: 1, Terminal: 2},
	}
}

func (b *bench) openOnTrust(i ledger.Incarnation, bounds []ledger.Bound) {
	b.t.Helper()
	if _, err := b.try(i, &ledger.Open{Parent: b.state.Head(), Trust: bounds}); err != nil {
		b.t.Fatalf("Apply(opening) = %v, want nil", err)
	}
}

func (b *bench) spendable(id member.ID) held {
	b.t.Helper()
	list, err := b.state.Spendable(id)
	if err != nil {
		b.t.Fatalf("Spendable() = %v, want nil", err)
	}
	out := held{}
	for _, h := range list {
		out[h.Lot.ID] += h.Amount
	}
	return out
}

func TestTrustIsBoundedByMemberAndTerminal(t *testing.T) {
	b := opened(t)
	old, his := b.award(wang, points, 100), b.award(zhang, points, 100)
	other := b.award(wang, green, 100)
	b.openOnTrust(second, bounds())
	want(t, "Usable", held{}, b.usable(wang))
	want(t, "Spendable", held{old: 50}, b.spendable(wang))

	effects := b.add(spend(wang, draw(old, 30)))
	says(t, "Sale on trust", effects, "", 0)
	want(t, "Exposed", draw(old, 30), effects.Exposed)
	want(t, "total", fold.Total{Asset: points, Born: 200, Spent: 30, Exposed: 30}, b.total(points))
	want(t, "Spendable after that", held{old: 20}, b.spendable(wang))
	want(t, "Spendable of another", held{his: 50}, b.spendable(zhang))
	says(t, "Sale beyond what is trusted", b.add(spend(wang, draw(old, 25))), "", 5)
	want(t, "Spendable of another, bounded by the terminal", held{his: 30}, b.spendable(zhang))
	says(t, "Sale of another asset", b.add(spend(wang, draw(other, 1))), "", 1)
	// What is earned from now on is the member's as ever, and used first.
	fresh := b.award(wang, points, 7)
	effects = b.add(spend(wang, draw(fresh, 7)))
	says(t, "Sale of what was earned since", effects, "", 0)
	want(t, "Exposed", []lot.Draw(nil), effects.Exposed)
	// Nothing goes back to HQ on trust, and nothing is clawed back.
	says(t, "NoteGiven", b.add(&ledger.NoteGiven{Member: zhang, Draws: draw(his, 5)}), "", 5)
	says(t, "WriteOff", b.add(&ledger.WriteOff{Member: zhang, Asset: points, Draws: draw(his, 5)}), "", 5)

	// A proven boot goes on with what is left of it, an unproven one begins anew.
	b.open(0xc3, ledger.BootWitness)
	want(t, "Spendable after a proven boot", held{his: 30}, b.spendable(zhang))
	b.openOnTrust(0xd4, bounds())
	want(t, "Spendable after another unproven boot", held{his: 50}, b.spendable(zhang))
	want(t, "Spendable of the first", held{old: 50}, b.spendable(wang))
	b.openOnTrust(0xe5, nil)
	want(t, "Spendable where nothing is trusted", held{}, b.spendable(wang))
}

func TestTrustOfOneMemberCountsUnderAllTheirIDs(t *testing.T) {
	b := opened(t)
	old, his := b.award(wang, points, 100), b.award(zhang, points, 100)
	b.openOnTrust(second, bounds())
	b.alias(ledger.Alias{From: zhang, To: wang})
	says(t, "Sale from the one", b.add(spend(wang, draw(his, 40))), "", 0)
	want(t, "Spendable", held{old: 10}, b.spendable(zhang))
	says(t, "Sale from both", b.add(spend(wang, []lot.Draw{{Lot: old, Amount: 10}, {Lot: his, Amount: 1}})), "", 1)
}

func TestTrustOfVouchers(t *testing.T) {
	b := opened(t)
	old := b.award(wang, points, 100)
	var ids []lot.ID
	for n, cost := range []lot.Fen{5_000_000, 5_000_001, 600, 600} {
		r := redeem(draw(old, 10))
		r.Voucher.UnitCost = cost
		if n == 3 {
			r.Member = zhang
			r.Draws = draw(b.award(zhang, points, 10), 10)
		}
		ids = append(ids, lot.ID{Origin: b.add(r).Origin})
	}
	foreign := note(1, first, 0, 1)
	foreign.Holdings[0].Lot.Asset, foreign.Holdings[0].Lot.Owner, foreign.Holdings[0].Lot.Amount = teaSet, li, 1
	b.down(foreign)
	b.openOnTrust(second, bounds())
	use := func(who member.ID, id lot.ID) fold.Effects {
		return b.add(&ledger.VoucherUse{Member: who, Voucher: id, Benefit: "tea-set"})
	}
	says(t, "VoucherUse of too dear a one", use(wang, ids[1]), "", 1)
	says(t, "VoucherUse of one issued elsewhere", use(li, foreign.Holdings[0].Lot.ID), "", 1)
	says(t, "VoucherUse", use(wang, ids[0]), "", 0)
	says(t, "VoucherUse of a second one", use(wang, ids[2]), "", 1)
	says(t, "VoucherUse of another member", use(zhang, ids[3]), "", 0)
}

func TestStandingOrderIsKept(t *testing.T) {
	b := opened(t)
	b.hq(ledger.Down{Release: &ledger.Release{Standing: bounds()}})
	b.open(second, ledger.NoWitness)
	want(t, "Standing", bounds(), b.state.Standing())
	b.hq(ledger.Down{Release: &ledger.Release{}})
	want(t, "Standing after it was taken back", []ledger.Bound(nil), b.state.Standing())
}
