package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const (
	wrongClosed  = "right moved after the day's close"
	wrongFigures = "day's figures are not what the journal gives"
)

func (b *bench) figures() ledger.Figures {
	b.t.Helper()
	_, _, f, err := b.state.Day()
	if err != nil {
		b.t.Fatalf("Day() = %v, want nil", err)
	}
	return f
}

func (b *bench) closed() bool {
	b.t.Helper()
	_, closed, _, err := b.state.Day()
	if err != nil {
		b.t.Fatalf("Day() = %v, want nil", err)
	}
	return closed
}

func TestFiguresAddUpADay(t *testing.T) {
	b := opened(t)
	says(t, "DayOpen", b.add(&ledger.DayOpen{Day: 20001, Float: 50000}), "", 0)
	want(t, "Figures of an empty day", ledger.Figures{}, b.figures())
	sale := &ledger.Sale{
		Member: wang, Day: 20001, Change: 20,
		Lines:   []ledger.Line{{Qty: 2, Fen: 9980, Off: 50, Deducted: 100, Rounded: 3}, {Qty: 1, Fen: 2680}},
		Tenders: []ledger.Tender{{Kind: "card", Fen: 2507}, {Kind: "cash", Fen: 10000}, {Kind: "cash", Fen: 20}},
		Awards: []ledger.Award{
			{Issue: ledger.Issue{Asset: points, Amount: 125}}, {Issue: ledger.Issue{Asset: green, Amount: 9}}, {Issue: ledger.Issue{Asset: points, Amount: 5}},
		},
	}
	first := b.add(sale).Origin
	own := lot.ID{Origin: first}
	one := ledger.Figures{
		Sales: 1, Sold: 12660, Off: 50, Deducted: 100, Rounded: 3,
		Tenders: []ledger.TenderSum{{Kind: "card", Taken: 2507}, {Kind: "cash", Taken: 10000}},
		Points:  []ledger.PointsSums{{Asset: points, Earned: 130}, {Asset: green, Earned: 9}},
	}
	want(t, "Figures after a sale", one, b.figures())

	paid := b.add(&ledger.Sale{Member: wang, Day: 20001, Deduction: &ledger.Deduction{Asset: points, Draws: draw(own, 30)}}).Origin
	voucher := b.add(&ledger.Redeem{Member: wang, Day: 20001, Asset: points, Draws: draw(own, 20), Voucher: ledger.Issue{Asset: teaSet, Amount: 1}}).Origin
	b.add(&ledger.VoucherUse{Member: wang, Voucher: lot.ID{Origin: voucher}, Day: 20001})
	b.add(&ledger.Return{
		Of: first, Member: wang, Day: 20001, Refund: 2680, Tenders: []ledger.Tender{{Kind: "wallet", Fen: 2680}}, Claw: draw(own, 26),
		Due: []ledger.Due{{Award: 1, Amount: 2}},
	})
	b.add(&ledger.Return{Of: paid, Member: wang, Day: 20001, Back: draw(own, 10), Anew: []ledger.Anew{{From: own, Amount: 20}}})
	b.add(&ledger.ReturnClaim{Of: paid, Member: wang, Day: 20001, Refund: 7, Tenders: []ledger.Tender{{Kind: "cash", Fen: 7}}})
	b.add(&ledger.VoucherBack{Member: wang, Voucher: lot.ID{Origin: voucher}, Used: true, Day: 20001, Back: draw(own, 20)})
	b.add(&ledger.Play{Member: wang, Day: 20001, Stake: ledger.Stake{Asset: points, Draws: draw(own, 4)}})
	all := ledger.Figures{
		Sales: 2, Returns: 3, Sold: 12660, Off: 50, Deducted: 100, Rounded: 3, Refunded: 2687, Vouchers: 1, HandOuts: 1,
		Tenders: []ledger.TenderSum{{Kind: "card", Taken: 2507}, {Kind: "cash", Taken: 10000, Given: 7}, {Kind: "wallet", Given: 2680}},
		Points:  []ledger.PointsSums{{Asset: points, Earned: 130, Used: 54, Back: 50, Clawed: 26}, {Asset: green, Earned: 9}},
	}
	want(t, "Figures", all, b.figures())
	says(t, "DayClose", b.add(&ledger.DayClose{Day: 20001, Figures: all, Counted: 59993}), "", 0)

	// A new day starts at nothing; what names an older one counts towards it.
	b.add(&ledger.DayOpen{Day: 20002})
	want(t, "Figures of the next day", ledger.Figures{}, b.figures())
	b.add(&ledger.Sale{Day: 20001, Lines: []ledger.Line{{Qty: 1, Fen: 5}}})
	want(t, "Figures after a late sale", ledger.Figures{Sales: 1, Sold: 5}, b.figures())
}

// TestDayThatNobodyClosedIsNotLost sells on two days and closes once: the slip
// has both, and says since when. The day after starts at nothing again.
func TestDayThatNobodyClosedIsNotLost(t *testing.T) {
	b := opened(t)
	sell := func(day lot.Day) {
		b.add(&ledger.Sale{Day: day, Lines: []ledger.Line{{Qty: 1, Fen: 5}}})
	}
	b.add(&ledger.DayOpen{Day: 20001})
	sell(20001)
	sell(20002)
	b.add(&ledger.DayOpen{Day: 20003})
	sell(20003)
	three := ledger.Figures{Sales: 3, Sold: 15, Since: 20001}
	want(t, "Figures", three, b.figures())
	says(t, "DayClose", b.add(&ledger.DayClose{Day: 20003, Figures: three}), "", 0)
	b.add(&ledger.DayOpen{Day: 20004})
	sell(20004)
	want(t, "Figures of the next day", ledger.Figures{Sales: 1, Sold: 5}, b.figures())
}

// TestChangeIsGivenInCash: it is taken off what was taken in cash and off
// nothing else.
func TestChangeIsGivenInCash(t *testing.T) {
	for _, c := range []struct {
		name    string
		tenders []ledger.Tender
		change  lot.Fen
		want    []ledger.TenderSum
	}{
		{"cash", []ledger.Tender{{Kind: "cash", Fen: 100}}, 30, []ledger.TenderSum{{Kind: "cash", Taken: 70}}},
		{"two-notes", []ledger.Tender{{Kind: "cash", Fen: 20}, {Kind: "cash", Fen: 100}}, 30, []ledger.TenderSum{{Kind: "cash", Taken: 90}}},
		{"card-first", []ledger.Tender{{Kind: "card", Fen: 100}, {Kind: "cash", Fen: 50}}, 30, []ledger.TenderSum{{Kind: "card", Taken: 100}, {Kind: "cash", Taken: 20}}},
		{"card-only", []ledger.Tender{{Kind: "card", Fen: 100}}, 0, []ledger.TenderSum{{Kind: "card", Taken: 100}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			b.add(&ledger.Sale{Day: 20001, Tenders: c.tenders, Change: c.change})
			want(t, "Figures.Tenders", c.want, b.figures().Tenders)
		})
	}
}

func TestCloseIsComparedWithTheJournal(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(d *ledger.DayClose)
		wrong string
	}{
		{"as-it-is", func(*ledger.DayClose) {}, ""},
		{"sales", func(d *ledger.DayClose) { d.Figures.Sales++ }, wrongFigures},
		{"returns", func(d *ledger.DayClose) { d.Figures.Returns++ }, wrongFigures},
		{"sold", func(d *ledger.DayClose) { d.Figures.Sold++ }, wrongFigures},
		{"off", func(d *ledger.DayClose) { d.Figures.Off++ }, wrongFigures},
		{"deducted", func(d *ledger.DayClose) { d.Figures.Deducted++ }, wrongFigures},
		{"rounded", func(d *ledger.DayClose) { d.Figures.Rounded++ }, wrongFigures},
		{"refunded", func(d *ledger.DayClose) { d.Figures.Refunded++ }, wrongFigures},
		{"vouchers", func(d *ledger.DayClose) { d.Figures.Vouchers++ }, wrongFigures},
		{"hand-outs", func(d *ledger.DayClose) { d.Figures.HandOuts++ }, wrongFigures},
		{"tenders", func(d *ledger.DayClose) { d.Figures.Tenders[0].Taken++ }, wrongFigures},
		{"no-tenders", func(d *ledger.DayClose) { d.Figures.Tenders = nil }, wrongFigures},
		{"points", func(d *ledger.DayClose) { d.Figures.Points[0].Earned++ }, wrongFigures},
		{"another-day-before", func(d *ledger.DayClose) { d.Day-- }, wrongFigures},
		{"another-day-after", func(d *ledger.DayClose) { d.Day++ }, wrongFigures},
		{"drawer-counted-otherwise", func(d *ledger.DayClose) { d.Counted = 1 }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			b.add(&ledger.Sale{
				Day: 20001, Member: wang, Lines: []ledger.Line{{Qty: 1, Fen: 100}}, Tenders: []ledger.Tender{{Kind: "cash", Fen: 100}},
				Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 1}}},
			})
			d := &ledger.DayClose{Day: 20001, Figures: b.figures()}
			c.edit(d)
			says(t, "DayClose", b.add(d), c.wrong, 0)
			if !b.closed() {
				t.Error("Day() is open after its close")
			}
		})
	}
}

func TestNoRightMovesBetweenCloseAndOpening(t *testing.T) {
	for _, c := range []struct {
		name  string
		body  func(old lot.ID) ledger.Body
		moves bool
	}{
		{"sale-that-earns", func(lot.ID) ledger.Body {
			return &ledger.Sale{Member: wang, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 1}}}}
		}, true},
		{"sale-that-spends", func(old lot.ID) ledger.Body { return spend(wang, draw(old, 1)) }, true},
		{"sale-the-day-after", func(lot.ID) ledger.Body {
			return &ledger.Sale{Member: wang, Day: 20002, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 1}}}}
		}, true},
		{"note-given", func(old lot.ID) ledger.Body { return &ledger.NoteGiven{Member: wang, Draws: draw(old, 1)} }, true},
		{"grant", func(lot.ID) ledger.Body {
			return &ledger.Grant{Member: wang, Issues: []ledger.Issue{{Asset: points, Amount: 1}}}
		}, true},
		{"sale-without-points", func(lot.ID) ledger.Body { return &ledger.Sale{Lines: []ledger.Line{{Qty: 1, Fen: 1}}} }, false},
		{"claim", func(lot.ID) ledger.Body { return &ledger.Grant{Member: wang, Once: ledger.Once{Claim: true}} }, false},
		{"mark", func(lot.ID) ledger.Body { return &ledger.Mark{} }, false},
		{"stop", func(lot.ID) ledger.Body { return &ledger.Stop{} }, false},
		{"reprint", func(lot.ID) ledger.Body { return &ledger.Reprint{} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong := map[bool]string{true: wrongClosed}
			b := opened(t)
			old := b.award(wang, points, 10)
			says(t, "before the close", b.add(c.body(old)), "", 0)
			b = opened(t)
			old = b.award(wang, points, 10)
			b.add(&ledger.DayClose{Day: 20000, Figures: b.figures()})
			says(t, "after the close", b.add(c.body(old)), wrong[c.moves], 0)
			if !b.closed() {
				t.Error("Day() is open, and nobody opened it")
			}

			b = opened(t)
			old = b.award(wang, points, 10)
			b.add(&ledger.DayClose{Day: 20000, Figures: b.figures()})
			b.open(second, ledger.SlipWitness)
			says(t, "after the close and a boot", b.add(c.body(old)), wrong[c.moves], 0)

			b = opened(t)
			old = b.award(wang, points, 10)
			b.add(&ledger.DayClose{Day: 20000, Figures: b.figures()})
			b.add(&ledger.DayOpen{Day: 20000})
			says(t, "after the next opening", b.add(c.body(old)), "", 0)
		})
	}
}

func TestDayGoesOnWhereItWasReopened(t *testing.T) {
	b := opened(t)
	b.award(wang, points, 10)
	f := b.figures()
	b.add(&ledger.DayClose{Day: 20000, Figures: f})
	b.add(&ledger.DayOpen{Day: 20000})
	want(t, "Figures", f, b.figures())
	if day, closed, _, err := b.state.Day(); day != 20000 || closed || err != nil {
		t.Errorf("Day() = %s, closed %v, %v, want %s, open", day, closed, err, lot.Day(20000))
	}
}
