package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// receipt is a sale of so many fen to the member on a day under a tier, which
// earned a point a yuan by the base rule, usable from a day on.
func (t *terminal) receipt(fen lot.Fen, day lot.Day, under string, active lot.Day) lot.Origin {
	t.b.Helper()
	n := lot.Amount(fen / 100)
	sale := &ledger.Sale{
		Member: wang, Day: day, Tier: under, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: fen}}, Tenders: []ledger.Tender{{Kind: "cash", Fen: fen}},
	}
	if n > 0 {
		sale.Awards = []ledger.Award{{
			Issue: ledger.Issue{Asset: points, Amount: n, Expires: 21_000, Active: active}, Rule: "base", Base: n, Shares: []ledger.Share{{Amount: n}},
		}}
	}
	return t.do(sale).Origin
}

func (b *bench) tierOf() string {
	b.Helper()
	r, err := b.Ruling(wang)
	b.ok("Ruling", err)
	return r.Tier
}

// Rule S12: what is sold anywhere counts; the threshold is reached by meeting it,
// and the terminals are told.
func TestTierStepsUpByWhatAllTerminalsSold(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	one.receipt(100_000, 20_779, "", 0)
	one.sync()
	two.receipt(99_999, 20_779, "", 0)
	two.sync()
	if got := b.tierOf(); got != "" {
		t.Errorf("a fen below the threshold the member is in %q, want in none", got)
	}
	two.receipt(1, 20_779, "", 0)
	two.sync()
	if got := b.tierOf(); got != "green-tree" {
		t.Errorf("at the threshold the member is in %q, want green-tree", got)
	}
	for _, at := range b.terminals {
		at.hear()
		about, err := at.state.About(wang)
		if b.ok("About", err); about.Ruling.Tier != "green-tree" {
			t.Errorf("%s knows of tier %q, want green-tree", at.id, about.Ruling.Tier)
		}
	}
	entries := b.newest("ruling")
	two.receipt(1, 20_779, "green-tree", 0)
	two.sync()
	if b.newest("ruling") != entries {
		t.Error("a sale that changes no tier wrote another ruling")
	}
}

// Rule S12: down only after the period, with notice, one step.
func TestTierStepsDownAfterNotice(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	day := b.programme.Day(b.now)
	one.receipt(1_000_000, day, "", 0)
	one.sync()
	for _, c := range []struct {
		after lot.Day
		want  string
	}{
		{300, "green-forest"}, {340, "green-forest"}, {364, "green-forest"}, {400, "green-tree"},
	} {
		b.night(day + c.after)
		if got := b.tierOf(); got != c.want {
			t.Errorf("%d days later the member is in %q, want %q", c.after, got, c.want)
		}
	}
}

// Rule S12: what a terminal sold under a lower tier than HQ knew of is made good,
// once, and never the other way.
func TestMissedTierIsMadeGood(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	day := b.programme.Day(b.now)
	one.receipt(200_000, day-1, "", 0)
	one.sync()
	b.sums("before", hq.TotalView{Issued: 2000, Terminals: 2000})
	two.receipt(10_000, day-1, "", 0) // before the step
	two.receipt(10_000, day+1, "", 0) // after it: 20 points of 120 are missing
	two.sync()
	b.sums("after", hq.TotalView{Issued: 2220, Terminals: 2200, HQ: 20})
	two.receipt(10_000, day+1, "green-tree", 0)
	two.receipt(10_000, day+1, "green-forest", 0)
	two.sync()
	b.sums("of receipts that knew", hq.TotalView{Issued: 2420, Terminals: 2400, HQ: 20})
}

// Rule S28: what terminals together gave beyond a day's cap is taken out of what
// is pending; the rest the member keeps, and a person is told.
func TestCapTakesOnlyWhatIsPending(t *testing.T) {
	b := newBench(t)
	b.cap = 25
	b.restart()
	one, two := b.terminals[0], b.terminals[1]
	day := b.programme.Day(b.now)
	one.receipt(2000, day, "", day+7)
	one.sync()
	of := two.receipt(2000, day, "", day+7) // 15 beyond the cap
	two.sync()
	if got := b.alarms(); len(got) != 0 {
		t.Errorf("alarms %v, want none while all of it is pending", got)
	}
	b.owes("while it is on its way", wang, 0, 15)
	two.hear()
	two.answer()
	b.owes("when it is back", wang, 0, 0)
	b.sums("when it is back", hq.TotalView{Issued: 40, Gone: 15, HQ: 5, Terminals: 20})
	// A return of that receipt takes what is left of it, and not 20.
	two.do(&ledger.Return{Of: of, Day: day, Member: wang, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}}, Refund: 2000, Due: []ledger.Due{{Award: 0, Amount: 20}}})
	two.sync()
	b.owes("after the return", wang, 0, 0)
	b.sums("after the return", hq.TotalView{Issued: 40, Gone: 20, Terminals: 20})
}

// What was used before HQ heard of it stays used: it was no longer pending.
func TestCapLeavesWhatIsPendingNoMore(t *testing.T) {
	b := newBench(t)
	b.cap = 25
	b.restart()
	one, two := b.terminals[0], b.terminals[1]
	day := b.programme.Day(b.now)
	one.receipt(2000, day, "", day)
	one.sync()
	two.receipt(2000, day, "", day)
	two.sync()
	if got := b.alarms(); len(got) != 1 || got[0] != "alarm-cap" {
		t.Errorf("alarms %v, want alarm-cap", got)
	}
	b.owes("of what can be used", wang, 0, 0)
	b.sums("afterwards", hq.TotalView{Issued: 40, Terminals: 40})
}

// answer gives HQ back what it asked for.
func (t *terminal) answer() {
	t.b.Helper()
	for _, r := range t.state.Recalls() {
		t.do(&ledger.NoteGiven{Member: r.Member, Draws: r.Draws, Recall: r.Seq})
	}
	t.sync()
}

// Rule S13: HQ says who belongs together, tells the terminals, and makes what may
// be spent of one's points in a month where the terminal cannot.
func TestHouseholdSharesWithinWhatEachAllows(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.give(zhao, 5000)
	one.sell(10)
	one.sync()
	b.ok("SetHousehold", b.SetHousehold([]ledger.Relative{{Member: wang}, {Member: zhao, Pool: 700}}, byZhou))
	one.hear()
	about, err := one.state.About(wang)
	b.ok("About", err)
	if h := about.Ruling.Household; len(h) != 1 || h[0] != (ledger.Relative{Member: zhao, Pool: 700}) {
		t.Errorf("the terminal knows of the household %v, want %s with 700", h, zhao)
	}
	if about, err = one.state.About(zhao); err != nil || about.Ruling.Pool != 700 {
		t.Errorf("the terminal knows that %s allows %d, %v; want 700", zhao, about.Ruling.Pool, err)
	}
	quota := quota.Pool(b.programme.Day(b.now)).Asset
	holds := func(at *terminal) (allowed, shared lot.Amount) {
		held, err := at.state.Usable(zhao)
		b.ok("Usable", err)
		return lot.Available(held, quota, lot.Today{Day: b.programme.Day(b.now)}), lot.Available(held, points, lot.Today{Day: b.programme.Day(b.now)})
	}
	ask := func(at *terminal, id lot.AskID, n lot.Amount) {
		_, err := b.Ask(at.id, &wire.Ask{ID: id, Incarnation: at.state.Head().Incarnation, Member: zhao, Wants: []wire.Want{{Asset: points, Amount: n}, {Asset: quota, Amount: n}}})
		b.ok("Ask", err)
		at.hear()
	}
	ask(one, 1, 500)
	ask(two, 2, 500)
	for at, want := range map[*terminal]lot.Amount{one: 500, two: 200} {
		if allowed, shared := holds(at); allowed != want || shared != 500 {
			t.Errorf("%s may spend %d of %d points, want %d of 500: 700 in all a month", at.id, allowed, shared, want)
		}
	}
	b.ok("SetHousehold of one", b.SetHousehold([]ledger.Relative{{Member: wang}}, byZhou))
	one.hear()
	if about, err = one.state.About(wang); err != nil || len(about.Ruling.Household) != 0 {
		t.Errorf("after leaving, the household is %v, %v; want none", about.Ruling.Household, err)
	}
	if r, err := b.Ruling(zhao); err != nil || len(r.Household) != 0 || r.Pool != 0 {
		t.Errorf("the one who is left: %+v, %v; want no household", r, err)
	}
	if err := b.SetHousehold([]ledger.Relative{{Member: wang}, {Member: wang}}, byZhou); err == nil {
		t.Error("one member twice in a household is taken")
	}
}

// Of two records of one person the oldest's home counts, at HQ as at tills: as long as
// it lies at a till, which may make what may be had so often, HQ makes none.
func TestQuotaIsMadeWhereTheOldestsHomeIs(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	for _, who := range []member.ID{wang, zhao} {
		one.do(checkIn(who, "earlier"))
	}
	one.sync()
	one.home()
	one.do(&ledger.Mark{})
	one.sync()
	b.ok("SetHousehold", b.SetHousehold([]ledger.Relative{{Member: li}, {Member: wang, Pool: 700}}, byZhou))
	if older, err := b.Merge(wang, zhao, byZhou); err != nil || older != wang {
		t.Fatalf("Merge() = %s, %v; want %s", older, err, wang)
	}
	pool := quota.Pool(b.programme.Day(b.now)).Asset
	two.sell(10)
	two.sync()
	got := func(id lot.AskID) lot.Amount {
		t.Helper()
		two.askFor(id, wang, pool, 500)
		two.hear()
		held, err := two.state.Usable(wang)
		b.ok("Usable", err)
		return lot.Available(held, pool, lot.Today{Day: b.programme.Day(b.now)})
	}
	if n := got(1); n != 0 {
		t.Errorf("%d may be spent at the second till, with the home at the first; want none", n)
	}
	one.answers()
	if n := got(2); n != 500 {
		t.Errorf("%d may be spent once the home is back at HQ, want 500", n)
	}
}

// The programme says how many may be one household.
func TestHouseholdIsNoLargerThanTheProgrammeSays(t *testing.T) {
	b := newBench(t)
	three := []ledger.Relative{{Member: wang}, {Member: zhao}, {Member: li}}
	b.programme.Limits.Household = 2
	if err := b.SetHousehold(three, byZhou); err == nil {
		t.Error("SetHousehold(three) = nil where the programme allows two")
	}
	b.programme.Limits.Household = 3
	b.ok("SetHousehold(three)", b.SetHousehold(three, byZhou))
}
