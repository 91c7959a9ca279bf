package till_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// What HQ decides of a member, and what the rules bound.

func stand(t *testing.T, b *tilltest.Bench, s ledger.Ruling) {
	t.Helper()
	s.Member = 1001
	b.Hear(t, ledger.Down{Ruling: &s})
}

func earned(sale *ledger.Sale, asset lot.Asset) (n lot.Amount) {
	for _, a := range sale.Awards {
		if a.Asset == asset {
			n += a.Amount
		}
	}
	return n
}

func TestTierMultipliesFromWhenHQSaysSo(t *testing.T) {
	b := newLanes(t)
	scan(t, b, wang, tea)
	if got := view(t, b).Quote.WouldEarn[0].Amount; got != 168 {
		t.Fatalf("without a tier ￥168.00 earn %d, want 168", got)
	}
	stand(t, b, ledger.Ruling{Tier: "green-tree"}) // while the basket is open
	if got := view(t, b).Quote.WouldEarn[0].Amount; got != 201 {
		t.Errorf("the screen promises %d, want 201: 1.2 times", got)
	}
	of, sale := payAt(t, b, by)
	if sale.Tier != "green-tree" || earned(sale, consumption) != 201 || sale.Awards[0].Base != 168 {
		t.Errorf("tier %q, earned %d of base %d; want green-tree, 201, 168", sale.Tier, earned(sale, consumption), sale.Awards[0].Base)
	}
	stand(t, b, ledger.Ruling{Tier: "green-leaf"})
	giveBack(t, b, of, 1)
	if got := here(t, b, consumption); got != 0 {
		t.Errorf("points after the return = %d, want none: it goes by the tier of its sale", got)
	}
	scan(t, b, wang, tea)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 168 {
		t.Errorf("after the tier went down ￥168.00 earn %d, want 168", earned(sale, consumption))
	}
}

// TestBlockedMemberEarnsAndSpendsNothing blocks the member before the scan, and
// while their basket is open.
func TestBlockedMemberEarnsAndSpendsNothing(t *testing.T) {
	for _, open := range []bool{false, true} {
		b := coupons(t)
		give(t, b, consumption, 2000)
		c := buyCoupon(t, b, "five-off")
		if open {
			scan(t, b, wang, tea, c.text)
			must(t, b.Till.Deduct(by, pricing.DeductMax))
			stand(t, b, ledger.Ruling{Blocked: true})
		} else {
			stand(t, b, ledger.Ruling{Blocked: true})
			scan(t, b, wang, tea, c.text)
			must(t, b.Till.Deduct(by, pricing.DeductMax))
		}
		v := view(t, b)
		if v.Quote.MaxDeduction.Fen != 0 || v.Quote.Off != 0 {
			t.Errorf("open %v: a blocked member could deduct %s and has %s off", open, v.Quote.MaxDeduction.Fen, v.Quote.Off)
		}
		_, err := b.Till.Redeem(by, v.Ref, "tea-set")
		refused(t, "Redeem of a blocked member", err, "member-blocked")
		_, err = tryPay(t, b, by, "tea-set")
		refused(t, "Pay with a benefit of a blocked member", err, "member-blocked")
		b.Line.Set(true)
		_, err = b.Till.Transfer(by, till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: 2, Asset: consumption, Amount: 5})
		refused(t, "Transfer of a blocked member", err, "member-blocked")
		_, sale := payAt(t, b, by)
		if sale.Deduction != nil || len(sale.Coupons) != 0 || earned(sale, consumption) != 168 {
			t.Errorf("open %v: deduction %v, coupons %v, earned %d; want none, none, 168", open, sale.Deduction, sale.Coupons, earned(sale, consumption))
		}
		stand(t, b, ledger.Ruling{})
		scan(t, b, wang, tea, c.text)
		if _, sale := payAt(t, b, by); len(sale.Coupons) != 1 {
			t.Errorf("open %v: the coupon of a member who is blocked no more is not taken", open)
		}
	}
}

func TestOwedIsShownAndNeverCollected(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 600)
	owed := []ledger.Owed{{Asset: consumption, Owed: 300, Due: 40}}
	stand(t, b, ledger.Ruling{Tier: "green-tree", Owed: owed})
	scan(t, b, wang)
	m := view(t, b).Member
	if diff := cmp.Diff(owed, m.Owed); diff != "" || m.Tier != "green-tree" {
		t.Errorf("tier %q; owed (-want +shown):\n%s", m.Tier, diff)
	}
	if m.Points[0].Here != 600 {
		t.Errorf("points shown = %d, want all 600", m.Points[0].Here)
	}
	scan(t, b, rice)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 59 {
		t.Errorf("earned %d, want the whole 59: HQ alone nets what is owed", earned(sale, consumption))
	}
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Errorf("Redeem while something is owed: %v", err)
	}
	if got := here(t, b, consumption); got != 159 {
		t.Errorf("points = %d, want 159", got)
	}
}

func TestCapsCountAcrossSalesAndLanes(t *testing.T) {
	b := newLanes(t)
	b.UseRules(t, rules(t, "rate: {points: 1, fen: 100}}\n  - {id: eco", "rate: {points: 1, fen: 100}, cap: {per_receipt: 60, per_member_day: 100}}\n  - {id: eco"))
	scan(t, b, wang, tea)
	of, sale := payAt(t, b, by)
	if got := earned(sale, consumption); got != 60 {
		t.Errorf("the first receipt earned %d, want the 60 that one may", got)
	}
	scanAt(t, b, other, wang, tea)
	if got := viewAt(t, b, other).Quote.Rules[0]; got.Points != 40 || got.Cap != pricing.CapMemberDay {
		t.Errorf("the second receipt shows %d because of %q, want 40 because of the day", got.Points, got.Cap)
	}
	if _, sale := payAt(t, b, other); earned(sale, consumption) != 40 {
		t.Errorf("the second receipt earned %d, want the 40 that the day still allows", earned(sale, consumption))
	}
	scan(t, b, li, tea)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 60 {
		t.Errorf("another member earned %d, want 60", earned(sale, consumption))
	}
	giveBack(t, b, of, 1)
	scan(t, b, wang, rice)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 49 {
		t.Errorf("after the first receipt came back ￥49.90 earned %d, want 49", earned(sale, consumption))
	}
	b.Clock.Advance(24 * time.Hour)
	scan(t, b, wang, tea)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 60 {
		t.Errorf("the next day's receipt earned %d, want 60", earned(sale, consumption))
	}
}

// TestBusinessDayGoesPastMidnight is rule S10: a sale at two in the morning
// counts to the day before, for caps too.
func TestBusinessDayGoesPastMidnight(t *testing.T) {
	b := newLanes(t)
	b.UseRules(t, rules(t, "rate: {points: 1, fen: 100}}\n  - {id: eco", "rate: {points: 1, fen: 100}, cap: {per_member_day: 100}}\n  - {id: eco"))
	scan(t, b, wang, tea)
	payAt(t, b, by)
	b.Clock.Advance(16 * time.Hour) // 02:00 of the next calendar day
	scan(t, b, wang, tea)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 0 {
		t.Errorf("at two in the morning the day's cap gave %d more, want none", earned(sale, consumption))
	}
	b.Clock.Advance(3 * time.Hour)
	scan(t, b, wang, tea)
	if _, sale := payAt(t, b, by); earned(sale, consumption) != 100 {
		t.Errorf("at five the new day gave %d, want 100", earned(sale, consumption))
	}
}

// TestBlockedMembersVoucherIsNotHandedOut redeems first and is blocked then.
func TestBlockedMembersVoucherIsNotHandedOut(t *testing.T) {
	b := coupons(t)
	bought := buyCoupon(t, b, "tea-set")
	stand(t, b, ledger.Ruling{Blocked: true})
	scan(t, b, bought.text)
	_, err := b.Till.UseVoucher(by, view(t, b).Ref)
	refused(t, "UseVoucher of a blocked member", err, "member-blocked")
	stand(t, b, ledger.Ruling{})
	if _, err := b.Till.UseVoucher(by, view(t, b).Ref); err != nil {
		t.Errorf("UseVoucher after the block: %v", err)
	}
}

// TestAwardsAreTheLastThingRefused has little room: a benefit is refused, alone
// and with a sale, and the sale itself is made.
func TestAwardsAreTheLastThingRefused(t *testing.T) {
	b := coupons(t)
	b.Short = true
	scan(t, b, wang, tea)
	_, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	refused(t, "Redeem with little room", err, "ledger-short")
	_, err = b.Till.Pay(by, till.Payment{
		Ref: view(t, b).Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: view(t, b).Quote.ToPay}}, Redeem: []string{"tea-set"},
	})
	refused(t, "Pay with a benefit and little room", err, "ledger-short")
	if _, sale := payAt(t, b, by); earned(sale, consumption) == 0 {
		t.Error("a sale with little room earns nothing")
	}
}
