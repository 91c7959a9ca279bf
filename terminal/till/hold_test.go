package till_test

import (
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// What a basket keeps from other baskets (rule S18).

// wants fills a basket of the member's and wishes to pay with all points.
func wants(t *testing.T, b *tilltest.Bench, by clerk.By, codes ...string) lot.Amount {
	t.Helper()
	scanAt(t, b, by, append([]string{wang}, codes...)...)
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	return viewAt(t, b, by).Quote.Deduction.Points
}

// held is a bench whose first lane holds 2,495 of the member's 3,000 points:
// half of a bill of ￥49.90.
func held(t *testing.T) *tilltest.Bench {
	t.Helper()
	b := newLanes(t)
	give(t, b, consumption, 3000)
	if got := wants(t, b, by, rice); got != 2495 {
		t.Fatalf("the first lane is to pay with %d points, want 2495", got)
	}
	return b
}

func TestSecondBasketGetsWhatTheFirstLeaves(t *testing.T) {
	b := held(t)
	if got := wants(t, b, other, rice); got != 505 {
		t.Errorf("the second lane is to pay with %d points, want the 505 that are left", got)
	}
	if here := viewAt(t, b, other).Member.Points[0].Here; here != 505 {
		t.Errorf("the second lane shows %d points, want 505", here)
	}
	_, second := payAt(t, b, other)
	_, first := payAt(t, b, by)
	if f, s := lot.Sum(first.Deduction.Draws), lot.Sum(second.Deduction.Draws); f != 2495 || s != 505 {
		t.Errorf("paid with %d and %d points, want 2495 and 505", f, s)
	}
}

func TestHoldGoesWithItsBasket(t *testing.T) {
	for _, test := range []struct {
		name string
		ends func(t *testing.T, b *tilltest.Bench)
		left lot.Amount // of the 3,000, for the other basket of up to 2,495
	}{
		{"cleared", func(t *testing.T, b *tilltest.Bench) { must(t, b.Till.Clear(by)) }, 2495},
		{"paid", func(t *testing.T, b *tilltest.Bench) { payAt(t, b, by) }, 505 + 24}, // and what it earned
		{"member-dropped", func(t *testing.T, b *tilltest.Bench) { must(t, b.Till.DropMember(by)) }, 2495},
		{"wish-withdrawn", func(t *testing.T, b *tilltest.Bench) { must(t, b.Till.Deduct(by, 0)) }, 2495},
		{"goods-taken-out", func(t *testing.T, b *tilltest.Bench) { must(t, b.Till.SetQty(by, 0, 0)) }, 2495},
		{"another-member", func(t *testing.T, b *tilltest.Bench) { scanAt(t, b, by, li) }, 2495},
		{"fifteen-minutes", func(_ *testing.T, b *tilltest.Bench) { b.Clock.Advance(15 * time.Minute) }, 2495},
		{"just-before", func(_ *testing.T, b *tilltest.Bench) { b.Clock.Advance(15*time.Minute - time.Second) }, 505},
		{"touched-meanwhile", func(t *testing.T, b *tilltest.Bench) {
			b.Clock.Advance(14 * time.Minute)
			must(t, b.Till.SetQty(by, 0, 1))
			b.Clock.Advance(14 * time.Minute)
		}, 505},
		{"looked-at-meanwhile", func(t *testing.T, b *tilltest.Bench) {
			b.Clock.Advance(14 * time.Minute)
			view(t, b)
			b.Clock.Advance(14 * time.Minute)
		}, 2495},
		{"signed-out", func(t *testing.T, b *tilltest.Bench) { must(t, b.Till.SignOut(by)) }, 505},
		{"daemon-restarted", func(t *testing.T, b *tilltest.Bench) { b.Restart(t) }, 505},
		{"clock-set-back", func(_ *testing.T, b *tilltest.Bench) { b.Clock.Step(-time.Hour) }, 505},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := held(t)
			test.ends(t, b)
			if got := wants(t, b, other, rice); got != test.left {
				t.Errorf("the other lane is to pay with %d points, want %d", got, test.left)
			}
		})
	}
}

func TestLapsedHoldIsNotPaidWith(t *testing.T) {
	b := held(t)
	shown := view(t, b)
	b.Clock.Advance(16 * time.Minute)
	wants(t, b, other, rice)
	payAt(t, b, other) // 2,495 of the 3,000, and 24 earned
	_, err := b.Till.Pay(by, till.Payment{Ref: shown.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: shown.Quote.ToPay}}})
	refused(t, "Pay of a bill that counted on points that are gone", err, "paid-too-little")
	if _, sale := payAt(t, b, by); lot.Sum(sale.Deduction.Draws) != 505+24 {
		t.Errorf("paid with %d points in the end, want the 529 that were left", lot.Sum(sale.Deduction.Draws))
	}
}

// TestNothingTakesWhatABasketHolds goes through what moves a member's points
// beside a sale.
func TestNothingTakesWhatABasketHolds(t *testing.T) {
	for _, test := range []struct {
		name string
		take func(b *tilltest.Bench) error
	}{
		{"redemption", func(b *tilltest.Bench) error {
			if err := b.Till.Scan(other, "", wang); err != nil {
				return err
			}
			v, err := b.Till.View(other.Lane)
			if err != nil {
				return err
			}
			_, err = b.Till.Redeem(other, v.Ref, "breakfast-pack") // 1,500
			return err
		}},
		{"transfer", func(b *tilltest.Bench) error {
			_, err := b.Till.Transfer(other, till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: 2, Asset: consumption, Amount: 600})
			return err
		}},
		{"write-off", func(b *tilltest.Bench) error {
			_, err := b.Till.Adjust(other, till.Adjustment{Ref: ref(), Member: 1001, Asset: consumption, Amount: -600, Reason: "mistake"})
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := held(t)
			stand(t, b, ledger.Ruling{Household: spouse})
			b.Line.Set(true)
			declined(t, "taking points that another basket holds", test.take(b), "points-short")
			if _, sale := payAt(t, b, by); lot.Sum(sale.Deduction.Draws) != 2495 {
				t.Errorf("paid with %d points, want the 2495 that were held", lot.Sum(sale.Deduction.Draws))
			}
		})
	}
}

func TestBasketsFilledAtOnceHoldNothingTwice(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 3000)
	for range 30 {
		var group sync.WaitGroup
		scanAt(t, b, by, wang, rice)
		scanAt(t, b, other, wang, rice)
		for _, by := range []clerk.By{by, other} {
			group.Go(func() {
				if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
					t.Errorf("Deduct at lane %d: %v", by.Lane, err)
				}
			})
		}
		group.Wait()
		got := viewAt(t, b, by).Quote.Deduction.Points + viewAt(t, b, other).Quote.Deduction.Points
		if got != 3000 {
			t.Fatalf("two baskets filled at once are to pay with %d points together, want all 3000", got)
		}
		must(t, b.Till.Clear(by))
		must(t, b.Till.Clear(other))
	}
}
