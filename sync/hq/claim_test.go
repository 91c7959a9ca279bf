package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/claims"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

func reward(n lot.Amount) []ledger.Issue {
	return []ledger.Issue{{Asset: points, Amount: n, Expires: start + 300}}
}

var claim = ledger.Once{Claim: true}

func checkIn(who member.ID, activity string) *ledger.CheckIn {
	return &ledger.CheckIn{Member: who, Activity: activity, Issues: reward(10), Day: start, Once: claim}
}

// settled holds what a terminal knows of its claim against what is wanted.
func (t *terminal) settled(when string, of lot.Origin, want fold.ClaimStatus, reason string) {
	t.b.Helper()
	t.hear()
	got, err := t.state.Claim(of)
	t.b.ok("Claim", err)
	if got.Status != want || got.Reason != reason {
		t.b.Errorf("%s: %s has %d %q of its claim %s, want %d %q", when, t.id, got.Status, got.Reason, of, want, reason)
	}
}

// Everything that may be given once is granted once, wherever it is claimed.
func TestClaimIsGrantedOnce(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second ledger.Body
		again         bool // the second is another thing
	}{
		{"activity", checkIn(wang, "spring"), checkIn(wang, "spring"), false},
		{"another-activity", checkIn(wang, "spring"), checkIn(wang, "autumn"), true},
		{"long-names", checkIn(wang, "a-very-long-name-of-an-activity-that-fills-sixty-four-bytes-1"), checkIn(wang, "a-very-long-name-of-an-activity-that-fills-sixty-four-bytes-2"), true},
		{"another-member", checkIn(wang, "spring"), checkIn(zhao, "spring"), true},
		{"survey", &ledger.Answer{Member: wang, Survey: "s", Version: 1, Issues: reward(10), Once: claim}, &ledger.Answer{Member: wang, Survey: "s", Version: 1, Issues: reward(10), Once: claim}, false},
		{"survey-of-another-version", &ledger.Answer{Member: wang, Survey: "s", Version: 1, Issues: reward(10), Once: claim}, &ledger.Answer{Member: wang, Survey: "s", Version: 2, Issues: reward(10), Once: claim}, true},
		{"welcome-a-year-later", &ledger.Grant{Member: wang, Reason: "welcome", Issues: reward(10), Day: start, Once: claim}, &ledger.Grant{Member: wang, Reason: "welcome", Issues: reward(10), Day: start + 365, Once: claim}, false},
		{"birthday-in-the-same-year", &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start, Once: claim}, &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start + 30, Once: claim}, false},
		{"birthday-a-year-later", &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start - 365, Once: claim}, &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start, Once: claim}, true},
		{"birthday-by-a-clock-a-year-ahead", &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start, Once: claim}, &ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: start + 365, Once: claim}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one, two := b.terminals[0], b.terminals[1]
			first := one.do(c.first).Origin
			one.sync()
			one.settled("first", first, fold.ClaimGranted, "")
			b.sums("first", hq.TotalView{Issued: 10, HQ: 10})
			second := two.do(c.second).Origin
			two.sync()
			if c.again {
				two.settled("second", second, fold.ClaimGranted, "")
				b.sums("second", hq.TotalView{Issued: 20, HQ: 20})
				return
			}
			two.settled("second", second, fold.ClaimRefused, "claim-used")
			b.sums("second", hq.TotalView{Issued: 10, HQ: 10})
		})
	}
}

// home gives a member's home to a terminal, with what was minted.
func (t *terminal) home() {
	t.b.Helper()
	t.askFor(77, wang, lot.Home, 1)
	t.hear()
}

// answers gives back what HQ asks for.
func (t *terminal) answers() {
	t.b.Helper()
	t.hear()
	for _, r := range t.state.Recalls() {
		t.do(&ledger.NoteGiven{Member: r.Member, Draws: r.Draws, Recall: r.Seq})
	}
	t.sync()
}

// keepsAll has nothing to give of what HQ asks for.
func (t *terminal) keepsAll() {
	t.b.Helper()
	t.hear()
	for _, r := range t.state.Recalls() {
		t.do(&ledger.NoteGiven{Member: r.Member, Recall: r.Seq})
	}
	t.do(&ledger.Mark{})
	t.sync()
}

// TestClaimWaitsForTheHome: where the home is, the quota may have been made.
func TestClaimWaitsForTheHome(t *testing.T) {
	for _, used := range []bool{false, true} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		one.do(checkIn(wang, "earlier")) // HQ makes the home
		one.sync()
		one.home()
		minted := one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Activity("spring").Asset, Amount: 1}})
		if minted.Wrong != "" {
			t.Fatalf("quota at the home = %q, want it right", minted.Wrong)
		}
		again := one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Activity("earlier").Asset, Amount: 1}})
		if again.Wrong == "" {
			t.Error("a quota that HQ had made was made again where the home went")
		}
		if used {
			one.do(&ledger.CheckIn{Member: wang, Activity: "spring", Issues: reward(10), Once: ledger.Once{Quota: []lot.Draw{{Lot: minted.Issued[0].ID, Amount: 1}}}})
		}
		one.sync()
		before := b.total().Issued
		of := two.do(checkIn(wang, "spring")).Origin
		two.sync()
		two.settled("home is elsewhere", of, fold.ClaimOpen, "")
		two.do(&ledger.Sale{Member: wang}) // that it is heard of again asks for nothing twice
		two.sync()
		if raws, err := b.Down(1, one.state.Mark()); err != nil || len(raws) != 1 {
			t.Errorf("Down(1) = %d new entries, %v, want one recall", len(raws), err)
		}
		one.answers()
		if used {
			two.settled("home came back", of, fold.ClaimRefused, "claim-used")
		} else {
			two.settled("home came back", of, fold.ClaimGranted, "")
			before += 10
		}
		if got := b.total().Issued; got != before {
			t.Errorf("used %v: %d issued in the end, want %d", used, got, before)
		}
	}
}

// losesHome has a till take a member's home, and start anew by nothing that proves it.
func (t *terminal) losesHome() {
	t.b.Helper()
	t.do(checkIn(wang, "earlier"))
	t.sync()
	t.home()
	t.do(&ledger.Mark{})
	t.sync()
	t.open(0x102)
	t.sync()
}

// TestClaimWhoseHomeStaysAwayIsForAPerson: a till has the home in a life that a person
// freed, which frees no home. The claim is settled once that board is no more.
func TestClaimWhoseHomeStaysAwayIsForAPerson(t *testing.T) {
	for _, ends := range []bool{false, true} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		one.losesHome()
		of := two.do(checkIn(wang, "spring")).Origin
		two.sync()
		b.ok("Nightly", b.Nightly())
		b.waits("a witness may come", "conflict-unproven")
		b.decides(hq.ChooseFree)
		one.keepsAll()
		asked := b.recalls(1)
		for range 2 {
			b.ok("Nightly", b.Nightly())
			b.waits("what was freed is no home", "claim-away")
			one.keepsAll()
		}
		if n := b.recalls(1); n != asked {
			t.Errorf("the board was asked %d times more for what it cannot give", n-asked)
		}
		if got := b.alarms(); !slices.Equal(got, []string{"alarm-exposure", "alarm-claim"}) {
			t.Errorf("alarms %v, want what was freed, and the claim once", got)
		}
		if err := b.DecideClaim(of, reward(10), byZhou); !errors.Is(err, claims.ErrAway) {
			t.Errorf("DecideClaim() = %v, want ErrAway: it may be given already", err)
		}
		if !ends {
			b.ok("DecideClaim", b.DecideClaim(of, nil, byZhou))
			two.settled("refused", of, fold.ClaimRefused, byZhou.Reason)
			continue
		}
		b.ok("Decommission", b.Decommission(b.three().id, burnt))
		b.waits("another board ended", "claim-away")
		b.ok("Decommission", b.Decommission(1, burnt))
		b.waits("the board ended")
		two.settled("the board ended", of, fold.ClaimGranted, "")
		b.ok("Check", b.Check())
	}
}

// TestWhatIsOfALaterPeriodNeedsNoHome: a home that stays frozen has made nothing of a year
// or of a month that began when a person had freed its life.
func TestWhatIsOfALaterPeriodNeedsNoHome(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.ok("SetHousehold", b.SetHousehold([]ledger.Relative{{Member: li}, {Member: wang, Pool: 700}}, byZhou))
	one.losesHome()
	b.decides(hq.ChooseFree)
	one.keepsAll()
	two.sell(10)
	claims := func() lot.Origin {
		of := two.do(&ledger.Grant{Member: wang, Reason: "birthday", Issues: reward(10), Day: b.programme.Day(b.now), Once: claim}).Origin
		two.sync()
		return of
	}
	pooled := func(id lot.AskID) lot.Amount {
		today := b.programme.Day(b.now)
		asset := quota.Pool(today).Asset
		two.askFor(id, wang, asset, 500)
		two.hear()
		held, err := two.state.Usable(wang)
		b.ok("Usable", err)
		return lot.Available(held, asset, lot.Today{Day: today})
	}
	this := claims()
	b.waits("the year in which it was lost", "claim-away")
	if n := pooled(1); n != 0 {
		t.Errorf("%d may be spent of the month in which it was lost, want none", n)
	}
	b.now = b.now.AddDate(0, 2, 0)
	if n := pooled(2); n != 500 {
		t.Errorf("%d may be spent of a later month, want 500", n)
	}
	next := claims()
	two.settled("of a later year", next, fold.ClaimGranted, "")
	two.settled("of a later year, again", claims(), fold.ClaimRefused, "claim-used")
	two.settled("of the year in which it was lost", this, fold.ClaimOpen, "")
	b.ok("Check", b.Check())
}

// TestMergedMembersHaveOneQuota: each used what may be given once; the one that
// both are has nothing left.
func TestMergedMembersHaveOneQuota(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.do(checkIn(wang, "earlier"))
	one.sync()
	one.home()
	one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Activity("spring").Asset, Amount: 1}})
	one.do(checkIn(zhao, "spring"))
	one.sync()
	_, err := b.Merge(wang, zhao, byZhou)
	b.ok("Merge", err)
	of := one.do(checkIn(wang, "spring")).Origin
	one.sync()
	one.answers()
	one.settled("merged", of, fold.ClaimRefused, "claim-used")
}

func TestClaimOfAProvisionalMemberWaits(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.do(&ledger.Enrol{Member: wang})
	of := one.do(checkIn(wang, "spring")).Origin
	one.sync()
	one.settled("not matched", of, fold.ClaimOpen, "")
	b.ok("Match", b.Match(wang, byZhou))
	one.settled("matched", of, fold.ClaimGranted, "")
	b.sums("matched", hq.TotalView{Issued: 10, HQ: 10})
	one.do(&ledger.Mark{})
	one.sync()
}

func TestClaimForAPersonWaitsForOne(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	empty := checkIn(wang, "spring")
	empty.Issues = nil
	of := one.do(empty).Origin
	one.sync()
	if got := b.alarms(); !slices.Equal(got, []string{"alarm-claim"}) {
		t.Errorf("alarms %v, want alarm-claim", got)
	}
	list, err := b.Claims()
	if err != nil || len(list) != 1 || list[0].Of != of || list[0].Status != office.ClaimParked || list[0].Why != "claim-names-nothing" {
		t.Errorf("Claims() = %+v, %v, want the one, parked", list, err)
	}
	b.ok("DecideClaim", b.DecideClaim(of, reward(4), byZhou))
	one.settled("decided", of, fold.ClaimGranted, "")
	b.sums("decided", hq.TotalView{Issued: 4, HQ: 4})
	if err := b.DecideClaim(of, reward(4), byZhou); !errors.Is(err, office.ErrClaim) {
		t.Errorf("DecideClaim(again) = %v, want ErrClaim", err)
	}
}

// sold sells two for ¥10.00 each, which earn 20, and something more that points
// of a lot pay.
func (t *terminal) sold(paid lot.ID, n lot.Amount) (fold.Effects, lot.ID) {
	t.b.Helper()
	s := &ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Qty: 2, Fen: 2000 + lot.Fen(n), Deducted: lot.Fen(n), Merchant: "m1"}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 20, Funder: "m1", Expires: start + 300}, Rule: "base", Base: 20}},
	}
	if n > 0 {
		s.Deduction = &ledger.Deduction{Asset: points, Fen: lot.Fen(n), Draws: []lot.Draw{{Lot: paid, Amount: n}}}
	}
	e := t.do(s)
	return e, e.Issued[0].ID
}

func backClaim(of lot.Origin, qty int64) *ledger.ReturnClaim {
	return &ledger.ReturnClaim{Of: of, Day: start, Member: wang, Lines: []ledger.ReturnLine{{Qty: qty}}, Refund: lot.Fen(qty) * 1000}
}

func TestReturnElsewhereIsSettledOnceHQHasTheSale(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.give(wang, 100)
	one.ask(1, 100)
	one.hear()
	opening := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}
	sale, earned := one.sold(opening, 40)
	first := two.do(backClaim(sale.Origin, 1)).Origin
	two.sync()
	two.settled("before HQ has the sale", first, fold.ClaimOpen, "")
	one.sync()
	two.settled("HQ has the sale", first, fold.ClaimGranted, "")
	// 10 of 20 are due, held by the other terminal; 20 of 40 are given back.
	b.sums("one of two", hq.TotalView{Issued: 120, Back: 20, HQ: 20, Terminals: 80, Spent: 40})
	b.owes("one of two", wang, 0, 10)
	one.giveBack(earned, 20)
	one.sync()
	b.sums("the award came", hq.TotalView{Issued: 120, Back: 20, HQ: 30, Terminals: 60, Spent: 40, Gone: 10})
	second := two.do(backClaim(sale.Origin, 1)).Origin
	third := two.do(backClaim(sale.Origin, 1)).Origin
	two.sync()
	two.settled("the rest", second, fold.ClaimGranted, "")
	two.settled("more than was sold", third, fold.ClaimRefused, "claim-returned")
	b.sums("all", hq.TotalView{Issued: 120, Back: 40, HQ: 40, Terminals: 60, Spent: 40, Gone: 20})
	if got := b.alarms(); !slices.Equal(got, []string{"alarm-returned-twice"}) {
		t.Errorf("alarms %v, want alarm-returned-twice", got)
	}
	months, err := b.Months(wang)
	if err != nil || len(months) != 1 || months[0].Spent != 0 || months[0].Points != 0 {
		t.Errorf("Months() = %+v, %v, want nothing left of the sale", months, err)
	}
}

// onlyNames is the list of claims that wait as earlier builds wrote it.
type onlyNames struct{ claims []lot.Origin }

func (o *onlyNames) Fields(c *codec.Coder) { codec.List(c, 1, &o.claims, 1) }

func TestClaimOfAnEarlierBookIsSettled(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	sale, _ := one.sold(lot.ID{}, 0)
	of := two.do(backClaim(sale.Origin, 1)).Origin
	two.sync()
	b.ok("PutDesk", b.book.Update(func(tx book.Tx) error {
		return tx.PutDesk([]byte("o"), codec.Marshal(&onlyNames{[]lot.Origin{of}}))
	}))
	one.sync()
	two.settled("HQ has the sale", of, fold.ClaimGranted, "")
}

// TestReturnOfALostTerminalsSaleIsForAPerson: goods come back that were sold at a till
// which was ended before HQ heard of the sale.
func TestReturnOfALostTerminalsSaleIsForAPerson(t *testing.T) {
	for _, endedFirst := range []bool{true, false} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		one.sync()
		sale, _ := one.sold(lot.ID{}, 0)
		if endedFirst {
			b.ok("Decommission", b.Decommission(1, burnt))
		}
		claim := backClaim(sale.Origin, 1)
		claim.Member = 0 // the till does not know whose it was
		of := two.do(claim).Origin
		two.sync()
		if !endedFirst {
			b.waits("the till may still be heard")
			b.ok("Decommission", b.Decommission(1, burnt))
		}
		b.waits("the till is lost", "claim-no-sale")
		b.ok("DecideClaim", b.DecideClaim(of, nil, byZhou))
		two.settled("a person refused", of, fold.ClaimRefused, byZhou.Reason)
		b.waits("after that")
	}
}

// A till that does not know the sale does not know whose it was either. Two of
// them claim the same goods: they are settled once.
func TestReturnOfASaleThatTheTillDoesNotKnow(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	sale, _ := one.sold(lot.ID{}, 0)
	one.sync()
	claim := backClaim(sale.Origin, 2)
	claim.Member = 0
	first, again := two.do(claim).Origin, two.do(claim).Origin
	two.sync()
	two.settled("first", first, fold.ClaimGranted, "")
	two.settled("second", again, fold.ClaimRefused, "claim-returned")
	claim.Member = zhao // a receipt of somebody else
	other := two.do(claim).Origin
	two.sync()
	two.settled("of another member", other, fold.ClaimOpen, "")
	if got := b.alarms(); !slices.Contains(got, "alarm-claim") {
		t.Errorf("alarms %v, want the last one left to a person", got)
	}
}

// TestReturnedAtTwoTills: the till that holds the right was first, or last.
func TestReturnedAtTwoTills(t *testing.T) {
	for _, ownFirst := range []bool{true, false} {
		b := newBench(t)
		one, two := b.terminals[0], b.terminals[1]
		sale, earned := one.sold(lot.ID{}, 0)
		one.sync()
		own := func() {
			one.do(&ledger.Return{Of: sale.Origin, Day: start, Member: wang, Lines: []ledger.ReturnLine{{Qty: 2}}, Refund: 2000, Claw: []lot.Draw{{Lot: earned, Amount: 20}}})
			one.sync()
		}
		if ownFirst {
			own()
		}
		of := two.do(backClaim(sale.Origin, 2)).Origin
		two.sync()
		if ownFirst {
			two.settled("afterwards", of, fold.ClaimRefused, "claim-returned")
		} else {
			two.settled("first", of, fold.ClaimGranted, "")
			own()
		}
		b.sums("in the end", hq.TotalView{Issued: 20, Gone: 20})
		b.owes("in the end", wang, 0, 0)
		if got := b.alarms(); !slices.Equal(got, []string{"alarm-returned-twice"}) {
			t.Errorf("own first %v: alarms %v, want alarm-returned-twice", ownFirst, got)
		}
	}
}

func TestReturnThatHQCannotWorkOutIsForAPerson(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	other := one.do(&ledger.Sale{Member: zhao, Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
	one.sync()
	for _, c := range []struct {
		of  lot.Origin
		why string
	}{{other.Origin, "claim-no-sale"}, {lot.Origin{Terminal: 1, Incarnation: 0x101, Seq: 1}, "claim-no-sale"}} {
		of := two.do(backClaim(c.of, 1)).Origin
		two.sync()
		two.settled(c.why, of, fold.ClaimOpen, "")
		list, err := b.Claims()
		n := slices.IndexFunc(list, func(v hq.ClaimView) bool { return v.Of == of })
		if err != nil || n < 0 || list[n].Status != office.ClaimParked || list[n].Why != c.why {
			t.Errorf("Claims() = %+v, %v, want %s parked: %s", list, err, of, c.why)
		}
		b.ok("DecideClaim", b.DecideClaim(of, nil, hq.By{Actor: "zhou", Reason: "claim-refused"}))
		two.settled("decided", of, fold.ClaimRefused, "claim-refused")
	}
}
