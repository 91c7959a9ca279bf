package localapi_test

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// What is done beside a plain sale.

// Codes of a second member, and of nobody yet.
const (
	li       = "HM10001138Y" // M1002
	newCard  = "HM100037411"
	newPhone = "13911112222"
)

// desk is the counter of the till that the bench has now.
func (b *bench) desk() *desk.Desk {
	return desk.New(desk.Options{
		Till: b.Till, Journal: b.Journal, Codes: b.Codes, PhoneKey: tilltest.PhoneKey(), Key: b.Key.Public().(ed25519.PublicKey), Changed: b.hub.Changed,
	})
}

// act is an action of anna's with what belongs to it.
func act(ref string, rest object) object {
	rest["ref"] = ref
	return rest
}

// once does an action twice under one reference, and the other one under it too:
// one answer, and a conflict.
func (b *bench) once(path string, body, other object) object {
	b.t.Helper()
	first := b.want(200, "POST", path, body)
	again := b.want(200, "POST", path, body)
	if first["again"] != false || again["again"] != true || again["entry"] != first["entry"] {
		b.t.Errorf("POST %s twice: %v, then %v; want one entry", path, first, again)
	}
	if p := b.want(409, "POST", path, other); p["code"] != "reference-used" || p["zh"] == p["en"] {
		b.t.Errorf("POST %s with other content: %v, want reference-used", path, p)
	}
	if found := b.want(200, "GET", "/outcomes/"+body["ref"].(string), nil); found["entry"] != first["entry"] {
		b.t.Errorf("outcome of %s: %v, want %v", body["ref"], found, first)
	}
	return first
}

// refused asks for what the till refuses.
func (b *bench) refused(code, path string, body object) {
	b.t.Helper()
	if p := b.want(422, "POST", path, body); p["code"] != code || p["zh"] == p["code"] || p["zh"] == p["en"] {
		b.t.Errorf("POST %s: %v, want %s in both languages", path, p, code)
	}
}

// points are a member's here.
func (b *bench) points(card string) float64 {
	b.t.Helper()
	return b.want(200, "POST", "/lanes/4/members", object{"code": card})["balances"].([]any)[0].(object)["here"].(float64)
}

func TestExchangeIsOneEntryAndNetsTheMoney(t *testing.T) {
	b := newBench(t)
	sold := b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice, rice), 9980))["entry"]
	exchange := func(ref, out string, pays ...object) object {
		return act(ref, object{"sale": sold, "quantities": []int{1}, "tender": "cash", "order": order(wang, out), "tenders": append([]object{}, pays...)})
	}
	r := b.once("/lanes/1/exchanges", exchange("change-01", millet), exchange("change-01", rice))
	if r["kind"] != "return" || r["back_fen"] != 4990.0 || r["paid_fen"] != -2310.0 || r["taken"] != 50.0 || r["receipt"].(float64) == 0 {
		t.Errorf("rice for millet: %v, want 23.10 to the customer and the rice's 50 of 99 points taken", r)
	}
	if got := b.points(wang); got != 49+26 {
		t.Errorf("%v points, want those of a rice and of a millet", got)
	}
	more := exchange("change-02", rice)
	more["quantities"] = []int{2}
	b.refused("return-too-much", "/lanes/1/exchanges", more)
	short := exchange("change-03", rice)
	short["sale"] = b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0002", order(wang, millet), 2680))["entry"]
	b.refused("paid-too-little", "/lanes/1/exchanges", short)
	short["tenders"] = []object{{"kind": "cash", "fen": 2400}}
	if r := b.want(200, "POST", "/lanes/1/exchanges", short); r["paid_fen"] != 2310.0 || r["change_fen"] != 90.0 {
		t.Errorf("millet for rice with 24.00 in cash: %v, want 23.10 paid and 0.90 of change", r)
	}
}

func TestHouseholdsPointsPayToo(t *testing.T) {
	b := newBench(t)
	b.refusedOrder("no-pool", wang)
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Household: []ledger.Relative{{Member: 1002, Pool: 3000}}}})
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1002, Pool: 3000, Household: []ledger.Relative{{Member: 1001}}}})
	b.Give(t, lot.Lot{Owner: 1002, Asset: lot.Home, Amount: 1}, lot.Lot{Owner: 1002, Asset: "points:consumption", Amount: 5000})
	b.give(1000)
	b.refusedOrder("not-proved", phone)
	o := order(wang, rice, rice)
	o["deduct_max"], o["pool"] = true, true
	q := b.want(200, "POST", "/lanes/1/quotes", o)
	sharer := q["member"].(object)["pool"].([]any)[0].(object)
	if q["deduction"].(object)["points"] != 4000.0 || sharer["id"] != "M1002" || sharer["here"] != 3000.0 {
		t.Errorf("quote with the pool: %v by %v; want 4,000 points, of M1002 at most 3,000", q["deduction"], sharer)
	}
	other := order(wang, rice, rice)
	other["deduct_max"] = true
	s := b.once("/lanes/1/sales", sale("pos-1-0001", o, 5980), sale("pos-1-0001", other, 5980))
	paid := s["pool"].([]any)[0].(object)
	if s["deducted"].(object)["points"] != 4000.0 || paid["member"] != "M1002" || paid["points"] != 3000.0 {
		t.Errorf("sale: deducted %v, of it %v; want 4,000, of it 3,000 of M1002", s["deducted"], paid)
	}
	tea := act("redeem-01", object{"member": wang, "benefit": "tea-set", "pool": true})
	if p := b.want(422, "POST", "/lanes/1/redemptions", tea); p["code"] != "points-short" {
		t.Errorf("redeem with a pool that is used up: %v, want points-short", p)
	}
}

// refusedOrder asks for the pool of somebody who may not use one.
func (b *bench) refusedOrder(code, member string) {
	b.t.Helper()
	o := order(member, rice)
	o["pool"] = true
	b.refused(code, "/lanes/1/quotes", o)
}

// fair has the till hold a sealed batch of ten plays, each for ten points.
func (b *bench) fair() {
	b.t.Helper()
	const spring = `games:
  - id: spring
    name: {zh: 新春刮刮乐, en: Spring scratch card}
    kind: scratch
    stake: {asset: points:consumption, points: 10}
    batch: 10
    prizes:
      - {id: tea, name: {zh: 茶, en: Tea}, weight: 400000, worth_fen: 600, benefit: tea-set, instead: points}
      - {id: points, name: {zh: 20 积分, en: 20 points}, weight: 100000, worth_fen: 20, asset: points:consumption, points: 20}
      - {id: none, name: {zh: 谢谢参与, en: No prize}, weight: 500000, nothing: true}

benefits:
`
	b.UseRules(b.t, bytes.Replace(demo.Without("games"), []byte("benefits:\n"), []byte(spring), 1))
	g, ok := b.Programme.Game("spring")
	if !ok {
		b.t.Fatal("the programme has no game")
	}
	deal := game.Deal{Batch: game.NewBatch(b.Programme, &g, "batch-1", uint32(tilltest.Terminal)), Seed: game.Seed{7}}
	deal.Seal = deal.Batch.Seal(deal.Seed)
	b.Deals = []game.Deal{deal}
	b.Restart(b.t)
	b.serve()
	b.Give(b.t, lot.Lot{Asset: deal.Batch.TicketsLot(), Amount: 10}, lot.Lot{Asset: lot.BudgetAsset("spring", "tea"), Amount: 4},
		lot.Lot{Asset: lot.BudgetAsset("spring", "points"), Amount: 1})
}

func TestGameIsPlayedOnceUnderAReference(t *testing.T) {
	b := newBench(t)
	b.fair()
	b.give(100)
	play := func(ref, game string) object { return act(ref, object{"member": wang, "game": game}) }
	b.want(200, "PUT", "/lanes/1/basket", object{"ref": "hold-0001", "order": order("", rice)})
	first := b.once("/lanes/1/plays", play("play-0000", "spring"), act("play-0000", object{"member": li, "game": "spring"}))
	if s := first["plays"].([]any)[0].(object)["staked"].(object); s["points"] != 10.0 || b.points(wang) != 90 {
		t.Errorf("staked %v, %v points left; want 10 and 90", s, b.points(wang))
	}
	if q := b.want(200, "GET", "/lanes/1/basket", nil); len(q["lines"].([]any)) != 1 {
		t.Errorf("the lane's basket after a play: %v, want it as it was", q["lines"])
	}
	var won []string
	list := []object{first}
	for n := range 9 {
		list = append(list, b.want(200, "POST", "/lanes/1/plays", play("play-000"+string(rune('1'+n)), "spring")))
	}
	for _, r := range list {
		p := r["plays"].([]any)[0].(object)
		if vouchers, ok := p["vouchers"].([]any); ok && p["prize"] == "tea" {
			won = append(won, vouchers[0].(object)["lot"].(string))
		}
	}
	if len(won) != 4 {
		t.Errorf("won %v in ten plays, want the batch's four", won)
	}
	for n, voucher := range won { // each leads to its voucher
		b.want(200, "POST", "/lanes/1/voucher-returns", act("back-000"+string(rune('0'+n)), object{"voucher": voucher}))
	}
	b.refused("unknown-game", "/lanes/1/plays", play("play-0010", "autumn"))
	b.refused("points-short", "/lanes/1/plays", act("play-0011", object{"member": li, "game": "spring"}))
	b.refused("no-batch", "/lanes/1/plays", play("play-0013", "spring"))
	b.refused("not-proved", "/lanes/1/plays", act("play-0012", object{"member": phone, "game": "spring"}))
	if !strings.Contains(b.want(422, "GET", "/outcomes/play-0011", nil)["en"].(string), "10") {
		t.Error("the outcome of a declined play does not say how many points it takes")
	}
}

func TestCustomerIsEnrolledOnce(t *testing.T) {
	b := newBench(t)
	enrol := func(ref, phone, card string) object {
		return act(ref, object{"phone": phone, "card": card, "consent": true})
	}
	b.want(200, "PUT", "/lanes/1/basket", object{"ref": "hold-0001", "order": order(wang, rice)})
	made := b.once("/lanes/1/enrolments", enrol("enrol-01", newPhone, newCard), enrol("enrol-01", newPhone, ""))
	if q := b.want(200, "GET", "/lanes/1/basket", nil); q["member"].(object)["id"] != "M1001" {
		t.Errorf("the lane's basket after an enrolment: %v, want it as it was", q["member"])
	}
	for _, code := range []string{newPhone, newCard} {
		if m := b.want(200, "POST", "/lanes/2/members", object{"code": code}); m["id"] != made["member"] {
			t.Errorf("member of %s: %v, want %v", code, m["id"], made["member"])
		}
	}
	if s := b.want(200, "POST", "/lanes/2/sales", sale("pos-1-0001", order(newCard, rice), 4990)); len(s["earned"].([]any)) == 0 {
		t.Errorf("first sale of the new member: %v, want points", s)
	}
	b.refused("phone-taken", "/lanes/1/enrolments", enrol("enrol-02", newPhone, ""))
	b.refused("phone-taken", "/lanes/1/enrolments", enrol("enrol-03", phone, ""))
	b.refused("card-taken", "/lanes/1/enrolments", enrol("enrol-04", "", wang))
	b.refused("bad-phone", "/lanes/1/enrolments", enrol("enrol-05", "139", ""))
	b.refused("enrol-how", "/lanes/1/enrolments", enrol("enrol-06", "", ""))
	b.refused("enrol-consent", "/lanes/1/enrolments", act("enrol-07", object{"phone": "13911113333", "consent": false}))
}

func TestPointsGoToTheFamilyOnce(t *testing.T) {
	b := newBench(t)
	b.give(1000)
	give := func(ref, from, to string, points int) object {
		return act(ref, object{"from": from, "to": to, "points": points})
	}
	b.refused("needs-hq", "/lanes/1/transfers", give("give-0001", wang, li, 300))
	b.Line.Set(true)
	b.refused("not-family", "/lanes/1/transfers", give("give-0001", wang, li, 300))
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Household: []ledger.Relative{{Member: 1002}}}})
	r := b.once("/lanes/1/transfers", give("give-0001", wang, li, 300), give("give-0001", wang, li, 301))
	if m := r["moved"].(object); m["points"] != 300.0 || b.points(wang) != 700 || b.points(li) != 300 {
		t.Errorf("moved %v; %v and %v points, want 700 and 300", m, b.points(wang), b.points(li))
	}
	b.refused("points-short", "/lanes/1/transfers", give("give-0002", wang, "M1002", 701))
	b.refused("not-proved", "/lanes/1/transfers", give("give-0003", phone, li, 1))
	b.refused("unknown-member", "/lanes/1/transfers", give("give-0004", wang, "M7777", 1))
	b.refused("unknown-member", "/lanes/1/transfers", give("give-0005", wang, wang, 1))
}

func TestMemberIsCheckedInOnce(t *testing.T) {
	b := newBench(t)
	const talk = `activities:
  - id: tea-talk
    name: {zh: 茶话会, en: Tea talk}
    gives: {asset: points:consumption, points: 20}

benefits:
`
	b.UseRules(t, bytes.Replace(demo.Without("activities"), []byte("benefits:\n"), []byte(talk), 1))
	b.serve()
	b.Give(t, lot.Lot{Owner: 1001, Asset: lot.Home, Amount: 1})
	attend := func(ref, member, activity string) object {
		return act(ref, object{"member": member, "activity": activity})
	}
	r := b.once("/lanes/1/check-ins", attend("check-01", wang, "tea-talk"), attend("check-01", li, "tea-talk"))
	if r["claimed"] == true || b.points(wang) != 20 {
		t.Errorf("checked in: %v, %v points; want 20 given here", r, b.points(wang))
	}
	b.refused("once-only", "/lanes/1/check-ins", attend("check-02", wang, "tea-talk"))
	if r := b.want(200, "POST", "/lanes/1/check-ins", attend("check-03", li, "tea-talk")); r["claimed"] != true {
		t.Errorf("somebody who is at home elsewhere: %v, want a claim", r)
	}
	b.refused("unknown-activity", "/lanes/1/check-ins", attend("check-04", wang, "no-such"))
}

func TestGoodsOfAnotherTillAreClaimedOnce(t *testing.T) {
	b := newBench(t)
	foreign := lot.Origin{Terminal: 9, Incarnation: 3, Seq: 4}.String()
	claim := func(ref, sale string, fen int, quantities ...int) object {
		return act(ref, object{"sale": sale, "quantities": quantities, "refund_fen": fen, "tender": "cash"})
	}
	r := b.once("/lanes/1/return-claims", claim("claim-01", foreign, 4990, 0, 1), claim("claim-01", foreign, 4980, 0, 1))
	if r["kind"] != "return-claim" || r["paid_fen"] != -4990.0 || r["claimed"] != true {
		t.Errorf("claim: %v, want 49.90 back and the points left to HQ", r)
	}
	b.refused("return-claimed", "/lanes/1/return-claims", claim("claim-02", foreign, 4990, 0, 1))
	agreed := claim("claim-02", foreign, 4990, 0, 1)
	lend := func(who string) object { return object{"person": who, "pin": pin, "reason": "reason-customer"} }
	agreed["second"] = lend("anna")
	b.forbidden("second-person", "/lanes/1/return-claims", agreed)
	agreed["second"] = lend("dora")
	b.want(200, "POST", "/lanes/1/return-claims", agreed)
	own := b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 4990))["entry"].(string)
	b.refused("return-here", "/lanes/1/return-claims", claim("claim-03", own, 4990, 1))
	b.refused("return-nothing", "/lanes/1/return-claims", claim("claim-04", foreign, 4990, 0, 0))
	b.refused("bad-quantity", "/lanes/1/return-claims", claim("claim-05", foreign, 4990, -1))
	b.refused("return-unknown", "/lanes/1/return-claims", claim("claim-06", "nonsense", 4990, 1))
}

// What paid the first time is not here any more when the caller asks again.
func TestUsedCouponAndEndedPoolGetTheFirstAnswerAgain(t *testing.T) {
	b := newBench(t)
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001, Household: []ledger.Relative{{Member: 1002, Pool: 3000}}}})
	b.Give(t, lot.Lot{Owner: 1001, Asset: lot.CouponAsset("five-per-cent"), Amount: 1})
	coupon := b.Holds(t, 1001)[0].Lot.ID.String()
	o := order(wang, rice)
	o["coupons"], o["pool"] = []string{coupon}, true
	s := sale("pos-1-0001", o, 4990)
	b.give(500)
	tea := act("redeem-01", object{"member": wang, "benefit": "tea-set", "pool": true})
	b.want(200, "POST", "/lanes/1/redemptions", tea)
	first := b.want(200, "POST", "/lanes/1/sales", s)
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1001}})
	if again := b.want(200, "POST", "/lanes/1/redemptions", tea); again["again"] != true {
		t.Errorf("the same redemption again: %v, want the answer of before", again)
	}
	if again := b.want(200, "POST", "/lanes/1/sales", s); again["entry"] != first["entry"] || again["paid_fen"] != first["paid_fen"] {
		t.Errorf("the same sale again: %v, want %v", again, first)
	}
	s["order"].(object)["pool"] = false
	if p := b.want(409, "POST", "/lanes/1/sales", s); p["code"] != "reference-used" {
		t.Errorf("the same sale without the pool: %v, want reference-used", p)
	}
	s["ref"] = "pos-1-0002"
	b.refused("coupon-not-here", "/lanes/1/sales", s)
}
