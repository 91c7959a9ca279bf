package hq_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const zhao member.ID = 10001009

// canAsk is how many points a member could be given at a terminal and has elsewhere.
func (t *terminal) canAsk(id member.ID) (hqs, elsewhere lot.Amount) {
	t.b.Helper()
	answer, err := t.b.Ask(t.id, &wire.Ask{ID: 999, Incarnation: t.state.Head().Incarnation, Member: id})
	t.b.ok("Ask", err)
	return answer.Left[0].HQ, answer.Left[0].Elsewhere
}

func (b *bench) canAsk(when string, id member.ID, hqs, elsewhere lot.Amount) {
	b.Helper()
	if h, e := b.terminals[0].canAsk(id); h != hqs || e != elsewhere {
		b.Errorf("%s: %s has %d at HQ and %d elsewhere, want %d and %d", when, id, h, e, hqs, elsewhere)
	}
}

// TestMergeKeepsSums is mautic/mautic#5964: 50 and 100 made 200, then 100.
func TestMergeKeepsSums(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.give(wang, 50)
	b.now = b.now.AddDate(0, 0, 1)
	b.give(zhao, 100)
	two.do(&ledger.Grant{Member: zhao, Reason: "welcome", Day: 20780, Issues: []ledger.Issue{{Asset: points, Amount: 7}}})
	two.sync()
	older, err := b.Merge(zhao, wang, byZhou)
	if older != wang || err != nil {
		t.Fatalf("Merge() = %s, %v, want the one who joined first", older, err)
	}
	b.canAsk("merged", wang, 150, 7)
	b.canAsk("merged", zhao, 150, 7)
	b.sums("merged", hq.TotalView{Issued: 157, HQ: 150, Terminals: 7})
	// A terminal that knew nobody is told who they are before the note comes.
	one.ask(1, 150)
	one.hear()
	if one.has() != 150 {
		t.Errorf("the terminal has %d of the older member, want 150", one.has())
	}
	two.hear()
	if id, err := two.state.Canonical(zhao); id != wang || err != nil {
		t.Errorf("Canonical(%s) = %s, %v, want %s", zhao, id, err, wang)
	}
	// 120 are spent: first what expires first.
	first := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}
	one.spend(first, 50)
	one.spend(lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 2}}, 70)
	one.sync()
	b.ok("Unmerge", b.Unmerge(zhao, byZhou))
	one.hear()
	if one.has() != 0 {
		t.Errorf("the terminal has %d of the older member afterwards, want 0: it was theirs that was spent", one.has())
	}
	one.do(&ledger.NoteGiven{Member: zhao, Draws: []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 2}}, Amount: 30}}})
	one.sync()
	b.canAsk("unmerged", zhao, 30, 7)
	b.canAsk("unmerged", wang, 0, 0)
	b.sums("unmerged", hq.TotalView{Issued: 157, HQ: 30, Terminals: 7, Spent: 120})
	if alarms := b.alarms(); len(alarms) != 0 {
		t.Errorf("alarms %v, want none", alarms)
	}
}

func TestOfTwoWhoJoinedOnOneDayTheLowerNumberIsTheOlder(t *testing.T) {
	for _, order := range [][2]member.ID{{wang, zhao}, {zhao, wang}} {
		b := newBench(t)
		b.give(wang, 10)
		b.give(zhao, 10)
		if older, err := b.Merge(order[0], order[1], byZhou); older != wang || err != nil {
			t.Errorf("Merge(%v) = %s, %v, want %s", order, older, err, wang)
		}
	}
}

func TestMergeMakesNoChains(t *testing.T) {
	const sun, qian member.ID = 10001020, 10001021
	b := newBench(t)
	for _, id := range []member.ID{wang, zhao, sun, qian} {
		b.give(id, 10)
		b.now = b.now.AddDate(0, 0, 1)
	}
	merge := func(x, y member.ID) error {
		_, err := b.Merge(x, y, byZhou)
		return err
	}
	b.ok("Merge(first, second)", merge(wang, zhao))
	b.ok("Merge(third, fourth)", merge(sun, qian))
	for name, pair := range map[string][2]member.ID{
		"again": {wang, zhao}, "alias-and-another": {zhao, 5}, "one-with-aliases-into-an-older": {wang, sun}, "oneself": {qian, qian},
		"oneself-with-no-alias": {99, 99}, "nobody": {0, 99},
	} {
		if err := merge(pair[0], pair[1]); !errors.Is(err, office.ErrAlias) {
			t.Errorf("%s: Merge() = %v, want ErrAlias", name, err)
		}
	}
	if err := b.Unmerge(wang, byZhou); !errors.Is(err, office.ErrAlias) {
		t.Errorf("Unmerge(no alias) = %v, want ErrAlias", err)
	}
	b.ok("Merge(first, fifth)", merge(wang, 5))
	b.canAsk("three in one", 5, 20, 0)
}

func TestDebtsFollowTheAliasAndComeBack(t *testing.T) {
	b := newBench(t)
	b.now = b.now.AddDate(0, 0, -2)
	b.give(zhao, 10)
	one := b.terminals[0]
	b.now = b.now.AddDate(0, 0, 1)
	id := one.sell(30)
	one.spend(id, 30)
	one.undo(id, 30, 30)
	one.sync()
	if older, err := b.Merge(wang, zhao, byZhou); older != zhao || err != nil {
		t.Fatalf("Merge() = %s, %v, want %s", older, err, zhao)
	}
	b.owes("merged", zhao, 30, 0)
	award := one.do(&ledger.Sale{Member: zhao, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 20}}}}).Issued[0].ID
	one.do(&ledger.NoteGiven{Member: zhao, Draws: []lot.Draw{{Lot: award, Amount: 20}}})
	one.sync()
	b.owes("an award of the older one came", zhao, 20, 0)
	b.ok("Unmerge", b.Unmerge(wang, byZhou))
	b.owes("unmerged", zhao, 0, 0)
	b.owes("unmerged", wang, 20, 0)
}

func TestMonthsAddUpOverTerminals(t *testing.T) {
	b := newBench(t)
	sell := func(t *terminal, who member.ID, n lot.Amount) {
		t.do(&ledger.Sale{
			Member: who, Day: 20779, Lines: []ledger.Line{{Qty: 1, Fen: lot.Fen(n) * 100}},
			Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 2 * n}, Base: n}},
		})
	}
	one, two := b.terminals[0], b.terminals[1]
	sell(one, wang, 10)
	one.sync()
	b.now = b.now.AddDate(0, 0, 1)
	sell(two, wang, 5)
	sell(two, zhao, 3)
	two.sync()
	_, err := b.Merge(wang, zhao, byZhou)
	b.ok("Merge", err)
	for n, t := range b.terminals { // known there or not, it counts once
		if n == 1 {
			t.hear()
			t.do(&ledger.Mark{})
			t.sync()
		}
		months, err := b.Months(wang)
		b.ok("Months", err)
		if len(months) != 1 || months[0].Spent != 1800 || months[0].Points != 18 {
			b.Errorf("Months() = %+v, want ¥18.00 and 18 points in one month", months)
		}
	}
}

// Rule S28: each terminal counts for itself; the receipts stand.
func TestCapOverAllTerminalsIsFlaggedOnce(t *testing.T) {
	b := newBench(t)
	b.cap = 25
	b.restart()
	one, two := b.terminals[0], b.terminals[1]
	for n, want := range []int{0, 0, 1, 1} {
		t := b.terminals[n%2]
		t.sell(10)
		t.sync()
		if got := len(b.alarms()); got != want {
			b.Errorf("%d alarms after sale %d, want %d", got, n+1, want)
		}
	}
	if b.alarms()[0] != "alarm-cap" || one.has()+two.has() != 40 {
		t.Errorf("alarms %v and %d points, want alarm-cap and all 40", b.alarms(), one.has()+two.has())
	}
}
