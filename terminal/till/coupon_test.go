package till_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// couponRules sell the demo's coupons for points.
func couponRules(t *testing.T) []byte {
	t.Helper()
	return rules(t, "benefits:\n", `benefits:
  - id: ten-off
    name: {zh: 减10元券, en: Ten off}
    cost: {asset: points:consumption, points: 100}
    valid_days: 60
    merchant: m2
    worth_fen: 1000
    coupon: tea-ten-off
    terms: {zh: 茶饮满100元可用, en: On tea from ¥100}
  - id: five-off
    name: {zh: 九五折券, en: Five per cent off}
    cost: {asset: points:consumption, points: 200}
    valid_days: 30
    merchant: m1
    worth_fen: 1000
    coupon: five-per-cent
    terms: {zh: 全场可用, en: On everything}
`)
}

// coupon is a coupon that was bought, and what its paper has to scan.
type coupon struct {
	id   lot.ID
	text string
}

// buyCoupon redeems a benefit that gives a coupon.
func buyCoupon(t *testing.T, b *tilltest.Bench, benefit string) coupon {
	t.Helper()
	scan(t, b, wang)
	done, err := b.Till.Redeem(by, view(t, b).Ref, benefit)
	if err != nil {
		t.Fatalf("Redeem(%s): %v", benefit, err)
	}
	must(t, b.Till.Clear(by))
	return coupon{lot.ID{Origin: done.Origin}, voucherText(t, b)}
}

// coupons is a bench under rules that sell coupons, and a member who can pay.
func coupons(t *testing.T) *tilltest.Bench {
	t.Helper()
	b := newLanes(t)
	b.UseRules(t, couponRules(t))
	give(t, b, consumption, 1000)
	return b
}

func TestCouponIsUsedOnceAndItsPaperSaysWhenAndWhere(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wang, tea, c.text)
	if m := view(t, b).Message; m.Code != "coupon-added" || m.Args[0].EN != "¥10 off tea from ¥100" {
		t.Errorf("message %+v, want the coupon's name", m)
	}
	scan(t, b, c.text) // the scanner bounces
	_, sale := payAt(t, b, by)
	want := []ledger.CouponUse{{Lot: c.id, Asset: "coupon:tea-ten-off", Fen: 1000}}
	if diff := cmp.Diff(want, sale.Coupons); diff != "" || sale.Net() != 15800 {
		t.Errorf("net %s, want 158.00; coupons (-want +got):\n%s", sale.Net(), diff)
	}
	if text := papers(t, b)[0]; !strings.Contains(text, "-￥10.00") || !strings.Contains(text, "茶饮满100减10元券") {
		t.Errorf("the receipt does not tell of the coupon:\n%s", text)
	}
	b.Clock.Advance(time.Hour)
	scan(t, b, wang, tea)
	refused(t, "Scan of a used coupon", b.Till.Scan(by, "", c.text), "voucher-used")
	var args []string
	for _, a := range view(t, b).Message.Args {
		args = append(args, a.ZH)
	}
	if diff := cmp.Diff([]string{"2026-11-22 10:00:00", "红米好物一店", "1"}, args); diff != "" {
		t.Errorf("when and where (-want +got):\n%s", diff)
	}
	refused(t, "UseCoupon of a used one", b.Till.UseCoupon(by, c.id), "coupon-not-here")
	if got := view(t, b).Quote.Off; got != 0 {
		t.Errorf("a used coupon takes off %s", got)
	}
}

func TestCouponGoesIntoTheBasketOfItsMemberOnly(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, tea)
	refused(t, "Scan without a member", b.Till.Scan(by, "", c.text), "coupon-of-another")
	scan(t, b, li)
	refused(t, "Scan into another's basket", b.Till.Scan(by, "", c.text), "coupon-of-another")
	refused(t, "UseCoupon in another's basket", b.Till.UseCoupon(by, c.id), "coupon-not-here")
	scan(t, b, wang, c.text)
	if got := view(t, b).Quote.Off; got != 1000 {
		t.Fatalf("in its member's basket the coupon takes off %s, want 10.00", got)
	}
	scan(t, b, li) // the member turns out to be another
	if got := view(t, b).Quote.Off; got != 0 {
		t.Errorf("the coupon stays on the sale of another member and takes off %s", got)
	}
}

func TestPhoneAloneUsesNoCoupon(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wangTel, tea, c.text)
	if _, sale := payAt(t, b, by); len(sale.Coupons) != 0 || sale.Net() != 16800 {
		t.Errorf("by phone: coupons %v, net %s; want none, 168.00", sale.Coupons, sale.Net())
	}
	scan(t, b, wang, tea, c.text) // it is not gone
	if _, sale := payAt(t, b, by); sale.Net() != 15800 {
		t.Errorf("by card afterwards: net %s, want 158.00", sale.Net())
	}
}

func TestCouponInOneBasketIsKeptFromAnother(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wang, tea, c.text)
	scanAt(t, b, other, wang, tea)
	refused(t, "Scan at another lane", b.Till.Scan(other, "", c.text), "coupon-not-here")
	refused(t, "UseCoupon at another lane", b.Till.UseCoupon(other, c.id), "coupon-not-here")
	_, err := b.Till.TakeVoucherBack(other, ref(), c.id, false)
	refused(t, "TakeVoucherBack at another lane", err, "voucher-frozen")
	must(t, b.Till.UseCoupon(by, c.id)) // out of the basket again
	scanAt(t, b, other, c.text)
	if _, sale := payAt(t, b, other); len(sale.Coupons) != 1 {
		t.Error("the coupon that was put back is not used at the other lane")
	}
	if _, sale := payAt(t, b, by); len(sale.Coupons) != 0 {
		t.Error("the coupon was used twice")
	}
}

func TestCouponKeepsItsConditions(t *testing.T) {
	for _, test := range []struct {
		name  string
		goods []string
		use   []string // benefits, in the order scanned
		off   lot.Fen
	}{
		{"minimum-not-met", []string{"6910002000332"}, []string{"ten-off"}, 0}, // ￥58.00 of tea
		{"goods-of-another-merchant", []string{rice, rice, rice}, []string{"ten-off"}, 0},
		{"share-of-the-bill", []string{rice}, []string{"five-off"}, 249},
		{"share-up-to-its-most", []string{tea, tea, tea}, []string{"five-off"}, 2000},
		{"exclusive-first", []string{tea}, []string{"five-off", "ten-off"}, 840},
		{"exclusive-second", []string{tea}, []string{"ten-off", "five-off"}, 1000},
		{"two-of-a-kind", []string{tea}, []string{"ten-off", "ten-off"}, 2000},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := coupons(t)
			var bought []coupon
			for _, benefit := range test.use {
				bought = append(bought, buyCoupon(t, b, benefit))
			}
			scan(t, b, append([]string{wang}, test.goods...)...)
			for _, c := range bought {
				scan(t, b, c.text)
			}
			_, sale := payAt(t, b, by)
			if off := sale.Total() - sale.Net(); off != test.off {
				t.Errorf("coupons took off %s, want %s", off, test.off)
			}
			for _, c := range bought { // what was not used is still there
				used := false
				for _, u := range sale.Coupons {
					used = used || u.Lot == c.id
				}
				err := b.Till.Scan(by, "", c.text)
				if used {
					refused(t, "Scan of a used one", err, "voucher-used")
				} else {
					refused(t, "Scan of one that is left", err, "coupon-of-another")
				}
			}
		})
	}
}

func TestCouponComesBackWithTheLastGoods(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wang, tea, tea, c.text)
	of, sale := payAt(t, b, by)
	first := giveBack(t, b, of, 1)
	if len(first.Back) != 0 {
		t.Errorf("the coupon came back with the first goods: %v", first.Back)
	}
	refused(t, "Scan while goods are left", b.Till.Scan(by, "", c.text), "voucher-used")
	last := giveBack(t, b, of, 1)
	if diff := cmp.Diff([]lot.Draw{{Lot: c.id, Amount: 1}}, last.Back); diff != "" {
		t.Errorf("given back (-want +got):\n%s", diff)
	}
	if got := first.Refund + last.Refund; got != sale.Net() {
		t.Errorf("refunds come to %s, want the %s that was paid", got, sale.Net())
	}
	scan(t, b, wang, tea, c.text)
	if _, sale := payAt(t, b, by); len(sale.Coupons) != 1 {
		t.Error("the coupon that came back cannot be used")
	}
}

func TestVoidGivesTheCouponBack(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wang, tea, c.text)
	of, _ := payAt(t, b, by)
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	must(t, err)
	scan(t, b, wang, tea, c.text)
	if _, sale := payAt(t, b, by); sale.Net() != 15800 {
		t.Errorf("net %s, want 158.00 with the coupon once more", sale.Net())
	}
}

func TestLapsedCouponComesBackForThirtyDays(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off") // for 60 days
	scan(t, b, wang, tea, c.text)
	of, _ := payAt(t, b, by)
	b.Clock.Advance(200 * 24 * time.Hour)
	r := giveBack(t, b, of, 1)
	today := b.Programme.Day(b.Clock.Now().Wall)
	if len(r.Back) != 0 || len(r.Anew) != 1 || r.Anew[0].Expires != today+30 {
		t.Errorf("given back %v, anew %v; want anew until %s", r.Back, r.Anew, today+30)
	}
	scan(t, b, wang, tea)
	refused(t, "Scan of the old paper", b.Till.Scan(by, "", c.text), "voucher-used")
	must(t, b.Till.UseCoupon(by, lot.ID{Origin: newest(t, b), N: ledger.AnewFrom}))
	if got := view(t, b).Quote.Off; got != 1000 {
		t.Errorf("the coupon that came back takes off %s, want 10.00", got)
	}
}

// newest names the newest entry.
func newest(t *testing.T, b *tilltest.Bench) lot.Origin {
	t.Helper()
	progress, err := b.Till.Progress()
	if err != nil {
		t.Fatalf("Progress: %v", err)
	}
	head := progress.Streams[len(progress.Streams)-1]
	return ledger.Origin(tilltest.Terminal, head.Incarnation, head.Seq)
}

func TestCouponGivesItsPointsBackUnlessItWasUsed(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	used := buyCoupon(t, b, "ten-off")
	scan(t, b, wang, tea, used.text)
	of, _ := payAt(t, b, by)
	before := here(t, b, consumption)
	_, err := b.Till.TakeVoucherBack(by, ref(), c.id, false)
	must(t, err)
	if got := here(t, b, consumption); got != before+100 {
		t.Errorf("points = %d, want %d: the coupon's 100 came back", got, before+100)
	}
	scan(t, b, wang, tea)
	refused(t, "Scan of what was taken back", b.Till.Scan(by, "", c.text), "voucher-returned")
	_, err = b.Till.TakeVoucherBack(by, ref(), used.id, true) // what it took off comes back with the goods alone
	refused(t, "TakeVoucherBack of a used coupon", err, "voucher-other-state")
	giveBack(t, b, of, 1)
	_, err = b.Till.TakeVoucherBack(by, ref(), used.id, false)
	must(t, err)
}

func TestPaperOfACouponIsItsOwn(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "five-off")
	jobs, err := b.Till.Jobs()
	must(t, err)
	text := receipt.PlainText(jobs[0].Document, 48)
	for _, want := range []string{"九五折券", "2026-12-22", "200", c.id.String()} {
		if !strings.Contains(text, want) {
			t.Errorf("the coupon's paper does not say %q:\n%s", want, text)
		}
	}
	b.Clock.Advance(31 * 24 * time.Hour)
	b.Line.Set(true)
	scan(t, b, wang, rice)
	refused(t, "Scan after its last day", b.Till.Scan(by, "", c.text), "voucher-expired")
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Lasts: []ledger.Lasting{{Lot: c.id, Until: lot.DayOf(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC))}}}})
	if err := b.Till.Scan(by, "", c.text); err != nil { // the same paper (cap F3)
		t.Errorf("Scan after HQ has let it last longer = %v", err)
	}
}

// TestCouponOfAnAliasIsTheMembers is a coupon that was bought under an id which
// HQ then finds to be an older member's (rule S27).
func TestCouponOfAnAliasIsTheMembers(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: 1001, To: 1002}})
	scan(t, b, li, tea, c.text)
	of, sale := payAt(t, b, by)
	if len(sale.Coupons) != 1 || sale.Net() != 15800 {
		t.Fatalf("coupons %v, net %s; want one, 158.00", sale.Coupons, sale.Net())
	}
	giveBack(t, b, of, 1)
	scan(t, b, wang, tea, c.text)
	if _, sale := payAt(t, b, by); len(sale.Coupons) != 1 || sale.Member != 1002 {
		t.Errorf("by the other card: coupons %v of %s, want one of M1002", sale.Coupons, sale.Member)
	}
}

func TestScreenListsTheMembersCoupons(t *testing.T) {
	b := coupons(t)
	c := buyCoupon(t, b, "ten-off")
	scan(t, b, wang)
	m := view(t, b).Member
	if len(m.Coupons) != 1 || m.Coupons[0].Lot != c.id || m.Coupons[0].Benefit.ZH == "" || len(m.Vouchers) != 0 {
		t.Errorf("the member has coupons %+v and vouchers %+v, want the one coupon by its name", m.Coupons, m.Vouchers)
	}
}
