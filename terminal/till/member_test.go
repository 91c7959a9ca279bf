package till_test

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// What is given once, members who are new, and members who are one.

// once is a way to give something that is given once.
type once struct {
	name string
	give func(b *tilltest.Bench, who member.ID) (ledger.Once, []ledger.Issue, lot.Origin, error)
}

var onces = []once{
	{"check-in", func(b *tilltest.Bench, who member.ID) (ledger.Once, []ledger.Issue, lot.Origin, error) {
		done, err := b.Till.CheckIn(by, till.Attendance{
			Ref: ref(), Member: who, Proof: member.ByCard, Activity: "spring", Nonce: []byte{1}, Asset: green, Amount: 20, Funder: "m1",
		})
		if err != nil {
			return ledger.Once{}, nil, lot.Origin{}, err
		}
		body := done.Entry.Body.(*ledger.CheckIn)
		return body.Once, body.Issues, done.Origin, nil
	}},
	{"survey", func(b *tilltest.Bench, who member.ID) (ledger.Once, []ledger.Issue, lot.Origin, error) {
		done, err := b.Till.Answer(by, till.Survey{
			Ref: ref(), Member: who, Survey: "taste", Version: 2, Choices: []ledger.Choice{{Question: 0, Option: 3}}, Asset: green, Amount: 20,
		})
		if err != nil {
			return ledger.Once{}, nil, lot.Origin{}, err
		}
		body := done.Entry.Body.(*ledger.Answer)
		return body.Once, body.Issues, done.Origin, nil
	}},
}

func TestOnceIsOnceWhereTheMemberIsAtHome(t *testing.T) {
	for _, o := range onces {
		t.Run(o.name, func(t *testing.T) {
			b := newBench(t)
			home(t, b)
			got, issues, _, err := o.give(b, 1001)
			must(t, err)
			if got.Claim || lot.Sum(got.Quota) != 1 || issues[0].Expires == 0 {
				t.Errorf("once %+v, issues %+v; want a quota used up, and points that expire", got, issues)
			}
			if n := here(t, b, green); n != 20 {
				t.Errorf("points = %d, want 20", n)
			}
			_, _, _, err = o.give(b, 1001)
			declined(t, "a second one", err, "once-only")
			if n, made := here(t, b, green), len(written[*ledger.QuotaMinted](t, b)); n != 20 || made != 1 {
				t.Errorf("points = %d, quotas made %d; want 20 and 1", n, made)
			}
		})
	}
}

func TestOnceIsClaimedElsewhereAndSettledByHQ(t *testing.T) {
	for _, o := range onces {
		t.Run(o.name, func(t *testing.T) {
			b := newBench(t)
			got, _, granted, err := o.give(b, 1001)
			must(t, err)
			if !got.Claim || len(got.Quota) != 0 || here(t, b, green) != 0 {
				t.Errorf("once %+v, %d points; want a claim that gives nothing yet", got, here(t, b, green))
			}
			_, _, denied, err := o.give(b, 1002)
			must(t, err)
			b.Hear(t, ledger.Down{Settled: &ledger.Settled{Of: granted, Granted: true}})
			b.Hear(t, ledger.Down{Settled: &ledger.Settled{Of: denied, Reason: "once-only"}})
			want := []fold.Claim{{Status: fold.ClaimGranted, Member: 1001}, {Status: fold.ClaimRefused, Member: 1002, Reason: "once-only"}}
			if diff := cmp.Diff(want, claims(t, b, granted, denied)); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			give(t, b, green, 20) // what HQ granted
			if n := here(t, b, green); n != 20 {
				t.Errorf("points = %d, want the 20 granted", n)
			}
		})
	}
}

func claims(t *testing.T, b *tilltest.Bench, of ...lot.Origin) (list []fold.Claim) {
	t.Helper()
	must(t, b.Journal.View(func(tx journal.Tx) error {
		state, err := b.Till.State(tx)
		for _, o := range of {
			c, e := state.Claim(o)
			list, err = append(list, c), errors.Join(err, e)
		}
		return err
	}))
	return list
}

func TestOnceIsRefused(t *testing.T) {
	for _, o := range onces {
		b := newBench(t)
		_, _, _, err := o.give(b, 0)
		refused(t, o.name+" of nobody", err, "no-member")
		must(t, b.Till.SignOut(by))
		_, _, _, err = o.give(b, 1001)
		refused(t, o.name+" with nobody signed in", err, "sign-in-first")
	}
	b := newBench(t)
	for _, a := range []till.Attendance{{Amount: 5, Asset: green}, {Amount: 5, Asset: green, Activity: "Spring!"}} {
		a.Ref, a.Member = ref(), 1001
		_, err := b.Till.CheckIn(by, a)
		refused(t, "CheckIn at no activity", err, "unknown-activity")
	}
	for _, a := range []till.Attendance{{Asset: green}, {Amount: -5, Asset: green}, {Amount: 5, Asset: "benefit:tea-set"}} {
		a.Ref, a.Member, a.Activity = ref(), 1001, "spring"
		_, err := b.Till.CheckIn(by, a)
		refused(t, "CheckIn for no points", err, "bad-amount")
	}
	_, err := b.Till.Answer(by, till.Survey{Ref: ref(), Member: 1001, Survey: "taste", Asset: green, Amount: 5})
	refused(t, "Answer without choices", err, "unknown-survey")
}

// newCard is a card that nobody has.
const newCard = "HM100037411"

var newPhone = "13911112222"

// phoneHash is the bytes of a phone number's keyed hash.
func phoneHash(t *testing.T, phone string) []byte {
	t.Helper()
	sum, err := hex.DecodeString(tilltest.PhoneHash(phone))
	must(t, err)
	return sum
}

func enrolment(t *testing.T) till.Enrolment {
	t.Helper()
	return till.Enrolment{Ref: ref(), Phone: phoneHash(t, newPhone), Card: newCard, Sealed: []byte("sealed"), Text: []byte("terms")}
}

func enrol(t *testing.T, b *tilltest.Bench) member.ID {
	t.Helper()
	done, err := b.Till.Enrol(by, enrolment(t))
	if err != nil {
		t.Fatalf("Enrol: %v", err)
	}
	return done.Entry.Body.(*ledger.Enrol).Member
}

func TestEnrolledMemberEarnsAtOnce(t *testing.T) {
	b := newLanes(t)
	scan(t, b, rice) // the customer decides at the till
	who := enrol(t, b)
	if who < 1<<63 {
		t.Errorf("provisional id %s is one that HQ hands out", who)
	}
	if m := view(t, b).Member; m == nil || m.ID != who || !m.Proof.MaySpend() {
		t.Fatalf("on the lane after enrolling: %+v, want the new member by their card", m)
	}
	_, sale := payAt(t, b, by)
	if sale.Member != who || earned(sale, consumption) != 49 {
		t.Errorf("member %s earned %d, want %s 49", sale.Member, earned(sale, consumption), who)
	}
	consents := written[*ledger.Consent](t, b)
	want := []*ledger.Consent{{Member: who, Purpose: "programme", Text: []byte("terms")}}
	if diff := cmp.Diff(want, consents, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("consents (-want +got):\n%s", diff)
	}
	var kinds []ledger.Kind
	for _, body := range written[ledger.Body](t, b) {
		if k := body.Kind(); k == ledger.KindConsent || k == ledger.KindEnrol {
			kinds = append(kinds, k)
		}
	}
	if diff := cmp.Diff([]ledger.Kind{ledger.KindConsent, ledger.KindEnrol}, kinds); diff != "" {
		t.Errorf("order of the entries (-want +got):\n%s", diff)
	}
}

// TestEnrolledMemberComesBackBeforeHQKnows shops twice offline, at any lane, by
// the new card and by phone, also after a restart.
func TestEnrolledMemberComesBackBeforeHQKnows(t *testing.T) {
	b := newLanes(t)
	who := enrol(t, b)
	must(t, b.Till.Clear(by))
	b.Restart(t)
	scanAt(t, b, other, newCard, rice)
	if _, sale := payAt(t, b, other); sale.Member != who || sale.Proof != member.ByCard {
		t.Errorf("by the new card: member %s by %d, want %s by card", sale.Member, sale.Proof, who)
	}
	scan(t, b, newPhone, rice)
	if m := view(t, b).Member; m.ID != who || m.Proof != member.ByPhone || m.Points[0].Here != 49 {
		t.Errorf("by the new number: %+v, want %s by phone, who has 49 points", m, who)
	}
	again := enrolment(t)
	_, err := b.Till.Enrol(other, again)
	refused(t, "Enrol with a card that was handed out", err, "card-taken")
}

func TestEnrolByPhoneAloneEarnsAndSpendsNothing(t *testing.T) {
	b := newBench(t)
	e := enrolment(t)
	e.Card = ""
	_, err := b.Till.Enrol(by, e)
	must(t, err)
	if m := view(t, b).Member; m == nil || m.Proof.MaySpend() {
		t.Errorf("after enrolling by phone: %+v, want somebody who earns and spends nothing", m)
	}
}

func TestEnrolIsRefused(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name, want string
		edit       func(*till.Enrolment)
	}{
		{"nothing-to-find-them-by", "enrol-how", func(e *till.Enrolment) { e.Phone, e.Card = nil, "" }},
		{"no-consent", "enrol-consent", func(e *till.Enrolment) { e.Text = nil }},
		{"too-long", "enrol-too-long", func(e *till.Enrolment) { e.Sealed = make([]byte, ledger.SealedBytesMax+1) }},
		{"somebody-else's-card", "card-taken", func(e *till.Enrolment) { e.Card = wang }},
	} {
		e := enrolment(t)
		test.edit(&e)
		_, err := b.Till.Enrol(by, e)
		refused(t, test.name, err, test.want)
	}
	if n := len(written[*ledger.Consent](t, b)); n != 0 {
		t.Errorf("%d consents of people who were not enrolled", n)
	}
}

func TestProvisionalMemberClaimsUntilHQHasMatchedThem(t *testing.T) {
	b := newBench(t)
	who := enrol(t, b)
	must(t, b.Till.Clear(by))
	b.Give(t, lot.Lot{Owner: who, Asset: lot.Home, Amount: 1}) // HQ would not: the rule holds all the same
	got, _, _, err := onces[0].give(b, who)
	must(t, err)
	if !got.Claim {
		t.Errorf("once %+v, want a claim of a provisional member", got)
	}
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: who}})
	if got, _, _, err = onces[1].give(b, who); err != nil || got.Claim {
		t.Errorf("once %+v, %v after HQ matched them; want a quota used up", got, err)
	}
}

func TestAliasMakesOneBalance(t *testing.T) {
	b := newLanes(t)
	scan(t, b, rice)
	who := enrol(t, b)
	payAt(t, b, by)
	scan(t, b, wang, millet)
	payAt(t, b, by)
	scan(t, b, newCard) // their basket is open when HQ says who they are
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: who, To: 1001}})
	for _, card := range []string{newCard, wang, newPhone} {
		scan(t, b, card)
		if m := view(t, b).Member; m.ID != 1001 || m.Points[0].Here != 49+26 {
			t.Errorf("scan of %s: %s has %d points, want M1001 with 75", card, m.ID, m.Points[0].Here)
		}
	}
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 60))
	scan(t, b, newCard) // the same member's other card
	if v := view(t, b); v.Wish != 60 {
		t.Errorf("wish = %d after the member's other card was scanned, want 60 still", v.Wish)
	}
	scan(t, b, newPhone)
	if m := view(t, b).Member; m.Proof != member.ByCard {
		t.Errorf("proof = %d after a phone number of the same member, want the card's still", m.Proof)
	}
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: who, To: 1001, Undo: true}})
	scan(t, b, newCard)
	if m := view(t, b).Member; m.ID != who || m.Points[0].Here != 49 {
		t.Errorf("after the alias was undone: %s with %d, want %s with 49", m.ID, m.Points[0].Here, who)
	}
}

func TestPointsOfBothIdsPayOneBill(t *testing.T) {
	b := newLanes(t)
	scan(t, b, rice, rice)
	who := enrol(t, b)
	payAt(t, b, by) // 99 points
	scan(t, b, wang, rice)
	payAt(t, b, by) // 49 points
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: who, To: 1001}})
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 148))
	of, sale := payAt(t, b, by)
	if lot.Sum(sale.Deduction.Draws) != 148 {
		t.Fatalf("paid with %d points, want the 148 of both", lot.Sum(sale.Deduction.Draws))
	}
	giveBack(t, b, of, 1)
	b.Hear(t, ledger.Down{Alias: &ledger.Alias{From: who, To: 1001, Undo: true}})
	scan(t, b, newCard)
	if m := view(t, b).Member; m.Points[0].Here != 99 {
		t.Errorf("after return and undo the younger id has %d points, want its own 99", m.Points[0].Here)
	}
}

// spouse is a household of two, as the giver's ruling has it.
var spouse = []ledger.Relative{{Member: 1002}}

func transfer(b *tilltest.Bench, n lot.Amount) (clerk.Done, error) {
	return b.Till.Transfer(by, till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: member.ByCard, Asset: consumption, Amount: n})
}

func TestTransferKeepsToTheDay(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	give(t, b, consumption, 5000)
	stand(t, b, ledger.Ruling{Household: spouse})
	_, err := transfer(b, 1500)
	must(t, err)
	_, err = transfer(b, 501)
	refused(t, "Transfer above the day's limit", err, "transfer-too-much")
	_, err = transfer(b, 500)
	must(t, err)
	_, err = transfer(b, 1)
	refused(t, "Transfer of one more", err, "transfer-too-much")
	b.Clock.Advance(24 * time.Hour)
	_, err = transfer(b, 2000)
	must(t, err)
	if got := here(t, b, consumption); got != 1000 {
		t.Errorf("points left = %d, want 1000", got)
	}
}

func TestTransferIsRefused(t *testing.T) {
	b := newBench(t)
	give(t, b, consumption, 5000)
	_, err := transfer(b, 10)
	refused(t, "Transfer offline", err, "needs-hq")
	b.Line.Set(true)
	stand(t, b, ledger.Ruling{Household: spouse, Owed: []ledger.Owed{{Asset: green, Owed: 1}}})
	_, err = transfer(b, 10)
	refused(t, "Transfer while something is owed", err, "transfer-owes")
	stand(t, b, ledger.Ruling{Household: spouse})
	for _, test := range []struct {
		name, want string
		edit       func(*till.Transferring)
	}{
		{"phone-alone", "not-proved", func(r *till.Transferring) { r.Proof = member.ByPhone }},
		{"to-oneself", "unknown-member", func(r *till.Transferring) { r.To = 1001 }},
		{"to-nobody", "unknown-member", func(r *till.Transferring) { r.To = 7 }},
		{"nothing", "bad-amount", func(r *till.Transferring) { r.Amount = 0 }},
		{"a-voucher", "bad-amount", func(r *till.Transferring) { r.Asset = "benefit:tea-set" }},
	} {
		r := till.Transferring{Ref: ref(), From: 1001, To: 1002, Proof: member.ByCard, Asset: consumption, Amount: 10}
		test.edit(&r)
		_, err := b.Till.Transfer(by, r)
		refused(t, test.name, err, test.want)
	}
	if got := here(t, b, consumption); got != 5000 {
		t.Errorf("points = %d after refusals, want 5000", got)
	}
}

func TestConsentIsWrittenDown(t *testing.T) {
	b := newBench(t)
	for _, c := range []ledger.Consent{{Purpose: "sms", Text: []byte("x")}, {Member: 1001, Text: []byte("x")}, {Member: 1001, Purpose: "sms"}} {
		refused(t, "Consent to nothing", b.Till.Consent(by, c), "consent-incomplete")
	}
	must(t, b.Till.Consent(by, ledger.Consent{Member: 1001, Purpose: "sms", Text: []byte("x")}))
	must(t, b.Till.Consent(by, ledger.Consent{Member: 1001, Purpose: "sms", Withdrawn: true}))
	if got := written[*ledger.Consent](t, b); len(got) != 2 || got[0].Withdrawn || !got[1].Withdrawn {
		t.Errorf("consents %+v, want one given and one taken back", got)
	}
}
