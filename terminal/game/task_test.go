package game_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const document = `programme: spring
version: 1
name: {zh: 春, en: Spring}
zone: Asia/Shanghai
business_day_cut: "04:00"
points:
  - {asset: points:consumption, name: {zh: 积分, en: Points}, worth: {points: 100, fen: 100}, expires: {months: 12, at: month-end}}
  - {asset: points:green, name: {zh: 绿色, en: Green}, worth: {points: 100, fen: 100}, expires: {months: 24, at: month-end}}
stores: [{id: s1, name: {zh: 一店, en: One}}]
merchants: [{id: m1, name: {zh: 超市, en: Market}, unit_cost: 1000}]
earn: [{id: base, asset: points:consumption, rate: {points: 1, fen: 100}}]
deduct: {asset: points:consumption, step_fen: 1, max_share_bp: 5000, min_points: 100, max_fen: 20000}
benefits:
  - {id: tea, name: {zh: 茶, en: Tea}, cost: {asset: points:consumption, points: 500}, valid_days: 60, merchant: m1, worth_fen: 600, terms: {zh: 可退, en: may be returned}}
  - {id: bag, name: {zh: 袋, en: Bag}, cost: {asset: points:green, points: 100}, valid_days: 90, merchant: m1, worth_fen: 990, terms: {zh: 可退, en: may be returned}}
  - {id: pack, name: {zh: 礼包, en: Pack}, cost: {asset: points:consumption, points: 5000}, valid_days: 90, merchant: m1, worth_fen: 6800, terms: {zh: 可退, en: may be returned}}
allotment: {keep_fen: 5000, ask_fen: 20000}
medals:
  - {id: lucky, name: {zh: 好运, en: Lucky}, set: spring, reward: pack}
  - {id: early, name: {zh: 早起, en: Early bird}, set: spring}
  - {id: green-hand, name: {zh: 环保, en: Green hand}}
games:
  - id: spring
    name: {zh: 新春刮刮乐, en: Spring scratch card}
    kind: scratch
    funder: m1
    stake: {asset: points:consumption, points: 10}
    batch: 50
    prizes:
      - {id: pack, name: {zh: 礼包, en: Pack}, weight: 20000, worth_fen: 6800, benefit: pack}
      - {id: tea, name: {zh: 茶, en: Tea}, weight: 100000, worth_fen: 600, benefit: tea, instead: bag}
      - {id: bag, name: {zh: 袋, en: Bag}, weight: 100000, worth_fen: 990, benefit: bag}
      - {id: points, name: {zh: 20 积分, en: 20 points}, weight: 200000, worth_fen: 20, asset: points:consumption, points: 20}
      - {id: medal, name: {zh: 勋章, en: Medal}, weight: 40000, medal: lucky}
      - {id: none, name: {zh: 谢谢参与, en: No prize}, weight: 540000, nothing: true}
tasks:
  - {id: three-visits, name: {zh: 来三次, en: Three visits}, metric: visits, target: 3, gives: {medal: early}}
  - {id: spend, name: {zh: 满百, en: A hundred}, metric: spend, target: 10000, scope: {eco: true}, gives: {asset: points:green, points: 50}}
  - {id: greens, name: {zh: 绿, en: Greens}, metric: eco-points, target: 30, gives: {benefit: bag}}
  - {id: pieces, name: {zh: 十件, en: Ten}, metric: pieces, target: 10, scope: {categories: [tea]}, gives: {benefit: tea}}
  - {id: lectures, name: {zh: 听课, en: Lectures}, metric: activities, target: 1, gives: {medal: early}}
  - {id: answers, name: {zh: 问卷, en: Answers}, metric: surveys, target: 2, gives: {medal: early}}
`

func spring(t testing.TB) (*programme.Programme, programme.Game) {
	t.Helper()
	p, err := programme.Parse([]byte(document))
	if err != nil {
		t.Fatalf("Parse:\n%v", err)
	}
	g, _ := p.Game("spring")
	return p, g
}

func sold(seq uint64, day lot.Day, lines ...ledger.Line) game.Seen {
	s := &ledger.Sale{Member: 1, Day: day, Lines: lines}
	for i, l := range lines {
		if l.Eco {
			s.Awards = append(s.Awards, ledger.Award{Issue: ledger.Issue{Asset: lot.Green, Amount: lot.Amount(l.Fen / 100)}, Shares: []ledger.Share{{Line: uint32(i)}}})
		}
	}
	return game.Seen{Origin: lot.Origin{Terminal: 1, Seq: seq}, Store: "s1", At: calendar.Moment{Day: day}, Body: s}
}

func TestTasksCountAndReturnsTakeBack(t *testing.T) {
	p, _ := spring(t)
	tea := ledger.Line{Product: "06900001000112", Qty: 6, Fen: 6000, Merchant: "m1", Category: "tea", Eco: true}
	rice := ledger.Line{Product: "06900001000228", Qty: 1, Fen: 2680, Off: 80, Merchant: "m1"}
	lecture := game.Seen{Body: &ledger.CheckIn{Member: 1, Activity: "tea-class"}}
	answer := game.Seen{Body: &ledger.Answer{Member: 1, Survey: "happy"}}
	seen := []game.Seen{sold(1, 20000, tea, rice), sold(2, 20000, rice), sold(3, 20001, tea), sold(4, 20003, rice), lecture, answer}
	want := map[string]int64{"three-visits": 3, "spend": 12000, "greens": 120, "pieces": 12, "lectures": 1, "answers": 1}
	check := func(when string) {
		t.Helper()
		for i := range p.Tasks {
			got := game.Count(p, &p.Tasks[i], seen)
			if got.Have != want[got.Task] || got.Done() != (got.Have >= got.Target) || got.Missing() != max(got.Target-got.Have, 0) {
				t.Errorf("%s: %+v, want %d", when, got, want[got.Task])
			}
		}
	}
	check("bought")
	back := func(seq uint64, b ledger.Body) {
		seen = append([]game.Seen{{Origin: lot.Origin{Terminal: 2, Seq: seq}, Body: b}}, seen...)
	}
	first := lot.Origin{Terminal: 1, Seq: 1}
	back(1, &ledger.Return{Of: first, Member: 1, Lines: []ledger.ReturnLine{{Line: 0, Qty: 3}}, Claw: []lot.Draw{{Lot: lot.ID{Origin: first}, Amount: 20}}, Due: []ledger.Due{{Award: 0, Amount: 10}}})
	want = map[string]int64{"three-visits": 3, "spend": 9000, "greens": 90, "pieces": 9, "lectures": 1, "answers": 1}
	check("half of the tea came back")
	back(2, &ledger.ReturnClaim{Of: lot.Origin{Terminal: 1, Seq: 4}, Member: 1, Lines: []ledger.ReturnLine{{Line: 0, Qty: 1}}})
	want["three-visits"] = 2
	check("all of a visit came back")
}

func TestSetsAndWhatIsDue(t *testing.T) {
	p, _ := spring(t)
	holds := func(medals ...string) (held []lot.Holding) {
		for _, m := range medals {
			held = append(held, lot.Holding{Lot: lot.Lot{Owner: 1, Asset: lot.MedalAsset(m)}, Amount: 1})
		}
		return held
	}
	want := []game.Set{{ID: "spring", Reward: "pack", Have: []string{"lucky"}, Missing: []string{"early"}}}
	if diff := cmp.Diff(want, game.Sets(p, holds("lucky", "green-hand"))); diff != "" {
		t.Errorf("Sets: -want +got\n%s", diff)
	}
	rice := ledger.Line{Product: "06900001000228", Qty: 1, Fen: 2600, Merchant: "m1"}
	seen := []game.Seen{sold(1, 20000, rice), sold(2, 20001, rice), sold(3, 20002, rice)}
	due := game.Reached(p, seen, holds("lucky", "early"), 20003)
	if len(due) != 2 || due[0].Reason != "task-three-visits" || due[0].Issues[0].Asset != lot.MedalAsset("early") ||
		due[1].Reason != "set-spring" || due[1].Issues[0].Asset != lot.BenefitAsset("pack") {
		t.Errorf("Reached: got %+v; want the medal of three visits and the set's pack", due)
	}
	if again := game.Reached(p, seen[1:], holds("lucky"), 20003); len(again) != 0 {
		t.Errorf("Reached before anything is done: got %+v, want nothing", again)
	}
}
