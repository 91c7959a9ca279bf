package till_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// The household's pool (rule S13): an authority to spend and no mixed pot.

const sister member.ID = 1002

// family has HQ say that the sister shares so many points a month with 1001, and
// put her home and points of hers here.
func family(t *testing.T, pool, points lot.Amount) *tilltest.Bench {
	t.Helper()
	b := newLanes(t)
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Household: []ledger.Relative{{Member: sister, Pool: pool}}}})
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: sister, Pool: pool, Household: []ledger.Relative{{Member: 1001}}}})
	b.Give(t, lot.Lot{Owner: sister, Asset: lot.Home, Amount: 1})
	b.Give(t, lot.Lot{Owner: sister, Asset: consumption, Amount: points})
	return b
}

// hers is what the sister can use here of her points, and what the pool may still
// spend of them this month.
func hers(t *testing.T, b *tilltest.Bench) (points, allowed lot.Amount) {
	t.Helper()
	for _, h := range b.Holds(t, sister) {
		switch {
		case h.Lot.Asset == consumption:
			points += h.Amount
		case h.Lot.Asset.Quota():
			allowed += h.Amount
		}
	}
	return points, allowed
}

func TestPoolPaysWhatTheOwnPointsDoNot(t *testing.T) {
	b := family(t, 3000, 5000)
	give(t, b, consumption, 1000)
	scan(t, b, wang, rice, rice)
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	if v := view(t, b); v.Quote.Deduction.Points != 1000 || v.Member.Pool == nil || v.Member.Pool.On {
		t.Errorf("without the pool %d points pay, the screen shows %+v", v.Quote.Deduction.Points, v.Member.Pool)
	}
	must(t, b.Till.UsePool(by, true))
	v := view(t, b)
	if v.Quote.Deduction.Points != 4000 || !v.Member.Pool.On || v.Member.Pool.Sharers[0].Here != 3000 || v.Member.Points[0].Here != 1000 {
		t.Errorf("with the pool %d points pay, want 4,000; the screen shows %+v", v.Quote.Deduction.Points, v.Member.Pool)
	}
	of, sale := payAt(t, b, by)
	d := sale.Deduction
	if lot.Sum(d.Draws) != 1000 || len(d.Pool) != 1 || d.Pool[0].Owner != sister || lot.Sum(d.Pool[0].Draws) != 3000 || lot.Sum(d.Pool[0].Allowance) != 3000 {
		t.Fatalf("paid with %+v, want 1,000 of the member's own and 3,000 of the sister's", d)
	}
	if points, allowed := hers(t, b); points != 2000 || allowed != 0 {
		t.Errorf("the sister has %d points and allows %d more, want 2,000 and 0", points, allowed)
	}
	scan(t, b, wang, rice)
	must(t, b.Till.UsePool(by, true))
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	if got := view(t, b).Quote.Deduction.Points; got != 0 { // 59 of the member's own are too few
		t.Errorf("%d points pay when the month's allowance is used up, want none", got)
	}
	must(t, b.Till.Clear(by))
	for n := range int64(2) { // one piece after the other: what came of whom goes back to them
		giveBack(t, b, of, 1)
		points, allowed := hers(t, b)
		if want := lot.Amount(2000 + 1500*(n+1)); n == 1 && (points != 5000 || allowed != 3000) || points > want+500 || points-2000 != allowed {
			t.Errorf("after %d returns the sister has %d points and allows %d", n+1, points, allowed)
		}
	}
	if got := here(t, b, consumption); got != 1000 {
		t.Errorf("%d points of the member's own after the return, want 1,000", got)
	}
	b.Verify(t)
}

func TestPoolRedeems(t *testing.T) {
	b := family(t, 600, 5000)
	give(t, b, consumption, 200)
	order := till.Order{Member: wang, Pool: true}
	must(t, b.Till.Place(by, ref(), order))
	done, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set") // 500
	must(t, err)
	r := done.Entry.Body.(*ledger.Redeem)
	if lot.Sum(r.Draws) != 200 || len(r.Pool) != 1 || lot.Sum(r.Pool[0].Draws) != 300 {
		t.Fatalf("redeemed for %+v and %+v, want 200 and 300 of the sister's", r.Draws, r.Pool)
	}
	_, err = b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	declined(t, "Redeem beyond what the sister allows", err, "points-short")
	_, err = b.Till.TakeVoucherBack(by, ref(), lot.ID{Origin: done.Origin}, false)
	must(t, err)
	if points, allowed := hers(t, b); points != 5000 || allowed != 600 {
		t.Errorf("the sister has %d points and allows %d after the voucher came back, want 5,000 and 600", points, allowed)
	}
	b.Verify(t)
}

// One sale deducts and redeems: neither uses what the other does.
func TestPoolPaysForAllOfOneSale(t *testing.T) {
	b := family(t, 3000, 5000)
	scan(t, b, wang, rice)
	must(t, b.Till.UsePool(by, true))
	must(t, b.Till.Deduct(by, 2000))
	_, sale := payAt(t, b, by, "tea-set", "tea-set")
	if n := sale.Deduction.Points() + sale.Redemptions[0].Points() + sale.Redemptions[1].Points(); n != 3000 {
		t.Errorf("%d points pay, want 3,000", n)
	}
	if points, allowed := hers(t, b); points != 2000 || allowed != 0 {
		t.Errorf("the sister has %d points and allows %d more, want 2,000 and 0", points, allowed)
	}
	scan(t, b, wang, rice)
	must(t, b.Till.UsePool(by, true))
	_, err := tryPay(t, b, by, "tea-set")
	declined(t, "Pay with a benefit beyond what the sister allows", err, "points-short")
	b.Verify(t)
}

func TestPoolIsRefused(t *testing.T) {
	b := family(t, 3000, 5000)
	refused(t, "UsePool of nobody", b.Till.UsePool(by, true), "no-member")
	scan(t, b, wangTel)
	refused(t, "UsePool by phone", b.Till.UsePool(by, true), "not-proved")
	must(t, b.Till.Clear(by))
	scan(t, b, li)
	refused(t, "UsePool of somebody with whom nobody shares", b.Till.UsePool(by, true), "no-pool")
	must(t, b.Till.Clear(by))
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: sister, Pool: 3000, Blocked: true, Household: []ledger.Relative{{Member: 1001}}}})
	scan(t, b, wang, rice)
	refused(t, "UsePool of a blocked sister's points", b.Till.UsePool(by, true), "no-pool")
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	if got := view(t, b).Quote.Deduction.Points; got != 0 {
		t.Errorf("%d points of a blocked sister pay, want none", got)
	}
}

// What one basket holds of the sister's points no other plans on, and they do not
// go back to HQ meanwhile.
func TestPoolInOneBasketIsKeptFromAnother(t *testing.T) {
	b := family(t, 3000, 3000)
	scan(t, b, wang, rice)
	must(t, b.Till.UsePool(by, true))
	must(t, b.Till.Deduct(by, pricing.DeductMax)) // 2,495
	scanAt(t, b, other, li, rice)
	must(t, b.Till.Deduct(other, pricing.DeductMax))
	v, err := b.Till.View(other.Lane)
	must(t, err)
	if got := v.Quote.Deduction.Points; got != 505 {
		t.Errorf("the sister can pay with %d points meanwhile, want 505", got)
	}
	payAt(t, b, by)
	payAt(t, b, other)
	b.Verify(t)
}

// Where the allowance cannot be made here, HQ is asked for it and for the points.
func TestPoolAsksHQ(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Household: []ledger.Relative{{Member: sister, Pool: 700}}}})
	scan(t, b, wang)
	must(t, b.Till.UsePool(by, true))
	asked := b.Line.Asked()
	last := asked[len(asked)-1]
	want := clerk.Want{Asset: "quota:pool:2026-11", Amount: 700}
	if last.Member != sister || last.Wants[len(last.Wants)-1] != want {
		t.Errorf("asked for %+v, want the sister's points and her allowance", last)
	}
	if p := view(t, b).Member.Pool; !p.Sharers[0].Asking {
		t.Errorf("the screen shows %+v, want that HQ is asked", p)
	}
}

// TestOnePersonIsNotTheirOwnFamily: HQ found that the sister's record was the
// member's own. Her points are theirs now, and pay once.
func TestOnePersonIsNotTheirOwnFamily(t *testing.T) {
	b := family(t, 3000, 5000)
	give(t, b, consumption, 1000)
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: sister, To: 1001}})
	scan(t, b, wang, rice, rice, rice, rice)
	refused(t, "UsePool of one's own points", b.Till.UsePool(by, true), "no-pool")
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	v := view(t, b)
	_, sale := payAt(t, b, by)
	if used := lot.Sum(sale.Deduction.Draws); used != v.Quote.Deduction.Points || used != 6000 || len(sale.Deduction.Pool) != 0 {
		t.Errorf("paid with %+v, the screen said %d; want 6,000 of their own", sale.Deduction, v.Quote.Deduction.Points)
	}
	b.Verify(t)
}

// Of two records that are one person's, the older one's home counts: where only
// the younger one's is here, what is given once is claimed, and HQ decides.
func TestHomeOfAYoungerRecordMakesNothing(t *testing.T) {
	b := newLanes(t)
	b.Give(t, lot.Lot{Owner: sister, Asset: lot.Home, Amount: 1})
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: sister, To: 1001}})
	done, err := b.Till.CheckIn(by, till.Attendance{
		Ref: "poster", Member: sister, Proof: member.ByCard, Activity: "week-1", Asset: consumption, Amount: 50,
	})
	must(t, err)
	if !done.Entry.Body.(*ledger.CheckIn).Claim {
		t.Errorf("%+v, want a claim", done.Entry.Body)
	}
	b.Verify(t)
}
