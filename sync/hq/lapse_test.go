package hq_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const start lot.Day = 20779 // the bench's day

// on moves HQ's clock to a day.
func (b *bench) on(day lot.Day) {
	b.now = b.now.AddDate(0, 0, int(day-lot.DayOf(b.now.In(b.programme.Location()))))
}

// award gives points that last until a day; they are at HQ.
func (b *bench) award(n lot.Amount, expires lot.Day) {
	b.Helper()
	issue := ledger.Issue{Asset: points, Amount: n, Expires: expires, Funder: "m1", UnitCost: 1000}
	b.ok("MakeGood", b.MakeGood(wang, []ledger.Issue{issue}, "test", nil, byZhou))
}

// atHQ lists what HQ holds of a member's points: amounts by last day.
func (b *bench) atHQ(when string, want map[lot.Day]lot.Amount) {
	b.Helper()
	b.ok("View", b.book.View(func(tx book.Tx) error {
		free, err := tx.Free(wang)
		got := map[lot.Day]lot.Amount{}
		for _, f := range free {
			got[f.Lot.Expires] += f.Amount
			if f.Lot.Funder != "m1" && f.Lot.ID.Terminal == 0 {
				b.Errorf("%s: lot %+v has lost its terms", when, f.Lot)
			}
		}
		same := len(got) == len(want)
		for day, n := range want {
			same = same && got[day] == n
		}
		if !same {
			b.Errorf("%s: HQ holds %v by last day, want %v", when, got, want)
		}
		return err
	}))
}

func (b *bench) night(day lot.Day) {
	b.Helper()
	b.on(day)
	b.ok("Nightly", b.Nightly())
}

// Rule S22: a lot lapses only after a notice a week before.
func TestLotLapsesOnlyAfterANotice(t *testing.T) {
	last := start + 40
	for _, c := range []struct {
		name   string
		notice lot.Day // 0 for none
		want   map[lot.Day]lot.Amount
	}{
		{"a-week-before", last - 7, map[lot.Day]lot.Amount{0: 5}},
		{"long-before", start, map[lot.Day]lot.Amount{0: 5}},
		{"too-late", last - 6, map[lot.Day]lot.Amount{last + 30: 100, 0: 5}},
		{"never", 0, map[lot.Day]lot.Amount{last + 30: 100, 0: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.award(100, last)
			b.award(5, 0)
			if c.notice > 0 {
				b.on(c.notice)
				b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
			}
			b.night(last)
			b.atHQ("on the last day", map[lot.Day]lot.Amount{last: 100, 0: 5})
			b.night(last + 1)
			b.atHQ("afterwards", c.want)
			b.night(last + 2)
			b.atHQ("a night later", c.want)
		})
	}
}

// TestLateNightLeavesTimeForANotice: HQ was away longer than it postpones.
func TestLateNightLeavesTimeForANotice(t *testing.T) {
	b := newBench(t)
	b.award(100, start+1)
	b.night(start + 90)
	b.atHQ("afterwards", map[lot.Day]lot.Amount{start + 97: 100})
	b.ok("Notice", b.Notice(wang, start+97, "page", byZhou))
	b.night(start + 98)
	b.atHQ("after the notice", nil)
	b.sums("after the notice", hq.TotalView{Issued: 200, Gone: 200})
}

func TestIncidentExtendsByItsLengthAndAWeek(t *testing.T) {
	b := newBench(t)
	last := start + 3
	b.award(100, last)
	b.award(50, last+20)
	b.ok("Notice", b.Notice(wang, last+20, "page", byZhou))
	b.ok("Incident", b.Incident("flood", start+2, 0, byZhou))
	b.night(last + 1)
	b.atHQ("while it goes on", map[lot.Day]lot.Amount{last: 100, last + 20: 50})
	b.ok("Incident", b.Incident("flood", start+2, start+6, byZhou))
	b.night(last + 4)
	b.atHQ("when it is over", map[lot.Day]lot.Amount{last + 5 + 7: 100, last + 20: 50})
	b.night(last + 21)
	b.atHQ("what lapsed after it", map[lot.Day]lot.Amount{last + 12 + 30: 100})
	for _, days := range [][2]lot.Day{{0, 0}, {5, 4}} {
		if err := b.Incident("x", days[0], days[1], byZhou); !errors.Is(err, makegood.ErrDays) {
			t.Errorf("Incident(%v) = %v, want ErrDays", days, err)
		}
	}
}

// TestOnlyWhatHQHoldsLapses: a terminal's part lapses when it comes back.
func TestOnlyWhatHQHoldsLapses(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	last := start + 40
	b.award(100, last)
	b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
	one.ask(1, 30)
	one.hear()
	b.night(last + 1)
	b.sums("afterwards", hq.TotalView{Issued: 100, Flight: 30, Gone: 70})
	one.spend(lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}, 10) // it goes on taking it for 30 days
	one.giveBack(lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}, 20)
	one.sync()
	b.sums("given back", hq.TotalView{Issued: 100, HQ: 20, Spent: 10, Gone: 70})
	b.night(last + 2)
	b.sums("a night later", hq.TotalView{Issued: 100, Spent: 10, Gone: 90})
}

// TestLapseSwapsWhatWasSpentOfALaterLot: the till spent the later lot because
// HQ held the earlier one; the member loses nothing by that.
func TestLapseSwapsWhatWasSpentOfALaterLot(t *testing.T) {
	last := start + 40
	first := lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}
	for _, c := range []struct {
		name    string
		later   lot.Day // until when the lot lasts that is spent
		spend   lot.Amount
		back    lot.Amount // given back to the lot afterwards
		away    bool       // the lapsing lot was at the terminal meanwhile
		left    lot.Amount // of the later lot in the end
		expired lot.Amount
	}{
		{"some", last + 100, 70, 0, false, 80 + 70, 30},
		{"all-of-it-and-more", last + 100, 130, 0, false, 20 + 100, 0},
		{"of-one-that-never-lapses", 0, 70, 0, false, 80 + 70, 30},
		{"of-an-earlier-lot", last - 1, 70, 0, false, 80, 100},
		{"given-back", last + 100, 70, 70, false, 150, 100},
		{"while-the-terminal-had-it", last + 100, 70, 0, true, 80, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			one := b.terminals[0]
			b.award(100, last)
			if c.away {
				one.ask(1, 100)
				one.hear()
			}
			b.on(start + 5)
			sale := one.do(&ledger.Sale{Member: wang, Day: start + 5, Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: 150, Expires: c.later}}}})
			later := sale.Issued[0].ID
			spent := one.spend(later, c.spend)
			if c.back > 0 {
				one.do(&ledger.Return{Of: spent.Origin, Member: wang, Back: []lot.Draw{{Lot: later, Amount: c.back}}})
			}
			one.sync()
			b.on(start + 6)
			if c.away {
				one.giveBack(first, 100)
			}
			one.sync()
			b.on(start + 10)
			b.ok("Notice", b.Notice(wang, last, "receipt", byZhou))
			b.night(last + 1)
			total := b.total()
			if total.HQ+total.Terminals != c.left || total.Gone != c.expired {
				t.Errorf("%d left and %d gone, want %d and %d", total.HQ+total.Terminals, total.Gone, c.left, c.expired)
			}
			b.night(last + 2)
			if again := b.total(); again != total {
				t.Errorf("a night later %+v, want %+v", again, total)
			}
		})
	}
}

// TestOnlyPointsNeedANotice: a quota's period ends by itself, what the programme
// owns is nobody's loss, and a voucher is never given another name.
func TestOnlyPointsNeedANotice(t *testing.T) {
	b := newBench(t)
	last := start + 3
	issue := func(asset lot.Asset) []ledger.Issue { return []ledger.Issue{{Asset: asset, Amount: 1, Expires: last}} }
	b.ok("Adjust", b.Adjust(wang, issue("quota:birthday:2026"), nil, byZhou))
	b.ok("Adjust", b.Adjust(wang, issue("benefit:tea-set"), nil, byZhou))
	b.ok("Adjust", b.Adjust(0, issue("stock:tea-set"), nil, byZhou))
	b.night(last + 1)
	b.ok("View", b.book.View(func(tx book.Tx) error {
		sums, err := tx.Accounts()
		got := map[lot.Asset]book.PlaceKind{}
		for _, s := range sums {
			if s.Amount > 0 {
				got[s.Asset] = s.Kind
			}
		}
		want := map[lot.Asset]book.PlaceKind{"quota:birthday:2026": book.Expired, "benefit:tea-set": book.AtHQ, "stock:tea-set": book.Expired}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("where all is afterwards (-want +got):\n%s", diff)
		}
		return err
	}))
}

func TestActivityExtendsWhatHQHolds(t *testing.T) {
	b := newBench(t)
	b.award(100, start+3)
	b.award(50, start+300)
	b.award(5, 0)
	b.ok("Extend", b.Extend(wang, start+200, hq.By{Actor: office.Policy, Reason: "active"}))
	b.atHQ("extended", map[lot.Day]lot.Amount{start + 200: 100, start + 300: 50, 0: 5})
	b.ok("Extend", b.Extend(wang, start+200, hq.By{Actor: office.Policy, Reason: "active"}))
	b.sums("twice", hq.TotalView{Issued: 255, HQ: 155, Gone: 100})
}

func TestGoodwillHasEvidence(t *testing.T) {
	b := newBench(t)
	if err := b.MakeGood(wang, []ledger.Issue{{Asset: points, Amount: 10}}, "", nil, byZhou); !errors.Is(err, hq.ErrEvidence) {
		t.Errorf("MakeGood(without evidence) = %v, want ErrEvidence", err)
	}
	b.award(10, 0)
	b.ok("Adjust", b.Adjust(wang, []ledger.Issue{{Asset: points, Amount: 7, Funder: "m1"}},
		[]lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}, Amount: 4}}, byZhou))
	b.sums("adjusted", hq.TotalView{Issued: 17, HQ: 13, Gone: 4})
	err := b.Adjust(wang, nil, []lot.Draw{{Lot: lot.ID{Origin: lot.Origin{Incarnation: 1, Seq: 1}}, Amount: 7}}, byZhou)
	if err == nil {
		t.Error("Adjust(beyond what HQ holds) = nil, want an error")
	}
	b.sums("adjusted too far", hq.TotalView{Issued: 17, HQ: 13, Gone: 4})
}

// How long a lot goes on of which nobody was told, and beyond an outage, is the
// programme's.
func TestGraceIsAsLongAsTheProgrammeSays(t *testing.T) {
	last := start + 20
	b := newBench(t)
	b.ok("Release", b.Release(b.changed("2", "  grace_days: 30", "  grace_days: 45"), byZhou))
	b.award(100, last)
	b.night(last + 1)
	b.atHQ("nobody was told", map[lot.Day]lot.Amount{last + 45: 100})

	b = newBench(t)
	b.ok("Release", b.Release(b.changed("2", "  outage_days: 7", "  outage_days: 12"), byZhou))
	b.award(100, last)
	b.ok("Notice", b.Notice(wang, last, "page", byZhou))
	b.ok("Incident", b.Incident("flood", last-1, last+1, byZhou))
	b.night(last + 2)
	b.atHQ("an incident of three days", map[lot.Day]lot.Amount{last + 3 + 12: 100})
}
