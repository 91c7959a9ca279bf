package till_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Round trips of sales with everything inside them: points of several lots, the
// household's, a coupon, a benefit, rounding, caps (rules S02, S06, S19).

const undoSeeds = 12

// wealthy is a till whose member has lots of several days, a coupon and a sister
// who shares. The same seed makes the same till.
func wealthy(t *testing.T) (b *tilltest.Bench, ticket lot.ID) {
	t.Helper()
	b = family(t, 900, 5000)
	b.UseRules(t, rounded(t))
	day := b.Programme.Day(b.Clock.Now().Wall)
	for n := range 3 {
		b.Give(t, lot.Lot{Owner: 1001, Asset: consumption, Amount: lot.Amount(300 + 70*n), Expires: day + lot.Day(40+n)})
	}
	b.Give(t, lot.Lot{Owner: 1001, Asset: lot.CouponAsset("five-per-cent"), Amount: 1, Expires: day + 30})
	for _, h := range b.Holds(t, 1001) {
		if h.Lot.Asset.Coupon() != "" {
			ticket = h.Lot.ID
		}
	}
	return b, ticket
}

// rounded has rules that leave small change out and cap what a day earns.
func rounded(t *testing.T) []byte {
	t.Helper()
	return rules(t, "rate: {points: 1, fen: 100}}\n  - {id: eco", "rate: {points: 1, fen: 100}, cap: {per_member_day: 400}}\n  - {id: eco",
		"benefits:\n", "rounding: {to_fen: 10, mode: down}\n\nbenefits:\n")
}

// sellAnything sells a basket that a seed draws.
func sellAnything(t *testing.T, b *tilltest.Bench, ticket lot.ID, seed uint64) (lot.Origin, *ledger.Sale) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	scan(t, b, wang)
	for n, code := range []string{rice, millet, tea} {
		if qty := r.Int64N(4); n == 0 || qty > 0 {
			scan(t, b, code)
			must(t, b.Till.SetQty(by, len(view(t, b).Lines)-1, max(qty, 1)))
		}
	}
	if r.IntN(2) == 0 {
		must(t, b.Till.UseCoupon(by, ticket))
	}
	if r.IntN(2) == 0 {
		must(t, b.Till.UsePool(by, true))
	}
	if r.IntN(4) > 0 {
		must(t, b.Till.Deduct(by, lot.Fen(r.Int64N(2500))))
	}
	var benefits []string
	if r.IntN(3) == 0 && view(t, b).Quote.Deduction.Points < 400 {
		benefits = []string{"tea-set"}
	}
	return payAt(t, b, by, benefits...)
}

// standing is all that is held of the two members, by lot, and what is counted.
func standing(t *testing.T, b *tilltest.Bench) map[string]lot.Amount {
	t.Helper()
	out := map[string]lot.Amount{}
	must(t, b.Journal.View(func(tx journal.Tx) error {
		state, err := fold.Load(tilltest.Terminal, tx)
		if err != nil {
			return err
		}
		for _, id := range []member.ID{1001, sister} {
			held, err := state.Usable(id)
			if err != nil {
				return err
			}
			for _, h := range held {
				out[fmt.Sprint(id, " ", h.Lot.Asset, " ", h.Lot.ID)] += h.Amount
			}
		}
		about, err := state.About(1001)
		for _, m := range about.Months {
			if m.Spent != 0 || m.Points != 0 {
				out["spent "+m.End.String()], out["points "+m.End.String()] = lot.Amount(m.Spent), m.Points
			}
		}
		return err
	}))
	return out
}

// takeBackAll returns everything of a sale in steps that a seed draws; one step
// for 0. It returns the money given back.
func takeBackAll(t *testing.T, b *tilltest.Bench, of lot.Origin, sale *ledger.Sale, seed uint64) (fen lot.Fen) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 2))
	left := make([]int64, len(sale.Lines))
	for n, l := range sale.Lines {
		left[n] = l.Qty
	}
	for slices.Max(left) > 0 {
		qty := slices.Clone(left)
		if seed > 0 {
			for n := range qty {
				qty[n] = r.Int64N(left[n] + 1)
			}
			if slices.Max(qty) == 0 {
				continue
			}
		}
		for n := range left {
			left[n] -= qty[n]
		}
		fen += giveBack(t, b, of, qty...).Refund
	}
	return fen
}

// Any order of partial returns ends where one full return ends: in the lots, in the
// money, in what counts towards tier and caps.
func TestAnyOrderOfReturnsEndsWhereAFullReturnEnds(t *testing.T) {
	for seed := range uint64(undoSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var ends [2]map[string]lot.Amount
			var money [2]lot.Fen
			for n, steps := range []uint64{0, seed + 1} {
				b, ticket := wealthy(t)
				of, sale := sellAnything(t, b, ticket, seed)
				money[n] = takeBackAll(t, b, of, sale, steps)
				ends[n] = standing(t, b)
				if money[n] != sale.Net() {
					t.Errorf("%s given back of %s paid", money[n], sale.Net())
				}
			}
			if diff := cmp.Diff(ends[0], ends[1]); diff != "" || money[0] != money[1] {
				t.Errorf("%s at once and %s in parts (-at once +in parts):\n%s", money[0], money[1], diff)
			}
		})
	}
}

// A void leaves what there was before the sale, vouchers of it included; and after
// it the same basket earns what it earned (rules S19 and S28).
func TestVoidLeavesNoTraceAndTheBasketEarnsAgain(t *testing.T) {
	for seed := range uint64(undoSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b, ticket := wealthy(t)
			scan(t, b, wang)
			must(t, b.Till.UsePool(by, true)) // makes the month's allowance
			must(t, b.Till.Clear(by))
			before := standing(t, b)
			of, first := sellAnything(t, b, ticket, seed)
			_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
			must(t, err)
			if diff := cmp.Diff(before, standing(t, b)); diff != "" {
				t.Errorf("after the void (-before the sale +after):\n%s", diff)
			}
			_, again := sellAnything(t, b, ticket, seed)
			earned := func(s *ledger.Sale) (out []lot.Amount) {
				for _, a := range s.Awards {
					out = append(out, a.Amount)
				}
				return out
			}
			if diff := cmp.Diff(earned(first), earned(again)); diff != "" || first.Net() != again.Net() {
				t.Errorf("the basket comes to %s and %s (-first +again):\n%s", first.Net(), again.Net(), diff)
			}
			b.Verify(t)
		})
	}
}
