package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// green is a sale of eco-friendly goods that earned so many green points.
func (t *terminal) green(n lot.Amount, day lot.Day) {
	t.b.Helper()
	fen := lot.Fen(n) * 100
	t.do(&ledger.Sale{
		Member: wang, Day: day, Lines: []ledger.Line{{Product: "06900001000228", Qty: 1, Fen: fen, Eco: true}}, Tenders: []ledger.Tender{{Kind: "cash", Fen: fen}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: lot.Green, Amount: n, Expires: 21_500}, Rule: "eco", Base: n, Shares: []ledger.Share{{Amount: n}}}},
	})
	t.sync()
}

// Cap P2: green points that were earned anywhere lead to a grade, which every
// terminal of the member is told; other points do not.
func TestGreenPointsLeadToAGrade(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	grade := func() string {
		r, err := b.Ruling(wang)
		b.ok("Ruling", err)
		return r.Grade
	}
	one.receipt(90_000, 20_779, "", 0)
	one.sync()
	one.green(180, 20_779)
	two.green(119, 20_779)
	if got := grade(); got != "" {
		t.Errorf("a point below the threshold the grade is %q, want none", got)
	}
	two.green(1, 20_779)
	if got := grade(); got != "sapling" {
		t.Errorf("at the threshold the grade is %q, want sapling", got)
	}
	for _, at := range b.terminals {
		at.hear()
		about, err := at.state.About(wang)
		if b.ok("About", err); about.Ruling.Grade != "sapling" {
			t.Errorf("%s knows of grade %q, want sapling", at.id, about.Ruling.Grade)
		}
	}
	entries := b.newest("grading")
	two.green(1, 20_779)
	if b.newest("grading") != entries {
		t.Error("a sale that changes no grade wrote another grading")
	}
}

// Cap P2: a grade falls back after its year, by one step, also of somebody who is
// in no tier.
func TestGradeStepsDownAfterNotice(t *testing.T) {
	b := newBench(t)
	day := b.programme.Day(b.now)
	b.terminals[0].green(1500, day)
	for _, c := range []struct {
		after lot.Day
		want  string
	}{
		{300, "grove"}, {364, "grove"}, {400, "sapling"},
	} {
		b.night(day + c.after)
		r, err := b.Ruling(wang)
		b.ok("Ruling", err)
		if r.Grade != c.want || r.Tier != "" {
			t.Errorf("%d days later the grade is %q and the tier %q, want %q and none", c.after, r.Grade, r.Tier, c.want)
		}
	}
}
