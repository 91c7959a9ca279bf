package till_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

const (
	consumption = lot.Asset("points:consumption")
	green       = lot.Asset("points:green")
)

// here is what the member can use here of an asset.
func here(t *testing.T, b *tilltest.Bench, asset lot.Asset) lot.Amount {
	t.Helper()
	scan(t, b, wang)
	defer func() {
		if err := b.Till.Clear(by); err != nil {
			t.Fatalf("Clear: %v", err)
		}
	}()
	for _, p := range view(t, b).Member.Points {
		if p.Asset == asset {
			return p.Here
		}
	}
	return 0
}

// sell sells goods to the member.
func sell(t *testing.T, b *tilltest.Bench, codes ...string) lot.Origin {
	t.Helper()
	scan(t, b, append([]string{wang}, codes...)...)
	return pay(t, b).Origin
}

var refs int

func ref() string {
	refs++
	return fmt.Sprintf("ref-%d", refs)
}

func giveBack(t *testing.T, b *tilltest.Bench, of lot.Origin, qty ...int64) *ledger.Return {
	t.Helper()
	done, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Qty: qty, Tender: "cash"})
	if err != nil {
		t.Fatalf("Return(%v): %v", qty, err)
	}
	return done.Entry.Body.(*ledger.Return)
}

func TestReturnTakesBackWhatTheRestNoLongerEarns(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice, millet) // 76.70: 76 points, 26 green
	r := giveBack(t, b, of, 0, 1)  // the millet: 49.90 stay and earn 49
	if r.Refund != 2680 || lot.Sum(r.Claw) != 27+26 || len(r.Due) != 0 {
		t.Errorf("return of the millet: refund %s, clawed %d, due %v; want 26.80, 53, none", r.Refund, lot.Sum(r.Claw), r.Due)
	}
	if got := here(t, b, consumption); got != 49 {
		t.Errorf("points after it = %d, want 49", got)
	}
	giveBack(t, b, of, 1)
	if c, g := here(t, b, consumption), here(t, b, green); c != 0 || g != 0 {
		t.Errorf("points after all came back = %d and %d green, want none", c, g)
	}
}

func TestReturnGivesPointsBackToTheLotsTheyCameFrom(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice, rice, rice, rice) // 199 points
	before := here(t, b, consumption)
	scan(t, b, wang, rice)
	if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
		t.Fatalf("Deduct: %v", err)
	}
	done := pay(t, b)
	sale := done.Entry.Body.(*ledger.Sale)
	if sale.Deduction == nil {
		t.Fatal("the sale was not paid with points: the test shows nothing")
	}
	r := giveBack(t, b, done.Origin, 1)
	if diff := cmp.Diff(sale.Deduction.Draws, r.Back); diff != "" {
		t.Errorf("given back (-drawn +back):\n%s", diff)
	}
	if r.Refund != 4990-sale.Deduction.Fen {
		t.Errorf("refund = %s, want what was paid in money, %s", r.Refund, 4990-sale.Deduction.Fen)
	}
	if got := here(t, b, consumption); got != before {
		t.Errorf("points after the return = %d, want %d as before the sale", got, before)
	}
}

func TestSaleLineIsReturnedOnce(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	giveBack(t, b, of, 1)
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Qty: []int64{1}, Tender: "cash"})
	if code := refusal(t, err); code != "return-too-much" {
		t.Errorf("second return refused with %q, want return-too-much", code)
	}
	if got := here(t, b, consumption); got != 0 {
		t.Errorf("points = %d, want 0", got)
	}
}

func TestReturnUnderOneReferenceIsOneReturn(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice, millet)
	r := till.Returning{Ref: ref(), Of: of, Qty: []int64{1}, Tender: "cash"}
	first, err := b.Till.Return(by, r)
	if err != nil {
		t.Fatalf("Return: %v", err)
	}
	again, err := b.Till.Return(by, r)
	if err != nil || !again.Again || again.Origin != first.Origin {
		t.Errorf("Return again = %+v, %v; want the first answer", again, err)
	}
	r.Qty = []int64{0, 1}
	if _, err := b.Till.Return(by, r); !errors.Is(err, clerk.ErrReference) {
		t.Errorf("Return of other goods under the reference = %v, want ErrReference", err)
	}
}

func TestWhatWasSpentIsDueAndNotTakenFromOtherLots(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice, rice, rice, rice, rice, rice, rice, rice, rice, rice, rice) // 548 points
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil { // 500 of them
		t.Fatalf("Redeem: %v", err)
	}
	if err := b.Till.Clear(by); err != nil {
		t.Fatalf("Clear: %v", err)
	}
	sell(t, b, millet) // 26 points in another lot
	r := giveBack(t, b, of, 11)
	if lot.Sum(r.Claw) != 48 || len(r.Due) != 1 || r.Due[0].Amount != 500 {
		t.Errorf("clawed %d, due %+v; want 48 and 500", lot.Sum(r.Claw), r.Due)
	}
	if got := here(t, b, consumption); got != 26 {
		t.Errorf("points = %d, want the 26 of the other sale untouched", got)
	}
}

func TestVoidUndoesTheSaleOfTheDay(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice, millet)
	b.Clock.Advance(time.Hour)
	done, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	if err != nil {
		t.Fatalf("Return: %v", err)
	}
	if r := done.Entry.Body.(*ledger.Return); r.Refund != 7670 || !r.Void {
		t.Errorf("void gives back %s, want 76.70", r.Refund)
	}
	if c, g := here(t, b, consumption), here(t, b, green); c != 0 || g != 0 {
		t.Errorf("points after the void = %d and %d green, want none", c, g)
	}
	late := sell(t, b, rice)
	b.Clock.Advance(24 * time.Hour)
	_, err = b.Till.Return(by, till.Returning{Ref: ref(), Of: late, Void: true, Tender: "cash"})
	if code := refusal(t, err); code != "void-too-late" {
		t.Errorf("void on the next day refused with %q, want void-too-late", code)
	}
}

func TestPointsOfALapsedLotComeBackForThirtyDays(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice, rice, rice, rice)
	scan(t, b, wang, rice)
	if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
		t.Fatalf("Deduct: %v", err)
	}
	done := pay(t, b)
	b.Clock.Advance(500 * 24 * time.Hour) // past the month's end a year on, and the days of grace
	r := giveBack(t, b, done.Origin, 1)
	today := b.Programme.Day(b.Clock.Now().Wall)
	if len(r.Back) != 0 || len(r.Anew) != 1 || r.Anew[0].Expires != today+30 {
		t.Fatalf("given back %v, anew %v; want anew until %s", r.Back, r.Anew, today+30)
	}
	if got := here(t, b, consumption); got != r.Anew[0].Amount {
		t.Errorf("points = %d, want the %d given back", got, r.Anew[0].Amount)
	}
}

func TestReturnOfAFrozenSaleWaits(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	b.Reboot(t, "boot-2")
	sell(t, b, rice) // opens the new incarnation
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Qty: []int64{1}, Tender: "cash"})
	if code := refusal(t, err); code != "return-frozen" {
		t.Errorf("return of a sale before a cold boot refused with %q, want return-frozen", code)
	}
}

func TestReturnIsRefused(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	elsewhere := of
	elsewhere.Terminal = 9
	unknown := of
	unknown.Seq = 999
	for _, test := range []struct {
		name string
		r    till.Returning
		want string
	}{
		{"other-store", till.Returning{Of: elsewhere, Qty: []int64{1}, Tender: "cash"}, "return-elsewhere"},
		{"no-such-sale", till.Returning{Of: unknown, Qty: []int64{1}, Tender: "cash"}, "return-unknown"},
		{"more-than-sold", till.Returning{Of: of, Qty: []int64{2}, Tender: "cash"}, "return-too-much"},
		{"negative", till.Returning{Of: of, Qty: []int64{-1}, Tender: "cash"}, "return-too-much"},
		{"line-never-sold", till.Returning{Of: of, Qty: []int64{0, 1}, Tender: "cash"}, "return-too-much"},
		{"nothing", till.Returning{Of: of, Qty: []int64{0}, Tender: "cash"}, "return-nothing"},
		{"unknown-tender", till.Returning{Of: of, Qty: []int64{1}, Tender: "shells"}, "bad-tender"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.r.Ref = ref()
			_, err := b.Till.Return(by, test.r)
			if code := refusal(t, err); code != test.want {
				t.Errorf("Return refused with %q, want %q", code, test.want)
			}
		})
	}
}

// redeemed redeems a tea set and returns its voucher.
func redeemed(t *testing.T, b *tilltest.Bench) lot.ID {
	t.Helper()
	sell(t, b, rice, rice, rice, rice, rice, rice, rice, rice, rice, rice, rice)
	scan(t, b, wang)
	done, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	if err != nil {
		t.Fatalf("Redeem: %v", err)
	}
	if err := b.Till.Clear(by); err != nil {
		t.Fatalf("Clear: %v", err)
	}
	return lot.ID{Origin: done.Origin}
}

func TestVoucherTakenBackGivesItsPointsBackOnce(t *testing.T) {
	b := newBench(t)
	id := redeemed(t, b)
	text := voucherText(t, b)
	if _, err := b.Till.TakeVoucherBack(by, ref(), id, false); err != nil {
		t.Fatalf("TakeVoucherBack: %v", err)
	}
	if got := here(t, b, consumption); got != 548 {
		t.Errorf("points = %d, want 548 as before the redemption", got)
	}
	_, err := b.Till.TakeVoucherBack(by, ref(), id, false)
	if code := refusal(t, err); code != "voucher-returned" {
		t.Errorf("second time refused with %q, want voucher-returned", code)
	}
	if code := refusal(t, b.Till.Scan(by, "", text)); code != "voucher-returned" {
		t.Errorf("its paper is refused with %q, want voucher-returned", code)
	}
}

func TestGoodsOfAUsedVoucherComeBack(t *testing.T) {
	b := newBench(t)
	id := redeemed(t, b)
	scan(t, b, voucherText(t, b))
	if _, err := b.Till.UseVoucher(by, view(t, b).Ref); err != nil {
		t.Fatalf("UseVoucher: %v", err)
	}
	if _, err := b.Till.TakeVoucherBack(by, ref(), id, true); err != nil {
		t.Fatalf("TakeVoucherBack: %v", err)
	}
	if got := here(t, b, consumption); got != 548 {
		t.Errorf("points = %d, want 548 as before the redemption", got)
	}
}

func TestAdjustmentNeedsAReasonAndAboveALimitASecondPerson(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name string
		a    till.Adjustment
		want string
	}{
		{"no-reason", till.Adjustment{Member: 1001, Asset: green, Amount: 5}, "reason-missing"},
		{"nothing", till.Adjustment{Member: 1001, Asset: green, Reason: "goodwill"}, "bad-amount"},
		{"no-points", till.Adjustment{Member: 1001, Asset: "benefit:tea-set", Amount: 5, Reason: "goodwill"}, "bad-amount"},
		{"nobody", till.Adjustment{Member: 7, Asset: green, Amount: 5, Reason: "goodwill"}, "unknown-member"},
		{"alone-above-the-limit", till.Adjustment{Member: 1001, Asset: green, Amount: 1001, Reason: "goodwill"}, "second-person"},
		{"second-is-the-first", till.Adjustment{Member: 1001, Asset: green, Amount: 1001, Reason: "goodwill", Second: by.Actor}, "second-person"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.a.Ref = ref()
			_, err := b.Till.Adjust(by, test.a)
			if code := refusal(t, err); code != test.want {
				t.Errorf("Adjust refused with %q, want %q", code, test.want)
			}
		})
	}
	for _, a := range []till.Adjustment{
		{Member: 1001, Asset: green, Amount: 1000, Reason: "goodwill"},
		{Member: 1001, Asset: green, Amount: 2000, Reason: "goodwill", Second: "k1"},
		{Member: 1001, Asset: green, Amount: -500, Reason: "mistake"},
	} {
		a.Ref = ref()
		if _, err := b.Till.Adjust(by, a); err != nil {
			t.Fatalf("Adjust(%d): %v", a.Amount, err)
		}
	}
	if got := here(t, b, green); got != 2500 {
		t.Errorf("green points = %d, want 2500", got)
	}
	_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: green, Amount: -9000, Reason: "mistake", Second: "k1"})
	if !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("taking more than is held = %v, want a decline", err)
	}
}

func TestTransferRenewsNothing(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice, rice, rice, rice)
	var before lot.Day
	scan(t, b, wang)
	before = view(t, b).Member.NextDay
	if err := b.Till.Clear(by); err != nil {
		t.Fatalf("Clear: %v", err)
	}
	b.Clock.Advance(60 * 24 * time.Hour)
	household := func(id member.ID, others ...member.ID) {
		ruling := &ledger.Ruling{Member: id}
		for _, o := range others {
			ruling.Household = append(ruling.Household, ledger.Relative{Member: o})
		}
		b.Hear(t, ledger.Down{Ruling: ruling})
	}
	household(1002, 1001, 1003)
	move := till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: 2, Asset: consumption, Amount: 150}
	_, err := b.Till.Transfer(by, move)
	if code := refusal(t, err); code != "needs-hq" {
		t.Fatalf("offline transfer refused with %q, want needs-hq", code)
	}
	b.Line.Set(true)
	move.Ref = ref()
	_, err = b.Till.Transfer(by, move)
	refused(t, "Transfer to somebody of another household", err, "not-family")
	household(1001, 1002)
	move.Ref = ref()
	if _, err := b.Till.Transfer(by, move); err != nil {
		t.Fatalf("Transfer: %v", err)
	}
	if got := here(t, b, consumption); got != 49 {
		t.Errorf("points left = %d, want 49", got)
	}
	scan(t, b, "HM10001138Y")
	m := view(t, b).Member
	if m.Points[0].Here != 150 || m.NextDay != before {
		t.Errorf("the other has %d until %s, want 150 until %s as before", m.Points[0].Here, m.NextDay, before)
	}
	_, err = b.Till.Transfer(by, till.Transferring{Ref: ref(), From: 1002, To: 1003, Proof: 2, Asset: consumption, Amount: 1})
	if !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("transferring on what was transferred = %v, want a decline", err)
	}
}

func TestLapsedLotIsTakenWhileHQCannotBeReached(t *testing.T) {
	b := newBench(t)
	for range 11 {
		sell(t, b, rice) // 49 points each
	}
	scan(t, b, wang)
	last := view(t, b).Member.NextDay
	b.Clock.Advance(time.Duration(last-b.Programme.Day(b.Clock.Now().Wall)+10) * 24 * time.Hour)
	done, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	if err != nil {
		t.Fatalf("Redeem ten days after the last day, offline: %v", err)
	}
	if !done.Entry.Away {
		t.Error("the entry does not say that HQ could not be reached")
	}
	b.Clock.Advance(21 * 24 * time.Hour)
	if got := here(t, b, consumption); got != 0 {
		t.Errorf("%d points are usable more than 30 days after their last day", got)
	}
}

func TestLapsedLotIsNotTakenOnlineAndGoesBackToHQ(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice)
	b.Clock.Advance(400 * 24 * time.Hour)
	b.Line.Set(true)
	if got := here(t, b, consumption); got != 0 {
		t.Errorf("%d lapsed points are usable online", got)
	}
	progress, err := b.Till.Progress()
	if err != nil {
		t.Fatalf("Progress: %v", err)
	}
	b.Till.Acked(progress.Streams[0])
	tick(t, b)
	if given := written[*ledger.NoteGiven](t, b); len(given) != 1 || lot.Sum(given[0].Draws) != 49 {
		t.Errorf("given back %+v, want the 49 lapsed points", given)
	}
}

// TestReceiptTellsWhatIsThereAfterTheSale reads the paper as the member does.
func TestReceiptTellsWhatIsThereAfterTheSale(t *testing.T) {
	b := newBench(t)
	sell(t, b, rice, rice, rice, rice) // 199 points
	scan(t, b, wang, rice)
	if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
		t.Fatalf("Deduct: %v", err)
	}
	done := pay(t, b)
	sale := done.Entry.Body.(*ledger.Sale)
	left := 199 - lot.Sum(sale.Deduction.Draws) + sale.Awards[0].Amount
	jobs, err := b.Till.Jobs()
	if err != nil {
		t.Fatalf("Jobs: %v", err)
	}
	text := receipt.PlainText(jobs[0].Document, 48)
	for _, want := range []string{
		fmt.Sprintf("消费积分 %d 分，%s 到期", left, sale.Awards[0].Expires), "追溯号 " + done.Origin.String(), "本机可用消费积分",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the receipt does not say %q:\n%s", want, text)
		}
	}
}
