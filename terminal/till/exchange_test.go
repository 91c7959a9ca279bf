package till_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Benefits redeemed inside a sale, and those of which there are only so many.

// scarce has a benefit that is limited and one of which a member gets one a
// month.
func scarce(t *testing.T) *tilltest.Bench {
	t.Helper()
	b := newLanes(t)
	b.UseRules(t, rules(t, "    worth_fen: 600\n", "    worth_fen: 600\n    limited: true\n",
		"    worth_fen: 1900\n", "    worth_fen: 1900\n    per_member_month: 1\n"))
	give(t, b, consumption, 10_000)
	return b
}

// stock has HQ give pieces of the limited benefit.
func stock(t *testing.T, b *tilltest.Bench, n lot.Amount) {
	t.Helper()
	b.Give(t, lot.Lot{Asset: lot.StockAsset("tea-set"), Amount: n})
}

// home has HQ put the member's home here.
func home(t *testing.T, b *tilltest.Bench, minted ...lot.Asset) {
	t.Helper()
	note := b.Gift(t, lot.Lot{Owner: 1001, Asset: lot.Home, Amount: 1})
	for _, q := range minted {
		note.Minted = append(note.Minted, lot.Minted{Owner: 1001, Quota: q})
	}
	b.Hear(t, ledger.Down{Note: note})
}

func TestSaleRedeemsInTheSameEntry(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 3000)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 1000))
	of, sale := payAt(t, b, by, "tea-set", "tea-set")
	if len(sale.Redemptions) != 2 || lot.Sum(sale.Deduction.Draws) != 1000 {
		t.Fatalf("%d redemptions, %d points paid; want 2, 1000", len(sale.Redemptions), lot.Sum(sale.Deduction.Draws))
	}
	left := 3000 - 1000 - 2*500 + sale.Awards[0].Amount
	if got := here(t, b, consumption); got != left {
		t.Errorf("points = %d, want %d", got, left)
	}
	jobs, err := b.Till.Jobs()
	must(t, err)
	if len(jobs) != 3 {
		t.Fatalf("%d papers, want a receipt and two vouchers", len(jobs))
	}
	for n, j := range jobs {
		if j.Entry != of {
			t.Errorf("paper %d is of entry %s, want the sale %s", n, j.Entry, of)
		}
	}
	text := strings.ReplaceAll(receipt.PlainText(jobs[2].Document, 48), " ", "")
	if !strings.Contains(text, fmt.Sprintf("本机可用消费积分%d\n", left)) {
		t.Errorf("the receipt does not say that %d points are left:\n%s", left, text)
	}
	handOutAll(t, b)
}

// handOutAll hands out every voucher on the newest papers: each paper's code
// leads to its voucher.
func handOutAll(t *testing.T, b *tilltest.Bench) {
	t.Helper()
	jobs, err := b.Till.Jobs()
	must(t, err)
	for _, j := range jobs {
		if j.Kind != slip.Voucher {
			continue
		}
		for _, code := range j.Document.Codes() {
			scan(t, b, code)
			if _, err := b.Till.UseVoucher(by, view(t, b).Ref); err != nil {
				t.Errorf("UseVoucher: %v", err)
			}
		}
	}
}

func TestPointsThatPayTheBillRedeemNothing(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 2900)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, pricing.DeductMax)) // 2,495 of them
	_, err := tryPay(t, b, by, "tea-set")
	declined(t, "Pay with points for more than there are", err, "points-short")
	if n := len(papers(t, b)); n != 0 {
		t.Errorf("%d papers after a decline, want none", n)
	}
	if v := view(t, b); len(v.Lines) != 1 || v.Wish != pricing.DeductMax {
		t.Errorf("basket after a decline: %d lines, wish %d; want it as before", len(v.Lines), v.Wish)
	}
	if _, sale := payAt(t, b, by); lot.Sum(sale.Deduction.Draws) != 2495 {
		t.Errorf("paid with %d points without the benefit, want 2495", lot.Sum(sale.Deduction.Draws))
	}
}

func TestPointsThatBuyOneBenefitBuyNoOther(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 999)
	scan(t, b, wang, rice)
	_, err := tryPay(t, b, by, "tea-set", "tea-set")
	declined(t, "Pay with two benefits for the points of one", err, "points-short")
	payAt(t, b, by, "tea-set")
	if got := here(t, b, consumption); got != 499+49 {
		t.Errorf("points = %d, want 548", got)
	}
}

func TestRedemptionInASaleIsRefused(t *testing.T) {
	for _, test := range []struct {
		name     string
		codes    []string
		benefits []string
		want     string
	}{
		{"nobody", []string{rice}, []string{"tea-set"}, "no-member"},
		{"phone-alone", []string{wangTel, rice}, []string{"tea-set"}, "not-proved"},
		{"no-such-benefit", []string{wang, rice}, []string{"yacht"}, "unknown-benefit"},
		{"too-many", []string{wang, rice}, make([]string, 17), "too-many-benefits"},
		{"no-goods", []string{wang}, []string{"tea-set"}, "empty-basket"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newLanes(t)
			give(t, b, consumption, 3000)
			scan(t, b, test.codes...)
			_, err := tryPay(t, b, by, test.benefits...)
			refused(t, "Pay", err, test.want)
		})
	}
}

func TestLimitedBenefitEndsWithItsStock(t *testing.T) {
	b := scarce(t)
	scan(t, b, wang)
	_, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	declined(t, "Redeem without stock", err, "stock-short")
	stock(t, b, 2)
	scan(t, b, wang, rice)
	payAt(t, b, by, "tea-set", "tea-set")
	scan(t, b, wang)
	_, err = b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	declined(t, "Redeem of a third of two", err, "stock-short")
	if got := here(t, b, consumption); got != 9000+49 {
		t.Errorf("points = %d, want 9049: two were paid for, and none that was not there", got)
	}
	handOutAll(t, b)
}

func TestLastPieceIsNotSoldTwiceInOneSale(t *testing.T) {
	b := scarce(t)
	stock(t, b, 1)
	scan(t, b, wang, rice)
	_, err := tryPay(t, b, by, "tea-set", "tea-set")
	declined(t, "Pay with two of one piece", err, "stock-short")
	if _, sale := payAt(t, b, by, "tea-set"); len(sale.Redemptions) != 1 {
		t.Error("the one piece is not there after the decline")
	}
	handOutAll(t, b)
}

func TestPieceComesBackWithItsVoucher(t *testing.T) {
	b := scarce(t)
	stock(t, b, 1)
	scan(t, b, wang)
	done, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	must(t, err)
	_, err = b.Till.TakeVoucherBack(by, ref(), lot.ID{Origin: done.Origin}, false)
	must(t, err)
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Errorf("Redeem of the piece that came back: %v", err)
	}
}

func TestMemberGetsWhatAMonthAllows(t *testing.T) {
	b := scarce(t)
	scan(t, b, wang)
	_, err := b.Till.Redeem(by, view(t, b).Ref, "breakfast-pack")
	declined(t, "Redeem with the member's home elsewhere", err, "quota-short")
	home(t, b)
	scan(t, b, rice)
	of, _ := payAt(t, b, by, "breakfast-pack")
	jobs, err := b.Till.Jobs()
	must(t, err)
	for _, j := range jobs {
		if j.Entry != of {
			t.Errorf("a paper is of entry %s, want the sale %s", j.Entry, of)
		}
	}
	if text := receipt.PlainText(jobs[1].Document, 48); !strings.Contains(text, of.String()) {
		t.Errorf("the receipt does not name the sale %s:\n%s", of, text)
	}
	handOutAll(t, b)
	scan(t, b, wang)
	_, err = b.Till.Redeem(by, view(t, b).Ref, "breakfast-pack")
	declined(t, "a second one in the month", err, "quota-short")
	b.Clock.Advance(9 * 24 * time.Hour) // 1 December
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "breakfast-pack"); err != nil {
		t.Errorf("Redeem in the next month: %v", err)
	}
	var made []lot.Asset
	for _, m := range written[*ledger.QuotaMinted](t, b) {
		made = append(made, m.Quota.Asset)
	}
	if fmt.Sprint(made) != "[quota:breakfast-pack:2026-11 quota:breakfast-pack:2026-12]" {
		t.Errorf("quotas made: %v, want one a month", made)
	}
}

func TestTwoInOneSaleAreOneTooMany(t *testing.T) {
	b := scarce(t)
	home(t, b)
	scan(t, b, wang, rice)
	_, err := tryPay(t, b, by, "breakfast-pack", "breakfast-pack")
	declined(t, "Pay with two of what a month allows once", err, "quota-short")
	if n := len(papers(t, b)); n != 0 {
		t.Errorf("%d papers after a decline, want none", n)
	}
	b.Restart(t)
	if job, ok, err := b.Till.NextJob(); ok || err != nil {
		t.Errorf("after a restart the paper of a declined sale is printed: %+v, %v", job, err)
	}
	payAt(t, b, by, "breakfast-pack")
	handOutAll(t, b)
}

func TestMadeQuotaMovesWithTheHome(t *testing.T) {
	b := scarce(t)
	home(t, b, "quota:breakfast-pack:2026-11") // made elsewhere, and used there
	scan(t, b, wang)
	_, err := b.Till.Redeem(by, view(t, b).Ref, "breakfast-pack")
	declined(t, "Redeem of what was had elsewhere", err, "quota-short")
	b.Give(t, lot.Lot{Owner: 1001, Asset: "quota:breakfast-pack:2026-11", Amount: 1})
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "breakfast-pack"); err != nil {
		t.Errorf("Redeem with a quota that HQ sent: %v", err)
	}
}

// TestVoidIsTheExactInverse is rule S19: what was redeemed inside the sale goes
// back with it.
func TestVoidIsTheExactInverse(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 3000)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 1000))
	of, _ := payAt(t, b, by, "tea-set")
	paper := voucherText(t, b)
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	must(t, err)
	if got := here(t, b, consumption); got != 3000 {
		t.Errorf("points after the void = %d, want 3000 as before the sale", got)
	}
	refused(t, "Scan of the voucher", b.Till.Scan(by, "", paper), "voucher-returned")
	text := strings.ReplaceAll(papers(t, b)[0], " ", "")
	for _, want := range []string{"退款￥39.90", "退回积分1500", "收回兑换券：1张"} {
		if !strings.Contains(text, want) {
			t.Errorf("the paper of the void does not say %q:\n%s", want, text)
		}
	}
}

func TestSaleWhoseVoucherWasUsedIsNotVoided(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 3000)
	scan(t, b, wang, rice)
	of, _ := payAt(t, b, by, "tea-set")
	handOutAll(t, b)
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	refused(t, "void after the benefit was handed out", err, "void-handed-out")
	giveBack(t, b, of, 1) // the goods alone come back
	if got := here(t, b, consumption); got != 2500 {
		t.Errorf("points = %d, want 2500: the benefit is the member's", got)
	}
}

func TestBenefitsOfTwoLanesShareTheStock(t *testing.T) {
	b := scarce(t)
	stock(t, b, 1)
	results := make(chan error, 2)
	for _, by := range []clerk.By{by, other} {
		scanAt(t, b, by, wang)
		v := viewAt(t, b, by)
		go func() {
			_, err := b.Till.Redeem(by, v.Ref, "tea-set")
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first == nil {
		first, second = second, first
	}
	declined(t, "the second Redeem of the last piece", first, "stock-short")
	must(t, second)
}

// A member redeems no more often in a day than the programme says.
func TestRedemptionsOfADayAreBounded(t *testing.T) {
	b := newLanes(t)
	b.UseRules(t, rules(t, "benefits:\n", "limits: {redemptions_day: 2}\n\nbenefits:\n"))
	give(t, b, consumption, 5000)
	scan(t, b, wang, rice)
	_, err := tryPay(t, b, by, "tea-set", "tea-set", "tea-set")
	refused(t, "three benefits in one sale", err, "redemptions-day")
	payAt(t, b, by, "tea-set")
	scan(t, b, wang)
	_, err = b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	must(t, err)
	_, err = b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	refused(t, "the third benefit of a day", err, "redemptions-day")
	b.Clock.Advance(24 * time.Hour)
	if _, err = b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Errorf("Redeem the day after: %v", err)
	}
}
