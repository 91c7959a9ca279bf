package hq_test

import (
	"crypto/ed25519"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/gifts"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// secret is what a till seals for HQ.
func (b *bench) secret(k member.Known) []byte {
	b.Helper()
	plain, err := json.Marshal(k)
	b.ok("Marshal", err)
	out, err := sealed.For(hqKey.Public().(ed25519.PublicKey), plain, random{})
	b.ok("For", err)
	return out
}

// random is none: what is sealed in a test is the same each time.
type random struct{}

func (random) Read(p []byte) (int, error) { return copy(p, strings.Repeat("x", len(p))), nil }

// gifts are the reasons that a terminal was told for a member.
func (t *terminal) gifts(who member.ID) []string {
	t.b.Helper()
	t.sync()
	t.reports()
	t.hear()
	about, err := t.state.About(who)
	t.b.ok("About", err)
	return about.Ruling.Gifts
}

// told holds the reasons against what is wanted.
func (t *terminal) isToGive(when string, who member.ID, want ...string) {
	t.b.Helper()
	if got := t.gifts(who); !slices.Equal(got, want) {
		t.b.Errorf("%s: HQ says %q is due to %s, want %q", when, got, who, want)
	}
}

// A birthday that a till sealed for HQ makes a pack due a week before and after the
// day, once a year; a child's by a guardian's word alone; and the word can be taken
// back (cap M5, laws L17 and L18). No day of it is in HQ's book.
func TestBirthdayIsDueAroundTheDay(t *testing.T) {
	const fresh = 1<<63 | member.ID(7)
	b := newBench(t)
	b.now = time.Date(2026, 5, 20, 2, 0, 0, 0, time.UTC)
	one := b.terminals[0]
	agree := func(who member.ID, purpose string, guardian member.ID, k member.Known) {
		one.do(&ledger.Consent{Member: who, Purpose: purpose, Text: []byte("text"), Guardian: guardian, Sealed: b.secret(k)})
	}
	one.do(&ledger.Consent{Member: fresh, Purpose: ledger.ForBirthday, Text: []byte("text")})
	one.do(&ledger.Enrol{Member: fresh, Sealed: b.secret(member.Known{Name: "王芳", Birthday: "1990-05-31"})})
	agree(fresh, ledger.ForChild, fresh, member.Known{Child: "06-10"})
	agree(wang, ledger.ForChild, 0, member.Known{Child: "05-21"}) // nobody's word
	one.do(&ledger.Enrol{Member: zhao, Sealed: b.secret(member.Known{Birthday: "05-21"})})
	day := func(text string) {
		b.now, _ = time.Parse(time.DateOnly, text)
		b.ok("Nightly", b.Nightly())
	}
	one.isToGive("far ahead", fresh)
	one.isToGive("a child without a guardian's word", wang)
	one.isToGive("without consent", zhao)
	day("2026-05-23")
	one.isToGive("eight days ahead", fresh)
	day("2026-05-24")
	one.isToGive("a week ahead", fresh, "birthday")
	day("2026-06-05")
	one.isToGive("both", fresh, "birthday", "birthday-c1")
	one.do(&ledger.Grant{Member: fresh, Reason: "birthday", Day: b.programme.Day(b.now), Once: claim})
	one.isToGive("given", fresh, "birthday-c1")
	day("2026-06-18")
	one.isToGive("long after", fresh)
	day("2027-05-31")
	one.isToGive("a year on", fresh, "birthday")
	one.do(&ledger.Consent{Member: fresh, Purpose: ledger.ForBirthday, Text: []byte("text"), Withdrawn: true})
	one.isToGive("forgotten", fresh)
	b.ok("View", b.book.View(func(tx book.Tx) error {
		keys, values, err := tx.DeskRows([]byte{office.GiftsPrefix})
		for n := range keys {
			for _, clear := range []string{"05-31", "06-10", "0531", "0610"} {
				if strings.Contains(string(keys[n])+string(values[n]), clear) {
					t.Errorf("HQ's desk has %q in clear under %x", clear, keys[n])
				}
			}
		}
		return err
	}))
}

// What somebody told a till before HQ knew who they are is the member's whom they turn
// out to be.
func TestGiftsAreOfWhoeverAMemberTurnsOutToBe(t *testing.T) {
	const fresh = 1<<63 | member.ID(7)
	b := newBench(t)
	b.give(zhao, 1)
	one, two := b.terminals[0], b.terminals[1]
	two.buys(zhao, 100)
	day := b.programme.Day(b.now).String()[len("2006-"):]
	one.do(&ledger.Consent{Member: fresh, Purpose: ledger.ForBirthday, Text: []byte("text"), Sealed: b.secret(member.Known{Birthday: day})})
	one.do(&ledger.Enrol{Member: fresh})
	one.isToGive("who is not known yet", fresh, "birthday")
	two.isToGive("somebody else, for all that HQ knows", zhao)
	_, err := b.Merge(fresh, zhao, byZhou)
	b.ok("Merge", err)
	one.isToGive("one and the same", zhao, "birthday")
	two.isToGive("one and the same", zhao, "birthday")
}

// twoInOne is a bench of two members who were born today, whom t1 knows and who are one
// for HQ, and the entry that gives zhao their pack.
func twoInOne(t *testing.T) (b *bench, given *ledger.Grant) {
	b = newBench(t)
	b.give(wang, 1)
	b.give(zhao, 1)
	today, one := b.programme.Day(b.now), b.terminals[0]
	for _, who := range []member.ID{wang, zhao} {
		one.buys(who, 100)
		one.do(&ledger.Consent{Member: who, Purpose: ledger.ForBirthday, Text: []byte("text"), Sealed: b.secret(member.Known{Birthday: today.String()[len("2006-"):]})})
	}
	one.sync()
	_, err := b.Merge(wang, zhao, byZhou)
	b.ok("Merge", err)
	pack := ledger.Issue{Asset: lot.BenefitAsset(b.programme.Birthday.Benefit), Amount: 1, Funder: "m1", UnitCost: 24_000_000, Expires: today + 60}
	return b, &ledger.Grant{Member: zhao, Reason: "birthday", Day: today, Issues: []ledger.Issue{pack}}
}

// parted makes them two again: wang had it, zhao had none. Some terminals report then.
func (b *bench) parted(reporting ...*terminal) {
	b.Helper()
	b.ok("Unmerge", b.Unmerge(zhao, byZhou))
	for _, at := range reporting {
		at.reports()
	}
	b.terminals[0].isToGive("two again, and wang had it", wang)
	b.terminals[0].isToGive("two again, and zhao had none", zhao, "birthday")
}

// What was given to two who were one for a while is not due again to whose it was, and
// due to the other when they are two again; also if HQ hears of it only then.
func TestABirthdayOfTwoWhoWereOneIsGivenOnce(t *testing.T) {
	for _, heardLate := range []bool{false, true} {
		b, given := twoInOne(t)
		one := b.terminals[0]
		one.isToGive("one and the same", wang, "birthday")
		minted := one.do(&ledger.QuotaMinted{Member: wang, Quota: ledger.Issue{Asset: quota.Reason("birthday", given.Day).Asset, Amount: 1, Expires: given.Day.YearEnd()}, Day: given.Day})
		if len(minted.Issued) != 1 {
			t.Fatal("t1 may not make the quota: it is not wang's home")
		}
		given.Quota = []lot.Draw{{Lot: minted.Issued[0].ID, Amount: 1}}
		one.do(given)
		if !heardLate {
			one.isToGive("given", wang)
		}
		b.parted()
	}
}

// A claim of one of them that HQ granted while they were one, also where HQ follows the
// claim only when it has settled it: it comes behind a backlog.
func TestABirthdayThatWasClaimedIsOfWhomHQGrantedItTo(t *testing.T) {
	for _, backlog := range []int{0, 150} {
		b, given := twoInOne(t)
		two := b.terminals[1]
		for range backlog {
			two.do(&ledger.Mark{})
		}
		given.Claim = true
		of := two.do(given).Origin
		two.sync()
		two.settled("given to zhao, who is wang", of, fold.ClaimGranted, "")
		b.parted(b.terminals[0], two) // so HQ's own journal is followed first
	}
}

// A window never reaches into another year: who was born at New Year gets one pack.
func TestBirthdayAtNewYearIsGivenOnce(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.buys(wang, 100)
	one.buys(zhao, 100)
	one.do(&ledger.Consent{Member: wang, Purpose: ledger.ForBirthday, Text: []byte("text"), Sealed: b.secret(member.Known{Birthday: "01-02"})})
	one.do(&ledger.Consent{Member: zhao, Purpose: ledger.ForBirthday, Text: []byte("text"), Sealed: b.secret(member.Known{Birthday: "02-29"})})
	for _, c := range []struct {
		day  string
		who  member.ID
		want []string
	}{
		{"2026-12-30", wang, nil}, {"2027-01-01", wang, []string{"birthday"}}, {"2027-01-09", wang, []string{"birthday"}}, {"2027-01-10", wang, nil},
		{"2027-02-20", zhao, nil}, {"2027-02-21", zhao, []string{"birthday"}}, {"2027-03-07", zhao, []string{"birthday"}}, {"2027-03-08", zhao, nil},
		{"2028-02-21", zhao, nil}, {"2028-02-22", zhao, []string{"birthday"}},
	} {
		b.now, _ = time.Parse(time.DateOnly, c.day)
		b.ok("Nightly", b.Nightly())
		one.isToGive(c.day, c.who, c.want...)
	}
}

// goaled is the demonstration's programme with tasks of its own and one more set of
// medals.
func (b *bench) goaled() library.Release {
	b.Helper()
	const tasks = `tasks:
  - {id: visits, name: {zh: 来店三次, en: Three visits}, metric: visits, target: 3, gives: {medal: one}}
  - {id: spend, name: {zh: 满百元, en: Spend ¥100}, metric: spend, target: 10000, gives: {asset: points:green, points: 50}}
  - {id: voices, name: {zh: 写评价, en: Review}, metric: voices, target: 1, gives: {asset: points:green, points: 5}}
medals:
  - {id: one, name: {zh: 甲, en: One}, set: pair, reward: tea-set}
  - {id: two, name: {zh: 乙, en: Two}, set: pair}
`
	text := string(demo.Programme)
	was := regexp.MustCompile(`(?m)^tasks:\n(?:[ #-].*\n)*`).FindString(text)
	text = strings.NewReplacer("\nversion: 1\n", "\nversion: 2\n", was, "", "medals:\n", tasks).Replace(text)
	p, err := programme.Parse([]byte(text))
	b.ok("Parse", err)
	return library.Release{What: "programme", Version: p.Version(), Bytes: []byte(text)}
}

// Tasks count over the entries of all terminals, returns take back, and HQ tells the
// terminals what was reached (caps G2 and G3).
func TestTasksAreCountedOverAllTerminals(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.goaled(), byZhou))
	b.give(wang, 1)
	one, two := b.terminals[0], b.terminals[1]
	next := func() { b.now = b.now.AddDate(0, 0, 1) }
	one.buys(wang, 4000)
	next()
	of := two.buys(wang, 5000)
	one.isToGive("two visits", wang)
	next()
	one.buys(wang, 1000)
	two.isToGive("the other store, before it reported", wang)
	one.isToGive("three visits", wang, "task-visits", "task-spend")
	two.isToGive("told at both", wang, "task-visits", "task-spend")
	two.do(&ledger.Return{Of: of, Day: b.programme.Day(b.now), Member: wang, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 5000})
	two.isToGive("goods came back", wang)
	var goals []gifts.Goal
	b.ok("Goals", b.Decide(func(w *decision.Work) (err error) {
		goals, err = gifts.Goals(w, wang)
		return err
	}))
	if len(goals) != 3 || goals[0].Have != 2 || goals[1].Have != 5000 || goals[1].Missing() != 5000 || !goals[1].Fen {
		t.Errorf("Goals() = %+v, want two of three visits and ¥50 of ¥100", goals)
	}
	next()
	one.buys(wang, 6000)
	one.isToGive("reached again", wang, "task-visits", "task-spend")
	one.do(&ledger.Grant{Member: wang, Reason: "task-spend", Day: b.programme.Day(b.now), Once: claim})
	one.isToGive("one was given", wang, "task-visits")
	one.do(&ledger.Grant{Member: wang, Reason: "task-visits", Day: b.programme.Day(b.now), Issues: []ledger.Issue{{Asset: "medal:one", Amount: 1}}, Once: claim})
	one.isToGive("a medal is no set", wang)
	one.answers() // HQ asks for the member's home, and gives what was claimed
	two.do(&ledger.Grant{Member: wang, Reason: "goodwill", Day: b.programme.Day(b.now), Issues: []ledger.Issue{{Asset: "medal:two", Amount: 1}}})
	two.isToGive("the second medal, not by a task: the set is whole", wang, "set-pair")
	r := one.bought(wang)
	said, err := b.says(r, voice.Saying{What: office.OfReview, Subject: towel, Words: liked})
	b.ok("Say", err)
	one.isToGive("a review that nobody read yet", wang, "set-pair")
	b.ok("Judge", b.Decide(func(w *decision.Work) error { return voice.Judge(w, said, true, byZhou) }))
	one.isToGive("and that was approved", wang, "task-voices", "set-pair")
}

// Who is of a one-to-one scheme and spent its sum gets what it leads to (cap M9).
func TestSchemeIsDueWhenItsSumIsSpent(t *testing.T) {
	b := newBench(t)
	s := b.programme.Schemes[0]
	who := s.Members[0]
	b.now = s.Window.From.Time().Add(12 * time.Hour)
	one := b.terminals[0]
	one.buys(who, s.SpendFen-1)
	one.isToGive("a fen short", who)
	one.buys(who, 1)
	one.isToGive("spent", who, "scheme-"+s.ID)
	one.buys(wang, s.SpendFen)
	one.isToGive("of nobody else", wang)
}

// A life of a terminal of which a part came late is followed whole, and nothing twice.
func TestGiftsFollowEveryEntryOnce(t *testing.T) {
	b := newBench(t)
	b.ok("Release", b.Release(b.goaled(), byZhou))
	one := b.terminals[0]
	for range 2 {
		for range 60 {
			one.do(&ledger.Sale{Member: wang, Day: b.programme.Day(b.now), Lines: []ledger.Line{{Qty: 1, Fen: 10}}})
		}
		one.sync()
		one.open(one.state.Head().Incarnation + 1)
	}
	for range 4 {
		one.isToGive("¥12", wang)
	}
	var goals []gifts.Goal
	b.ok("Goals", b.Decide(func(w *decision.Work) (err error) {
		goals, err = gifts.Goals(w, wang)
		return err
	}))
	if goals[1].Have != int64(lot.Fen(1200)) {
		t.Errorf("Goals() = %+v, want ¥12 spent", goals)
	}
}
