package till_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Returns whose right is elsewhere, returns of what many things paid for, and
// what the journal says of papers, recalls, outages and declines.

func claim(of lot.Origin) till.ClaimReturn {
	return till.ClaimReturn{Ref: ref(), Of: of, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}}, Refund: 4990, Tender: "cash"}
}

func TestReturnIsClaimedWhereItsRightIsNot(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, strict)
	of := sell(t, b, rice)
	_, err := b.Till.ClaimReturn(by, claim(of))
	refused(t, "ClaimReturn of a sale whose right is here", err, "return-here")
	b.Reboot(t, "boot-2")
	sell(t, b, millet)
	_, err = b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Qty: []int64{1}, Tender: "cash"})
	refused(t, "Return of a frozen sale", err, "return-frozen")
	elsewhere := lot.Origin{Terminal: 9, Incarnation: 3, Seq: 4}
	want := map[lot.Origin]member.ID{of: 1001, elsewhere: 0}
	var made []lot.Origin
	for origin, who := range want {
		done, err := b.Till.ClaimReturn(by, claim(origin))
		must(t, err)
		body := done.Entry.Body.(*ledger.ReturnClaim)
		wanted := &ledger.ReturnClaim{
			Of: origin, Day: body.Day, Member: who, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}}, Refund: 4990, Tenders: []ledger.Tender{{Kind: "cash", Fen: 4990}},
		}
		if diff := cmp.Diff(wanted, body); diff != "" {
			t.Errorf("claim (-want +got):\n%s", diff)
		}
		made = append(made, done.Origin)
	}
	if here(t, b, consumption) != 26 {
		t.Error("a claim moved points: HQ alone settles them")
	}
	for _, c := range claims(t, b, made...) {
		if c.Status != 1 {
			t.Errorf("claim %+v, want it open", c)
		}
	}
	b.Hear(t, ledger.Down{Settled: &ledger.Settled{Of: made[0], Granted: true}})
	if c := claims(t, b, made...); c[0].Status != 2 || c[1].Status != 1 {
		t.Errorf("claims %+v, want the first granted and the second open", c)
	}
	day, err := b.Till.Day()
	must(t, err)
	if day.Figures.Returns != 2 || day.Figures.Refunded != 9980 {
		t.Errorf("the day has %d returns of %s, want 2 of 99.80", day.Figures.Returns, day.Figures.Refunded)
	}
}

func TestReturnClaimIsRefused(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		want string
		edit func(*till.ClaimReturn)
	}{
		{"bad-tender", func(r *till.ClaimReturn) { r.Tender = "shells" }},
		{"bad-amount", func(r *till.ClaimReturn) { r.Refund = -1 }},
		{"return-nothing", func(r *till.ClaimReturn) { r.Lines = nil }},
		{"return-nothing", func(r *till.ClaimReturn) { r.Lines = make([]ledger.ReturnLine, ledger.LinesMax+1) }},
		{"bad-quantity", func(r *till.ClaimReturn) { r.Lines[0].Qty = 0 }},
		{"bad-quantity", func(r *till.ClaimReturn) { r.Lines[0].Qty = 1 << 40 }},
	} {
		r := claim(lot.Origin{Terminal: 9, Incarnation: 3, Seq: 4})
		test.edit(&r)
		_, err := b.Till.ClaimReturn(by, r)
		refused(t, "ClaimReturn", err, test.want)
	}
}

// TestReturnInPartsGivesBackWhatWasPaid sells with a coupon, points and small
// change let off, and takes the goods back one by one, in any order.
func TestReturnInPartsGivesBackWhatWasPaid(t *testing.T) {
	for _, order := range [][]int{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}} {
		b := newLanes(t)
		text := strings.Replace(string(couponRules(t)), "tiers:\n", "rounding: {to_fen: 10, mode: down}\ntiers:\n", 1)
		b.UseRules(t, []byte(text))
		give(t, b, consumption, 3000)
		c := buyCoupon(t, b, "five-off")
		before := here(t, b, consumption)
		scan(t, b, wang, rice, millet, millet, c.text)
		must(t, b.Till.Deduct(by, 1234))
		of, sale := payAt(t, b, by)
		if sale.Rounded == 0 || len(sale.Coupons) != 1 || sale.Deduction == nil || sale.Net()%10 != 0 {
			t.Fatalf("rounded %s, coupons %v, deduction %v, net %s: the test shows nothing", sale.Rounded, sale.Coupons, sale.Deduction, sale.Net())
		}
		var refund lot.Fen
		for n, line := range order {
			qty := make([]int64, 2)
			qty[line] = 1
			r := giveBack(t, b, of, qty...)
			refund += r.Refund
			if last := n == len(order)-1; (lot.Sum(r.Back) > 0 && hasLot(r.Back, c.id)) != last {
				t.Errorf("order %v: return %d gives back %v; the coupon comes with the last", order, n, r.Back)
			}
		}
		if refund != sale.Net() {
			t.Errorf("order %v: refunds come to %s, want the %s that was paid", order, refund, sale.Net())
		}
		if got := here(t, b, consumption); got != before {
			t.Errorf("order %v: points = %d, want %d as before the sale", order, got, before)
		}
		if g := here(t, b, green); g != 0 {
			t.Errorf("order %v: %d green points are left of what came back", order, g)
		}
		text = strings.ReplaceAll(papers(t, b)[0], " ", "")
		if !strings.Contains(text, "退回优惠券：全场九五折券") {
			t.Errorf("the last return's paper does not tell of the coupon:\n%s", text)
		}
	}
}

func hasLot(draws []lot.Draw, id lot.ID) bool {
	for _, d := range draws {
		if d.Lot == id {
			return true
		}
	}
	return false
}

// TestPoolGetsBackWhatItPaid returns a sale that a household paid for (rule
// S13): what was a sharer's goes back to them, and so does their allowance.
func TestPoolGetsBackWhatItPaid(t *testing.T) {
	b := newLanes(t)
	const allowance = lot.Asset("quota:pool:2026-11")
	b.Give(t,
		lot.Lot{Owner: 1001, Asset: consumption, Amount: 100, Expires: b.Programme.ExpiryOf(consumption, 20_800)},
		lot.Lot{Owner: 1002, Asset: consumption, Amount: 1000, Expires: b.Programme.ExpiryOf(consumption, 20_800)},
		lot.Lot{Owner: 1002, Asset: allowance, Amount: 500})
	from := func(n uint32) lot.ID { return lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}, N: n} }
	var done clerk.Done
	must(t, b.Till.Update(func(x *clerk.Txn) (err error) {
		day := b.Programme.BusinessDay(x.Now.Wall)
		done, err = b.Till.Append(x, ledger.Entry{Lane: 1, Actor: "c1", Body: &ledger.Sale{
			Receipt: x.State.Receipts() + 1, Day: day, Member: 1001, Proof: member.ByCard,
			Lines: []ledger.Line{{Product: "0" + rice, Qty: 2, Fen: 9980, Deducted: 300, Merchant: "m1"}},
			Deduction: &ledger.Deduction{
				Asset: consumption, Fen: 300, Draws: []lot.Draw{{Lot: from(0), Amount: 100}},
				Pool: []ledger.PoolPart{{Owner: 1002, Draws: []lot.Draw{{Lot: from(1), Amount: 200}}, Allowance: []lot.Draw{{Lot: from(2), Amount: 200}}}},
			},
			Tenders: []ledger.Tender{{Kind: "cash", Fen: 9680}},
		}})
		return err
	}))
	r := giveBack(t, b, done.Origin, 1) // 150 points: the sharer's, drawn last, first
	want := []lot.Draw{{Lot: from(1), Amount: 150}, {Lot: from(2), Amount: 150}}
	if diff := cmp.Diff(want, r.Back); diff != "" || r.Refund != 4840 {
		t.Errorf("refund %s, want 48.40; given back (-want +got):\n%s", r.Refund, diff)
	}
	if text := strings.ReplaceAll(papers(t, b)[0], " ", ""); !strings.Contains(text, "退回积分150\n") {
		t.Errorf("the paper does not say that 150 points came back:\n%s", text)
	}
	r = giveBack(t, b, done.Origin, 1)
	want = []lot.Draw{{Lot: from(1), Amount: 50}, {Lot: from(2), Amount: 50}, {Lot: from(0), Amount: 100}}
	if diff := cmp.Diff(want, r.Back); diff != "" {
		t.Errorf("given back in the end (-want +got):\n%s", diff)
	}
	held := map[lot.Asset]lot.Amount{}
	must(t, b.Journal.View(func(tx journal.Tx) error {
		state, err := b.Till.State(tx)
		if err != nil {
			return err
		}
		list, err := state.Usable(1002)
		for _, h := range list {
			held[h.Lot.Asset] += h.Amount
		}
		return err
	}))
	if held[consumption] != 1000 || held[allowance] != 500 {
		t.Errorf("the sharer holds %v, want 1000 points and an allowance of 500", held)
	}
}

func TestReprintSaysWhoAsked(t *testing.T) {
	b := newLanes(t)
	scan(t, b, rice)
	of, _ := payAt(t, b, by)
	job, _, err := b.Till.NextJob()
	must(t, err)
	must(t, b.Till.Reprint(other, job.ID)) // it is being printed: nothing to do
	must(t, b.Till.EndJob(job.ID, printjob.Failed, "2"))
	must(t, b.Till.Reprint(other, job.ID)) // nothing was printed: it is no reprint
	if list := written[*ledger.Reprint](t, b); len(list) != 0 {
		t.Errorf("reprints %+v of what was not printed", list)
	}
	job, _, err = b.Till.NextJob()
	must(t, err)
	must(t, b.Till.EndJob(job.ID, printjob.Printed, ""))
	must(t, b.Till.Reprint(other, job.ID))
	want := []*ledger.Reprint{{Of: of, Job: job.ID, Attempt: 2}}
	if diff := cmp.Diff(want, written[*ledger.Reprint](t, b)); diff != "" {
		t.Errorf("reprints (-want +got):\n%s", diff)
	}
	if e := lastEntry(t, b); e.Actor != other.Actor || e.Lane != other.Lane {
		t.Errorf("asked for by %q at lane %d, want %q at %d", e.Actor, e.Lane, other.Actor, other.Lane)
	}
	if _, ok, err := b.Till.NextJob(); !ok || err != nil {
		t.Errorf("NextJob = %v, %v; want the paper again", ok, err)
	}
	refused(t, "Reprint of no job", b.Till.Reprint(by, 999), "no-job")
}

func lastEntry(t *testing.T, b *tilltest.Bench) ledger.Entry {
	t.Helper()
	at := newest(t, b)
	list, err := b.Till.Entries(ledger.Incarnation(at.Incarnation), ledger.Seq(at.Seq), 1, 1<<20)
	must(t, err)
	e, err := ledger.Decode(list[0].Raw)
	must(t, err)
	return e
}

func TestRecallIsAnsweredOnceTheMemberHasGone(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	give(t, b, consumption, 1000)
	id := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 400))
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: 1001, Draws: []lot.Draw{{Lot: id, Amount: 5000}}}})
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: 1003, Draws: []lot.Draw{{Lot: id, Amount: 1}}}})
	tick(t, b)
	tick(t, b)
	want := []*ledger.NoteGiven{{Member: 1003, Recall: 3}} // there is nothing of it here, and nobody is served
	if diff := cmp.Diff(want, written[*ledger.NoteGiven](t, b)); diff != "" {
		t.Fatalf("given while the member is served (-want +got):\n%s", diff)
	}
	if _, sale := payAt(t, b, by); lot.Sum(sale.Deduction.Draws) != 400 {
		t.Errorf("paid with %d points, want 400", lot.Sum(sale.Deduction.Draws))
	}
	tick(t, b)
	tick(t, b)
	want = append(want, &ledger.NoteGiven{Member: 1001, Recall: 2, Draws: []lot.Draw{{Lot: id, Amount: 600}}}) // what there is
	if diff := cmp.Diff(want, written[*ledger.NoteGiven](t, b)); diff != "" {
		t.Errorf("given (-want +got):\n%s", diff)
	}
	if got := here(t, b, consumption); got != 45 {
		t.Errorf("points = %d, want the 45 of the sale", got)
	}
}

// TestForgottenBasketKeepsNothingFromHQ is a member who left without anybody
// clearing the lane: what its hold no longer keeps, a recall gets.
func TestForgottenBasketKeepsNothingFromHQ(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	give(t, b, consumption, 1000)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 400))
	id := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: 1001, Draws: []lot.Draw{{Lot: id, Amount: 1000}}}})
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{14 * time.Minute, 0}, {time.Minute, 1}} {
		b.Clock.Advance(step.wait)
		tick(t, b)
		if given := written[*ledger.NoteGiven](t, b); len(given) != step.want {
			t.Fatalf("after another %s: given %+v, want %d notes", step.wait, given, step.want)
		}
	}
	shown := view(t, b)
	if shown.Quote.ToPay != 4990 {
		t.Errorf("the bill is %s, want 49.90: the points are gone", shown.Quote.ToPay)
	}
	payAt(t, b, by)
}

// TestRecallsOfThoseServedKeepNobodyWaiting has five members at five lanes.
func TestRecallsOfThoseServedKeepNobodyWaiting(t *testing.T) {
	b := newLanes(t)
	b.Line.Set(true)
	for n, card := range []string{li, "HM10001275G", "HM10001412U", "HM10001549V", "HM10001686F"} {
		at := clerk.By{Lane: uint32(n + 1), Actor: "c1"}
		must(t, b.Till.SignIn(at))
		scanAt(t, b, at, card)
		b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: member.ID(1002 + n), Draws: []lot.Draw{{Amount: 1}}}})
	}
	b.Hear(t, ledger.Down{Recall: &ledger.Recall{Member: 1001, Draws: []lot.Draw{{Amount: 1}}}})
	tick(t, b)
	if given := written[*ledger.NoteGiven](t, b); len(given) != 1 || given[0].Recall != 6 {
		t.Errorf("given %+v, want the answer to recall 6 alone", given)
	}
}

// The same goods are not claimed twice at one till: of a sale that is known here
// no more than was sold, of any other only with a second person.
func TestGoodsAreNotClaimedTwice(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, strict)
	of := sell(t, b, rice)
	b.Reboot(t, "boot-2")
	sell(t, b, millet)
	_, err := b.Till.ClaimReturn(by, claim(of))
	must(t, err)
	_, err = b.Till.ClaimReturn(by, claim(of))
	refused(t, "ClaimReturn of the one piece again", err, "return-too-much")

	elsewhere := claim(lot.Origin{Terminal: 9, Incarnation: 3, Seq: 4})
	_, err = b.Till.ClaimReturn(by, elsewhere)
	must(t, err)
	for _, second := range []string{"", by.Actor} {
		elsewhere.Ref, elsewhere.Second = ref(), second
		_, err = b.Till.ClaimReturn(by, elsewhere)
		refused(t, "ClaimReturn of the same line by one person", err, "return-claimed")
	}
	elsewhere.Ref, elsewhere.Second = ref(), "chen"
	done, err := b.Till.ClaimReturn(by, elsewhere)
	must(t, err)
	if got := done.Entry.Body.(*ledger.ReturnClaim).Second; got != "chen" {
		t.Errorf("the claim names %q as the second person, want chen", got)
	}
	elsewhere.Ref, elsewhere.Second, elsewhere.Lines = ref(), "", []ledger.ReturnLine{{Line: 1, Qty: 1}}
	if _, err = b.Till.ClaimReturn(by, elsewhere); err != nil {
		t.Errorf("ClaimReturn of another line: %v", err)
	}
}

func TestOutageCountsDeclinesByWhy(t *testing.T) {
	b := scarce(t)
	give(t, b, consumption, 10_000)
	tick(t, b) // offline from here on
	for _, benefit := range []string{"tea-set", "breakfast-pack", "travel-coupon", "travel-coupon", "travel-coupon"} {
		scan(t, b, wang)
		_, err := b.Till.Redeem(by, view(t, b).Ref, benefit)
		if benefit == "travel-coupon" && err == nil { // 8,800 of 20,000, twice
			continue
		}
		if err == nil {
			t.Errorf("Redeem(%s) went through", benefit)
		}
	}
	b.Clock.Advance(time.Hour)
	b.Line.Set(true)
	tick(t, b)
	got := written[*ledger.Outage](t, b)
	want := []ledger.Count{{Code: "points-short", N: 1}, {Code: "quota-short", N: 1}, {Code: "stock-short", N: 1}}
	if len(got) != 1 || got[0].Declined != 3 || !cmp.Equal(want, got[0].Refused) {
		t.Errorf("outages %+v, want one with three declines, %v", got, want)
	}
}

func TestDeclineSaysWhereThePointsAre(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	scan(t, b, wang)
	ask := b.Line.Asked()[0]
	b.Till.Answered(clerk.Answer{Ask: ask.ID, Member: 1001, Left: []clerk.Balance{
		{Asset: green, HQ: 7, Elsewhere: 8}, {Asset: consumption, HQ: 300, Elsewhere: 450}, {Asset: "points:goodwill", HQ: 1, Elsewhere: 2},
	}})
	m := view(t, b).Member
	if m.Asking || m.Points[0].HQ != 300 || m.Points[0].Elsewhere != 450 || m.AsOf.IsZero() {
		t.Errorf("the screen shows %+v, want 300 at HQ, 450 elsewhere", m.Points[0])
	}
	_, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set")
	declined(t, "Redeem", err, "points-short")
	want := []*ledger.Decline{{
		Action: ledger.KindRedeem, Code: "points-short", Member: 1001, Asset: consumption, Want: 500, AtHQ: 300, Elsewhere: 450,
	}}
	if diff := cmp.Diff(want, written[*ledger.Decline](t, b)); diff != "" {
		t.Errorf("declines (-want +got):\n%s", diff)
	}
}

func TestVoidOfASalePaidWithPointsLeavesNothing(t *testing.T) {
	b := newLanes(t)
	give(t, b, consumption, 3000)
	scan(t, b, wang, rice, millet)
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	of, _ := payAt(t, b, by)
	_, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	must(t, err)
	if c, g := here(t, b, consumption), here(t, b, green); c != 3000 || g != 0 {
		t.Errorf("points = %d and %d green, want 3000 and none", c, g)
	}
	_, err = b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
	refused(t, "second void", err, "void-too-late")
}
