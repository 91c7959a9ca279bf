package till_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// A business day, from its opening to the slip of its close.

func openDay(t *testing.T, b *tilltest.Bench) {
	t.Helper()
	_, err := b.Till.OpenDay(by, ref(), 20_000)
	must(t, err)
}

func closeDay(t *testing.T, b *tilltest.Bench, counted lot.Fen) *ledger.DayClose {
	t.Helper()
	done, err := b.Till.CloseDay(by, ref(), counted)
	if err != nil {
		t.Fatalf("CloseDay: %v", err)
	}
	return done.Entry.Body.(*ledger.DayClose)
}

// busyDay sells, redeems, hands out and takes back.
func busyDay(t *testing.T, b *tilltest.Bench) {
	t.Helper()
	openDay(t, b)
	give(t, b, consumption, 3000)
	scan(t, b, wang, rice, millet)
	must(t, b.Till.Deduct(by, 1000))
	of, _ := payAt(t, b, by, "tea-set")
	scan(t, b, voucherText(t, b))
	_, err := b.Till.UseVoucher(by, view(t, b).Ref)
	must(t, err)
	scan(t, b, rice)
	_, err = b.Till.Pay(by, till.Payment{Ref: view(t, b).Ref, Tenders: []ledger.Tender{{Kind: "card", Fen: 4000}, {Kind: "cash", Fen: 1000}}})
	must(t, err)
	giveBack(t, b, of, 0, 1)
	_, err = b.Till.ClaimReturn(by, till.ClaimReturn{
		Ref: ref(), Of: lot.Origin{Terminal: 9, Incarnation: 3, Seq: 4}, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 500, Tender: "cash",
	})
	must(t, err)
}

// figures are a day's sums, worked out from the entries alone.
func figures(t *testing.T, b *tilltest.Bench) (f ledger.Figures) {
	t.Helper()
	tenders, points := map[string]*ledger.TenderSum{}, map[lot.Asset]*ledger.PointsSums{}
	for _, k := range []string{"card", "cash"} {
		tenders[k] = &ledger.TenderSum{Kind: k}
	}
	for _, a := range []lot.Asset{consumption, green} {
		points[a] = &ledger.PointsSums{Asset: a}
	}
	for _, body := range written[ledger.Body](t, b) {
		switch e := body.(type) {
		case *ledger.Sale:
			f.Sales++
			f.Sold, f.Rounded, f.Vouchers = f.Sold+e.Total(), f.Rounded+e.Rounded, f.Vouchers+uint64(len(e.Redemptions))
			for _, l := range e.Lines {
				f.Off, f.Deducted = f.Off+l.Off, f.Deducted+l.Deducted
			}
			for _, p := range e.Tenders {
				tenders[p.Kind].Taken += p.Fen
			}
			tenders["cash"].Taken -= e.Change
			for _, a := range e.Awards {
				points[a.Asset].Earned += a.Amount
			}
			if e.Deduction != nil {
				points[consumption].Used += lot.Sum(e.Deduction.Draws)
			}
			for _, r := range e.Redemptions {
				points[r.Asset].Used += lot.Sum(r.Draws)
			}
		case *ledger.Return:
			f.Returns, f.Refunded = f.Returns+1, f.Refunded+e.Refund
			tenders["cash"].Given += e.Refund
			points[consumption].Back += lot.Sum(e.Back)
			for _, d := range e.Claw { // of a sale with an award of each kind
				points[[]lot.Asset{consumption, green}[d.Lot.N]].Clawed += d.Amount
			}
		case *ledger.ReturnClaim:
			f.Returns, f.Refunded = f.Returns+1, f.Refunded+e.Refund
			tenders["cash"].Given += e.Refund
		case *ledger.VoucherUse:
			f.HandOuts++
		}
	}
	f.Tenders = []ledger.TenderSum{*tenders["card"], *tenders["cash"]}
	f.Points = []ledger.PointsSums{*points[consumption], *points[green]}
	return f
}

func TestDaysFiguresAreWhatTheEntriesSay(t *testing.T) {
	b := newLanes(t)
	busyDay(t, b)
	want := figures(t, b)
	day, err := b.Till.Day()
	must(t, err)
	if diff := cmp.Diff(want, day.Figures); diff != "" || day.Closed || day.Day.String() != "2026-11-22" {
		t.Errorf("day %+v; figures (-entries +day):\n%s", day, diff)
	}
	c := closeDay(t, b, 5000)
	if diff := cmp.Diff(want, c.Figures); diff != "" {
		t.Errorf("figures of the close (-entries +close):\n%s", diff)
	}
	cash := want.Tenders[1].Taken - want.Tenders[1].Given
	text := strings.ReplaceAll(papers(t, b)[0], " ", "")
	for _, say := range []string{
		"2026-11-22", "c1", "￥" + want.Sold.String(), "-￥" + want.Deducted.String(), "-￥" + want.Refunded.String(), "￥40.00", "￥" + cash.String(),
		"1/1", "￥50.00", "差额（不含备用金）￥" + (5000 - cash).String(),
		fmt.Sprintf("消费积分：发%d", want.Points[0].Earned), fmt.Sprintf("用%d退回", want.Points[0].Used), fmt.Sprintf("退回%d", want.Points[0].Back),
	} {
		if !strings.Contains(text, say) {
			t.Errorf("the slip does not say %q:\n%s", say, text)
		}
	}
}

// TestNothingMovesWhileTheDayIsClosed goes through every action.
func TestNothingMovesWhileTheDayIsClosed(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	openDay(t, b)
	give(t, b, consumption, 3000)
	sold := sell(t, b, rice)
	scan(t, b, wang)
	redeemed, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	must(t, err)
	voucher, paper := lot.ID{Origin: redeemed.Origin}, voucherText(t, b)
	must(t, b.Till.Clear(by))
	closeDay(t, b, 0)
	scan(t, b, wang, rice)
	scanAt(t, b, other, paper)
	before := entries(t, b)
	for _, test := range []struct {
		name string
		do   func() error
	}{
		{"pay", func() error { _, err := tryPay(t, b, by); return err }},
		{"redeem", func() error { _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); return err }},
		{"hand-out", func() error { _, err := b.Till.UseVoucher(other, viewAt(t, b, other).Ref); return err }},
		{"return", func() error {
			_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: sold, Qty: []int64{1}, Tender: "cash"})
			return err
		}},
		{"return-claim", func() error {
			_, err := b.Till.ClaimReturn(by, till.ClaimReturn{Ref: ref(), Lines: []ledger.ReturnLine{{Qty: 1}}, Tender: "cash"})
			return err
		}},
		{"voucher-back", func() error { _, err := b.Till.TakeVoucherBack(by, ref(), voucher, false); return err }},
		{"transfer", func() error { _, err := transfer(b, 10); return err }},
		{"grant", func() error {
			_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: green, Amount: 5, Reason: "goodwill"})
			return err
		}},
		{"write-off", func() error {
			_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: consumption, Amount: -5, Reason: "mistake"})
			return err
		}},
		{"check-in", func() error { _, _, _, err := onces[0].give(b, 1001); return err }},
		{"survey", func() error { _, _, _, err := onces[1].give(b, 1001); return err }},
		{"enrol", func() error { _, err := b.Till.Enrol(by, enrolment(t)); return err }},
		{"close", func() error { _, err := b.Till.CloseDay(by, ref(), 0); return err }},
	} {
		refused(t, test.name, test.do(), "day-is-closed")
		if m := view(t, b).Message; test.name != "hand-out" && m.Code != "day-is-closed" {
			t.Errorf("%s: the lane says %q, want day-is-closed", test.name, m.Code)
		}
	}
	if got := entries(t, b); got != before {
		t.Errorf("%d entries were written while the day was closed", got-before)
	}
	openDay(t, b)
	payAt(t, b, by) // the basket is still there
}

func entries(t *testing.T, b *tilltest.Bench) int { return len(written[ledger.Body](t, b)) }

func TestHQWaitsForTheOpening(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	openDay(t, b)
	give(t, b, consumption, 9000)
	sell(t, b, rice) // 4,049 above the allotment are to go back
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Draws: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 99}}, Amount: 1}}}})
	closeDay(t, b, 4990)
	b.Till.Acked(*b.Left)
	note := b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1002, Asset: green, Amount: 70})})
	for range 3 {
		b.Clock.Advance(10 * time.Second)
		tick(t, b)
		if at, err := b.Till.ApplyDown([][]byte{note}); at != 0 || err != nil {
			t.Fatalf("ApplyDown while the day is closed = %d, %v; want 0, nil", at, err)
		}
	}
	if given := written[*ledger.NoteGiven](t, b); len(given) != 0 {
		t.Fatalf("given while the day was closed: %+v", given)
	}
	openDay(t, b)
	if at, err := b.Till.ApplyDown([][]byte{note}); at != 3 || err != nil {
		t.Errorf("ApplyDown after the opening = %d, %v; want 3, nil", at, err)
	}
	b.Till.Acked(*b.Left)
	tick(t, b)
	given := written[*ledger.NoteGiven](t, b)
	if len(given) != 2 || lot.Sum(given[0].Draws) != 4049 || given[1].Recall != 2 {
		t.Errorf("given after the opening: %+v, want 4049 points and the answer to recall 2", given)
	}
	scan(t, b, li)
	if m := view(t, b).Member; m.Points[1].Here != 70 {
		t.Errorf("the note's points here = %d, want 70", m.Points[1].Here)
	}
}

func TestDayIsNotClosedOverAnOpenBasket(t *testing.T) {
	b := newLanes(t)
	openDay(t, b)
	give(t, b, consumption, 600)
	scan(t, b, wang)
	_, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	must(t, err)
	must(t, b.Till.Clear(by))
	for _, code := range []string{rice, voucherText(t, b)} {
		scanAt(t, b, other, code)
		_, err := b.Till.CloseDay(by, ref(), 0)
		refused(t, "CloseDay over another lane's basket", err, "basket-open")
		b.Restart(t) // the basket is still there
		_, err = b.Till.CloseDay(by, ref(), 0)
		refused(t, "CloseDay after a restart", err, "basket-open")
		must(t, b.Till.Clear(other))
	}
	closeDay(t, b, 0)
}

func TestDayOpensAndCloses(t *testing.T) {
	b := newLanes(t)
	openDay(t, b)
	_, err := b.Till.OpenDay(by, ref(), 0)
	refused(t, "OpenDay twice", err, "day-is-open")
	for _, fen := range []lot.Fen{-1, lot.FenMax + 1} {
		_, err = b.Till.CloseDay(by, ref(), fen)
		refused(t, "CloseDay with a count out of range", err, "bad-amount")
	}
	scan(t, b, rice)
	payAt(t, b, by)
	if c := closeDay(t, b, 4990); c.Figures.Sales != 1 {
		t.Errorf("%d sales, want 1", c.Figures.Sales)
	}
	b.Restart(t)
	if day, err := b.Till.Day(); err != nil || !day.Closed {
		t.Errorf("day after a restart = %+v, %v; want it closed", day, err)
	}
	openDay(t, b) // once more on the same day: it goes on
	scan(t, b, rice)
	payAt(t, b, by)
	if c := closeDay(t, b, 9980); c.Figures.Sales != 2 || c.Day.String() != "2026-11-22" {
		t.Errorf("%s: %d sales, want 2 on 2026-11-22", c.Day, c.Figures.Sales)
	}
	b.Clock.Advance(24 * time.Hour)
	openDay(t, b)
	scan(t, b, rice)
	payAt(t, b, by)
	if c := closeDay(t, b, 4990); c.Figures.Sales != 1 || c.Day.String() != "2026-11-23" {
		t.Errorf("%s: %d sales, want 1 on 2026-11-23", c.Day, c.Figures.Sales)
	}
}

func TestDayWithoutAnythingIsTodays(t *testing.T) {
	b := newLanes(t)
	if c := closeDay(t, b, 0); c.Day.String() != "2026-11-22" {
		t.Errorf("a new till's first close is of %s, want 2026-11-22", c.Day)
	}
}

func TestClockSetBackOpensNoOlderDay(t *testing.T) {
	b := newLanes(t)
	openDay(t, b)
	closeDay(t, b, 0)
	b.Clock.Step(-48 * time.Hour)
	done, err := b.Till.OpenDay(by, ref(), 0)
	must(t, err)
	if got := done.Entry.Body.(*ledger.DayOpen).Day.String(); got != "2026-11-22" {
		t.Errorf("opened %s with the clock two days back, want 2026-11-22", got)
	}
}

func TestStepUpLendsARightToOneAction(t *testing.T) {
	b := newBench(t)
	refused(t, "StepUp alone", b.Till.StepUp(by, till.StepUp{Action: ledger.KindGrant, Reason: "goodwill"}), "second-person")
	refused(t, "StepUp of oneself", b.Till.StepUp(by, till.StepUp{Action: ledger.KindGrant, Second: by.Actor, Reason: "goodwill"}), "second-person")
	refused(t, "StepUp without a reason", b.Till.StepUp(by, till.StepUp{Action: ledger.KindGrant, Second: "k1"}), "reason-missing")
	a := clerk.Action{Kind: ledger.KindGrant, Input: []byte("what is asked for")}
	must(t, b.Till.StepUp(by, till.StepUp{Action: a.Kind, Input: a.Input, Second: "k1", Reason: "goodwill"}))
	want := []*ledger.StepUp{{Action: ledger.KindGrant, Input: a.Hash(), Second: "k1", Reason: "goodwill"}}
	if diff := cmp.Diff(want, written[*ledger.StepUp](t, b)); diff != "" {
		t.Errorf("step-ups (-want +got):\n%s", diff)
	}
}

// TestAfterStopNothingIsWritten goes through every action.
func TestAfterStopNothingIsWritten(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	give(t, b, consumption, 9000)
	sold := sell(t, b, rice)
	b.Till.Acked(*b.Left)
	scan(t, b, wang)
	done, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	must(t, err)
	voucher, paper := lot.ID{Origin: done.Origin}, voucherText(t, b)
	jobs, err := b.Till.Jobs()
	must(t, err)
	scan(t, b, rice)
	scanAt(t, b, other, paper)
	note := b.Say(ledger.Down{Note: b.Gift(t, lot.Lot{Owner: 1002, Asset: green, Amount: 70})})
	must(t, b.Till.Stop())
	must(t, b.Till.Stop()) // twice does no harm
	before := entries(t, b)
	for name, do := range map[string]func() error{
		"pay":          func() error { _, err := tryPay(t, b, by); return err },
		"redeem":       func() error { _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); return err },
		"hand-out":     func() error { _, err := b.Till.UseVoucher(other, viewAt(t, b, other).Ref); return err },
		"voucher-back": func() error { _, err := b.Till.TakeVoucherBack(by, ref(), voucher, false); return err },
		"transfer":     func() error { _, err := transfer(b, 10); return err },
		"enrol":        func() error { _, err := b.Till.Enrol(by, enrolment(t)); return err },
		"check-in":     func() error { _, _, _, err := onces[0].give(b, 1001); return err },
		"open-day":     func() error { _, err := b.Till.OpenDay(by, ref(), 0); return err },
		"close-day":    func() error { _, err := b.Till.CloseDay(by, ref(), 0); return err },
		"sign-out":     func() error { return b.Till.SignOut(by) },
		"sign-in":      func() error { return b.Till.SignIn(clerk.By{Lane: 1, Actor: "c3"}) },
		"consent":      func() error { return b.Till.Consent(by, ledger.Consent{Member: 1, Purpose: "sms", Withdrawn: true}) },
		"step-up":      func() error { return b.Till.StepUp(by, till.StepUp{Second: "k1", Reason: "x"}) },
		"return": func() error {
			_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: sold, Qty: []int64{1}, Tender: "cash"})
			return err
		},
		"grant": func() error {
			_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: green, Amount: 5, Reason: "goodwill"})
			return err
		},
	} {
		if err := do(); !errors.Is(err, clerk.ErrStopped) {
			t.Errorf("%s after Stop = %v, want ErrStopped", name, err)
		}
	}
	if at, err := b.Till.ApplyDown([][]byte{note}); at != 0 || err != nil {
		t.Errorf("ApplyDown after Stop = %d, %v; want 0, nil", at, err)
	}
	b.Clock.Advance(time.Hour)
	tick(t, b)
	must(t, b.Till.EndJob(jobs[0].ID, "printed", "")) // its record, not the journal's
	if got := entries(t, b); got != before {
		t.Errorf("%d entries were written after Stop", got-before)
	}
	sayable(t, "stopped")
	b.Restart(t)
	payAt(t, b, by) // the basket is still there
	if at, err := b.Till.ApplyDown([][]byte{note}); at != 2 || err != nil {
		t.Errorf("ApplyDown after the next start = %d, %v; want 2, nil", at, err)
	}
	scan(t, b, wang)
	if got := view(t, b).Member; got.ID != member.ID(1001) || got.Points[0].Frozen != 0 {
		t.Errorf("after the next start %d points are frozen, want none", got.Points[0].Frozen)
	}
}
