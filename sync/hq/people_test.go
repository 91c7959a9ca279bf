package hq_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// decide has a person decide something, in one transaction.
func (b *bench) decide(fn func(w *decision.Work) error) error { return b.Decide(fn) }

func (b *bench) correct(who member.ID, n lot.Amount) error {
	return b.decide(func(w *decision.Work) error { return people.Correct(w, who, points, n, byZhou) })
}

func (b *bench) block(who member.ID, blocked bool) error {
	return b.decide(func(w *decision.Work) error { return people.Block(w, who, blocked, byZhou) })
}

func (b *bench) card(who member.ID) (c people.Card) {
	b.Helper()
	b.ok("CardOf", b.Look(func(w *decision.Work) (err error) {
		c, err = people.CardOf(w, who)
		return err
	}))
	return c
}

func TestWhatAPersonCannotDecideOfMembersIsSaid(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	b.give(wang, 100)
	b.now = b.now.AddDate(0, 0, 1)
	b.give(zhao, 10)
	one.do(&ledger.Enrol{Member: li})
	one.sync()
	before := b.newest("ruling")
	join := func(x, y member.ID) func(*decision.Work) error {
		return func(w *decision.Work) error { _, err := people.Join(w, x, y, byZhou); return err }
	}
	b.ok("Join", b.decide(join(zhao, wang)))
	for name, c := range map[string]struct {
		want error
		do   func(*decision.Work) error
	}{
		"merge-with-oneself":   {people.ErrSelf, join(wang, wang)},
		"merge-unknown":        {people.ErrUnknown, join(wang, 4711)},
		"merge-nobody":         {people.ErrUnknown, join(0, wang)},
		"merge-again":          {people.ErrMerged, join(zhao, li)},
		"unmerge-unmerged":     {people.ErrNotMerged, func(w *decision.Work) error { _, err := people.Part(w, wang, byZhou); return err }},
		"unmerge-unknown":      {people.ErrUnknown, func(w *decision.Work) error { _, err := people.Part(w, 4711, byZhou); return err }},
		"unblock-free":         {people.ErrFree, func(w *decision.Work) error { return people.Block(w, wang, false, byZhou) }},
		"block-unknown":        {people.ErrUnknown, func(w *decision.Work) error { return people.Block(w, 4711, true, byZhou) }},
		"match-matched":        {people.ErrMatched, func(w *decision.Work) error { return people.Confirm(w, wang, byZhou) }},
		"match-unknown":        {people.ErrUnknown, func(w *decision.Work) error { return people.Confirm(w, 4711, byZhou) }},
		"correct-by-nothing":   {people.ErrAmount, func(w *decision.Work) error { return people.Correct(w, wang, points, 0, byZhou) }},
		"correct-by-too-much":  {people.ErrAmount, func(w *decision.Work) error { return people.Correct(w, wang, points, lot.AmountMax+1, byZhou) }},
		"correct-what-is-none": {people.ErrPoints, func(w *decision.Work) error { return people.Correct(w, wang, "points:gold", 5, byZhou) }},
		"correct-a-voucher":    {people.ErrPoints, func(w *decision.Work) error { return people.Correct(w, wang, "benefit:tea-set", 5, byZhou) }},
		"correct-unknown":      {people.ErrUnknown, func(w *decision.Work) error { return people.Correct(w, 4711, points, 5, byZhou) }},
		"recall-of-none":       {people.ErrNone, func(w *decision.Work) error { return people.Recall(w, wang, points, byZhou) }},
		"household-twice": {people.ErrTwice, func(w *decision.Work) error {
			return people.Family(w, []ledger.Relative{{Member: wang}, {Member: zhao}}, byZhou)
		}},
		"household-unknown": {people.ErrUnknown, func(w *decision.Work) error { return people.Family(w, []ledger.Relative{{Member: 4711}}, byZhou) }},
		"household-below-naught": {people.ErrAmount, func(w *decision.Work) error {
			return people.Family(w, []ledger.Relative{{Member: wang, Pool: -1}}, byZhou)
		}},
		"household-too-large": {lot.ErrAmount, func(w *decision.Work) error { return people.Family(w, crowd(w), byZhou) }},
	} {
		if err := b.decide(c.do); !errors.Is(err, c.want) {
			t.Errorf("%s = %v, want %v", name, err, c.want)
		}
	}
	if after := b.newest("ruling"); after != before {
		t.Error("what was refused wrote an entry")
	}
	b.sums("in the end", hq.TotalView{Issued: 110, HQ: 110})
}

// crowd is more members than may be one household; HQ knows them.
func crowd(w *decision.Work) (out []ledger.Relative) {
	for n := range ledger.HouseholdMax + 1 {
		id := member.ID(500 + n)
		_ = w.Tx.PutMeta(decision.OpenedMeta(id), "x")
		out = append(out, ledger.Relative{Member: id})
	}
	return out
}

func TestABlockLeavesTheTierAndReachesAllIds(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	b.give(wang, 100)
	b.now = b.now.AddDate(0, 0, 1)
	b.give(zhao, 10)
	one.sell(5)
	one.sync()
	b.ok("SetStanding", b.SetStanding(wang, "green-tree", false, byZhou))
	b.ok("Block", b.block(zhao, true)) // both are, and then they turn out to be one
	b.ok("Block", b.block(wang, true))
	_, err := b.Merge(wang, zhao, byZhou)
	b.ok("Merge", err)
	one.hear()
	blocked := func(when string, want bool) {
		t.Helper()
		one.hear()
		about, err := one.state.About(wang)
		b.ok("About", err)
		if about.Ruling.Blocked != want || about.Ruling.Tier != "green-tree" || b.card(wang).Blocked != want {
			t.Errorf("%s: the till knows %+v, HQ's card %+v, want blocked %v and the tier as it was", when, about.Ruling, b.card(wang), want)
		}
	}
	blocked("both ids were blocked before they were one", true)
	if err := b.block(wang, true); !errors.Is(err, people.ErrBlocked) {
		t.Errorf("Block(again) = %v, want ErrBlocked", err)
	}
	b.ok("Block", b.block(wang, false))
	blocked("free under every id", false)
	b.ok("Block", b.block(wang, true))
	blocked("blocked", true)
}

func TestACorrectionTakesWhatHQHoldsSoonestExpiryFirst(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	day := b.programme.Day(b.now)
	b.award(60, day+90)
	b.award(50, day+40)
	b.ok("Correct", b.correct(wang, 7))
	_, expires := b.programme.TermsOf(points, day)
	b.ok("Correct", b.correct(wang, -70))
	left := map[lot.Day]lot.Amount{}
	b.ok("Look", b.Look(func(w *decision.Work) error {
		free, err := w.Free(wang)
		for _, f := range free {
			left[f.Lot.Expires] += f.Amount
		}
		return err
	}))
	if want := (map[lot.Day]lot.Amount{day + 90: 40, expires: 7}); !maps.Equal(left, want) {
		t.Errorf("70 taken: HQ holds %v, want %v", left, want)
	}
	one.ask(1, 20)
	var short *people.ShortError
	err := b.correct(wang, -30)
	if !errors.As(err, &short) || short.HQ != 27 || short.Carried != 20 || short.Terminals != 0 || !strings.Contains(err.Error(), "20 are on the way") {
		t.Errorf("Correct(beyond HQ's part) = %v, want 27 at HQ and 20 on the way", err)
	}
	recall := func() error {
		return b.decide(func(w *decision.Work) error { return people.Recall(w, wang, points, byZhou) })
	}
	if err := recall(); err == nil || !strings.Contains(err.Error(), "20 of points:consumption of "+wang.String()+" are on the way") {
		t.Errorf("Recall(on the way) = %v, want to come again", err)
	}
	one.hear()
	one.do(&ledger.Mark{})
	one.sync()
	if err := b.correct(wang, -30); !errors.As(err, &short) || short.Terminals != 20 || !strings.Contains(err.Error(), "tills 20: jifen member recall") {
		t.Errorf("Correct(beyond HQ's part) = %v, want 20 at tills", err)
	}
	b.ok("Recall", recall())
	one.answers()
	b.ok("Correct", b.correct(wang, -30))
	b.ok("Check", audit.Check(b.book))
	if c := b.card(wang); len(c.Points) != 1 || c.Points[0].HQ != 17 || c.Points[0].Terminals != 0 {
		t.Errorf("CardOf() = %+v, want 17 at HQ", c)
	}
}

// What the journal cannot keep is refused: it could be written and not be read again.
func TestAReasonFitsTheJournal(t *testing.T) {
	for name, by := range map[string]struct {
		hq.By
		want error
	}{
		"nobody": {hq.By{Reason: "x"}, people.ErrPerson}, "no-reason": {hq.By{Actor: "zhou"}, people.ErrPerson}, "policy": {hq.By{Actor: "policy", Reason: "x"}, people.ErrPerson},
		"fits": {hq.By{Actor: "zhou", Reason: strings.Repeat("长", 21)}, nil}, "too-long": {hq.By{Actor: "zhou", Reason: strings.Repeat("长", 22)}, people.ErrLong},
		"long-name": {hq.By{Actor: strings.Repeat("z", 65), Reason: "x"}, people.ErrLong}, "no-text": {hq.By{Actor: "zhou", Reason: "\xff"}, people.ErrLong},
	} {
		if err := people.Named(by.By); !errors.Is(err, by.want) {
			t.Errorf("%s: Named() = %v, want %v", name, err, by.want)
		}
	}
	b := newBench(t)
	long := hq.By{Actor: "zhou", Reason: strings.Repeat("x", 65)}
	if err := b.Decommission(1, long); !errors.Is(err, people.ErrLong) {
		t.Errorf("Decommission() = %v, want ErrLong", err)
	}
	if err := b.Choose(hq.Conflict{}, hq.ChooseResume, long); !errors.Is(err, people.ErrLong) {
		t.Errorf("Choose() = %v, want ErrLong", err)
	}
}

// A till does not know whose another till's sale was: a person names them.
func TestAClaimOfNobodyGoesToWhomAPersonNames(t *testing.T) {
	b := newBench(t)
	two := b.terminals[1]
	b.give(zhao, 10)
	b.give(wang, 10)
	of := two.do(&ledger.ReturnClaim{Of: lot.Origin{Terminal: 1, Incarnation: 0x101, Seq: 1}, Lines: []ledger.ReturnLine{{Qty: 1}}}).Origin
	b.terminals[0].sync()
	two.sync()
	b.waits("a return of what is no sale", "claim-no-sale")
	for name, c := range map[string]struct {
		whose member.ID
		want  error
	}{"nobody": {0, hq.ErrNobody}, "unknown": {4711, people.ErrUnknown}} {
		if err := b.DecideClaimFor(of, c.whose, reward(4), byZhou); !errors.Is(err, c.want) {
			t.Errorf("%s: DecideClaimFor() = %v, want %v", name, err, c.want)
		}
	}
	b.ok("DecideClaimFor", b.DecideClaimFor(of, zhao, reward(4), byZhou))
	if c := b.card(zhao); c.Points[0].HQ != 14 {
		t.Errorf("CardOf() = %+v, want 14 at HQ", c)
	}
	b.waits("settled")
	empty := checkIn(wang, "spring")
	empty.Issues = nil
	of = two.do(empty).Origin
	two.sync()
	if err := b.DecideClaimFor(of, zhao, reward(4), byZhou); !errors.Is(err, hq.ErrOwner) {
		t.Errorf("DecideClaimFor(of another) = %v, want ErrOwner", err)
	}
	b.ok("Check", audit.Check(b.book))
}

// Of two people who choose at once, one is told that it is settled.
func TestTwoWhoChooseAtOnce(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(40)
	one.sync()
	one.open(0x102)
	one.sync()
	list, err := b.Conflicts()
	if err != nil || len(list) != 1 || !list[0].Choices[0].Costs() {
		t.Fatalf("Conflicts() = %+v, %v, want the start that nothing proves", list, err)
	}
	answers := make(chan error)
	for range 2 {
		go func() { answers <- b.Choose(list[0], hq.ChooseDecommission, byZhou) }()
	}
	first, second := <-answers, <-answers
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), hq.ErrChoice) {
		t.Errorf("Choose() by two = %v and %v, want it done once and the other told", first, second)
	}
}

// An incident of one store is about who was served there, and about nobody else.
func TestAnIncidentOfOneStore(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	day := b.programme.Day(b.now)
	here, there := one.earned(wang, 30, day+2), two.earned(li, 40, day+2)
	later := one.earned(wang, 50, day+9)
	one.sync()
	two.sync()
	stores := map[ledger.TerminalID]string{}
	for _, v := range b.overview().Terminals {
		stores[v.ID] = v.Store
	}
	if stores[1] == stores[2] {
		t.Fatalf("both terminals are in store %q: the test wants two", stores[1])
	}
	open := func(store string, first, last lot.Day) (p makegood.Proposal, err error) {
		err = b.decide(func(w *decision.Work) (err error) {
			p, err = makegood.AtStore(w, "flood", store, first, last, byZhou)
			return err
		})
		return p, err
	}
	for name, c := range map[string]struct {
		store       string
		first, last lot.Day
		want        error
	}{
		"no-such-store": {"moon", day, day + 3, makegood.ErrStore}, "no-last-day": {stores[1], day, 0, makegood.ErrOpen}, "ends-before": {stores[1], day, day - 1, makegood.ErrDays},
		"a-slip-of-the-pen": {stores[1], day, day + 366, makegood.ErrDays}, "nothing-ends": {stores[1], day + 20, day + 21, makegood.ErrFree},
	} {
		if _, err := open(c.store, c.first, c.last); !errors.Is(err, c.want) {
			t.Errorf("%s: AtStore() = %v, want %v", name, err, c.want)
		}
	}
	p, err := open(stores[1], day, day+3)
	if err != nil || len(p.Lots) != 1 || p.Lots[0].Lot.ID != here {
		t.Fatalf("AtStore() = %+v, %v, want %s alone, not %s and %s", p, err, here, there, later)
	}
	if want := day + 2 + 4 + lot.Day(b.programme.Making().OutageDays); p.Lots[0].Until != want {
		t.Errorf("AtStore() lets it last until %s, want %s", p.Lots[0].Until, want)
	}
	if _, err := open(stores[1], day, day+3); !errors.Is(err, makegood.ErrFree) {
		t.Errorf("AtStore(again) = %v, want that it lasts longer already", err)
	}
	b.ok("Check", audit.Check(b.book))
	if got := fmt.Sprint(b.newest("incident")); got == "" {
		t.Error("no entry of the incident")
	}
}
