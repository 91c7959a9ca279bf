package localapi_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	seals "github.com/jifen-pos/jifen/terminal/token"
)

// What the programme gives a member beside a sale, through the interface alone.

// due has HQ's list say that something is due to M1001, whose home is here.
func (b *bench) due(reasons string) {
	b.t.Helper()
	list := bytes.Replace(demo.Members, []byte("13800001001,0,0,\n"), []byte("13800001001,0,0,"+reasons+"\n"), 1)
	b.UseMembers(b.t, list)
	b.serve()
	b.Give(b.t, lot.Lot{Owner: 1001, Asset: lot.Home, Amount: 1})
}

func (b *bench) member(card string) object {
	b.t.Helper()
	return b.want(200, "POST", "/lanes/4/members", object{"code": card})
}

func TestBirthdayPackIsGivenOnce(t *testing.T) {
	b := newBench(t)
	gift := func(ref, reason string) object { return act(ref, object{"member": wang, "reason": reason}) }
	b.refused("nothing-due", "/lanes/1/gifts", gift("gift-0001", "birthday"))
	b.due("birthday birthday-c1")
	if due := b.member(wang)["gifts"].([]any); len(due) != 2 || due[0].(object)["name"].(object)["zh"] != "生日茶点礼包" {
		t.Fatalf("what is due: %v, want the packs of a birthday and of a child's", due)
	}
	b.refused("nothing-due", "/lanes/1/gifts", gift("gift-0002", "birthday-c2"))
	b.once("/lanes/1/gifts", gift("gift-0003", "birthday"), gift("gift-0003", "birthday-c1"))
	held := b.member(wang)["vouchers"].([]any)
	if len(held) != 1 || held[0].(object)["benefit"].(object)["zh"] != "生日茶点礼包" {
		t.Errorf("vouchers after the pack: %v, want one of it", held)
	}
	if jobs, err := b.Till.Jobs(); err != nil || len(jobs) != 1 {
		t.Errorf("papers of the pack: %v, %v; want its voucher", jobs, err)
	}
	if p := b.want(422, "POST", "/lanes/1/gifts", gift("gift-0004", "birthday")); p["code"] != "once-only" {
		t.Errorf("the pack of this year again: %v, want once-only", p)
	}
	if r := b.want(200, "POST", "/lanes/1/gifts", gift("gift-0005", "birthday-c1")); r["claimed"] == true {
		t.Errorf("a child's pack where the home is: %v, want it given", r)
	}
}

// Without the right to mint their quota nothing is given: HQ is asked, and a paper
// says so.
func TestGiftElsewhereIsClaimed(t *testing.T) {
	b := newBench(t)
	list := bytes.Replace(demo.Members, []byte("13800001001,0,0,\n"), []byte("13800001001,0,0,birthday\n"), 1)
	b.UseMembers(t, list)
	b.serve()
	r := b.want(200, "POST", "/lanes/1/gifts", act("gift-0001", object{"member": wang, "reason": "birthday"}))
	if r["claimed"] != true || len(b.member(wang)["vouchers"].([]any)) != 0 {
		t.Errorf("the pack of a member whose home is elsewhere: %v, want a claim and no voucher", r)
	}
}

func TestSurveyIsAnsweredOnce(t *testing.T) {
	b := newBench(t)
	b.due("")
	answer := func(ref, survey string, answers ...int) object {
		return act(ref, object{"member": phone, "survey": survey, "answers": answers})
	}
	b.refused("unknown-survey", "/lanes/1/answers", answer("answer-01", "no-such", 1))
	b.refused("survey-incomplete", "/lanes/1/answers", answer("answer-02", "tea-set-view", 5))
	b.refused("survey-incomplete", "/lanes/1/answers", answer("answer-03", "tea-set-view", 5, 6))
	b.refused("survey-incomplete", "/lanes/1/answers", answer("answer-04", "benefit-wishes", 0))
	b.once("/lanes/1/answers", answer("answer-05", "tea-set-view", 5, 4), answer("answer-05", "benefit-wishes", 4))
	if got := b.member(wang)["balances"].([]any)[1].(object)["here"]; got != 20.0 {
		t.Errorf("green points for the answers: %v, want 20", got)
	}
	if p := b.want(422, "POST", "/lanes/1/answers", answer("answer-06", "tea-set-view", 1, 1)); p["code"] != "once-only" {
		t.Errorf("the same survey again: %v, want once-only", p)
	}
}

func TestReferrerStandsInTheEnrolment(t *testing.T) {
	b := newBench(t)
	join := func(ref, referrer string) object {
		return act(ref, object{"phone": newPhone, "consent": true, "referrer": referrer})
	}
	b.refused("unknown-referrer", "/lanes/1/enrolments", join("join-0001", "HM999999999"))
	b.want(200, "POST", "/lanes/1/enrolments", join("join-0002", wang))
	done, err := b.Till.Outcome("join-0002")
	if err != nil || done.Entry.Body.(*ledger.Enrol).Referrer != 1001 {
		t.Errorf("enrolment: %+v, %v; want M1001 as who brought them", done.Entry.Body, err)
	}
	b.UseRules(t, demo.Without("referral"))
	b.serve()
	b.refused("no-referral", "/lanes/1/enrolments", join("join-0003", wang))
}

// New goods are sold to members with priority first, and to everybody from their day
// on (cap M9).
func TestNewGoodsHaveTheirDay(t *testing.T) {
	b := newBench(t)
	const tea, lover = "6910002001650", "HM10001275G" // M1003 is of the scheme
	early := bytes.Replace(demo.Programme, []byte("from: 2027-04-05"), []byte("from: 2026-11-26"), 1)
	early = bytes.Replace(early, []byte("window: {from: 2026-11-25, until: 2027-11-30}\n    priority_days: 5"), []byte("priority_days: 5"), 1)
	b.UseRules(t, early)
	b.serve()
	b.refused("not-on-sale-yet", "/lanes/1/sales", sale("pos-1-0001", order(wang, tea), 15800))
	if s := b.member(lover)["schemes"].([]any); len(s) != 1 || !strings.Contains(s[0].(object)["adviser"].(object)["zh"].(string), "周顾问") {
		t.Errorf("schemes of M1003: %v, want one with its adviser", s)
	}
	b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0002", order(lover, tea), 15800))
	b.UseRules(t, bytes.Replace(early, []byte("from: 2026-11-26"), []byte("from: 2026-11-22"), 1))
	b.serve()
	b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0003", order(wang, tea), 15800))
}

// A voucher of a benefit that was withdrawn keeps its worth, and its holder chooses
// (cap C2).
func TestVoucherOfAWithdrawnBenefitIsAChoice(t *testing.T) {
	b := newBench(t)
	old := bytes.Replace(demo.Programme, []byte("    window: {from: 2026-11-25}\n    withdrawn: 2027-06-01\n"), nil, 1)
	b.UseRules(t, old)
	b.serve()
	b.give(6000)
	b.want(200, "POST", "/lanes/1/redemptions", act("redeem-01", object{"member": wang, "benefit": "dine-in"}))
	code := b.code("redeem-01")
	b.UseRules(t, bytes.Replace(demo.Programme, []byte("withdrawn: 2027-06-01"), []byte("withdrawn: 2026-11-20"), 1))
	b.serve()
	use := func(ref, instead string) object { return act(ref, object{"code": code, "instead": instead}) }
	b.refused("benefit-not-offered", "/lanes/1/redemptions", act("redeem-02", object{"member": wang, "benefit": "dine-in"}))
	b.refused("voucher-choose", "/lanes/1/voucher-uses", act("use-0001", object{"code": code}))
	b.refused("voucher-not-instead", "/lanes/1/voucher-uses", use("use-0002", "gift-pack"))
	b.once("/lanes/1/voucher-uses", use("use-0003", "health-box"), use("use-0003", "delivery-meal"))
	done, err := b.Till.Outcome("use-0003")
	if u := done.Entry.Body.(*ledger.VoucherUse); err != nil || u.Benefit != "dine-in" || u.Handed() != "health-box" {
		t.Errorf("handed out: %+v, %v; want a health box for a meal", u, err)
	}
	if held := b.member(wang)["vouchers"].([]any); len(held) != 0 {
		t.Errorf("vouchers after it: %v, want none", held)
	}
}

// code is the QR of the voucher that an action redeemed.
func (b *bench) code(ref string) string {
	b.t.Helper()
	done, err := b.Till.Outcome(ref)
	if err != nil {
		b.t.Fatal(err)
	}
	r := done.Entry.Body.(*ledger.Redeem)
	code, err := seals.SealVoucher(seals.Voucher{Lot: lot.ID{Origin: done.Origin}, Benefit: r.Benefit, Expires: r.Voucher.Expires, Units: 1}, b.Key)
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}
