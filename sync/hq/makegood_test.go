package hq_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const li member.ID = 10001002

// policyText makes the demonstration's programme make good: three days beyond an
// outage, twenty points from a day's outage on, and ninety days to use what was
// saved for the gift pack, which is taken out on the first of January.
const policyText = `make_good:
  outage_days: 3
  withdraw_days: 90
  grace_days: 30
  goodwill: [{from_hours: 24, asset: points:consumption, points: 20}, {from_hours: 200, asset: points:consumption, points: 90}]
`

// policied is the demonstration's programme with this policy instead of its own.
func (b *bench) policied() library.Release {
	b.Helper()
	own := regexp.MustCompile(`(?m)^make_good:\n(?:[ #-].*\n)*`).Find(demo.Programme)
	if own == nil {
		b.Fatalf("the demonstration makes nothing good")
	}
	return b.changed("2", string(own), policyText)
}

func (b *bench) proposals() (list []makegood.Proposal) {
	b.Helper()
	b.ok("Proposals", b.Decide(func(w *decision.Work) (err error) {
		list, err = makegood.Proposals(w)
		return err
	}))
	return list
}

func (b *bench) apply(id string, by hq.By) error {
	return b.Decide(func(w *decision.Work) error {
		_, err := makegood.Apply(w, id, by)
		return err
	})
}

// earned is a sale at a terminal, of points that lapse on a day.
func (t *terminal) earned(who member.ID, n lot.Amount, expires lot.Day) lot.ID {
	t.b.Helper()
	return t.do(&ledger.Sale{
		Member: who, Day: t.b.programme.Day(t.b.now), Lines: []ledger.Line{{Qty: 1, Fen: 100}},
		Awards: []ledger.Award{{Issue: ledger.Issue{Asset: points, Amount: n, Expires: expires}}},
	}).Issued[0].ID
}

// upTo gives a lot up to HQ.
func (t *terminal) upTo(id lot.ID) {
	t.b.Helper()
	held, err := t.state.Usable(wang)
	t.b.ok("Usable", err)
	for _, h := range held {
		if h.Lot.ID == id {
			t.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: h.Amount}}})
		}
	}
}

// After an outage exactly what lapsed in it of those who are served at that
// terminal lasts longer, whether it lay at HQ, was expired there, or lies at the
// till; whose wishes were declined gets points; all with the entries that show it,
// by a person, once (cap F3, rule S22).
func TestOutageIsMadeGood(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.policied(), byZhou))
	one := b.terminals[0]
	today := b.programme.Day(b.now) + 10
	expired, atTill, later := one.earned(wang, 10, today+1), one.earned(wang, 20, today+2), one.earned(wang, 30, today+9)
	other := b.terminals[1].earned(li, 40, today+1) // of somebody who is never at that terminal
	one.upTo(expired)
	one.sync()
	b.terminals[1].sync()
	b.ok("Notice", b.Notice(wang, today+1, "page", byZhou))
	b.now = b.now.AddDate(0, 0, 10) // who is told in time keeps nothing beyond the last day
	from := b.now
	one.do(&ledger.Decline{Member: li, Asset: points, Want: 5}) // before the line was cut
	b.now = b.now.Add(24 * time.Hour)
	wish := one.do(&ledger.Decline{Member: li, Asset: points, Want: 5}).Origin
	b.now = b.now.Add(24 * time.Hour)
	b.ok("Nightly", b.Nightly()) // HQ knows nothing of the outage yet
	told := one.do(&ledger.Outage{From: from.Add(time.Hour).UnixMilli(), To: b.now.UnixMilli(), Declined: 1}).Origin
	one.sync()

	list := b.proposals()
	if len(list) != 1 || list[0].Terminal != 1 || list[0].Hours != 47 || !slices.Contains(list[0].Evidence, told) {
		t.Fatalf("Proposals() = %+v, want one, of the outage at t1", list)
	}
	p := list[0]
	until := map[lot.ID]lot.Day{}
	for _, l := range p.Lots {
		until[l.Lot.ID] = l.Until
	}
	if len(p.Lots) != 2 || until[expired] != today+1+3+3 || until[atTill] != today+2+3+3 {
		t.Errorf("lots %+v, want what lapsed in three days to last six days more: not %s, not %s", p.Lots, later, other)
	}
	if len(p.Gifts) != 1 || p.Gifts[0].Member != li || p.Gifts[0].Points != 20 || !slices.Equal(p.Gifts[0].Evidence, []lot.Origin{wish}) {
		t.Errorf("gifts %+v, want 20 points for who was declined, with the entry that says so", p.Gifts)
	}
	for name, by := range map[string]hq.By{"nobody": {Reason: "x"}, "policy": {Actor: "policy", Reason: "x"}, "no-reason": {Actor: "zhou"}} {
		if err := b.apply(p.ID, by); !errors.Is(err, makegood.ErrPerson) {
			t.Errorf("Apply by %s = %v, want ErrPerson", name, err)
		}
	}
	b.ok("Apply", b.apply(p.ID, byZhou))
	if left := b.proposals(); len(left) != 0 {
		t.Errorf("after it was applied: %+v is proposed still", left)
	}
	if err := b.apply(p.ID, byZhou); !errors.Is(err, makegood.ErrNone) {
		t.Errorf("Apply again = %v, want ErrNone", err)
	}
	one.upTo(atTill)
	one.sync()
	b.now = b.now.Add(24 * time.Hour)
	b.ok("Nightly", b.Nightly())
	b.lasts(wang, map[lot.Day]lot.Amount{today + 10: 10, today + 3 + lot.NoticeDays: 20})
	b.lasts(li, map[lot.Day]lot.Amount{b.programme.ExpiryOf(points, today+2): 20})
	b.evidence(p.ID, told, wish)
}

// lasts holds what HQ has of a member's points by their last days against what is
// wanted.
func (b *bench) lasts(who member.ID, want map[lot.Day]lot.Amount) {
	b.Helper()
	b.ok("View", b.book.View(func(tx book.Tx) error {
		free, err := tx.Free(who)
		got := map[lot.Day]lot.Amount{}
		for _, h := range free {
			got[h.Lot.Expires] += h.Amount
		}
		for day, n := range want {
			if got[day] != n {
				b.Errorf("%s has %v at HQ by last days, want %d until %s", who, got, n, day)
			}
		}
		return err
	}))
}

// evidence looks for the entries of the office that a proposal became.
func (b *bench) evidence(id string, entries ...lot.Origin) {
	b.Helper()
	kinds := map[string]int{}
	seen := map[lot.Origin]bool{}
	note := func(kind string, of []lot.Origin, by office.By) {
		if kinds[kind]++; by.Actor != byZhou.Actor && kind != "extend" {
			b.Errorf("%s by %q, want the person who decided", kind, by.Actor)
		}
		for _, o := range of {
			seen[o] = true
		}
	}
	b.ok("View", b.book.View(func(tx book.Tx) error {
		rows, err := tx.Office(0, 0, 1000)
		for _, r := range rows {
			body, err := office.Decode(r.Kind, r.Body)
			if err != nil {
				return err
			}
			switch e := body.(type) {
			case *office.Incident:
				if e.ID == id {
					note(r.Kind, e.Entries, e.By)
				}
			case *office.MakeGood:
				if e.Incident == id {
					note(r.Kind, e.Entries, e.By)
				}
			case *office.Extend:
				if e.Incident == id {
					note(r.Kind, nil, e.By)
				}
			}
		}
		return err
	}))
	if kinds["incident"] != 1 || kinds["make-good"] != 2 || kinds["extend"] != 1 {
		b.Errorf("entries of %s: %v, want the incident, two that give and one that extends", id, kinds)
	}
	for _, o := range entries {
		if !seen[o] {
			b.Errorf("%s is not among the evidence", o)
		}
	}
}

// Whoever had saved enough for a benefit that is taken out has ninety days from
// then on; who had not, or whose points last as long anyway, has what they had.
func TestWithdrawnBenefitIsMadeGood(t *testing.T) {
	b := newBench(t)
	today := b.programme.Day(b.now)
	one := b.terminals[0]
	soon, long := one.earned(wang, 4000, today+20), one.earned(wang, 2000, today+300)
	few := one.earned(li, 4999, today+20)
	one.sync()
	release := b.policied()
	release.Bytes = []byte(strings.Replace(string(release.Bytes), "    cost: {asset: points:consumption, points: 5000}\n", "    cost: {asset: points:consumption, points: 5000}\n    withdrawn: "+(today+5).String()+"\n", 1))
	b.ok("Release", b.Release(release, byZhou))
	if list := b.proposals(); len(list) != 0 {
		t.Errorf("before the day: %+v", list)
	}
	b.now = b.now.AddDate(0, 0, 6)
	list := b.proposals()
	if len(list) != 1 || list[0].Benefit != "gift-pack" || len(list[0].Lots) != 1 || list[0].Lots[0].Lot.ID != soon || list[0].Lots[0].Until != today+5+90 {
		t.Fatalf("Proposals() = %+v, want %s until %s; not %s, not %s", list, soon, today+95, long, few)
	}
	b.ok("Apply", b.apply(list[0].ID, byZhou))
	if left := b.proposals(); len(left) != 0 {
		t.Errorf("after it was applied: %+v is proposed still", left)
	}
	one.upTo(soon)
	one.sync()
	b.now = b.now.AddDate(0, 0, 30)
	b.ok("Nightly", b.Nightly())
	b.lasts(wang, map[lot.Day]lot.Amount{today + 95: 4000})
}

// promised is a voucher or a coupon of the member's, which lapses on a day.
func (t *terminal) promised(asset lot.Asset, expires lot.Day) lot.ID {
	return t.do(&ledger.Grant{Member: wang, Issues: []ledger.Issue{{Asset: asset, Amount: 1, Expires: expires}}}).Issued[0].ID
}

// until holds the last days of what a terminal has of the member's against what is wanted.
func (t *terminal) until(when string, want map[lot.ID]lot.Day) {
	t.b.Helper()
	held, err := t.state.Usable(wang)
	t.b.ok("Usable", err)
	got := map[lot.ID]lot.Day{}
	for _, h := range held {
		got[h.Lot.ID] = h.Lot.Expires
	}
	for id, day := range want {
		if got[id] != day {
			t.b.Errorf("%s: t%d has %s until %d, want %d", when, t.id, id, got[id], day)
		}
		if v, ok, err := t.state.Voucher(id); err != nil || !ok || v.Lot.Expires != day {
			t.b.Errorf("%s: the paper of %s is good at t%d until %d, want %d", when, id, t.id, v.Lot.Expires, day)
		}
	}
}

// A voucher and a coupon that lapsed in an outage last longer as they are: the
// paper stays good, at the till where it lies and at one that it comes to later,
// and nothing is given twice (cap F3, rule S22).
func TestOutageExtendsVouchers(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.policied(), byZhou))
	one, two := b.terminals[0], b.terminals[1]
	today := b.programme.Day(b.now)
	one.earned(wang, 1, today+300) // is served there
	pack, half, later := one.promised("benefit:gift-pack", today+1), one.promised("coupon:half", today), one.promised("benefit:gift-pack", today+9)
	one.sync()
	from := b.now
	b.now = b.now.AddDate(0, 0, 2)
	told := one.do(&ledger.Outage{From: from.UnixMilli(), To: b.now.UnixMilli()}).Origin
	one.sync()

	list := b.proposals()
	if len(list) != 1 || len(list[0].Lots) != 2 || !slices.Contains(list[0].Evidence, told) {
		t.Fatalf("Proposals() = %+v, want the two that lapsed in the outage, with its entry", list)
	}
	want := map[lot.ID]lot.Day{pack: today + 2 + lot.NoticeDays, half: today + 2 + lot.NoticeDays, later: today + 9}
	one.until("before", map[lot.ID]lot.Day{pack: today + 1, half: today, later: today + 9})
	b.ok("Apply", b.apply(list[0].ID, byZhou))
	if left := b.proposals(); len(left) != 0 {
		t.Errorf("after it was applied: %+v is proposed still", left)
	}
	one.hear()
	one.until("applied", want)
	b.now = b.now.AddDate(0, 0, 1)

	one.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: pack, Amount: 1}}})
	one.sync()
	b.ok("Nightly", b.Nightly())
	two.askFor(7, wang, "benefit:gift-pack", 1)
	two.hear()
	b.lies("one that moved, and no other", pack, map[book.PlaceKind]lot.Amount{book.InFlight: 1})
	two.until("at another store", map[lot.ID]lot.Day{pack: today + 2 + lot.NoticeDays})
	two.do(&ledger.VoucherUse{Member: wang, Voucher: pack, Benefit: "gift-pack", Day: today + 3})
	two.sync()
	b.lies("handed out", pack, map[book.PlaceKind]lot.Amount{book.Spent: 1})
}

// A voucher of a benefit that is taken out lasts as long as the points that were
// saved for it; one of another benefit does not.
func TestWithdrawalExtendsVouchers(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	today := b.programme.Day(b.now)
	pack, tea := one.promised("benefit:gift-pack", today+20), one.promised("benefit:breakfast-pack", today+20)
	one.sync()
	release := b.policied()
	release.Bytes = []byte(strings.Replace(string(release.Bytes), "    cost: {asset: points:consumption, points: 5000}\n", "    cost: {asset: points:consumption, points: 5000}\n    withdrawn: "+(today+5).String()+"\n", 1))
	b.ok("Release", b.Release(release, byZhou))
	b.now = b.now.AddDate(0, 0, 6)
	list := b.proposals()
	if len(list) != 1 || len(list[0].Lots) != 1 || list[0].Lots[0].Until != today+5+90 {
		t.Fatalf("Proposals() = %+v, want %s until %s", list, pack, today+95)
	}
	b.ok("Apply", b.apply(list[0].ID, byZhou))
	one.hear()
	one.until("applied", map[lot.ID]lot.Day{pack: today + 95, tea: today + 20})
}
