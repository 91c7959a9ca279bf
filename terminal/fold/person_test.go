package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const (
	li member.ID = 10001201

	wrongAlias = "alias of an alias"
)

func (b *bench) about(id member.ID) fold.About {
	b.t.Helper()
	a, err := b.state.About(id)
	if err != nil {
		b.t.Fatalf("About(%s) = %v, want nil", id, err)
	}
	return a
}

func TestAliasHoldsWhatBothHold(t *testing.T) {
	b := opened(t)
	old, young := b.award(wang, points, 100), b.award(zhang, points, 50)
	says(t, "Alias", b.alias(ledger.Alias{From: zhang, To: wang}), "", 0)
	for _, id := range []member.ID{wang, zhang} {
		want(t, "Usable", held{old: 100, young: 50}, b.usable(id))
		if got := b.about(id).Member; got != wang {
			t.Errorf("About(%s).Member = %s, want %s", id, got, wang)
		}
	}
	// Either spends of both.
	says(t, "Sale to the older", b.add(spend(wang, append(draw(old, 10), draw(young, 20)...))), "", 0)
	says(t, "Sale to the younger", b.add(spend(zhang, append(draw(young, 5), draw(old, 30)...))), "", 0)
	want(t, "Usable", held{old: 60, young: 25}, b.usable(wang))
	// What the younger earns is theirs still, and of use to both.
	fresh := b.award(zhang, points, 7)
	want(t, "Usable after a sale to the younger", held{old: 60, young: 25, fresh: 7}, b.usable(wang))

	says(t, "Alias undone", b.alias(ledger.Alias{From: zhang, To: wang, Undo: true}), "", 0)
	want(t, "Usable of the older", held{old: 60}, b.usable(wang))
	want(t, "Usable of the younger", held{young: 25, fresh: 7}, b.usable(zhang))
	says(t, "Sale of what is another's again", b.add(spend(wang, draw(young, 5))), "", 5)
}

func TestAliasMakesNoChainsAndNoCycles(t *testing.T) {
	for _, c := range []struct {
		name   string
		before []ledger.Alias
		then   ledger.Alias
		wrong  string
	}{
		{"once", nil, ledger.Alias{From: zhang, To: wang}, ""},
		{"two-of-one", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: li, To: wang}, ""},
		{"again", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: zhang, To: wang}, wrongAlias},
		{"of-two", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: zhang, To: li}, wrongAlias},
		{"cycle", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: wang, To: zhang}, wrongAlias},
		{"to-an-alias", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: li, To: zhang}, wrongAlias},
		{"from-one-who-has-aliases", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: wang, To: li}, wrongAlias},
		{"undone-where-there-is-none", nil, ledger.Alias{From: zhang, To: wang, Undo: true}, wrongAlias},
		{"undone-of-another", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: zhang, To: li, Undo: true}, wrongAlias},
		{"undone", []ledger.Alias{{From: zhang, To: wang}}, ledger.Alias{From: zhang, To: wang, Undo: true}, ""},
		{"undone-and-made-again", []ledger.Alias{{From: zhang, To: wang}, {From: zhang, To: wang, Undo: true}}, ledger.Alias{From: wang, To: zhang}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			for _, a := range c.before {
				says(t, "Alias before", b.alias(a), "", 0)
			}
			says(t, "Alias", b.alias(c.then), c.wrong, 0)
		})
	}
}

// TestTransferOfAnAliasNumbersByDraw: the new lot i goes on with draw i,
// whoever of the two had it.
func TestTransferOfAnAliasNumbersByDraw(t *testing.T) {
	b := opened(t)
	old, young := b.award(wang, points, 100), b.award(zhang, points, 50)
	b.alias(ledger.Alias{From: zhang, To: wang})
	effects := b.add(&ledger.Transfer{From: wang, To: li, Asset: points, Draws: append(draw(young, 5), draw(old, 30)...)})
	says(t, "Transfer", effects, "", 0)
	zero, one := lot.ID{Origin: effects.Origin}, lot.ID{Origin: effects.Origin, N: 1}
	want(t, "Usable", held{zero: 5, one: 30}, b.usable(li))
	want(t, "From", []lot.ID{young, old}, []lot.ID{b.holding(li, zero).Lot.From, b.holding(li, one).Lot.From})
}

func TestTransferBeyondWhatIsHeldGoesOnWithTheRest(t *testing.T) {
	b := opened(t)
	one, two := b.award(wang, points, 10), b.award(wang, points, 20)
	effects := b.add(&ledger.Transfer{From: wang, To: li, Asset: points, Draws: append(draw(lot.ID{N: 9}, 3), append(draw(one, 15), draw(two, 20)...)...)})
	says(t, "Transfer", effects, "", 8)
	want(t, "Usable", held{{Origin: effects.Origin, N: 1}: 10, {Origin: effects.Origin, N: 2}: 20}, b.usable(li))
}

func TestStandingIsWhatHQSaidLast(t *testing.T) {
	b := opened(t)
	want(t, "Ruling of a stranger", ledger.Ruling{}, b.about(wang).Ruling)
	gold := ledger.Ruling{Member: wang, Tier: "gold", Owed: []ledger.Owed{{Asset: points, Owed: 3, Due: 4}}}
	b.hq(ledger.Down{Ruling: &gold})
	want(t, "Ruling", gold, b.about(wang).Ruling)
	blocked := ledger.Ruling{Member: wang, Blocked: true}
	effects := b.hq(ledger.Down{Ruling: &blocked})
	says(t, "Ruling", effects, "", 0)
	want(t, "Ruling later", blocked, b.about(wang).Ruling)
	// A younger one stands as the older does.
	b.hq(ledger.Down{Ruling: &ledger.Ruling{Member: zhang, Tier: "silver"}})
	b.alias(ledger.Alias{From: zhang, To: wang})
	want(t, "Ruling of an alias", blocked, b.about(zhang).Ruling)
}

func TestMemberIsProvisionalUntilMatched(t *testing.T) {
	for _, c := range []struct {
		name  string
		match func(b *bench)
		want  bool
	}{
		{"not-yet", func(*bench) {}, true},
		{"ruling-of-another", func(b *bench) { b.hq(ledger.Down{Ruling: &ledger.Ruling{Member: zhang}}) }, true},
		{"ruling", func(b *bench) { b.hq(ledger.Down{Ruling: &ledger.Ruling{Member: li}}) }, false},
		{"known-as-an-older-member", func(b *bench) { b.alias(ledger.Alias{From: li, To: wang}) }, false},
		{"known-and-then-not", func(b *bench) {
			b.alias(ledger.Alias{From: li, To: wang})
			b.alias(ledger.Alias{From: li, To: wang, Undo: true})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			effects := b.add(&ledger.Enrol{Member: li, Card: "9900010001201", Day: 20000})
			says(t, "Enrol", effects, "", 0)
			nothing(t, "Enrol", effects)
			c.match(b)
			if got := b.about(li).Provisional; got != c.want {
				t.Errorf("About().Provisional = %v, want %v", got, c.want)
			}
			// Whether or not, a member earns and spends.
			id := b.award(li, points, 5)
			says(t, "Sale", b.add(spend(li, draw(id, 5))), "", 0)
		})
	}
}

// qualified sells to a member what counts towards tier and caps.
func (b *bench) qualified(id member.ID, day lot.Day, paid lot.Fen, base, all lot.Amount) lot.Origin {
	b.t.Helper()
	return b.add(&ledger.Sale{
		Member: id, Day: day, Lines: []ledger.Line{{Qty: 2, Fen: paid + 30, Off: 10, Deducted: 15, Rounded: 5}},
		Awards: []ledger.Award{{Rule: "base", Base: base, Issue: ledger.Issue{Asset: points, Amount: all}}},
	}).Origin
}

func (b *bench) counted(id member.ID, day lot.Day) lot.Amount {
	b.t.Helper()
	n, err := b.state.Counted(id, "base", day)
	if err != nil {
		b.t.Fatalf("Counted(%s) = %v, want nil", id, err)
	}
	return n
}

func TestMonthsAndCapsFollowSalesAndReturns(t *testing.T) {
	const may, june = lot.Day(20604), lot.Day(20634) // the last days of them
	b := opened(t)
	sold := b.qualified(wang, may, 1000, 10, 20)
	b.qualified(wang, may, 500, 5, 5)
	b.qualified(wang, may+1, 200, 2, 2)
	b.qualified(0, may+1, 100, 1, 1) // nobody's
	want(t, "Months", []fold.Month{{End: may, Spent: 1500, Points: 15}, {End: june, Spent: 200, Points: 2}}, b.about(wang).Months)
	want(t, "Counted", []lot.Amount{25, 2, 0}, []lot.Amount{b.counted(wang, may), b.counted(wang, may+1), b.counted(wang, may+2)})

	// Half of it comes back in June, out of May: 7 of 20 points are a base of 3.
	back := &ledger.Return{
		Of: sold, Member: wang, Day: may + 2, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 500,
		Claw: draw(lot.ID{Origin: sold}, 4), Due: []ledger.Due{{Amount: 3}},
	}
	effects := b.add(back)
	says(t, "Return", effects, "", 0)
	want(t, "Due", draw(lot.ID{Origin: sold}, 3), effects.Due)
	want(t, "Months", []fold.Month{{End: may, Spent: 1000, Points: 12}, {End: june, Spent: 200, Points: 2}}, b.about(wang).Months)
	want(t, "Counted", lot.Amount(18), b.counted(wang, may))
	// And the other half.
	back.Claw, back.Due = draw(lot.ID{Origin: sold}, 13), nil
	says(t, "Return of the rest", b.add(back), "", 0)
	want(t, "Months", []fold.Month{{End: may, Spent: 500, Points: 5}, {End: june, Spent: 200, Points: 2}}, b.about(wang).Months)
	want(t, "Counted", []lot.Amount{5, 2}, []lot.Amount{b.counted(wang, may), b.counted(wang, may+1)})
}

func TestAliasCountsWhatBothCount(t *testing.T) {
	const may = lot.Day(20604)
	b := opened(t)
	b.qualified(wang, may, 1000, 10, 20)
	b.qualified(zhang, may, 500, 5, 5)
	b.alias(ledger.Alias{From: zhang, To: wang})
	for _, id := range []member.ID{wang, zhang} {
		want(t, "Months", []fold.Month{{End: may, Spent: 1500, Points: 15}}, b.about(id).Months)
		want(t, "Counted", lot.Amount(25), b.counted(id, may))
	}
	b.alias(ledger.Alias{From: zhang, To: wang, Undo: true})
	want(t, "Months of the older", []fold.Month{{End: may, Spent: 1000, Points: 10}}, b.about(wang).Months)
	want(t, "Counted of the younger", lot.Amount(5), b.counted(zhang, may))
}

func TestOldestMonthsAndDaysAreForgotten(t *testing.T) {
	b := opened(t)
	day := lot.Day(20604)
	for range 30 {
		b.qualified(wang, day, 100, 1, 1)
		day = (day + 1).MonthEnd()
	}
	months := b.about(wang).Months
	if len(months) != 26 || months[25].End != (day-31).MonthEnd() && months[25].Spent != 100 {
		t.Errorf("Months = %d up to %+v, want 26", len(months), months[25])
	}
	// A late sale of a forgotten month counts nowhere.
	b.qualified(wang, 20604, 100, 1, 1)
	want(t, "Months", months, b.about(wang).Months)
	// Of days, the newest and the one before are known.
	b.qualified(wang, day, 100, 1, 3)
	b.qualified(wang, day+1, 100, 1, 4)
	b.qualified(wang, day+2, 100, 1, 5)
	want(t, "Counted", []lot.Amount{0, 4, 5}, []lot.Amount{b.counted(wang, day), b.counted(wang, day+1), b.counted(wang, day+2)})
}
