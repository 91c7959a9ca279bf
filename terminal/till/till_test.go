package till_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Codes of the demo's documents.
const (
	rice    = "6900001000112" // ￥49.90, not eco-friendly
	millet  = "6900001000228" // ￥26.80, eco-friendly
	wang    = "HM10001001V"
	wangTel = "13800001001"
)

var by = clerk.By{Lane: 1, Actor: "c1"}

func newBench(t *testing.T) *tilltest.Bench {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, store)
	if err := b.Till.SignIn(by); err != nil {
		t.Fatalf("SignIn: %v", err)
	}
	return b
}

func scan(t *testing.T, b *tilltest.Bench, codes ...string) {
	t.Helper()
	for _, c := range codes {
		if err := b.Till.Scan(by, "", c); err != nil {
			t.Fatalf("Scan(%s): %v", c, err)
		}
	}
}

func view(t *testing.T, b *tilltest.Bench) till.View {
	t.Helper()
	v, err := b.Till.View(1)
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return v
}

// pay pays the bill in cash.
func pay(t *testing.T, b *tilltest.Bench) clerk.Done {
	t.Helper()
	v := view(t, b)
	p := till.Payment{Ref: v.Ref}
	if v.Quote.ToPay > 0 {
		p.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
	}
	done, err := b.Till.Pay(by, p)
	if err != nil {
		t.Fatalf("Pay: %v", err)
	}
	return done
}

// earn sells enough rice to the member for the points asked for.
func earn(t *testing.T, b *tilltest.Bench, qty int64) {
	t.Helper()
	scan(t, b, wang, rice)
	if err := b.Till.SetQty(by, 0, qty); err != nil {
		t.Fatalf("SetQty: %v", err)
	}
	pay(t, b)
}

func refusal(t *testing.T, err error) string {
	t.Helper()
	var r *till.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a refusal", err)
	}
	return r.Code
}

func TestSaleEarnsForTheMember(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice, millet)
	done := pay(t, b)
	sale := done.Entry.Body.(*ledger.Sale)
	earned := map[lot.Asset]lot.Amount{}
	for _, a := range sale.Awards {
		earned[a.Asset] += a.Amount
	}
	// 76.70 yuan: 76 points on all, 26 green ones on the eco-friendly line.
	if diff := cmp.Diff(map[lot.Asset]lot.Amount{"points:consumption": 76, "points:green": 26}, earned); diff != "" {
		t.Errorf("earned (-want +got):\n%s", diff)
	}
	scan(t, b, wang)
	if got := view(t, b).Member.Points[0].Here; got != 76 {
		t.Errorf("points here after the sale = %d, want 76", got)
	}
}

func TestPhoneEarnsAndNeverSpends(t *testing.T) {
	b := newBench(t)
	earn(t, b, 20)
	scan(t, b, wangTel, rice)
	v := view(t, b)
	if v.Quote.MaxDeduction.Fen != 0 || v.Quote.MaxDeduction.Limit != pricing.LimitProof {
		t.Errorf("deduction by phone = %+v, want none because of the proof", v.Quote.MaxDeduction)
	}
	_, err := b.Till.Redeem(by, v.Ref, "tea-set")
	if code := refusal(t, err); code != "not-proved" {
		t.Errorf("Redeem by phone refused with %q, want not-proved", code)
	}
}

func TestDeductionSpendsTheVeryLotsItPlanned(t *testing.T) {
	b := newBench(t)
	earn(t, b, 20) // 998 yuan, 998 points
	scan(t, b, wang, rice)
	if err := b.Till.Deduct(by, pricing.DeductMax); err != nil {
		t.Fatalf("Deduct: %v", err)
	}
	v := view(t, b)
	sale := pay(t, b).Entry.Body.(*ledger.Sale)
	if sale.Deduction == nil || sale.Deduction.Fen != v.Quote.Deduction.Fen {
		t.Fatalf("deduction = %+v, want %+v as quoted", sale.Deduction, v.Quote.Deduction)
	}
	scan(t, b, wang)
	var awarded lot.Amount
	for _, a := range sale.Awards {
		awarded += a.Amount
	}
	want := 998 - lot.Sum(sale.Deduction.Draws) + awarded
	if got := view(t, b).Member.Points[0].Here; got != want {
		t.Errorf("points here = %d, want %d", got, want)
	}
}

func TestSameReferenceSellsOnce(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice)
	ref := view(t, b).Ref
	first := pay(t, b)
	again, err := b.Till.Pay(by, till.Payment{Ref: ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: 4990}}})
	if err != nil || !again.Again || again.Origin != first.Origin {
		t.Errorf("Pay again = %+v, %v; want the first answer %s", again, err, first.Origin)
	}
	if n := b.Verify(t).Entries; n != 3 { // the opening, the sign-in and one sale
		t.Errorf("%d entries, want 3", n)
	}
}

func TestDeclineKeepsItsAnswerAndANewTryIsANewReference(t *testing.T) {
	b := newBench(t)
	earn(t, b, 4) // 199 points
	scan(t, b, wang)
	ref := view(t, b).Ref
	for range 2 {
		_, err := b.Till.Redeem(by, ref, "tea-set")
		var d *clerk.Declined
		if !errors.As(err, &d) || d.Code != "points-short" || d.Want != 500 || d.Has != 199 {
			t.Fatalf("Redeem = %v, want points-short: 500 wanted, 199 held", err)
		}
	}
	if next := view(t, b).Ref; next == ref {
		t.Error("the reference of a declined try is offered again")
	}
}

func TestVoucherIsHandedOutOnce(t *testing.T) {
	b := newBench(t)
	earn(t, b, 20)
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Fatalf("Redeem: %v", err)
	}
	text := voucherText(t, b)
	if err := b.Till.Clear(by); err != nil {
		t.Fatalf("Clear: %v", err)
	}
	scan(t, b, text)
	if _, err := b.Till.UseVoucher(by, view(t, b).Ref); err != nil {
		t.Fatalf("UseVoucher: %v", err)
	}
	b.Clock.Advance(time.Hour)
	err := b.Till.Scan(by, "", text)
	if code := refusal(t, err); code != "voucher-used" {
		t.Fatalf("second scan refused with %q, want voucher-used", code)
	}
	args := view(t, b).Message.Args
	if len(args) != 3 || args[0].ZH != "2026-11-22 10:00:00" || args[1].ZH != "红米好物一店" || args[2].ZH != "1" {
		t.Errorf("second scan says %v, want the time and place of the first", args)
	}
}

// voucherText reads the code off the newest paper.
func voucherText(t *testing.T, b *tilltest.Bench) string {
	t.Helper()
	jobs, err := b.Till.Jobs()
	if err != nil || len(jobs) == 0 {
		t.Fatalf("Jobs = %v, %v; want a voucher", jobs, err)
	}
	for _, l := range jobs[0].Document.Lines {
		if l.Kind == receipt.KindQR {
			return l.QR
		}
	}
	t.Fatal("the newest paper has no code")
	return ""
}

func TestForgedVoucherIsRefused(t *testing.T) {
	b := newBench(t)
	earn(t, b, 20)
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Fatalf("Redeem: %v", err)
	}
	text := voucherText(t, b)
	forged := []byte(text)
	if at := len(forged) - 5; forged[at] == 'A' {
		forged[at] = 'B'
	} else {
		forged[at] = 'A'
	}
	if code := refusal(t, b.Till.Scan(by, "", string(forged))); code != "token-forged" {
		t.Errorf("forged voucher refused with %q, want token-forged", code)
	}
}

func TestBasketOutlivesTheDaemon(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice, millet, millet)
	before := view(t, b)
	b.Restart(t)
	after := view(t, b)
	if diff := cmp.Diff(before.Lines, after.Lines); diff != "" {
		t.Errorf("lines after a restart (-before +after):\n%s", diff)
	}
	if after.Ref != before.Ref || after.Member == nil || after.Cashier != "c1" {
		t.Errorf("after a restart: ref %q member %v cashier %q, want as before", after.Ref, after.Member, after.Cashier)
	}
}

func TestRestartInTheSameBootGoesOn(t *testing.T) {
	b := newBench(t)
	earn(t, b, 2)
	b.Restart(t)
	earn(t, b, 2)
	if a := b.Verify(t); a.Streams != 1 || a.Entries != 4 {
		t.Errorf("%d incarnations, %d entries; want 1 and 4", a.Streams, a.Entries)
	}
}

func TestOrderlyStopEndsTheIncarnationAndCarriesItsRights(t *testing.T) {
	b := newBench(t)
	earn(t, b, 2)
	if err := b.Till.Stop(); err != nil {
		t.Fatalf("Stop: %v", err)
	}
	b.Restart(t)
	earn(t, b, 2)
	if a := b.Verify(t); a.Streams != 2 {
		t.Errorf("%d incarnations after stop, want 2", a.Streams)
	}
	scan(t, b, wang)
	if got := view(t, b).Member.Points[0].Here; got != 99+99 {
		t.Errorf("points here = %d, want 198: the stop proved that nothing came after it", got)
	}
}

func TestColdBootWithoutWitnessFreezesRightsAndGoesOnAwarding(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, strict)
	earn(t, b, 20)
	b.Reboot(t, "boot-2")
	earn(t, b, 2)
	scan(t, b, wang)
	points := view(t, b).Member.Points[0]
	if points.Here != 99 || points.Frozen != 998 {
		t.Errorf("here %d frozen %d, want 99 and 998", points.Here, points.Frozen)
	}
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); !errors.Is(err, clerk.ErrDeclined) {
		t.Errorf("Redeem of frozen points = %v, want a decline", err)
	}
}

func TestNoteFromHQCanBeSpentAndIsTakenOnce(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	scan(t, b, wang)
	asks := b.Line.Asked()
	if len(asks) != 1 {
		t.Fatalf("%d asks after the member's scan, want 1", len(asks))
	}
	raw := b.Note(t, 1, asks[0], 800)
	for range 2 {
		if _, err := b.Till.ApplyDown([][]byte{raw}); err != nil {
			t.Fatalf("ApplyDown: %v", err)
		}
	}
	if got := view(t, b).Member.Points[0].Here; got != 800 {
		t.Fatalf("points here = %d, want 800", got)
	}
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err != nil {
		t.Errorf("Redeem on HQ's note: %v", err)
	}
}

func TestLateNoteOfAGivenUpAskGoesBack(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	scan(t, b, wang)
	ask := b.Line.Asked()[0]
	b.Clock.Advance(10 * time.Second)
	if err := b.Till.Tick(); err != nil {
		t.Fatalf("Tick: %v", err)
	}
	if _, err := b.Till.ApplyDown([][]byte{b.Note(t, 1, ask, 800)}); err != nil {
		t.Fatalf("ApplyDown: %v", err)
	}
	if got := view(t, b).Member.Points[0].Here; got != 0 {
		t.Errorf("points here = %d, want 0: the ask was given up", got)
	}
}

func TestForgedNoteChangesNothing(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	scan(t, b, wang)
	ask := b.Line.Asked()[0]
	b.HQKey = b.Key // signed by somebody else
	if _, err := b.Till.ApplyDown([][]byte{b.Note(t, 1, ask, 800)}); err == nil {
		t.Error("ApplyDown took a note that HQ did not sign")
	}
	if got := view(t, b).Member.Points[0].Here; got != 0 {
		t.Errorf("points here = %d, want 0", got)
	}
}

func TestPointsBeyondTheAllotmentGoBackOnceHQHasAcked(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	earn(t, b, 200) // 9,980 points; the allotment keeps 5,000
	progress, err := b.Till.Progress()
	if err != nil {
		t.Fatalf("Progress: %v", err)
	}
	if err := b.Till.Tick(); err != nil {
		t.Fatalf("Tick: %v", err)
	}
	for _, total := range b.Verify(t).Totals {
		if total.Out != 0 {
			t.Errorf("%d of %s went back before HQ's ack", total.Out, total.Asset)
		}
	}
	b.Till.Acked(progress.Streams[0])
	if err := b.Till.Tick(); err != nil {
		t.Fatalf("Tick: %v", err)
	}
	scan(t, b, wang)
	if got := view(t, b).Member.Points[0].Here; got != 5000 {
		t.Errorf("points here after the ack = %d, want 5000", got)
	}
}

func TestWhatIsRefusedIsSaid(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"wrong-check-digit", "6900001000113", "check-digit"},
		{"unknown-product", "6901234567892", "unknown-product"},
		{"unknown-member", "13900000000", "unknown-member"},
		{"payment-code", "134567890123456789", "payment-code"},
		{"nonsense", "hello", "unknown-code"},
		{"too-long", strings.Repeat("x", 5000), "code-too-long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			if code := refusal(t, b.Till.Scan(by, "", test.code)); code != test.want {
				t.Errorf("Scan(%.20q) refused with %q, want %q", test.code, code, test.want)
			}
			if m := view(t, b).Message; m.Code != test.want || m.Level != till.Refused {
				t.Errorf("message %+v, want %q", m, test.want)
			}
		})
	}
}

func TestPaymentIsCheckedAgainstTheBill(t *testing.T) {
	for _, test := range []struct {
		name    string
		tenders []ledger.Tender
		want    string
	}{
		{"too-little", []ledger.Tender{{Kind: "cash", Fen: 4989}}, "paid-too-little"},
		{"nothing", nil, "paid-too-little"},
		{"card-too-much", []ledger.Tender{{Kind: "card", Fen: 5000}}, "paid-too-much"},
		{"unknown-kind", []ledger.Tender{{Kind: "shells", Fen: 5000}}, "bad-tender"},
		{"negative", []ledger.Tender{{Kind: "cash", Fen: -1}}, "bad-tender"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			scan(t, b, rice)
			_, err := b.Till.Pay(by, till.Payment{Ref: view(t, b).Ref, Tenders: test.tenders})
			if code := refusal(t, err); code != test.want {
				t.Errorf("Pay refused with %q, want %q", code, test.want)
			}
			if len(view(t, b).Lines) != 1 {
				t.Error("the basket is gone after a refused payment")
			}
		})
	}
}

func TestJobBeingSentWhenTheDaemonEndsIsUnknown(t *testing.T) {
	b := newBench(t)
	scan(t, b, rice)
	pay(t, b)
	job, ok, err := b.Till.NextJob()
	if err != nil || !ok {
		t.Fatalf("NextJob = %v, %v; want the receipt", ok, err)
	}
	b.Restart(t)
	jobs, err := b.Till.Jobs()
	if err != nil || jobs[0].State != printjob.Unknown {
		t.Fatalf("job after the restart = %v, %v; want unknown", jobs[0].State, err)
	}
	if err := b.Till.Reprint(by, job.ID); err != nil {
		t.Fatalf("Reprint: %v", err)
	}
	again, _, err := b.Till.NextJob()
	if err != nil || again.ID != job.ID {
		t.Fatalf("NextJob = %d, %v; want %d again", again.ID, err, job.ID)
	}
	if text := receipt.PlainText(again.Marked(), 32); !strings.Contains(text, "补打 第1次") {
		t.Errorf("reprint does not say that it is one:\n%s", text)
	}
}
