package desk_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Codes of the demo's documents.
const (
	rice     = "6900001000112" // ￥49.90
	millet   = "6900001000228" // ￥26.80
	wang     = "HM10001001V"
	wangTel  = "13800001001"
	chenJing = "HM10001549V"

	consumption = lot.Asset("points:consumption")
	wangID      = member.ID(1001)
)

var by = clerk.By{Lane: 1, Actor: "li"}

// prizes are those of the game in these tests.
var prizes = []string{
	"{id: cooker, name: {zh: 电饭煲, en: Rice cooker}, weight: 200000, worth_fen: 50001, benefit: tea-set}",
	"{id: points, name: {zh: 20 积分, en: 20 points}, weight: 300000, worth_fen: 20, asset: points:consumption, points: 20}",
	"{id: none, name: {zh: 谢谢参与, en: No prize}, weight: 500000, nothing: true}",
}

// counter is a desk on a till on a journal of its own, with li at lane 1.
type counter struct {
	*tilltest.Bench
	*desk.Desk
	t    *testing.T
	seal func(ed25519.PublicKey, []byte) ([]byte, error)
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c := &counter{Bench: tilltest.New(t, store), t: t}
	c.UseRules(t, tilltest.Festive(prizes...))
	g, _ := c.Bench.Programme.Game("spring")
	deal := game.Deal{Batch: game.NewBatch(c.Bench.Programme, &g, "batch-1", uint32(tilltest.Terminal)), Seed: game.Seed{7}}
	deal.Seal = deal.Batch.Seal(deal.Seed)
	c.Deals = []game.Deal{deal}
	c.reopen()
	c.Bench.Give(t, lot.Lot{Asset: deal.Batch.TicketsLot(), Amount: 10}, lot.Lot{Asset: lot.BudgetAsset("spring", "cooker"), Amount: 2},
		lot.Lot{Asset: lot.BudgetAsset("spring", "points"), Amount: 3}, lot.Lot{Asset: consumption, Owner: wangID, Amount: 1000, Expires: 30_000})
	return c
}

// reopen starts the till again, as after a restart of the daemon.
func (c *counter) reopen() {
	c.t.Helper()
	c.Restart(c.t)
	c.Desk = desk.New(desk.Options{
		Till: c.Bench.Till, Journal: c.Bench.Journal, PhoneKey: tilltest.PhoneKey(), Key: c.Key.Public().(ed25519.PublicKey), Changed: func() {},
		Seal: c.seal,
	})
	c.ok("SignIn", c.SignIn(by))
}

func (c *counter) ok(call string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", call, err)
	}
}

func (c *counter) scan(codes ...string) {
	c.t.Helper()
	for _, code := range codes {
		c.ok("Scan "+code, c.Scan(by, "", code))
	}
}

func (c *counter) lane() till.View {
	c.t.Helper()
	v, err := c.View(1)
	c.ok("View", err)
	return v
}

// pay pays what is to be paid in cash.
func (c *counter) pay() clerk.Done {
	c.t.Helper()
	v := c.lane()
	done, err := c.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	c.ok("Pay", err)
	return done
}

// entries are those of the journal, oldest first.
func (c *counter) entries() []tilltest.Entry {
	c.t.Helper()
	return tilltest.Entries(c.t, c.Bench.Journal, tilltest.Terminal)
}

// of are the entries of a kind.
func (c *counter) of(kind ledger.Kind) (list []ledger.Body) {
	c.t.Helper()
	for _, e := range c.entries() {
		if e.Body.Kind() == kind {
			list = append(list, e.Body)
		}
	}
	return list
}

// refused wants a refusal with a sentence in both languages, that wrote nothing
// and left the lane as it was but for the sentence.
func (c *counter) refused(call, code string, do func() error) {
	c.t.Helper()
	entries, before := len(c.entries()), c.lane()
	err := do()
	var refusal *view.Refusal
	var declined *clerk.Declined
	got := ""
	switch {
	case errors.As(err, &refusal):
		got = refusal.Code
	case errors.As(err, &declined):
		got = declined.Code
	}
	if got != code {
		c.t.Errorf("%s: %v, want %s", call, err, code)
	}
	for _, lang := range words.Languages() {
		if words.In(lang, got) == got {
			c.t.Errorf("%s: %q has no sentence in %s", call, got, lang)
		}
	}
	after := c.lane()
	if after.Message.Code != got || after.Message.N == before.Message.N {
		c.t.Errorf("%s: the lane says %q, want %q", call, after.Message.Code, got)
	}
	if n := len(c.entries()) - entries; n != 0 && declined == nil {
		c.t.Errorf("%s: was refused and wrote %d entries", call, n)
	}
	if len(after.Lines) != len(before.Lines) || after.Quote.ToPay != before.Quote.ToPay || (after.Member == nil) != (before.Member == nil) || len(after.Parked) != len(before.Parked) {
		c.t.Errorf("%s: was refused and changed the lane from %+v to %+v", call, before, after)
	}
}

// Whatever is wrong with what a cashier gives in: a sentence, and nothing done.
func TestWrongInputIsRefusedInWordsAndChangesNothing(t *testing.T) {
	c := newCounter(t)
	c.scan(rice, wang)
	ref := func(s string) string { return "wrong-input-" + s }
	join := func(j desk.Joining) func() error {
		return func() error { _, err := c.Join(by, j); return err }
	}
	give := func(to string, n lot.Amount) func() error {
		return func() error { _, err := c.Desk.Give(by, ref("give"), to, n); return err }
	}
	adjust := func(a till.Adjustment) func() error {
		a.Ref, a.Member = ref("adjust"), wangID
		return func() error { _, err := c.Adjust(by, a); return err }
	}
	for name, x := range map[string]struct {
		code string
		do   func() error
	}{
		"line of none":        {"bad-quantity", func() error { return c.SetQty(by, 9, 1) }},
		"below no pieces":     {"bad-quantity", func() error { return c.SetQty(by, 0, -1) }},
		"too many pieces":     {"bad-quantity", func() error { return c.SetQty(by, 0, 1_000_000) }},
		"deduct below zero":   {"bad-amount", func() error { return c.Deduct(by, -500) }},
		"deduct beyond all":   {"bad-amount", func() error { return c.Deduct(by, lot.FenMax+1) }},
		"coupon of nobody":    {"coupon-not-here", func() error { return c.UseCoupon(by, lot.ID{N: 7}) }},
		"no pool":             {"no-pool", func() error { return c.UsePool(by, true) }},
		"code that is none":   {"unknown-code", func() error { return c.Desk.Scan(by, "", "!!") }},
		"check digit":         {"check-digit", func() error { return c.Desk.Scan(by, "", "6900001000113") }},
		"goods unknown":       {"unknown-product", func() error { return c.Desk.Scan(by, "", "6900000000007") }},
		"code of a book":      {"code-too-long", func() error { return c.Desk.Scan(by, "", string(bytes.Repeat([]byte("9"), 5000))) }},
		"join without a way":  {"enrol-how", join(desk.Joining{Ref: ref("j"), Consent: true})},
		"join without terms":  {"enrol-consent", join(desk.Joining{Ref: ref("j"), Phone: "13700001234"})},
		"phone too short":     {"bad-phone", join(desk.Joining{Ref: ref("j"), Phone: "1370000123", Consent: true})},
		"phone too long":      {"bad-phone", join(desk.Joining{Ref: ref("j"), Phone: "137000012345", Consent: true})},
		"phone in words":      {"bad-phone", join(desk.Joining{Ref: ref("j"), Phone: "一三七", Consent: true})},
		"phone is goods":      {"bad-phone", join(desk.Joining{Ref: ref("j"), Phone: rice, Consent: true})},
		"card that is goods":  {"bad-card", join(desk.Joining{Ref: ref("j"), Card: rice, Consent: true})},
		"card without check":  {"bad-card", join(desk.Joining{Ref: ref("j"), Card: "HM10001001W", Consent: true})},
		"give to nobody":      {"unknown-member", give("HM99999999X", 10)},
		"give offline":        {"needs-hq", give(chenJing, 10)},
		"adjust by nothing":   {"bad-amount", adjust(till.Adjustment{Asset: consumption, Amount: 0, Reason: "reason-other"})},
		"adjust beyond all":   {"bad-amount", adjust(till.Adjustment{Asset: consumption, Amount: lot.AmountMax + 1, Reason: "reason-other"})},
		"adjust no points":    {"bad-amount", adjust(till.Adjustment{Asset: "benefit:tea-set", Amount: 1, Reason: "reason-other"})},
		"adjust, no reason":   {"reason-missing", adjust(till.Adjustment{Asset: consumption, Amount: 5})},
		"much, alone":         {"second-person", adjust(till.Adjustment{Asset: consumption, Amount: 5000, Reason: "reason-other"})},
		"much, twice oneself": {"second-person", adjust(till.Adjustment{Asset: consumption, Amount: 5000, Reason: "reason-other", Second: by.Actor})},
		"activity unknown":    {"unknown-activity", func() error { _, err := c.Attend(by, ref("a"), "no-such"); return err }},
		"survey unknown":      {"unknown-survey", func() error { return c.AskSurvey(by, "no-such") }},
		"answer unasked":      {"survey-not-asked", func() error { _, err := c.AnswerSurvey(1, 0, 4); return err }},
		"game unknown":        {"unknown-game", func() error { return c.OfferPlay(by, "no-such") }},
		"begin unoffered":     {"play-not-offered", func() error { _, err := c.Begin(1); return err }},
		"sale unknown":        {"return-unknown", func() error { return c.LookUpSale(by, "t1/0000000000000001/99999") }},
		"sale in words":       {"return-unknown", func() error { return c.LookUpSale(by, "昨天那单") }},
		"choose of nothing":   {"return-unknown", func() error { return c.ChooseBack(by, 0, 1) }},
		"take back nothing":   {"return-nothing", func() error { _, err := c.TakeBack(by, ref("b"), "cash"); return err }},
		"exchange nothing":    {"swap-nothing", func() error { _, err := c.Swap(by, ref("b"), "cash"); return err }},
		"claim nothing":       {"return-nothing", func() error { _, err := c.ClaimBack(by, till.ClaimReturn{Ref: ref("c")}); return err }},
		"take up nothing":     {"lane-in-use", func() error { return c.TakeUp(by, 3) }},
		"no such paper":       {"no-job", func() error { return c.Reprint(by, 99_999) }},
		"float below zero":    {"bad-amount", func() error { _, err := c.OpenDay(by, ref("o"), -1); return err }},
		"count with a basket": {"basket-open", func() error { _, err := c.CloseDay(by, ref("z"), 100); return err }},
		"count below zero":    {"bad-amount", func() error { _, err := c.CloseDay(by, ref("z"), -1); return err }},
	} {
		c.refused(name, x.code, x.do)
	}
}

// What needs a member says so, and nobody works at a lane without a cashier.
func TestNobodyOnTheSaleAndNobodyAtTheLane(t *testing.T) {
	c := newCounter(t)
	for name, do := range map[string]func() error{
		"best":     func() error { return c.UseBest(by) },
		"attend":   func() error { _, err := c.Attend(by, "nobody-a", "talk-here"); return err },
		"give":     func() error { _, err := c.Desk.Give(by, "nobody-t", chenJing, 5); return err },
		"survey":   func() error { return c.AskSurvey(by, "service-here") },
		"offer":    func() error { return c.OfferPlay(by, "spring") },
		"play":     func() error { _, err := c.Play(by, c.lane().Ref, "spring"); return err },
		"use pool": func() error { return c.UsePool(by, true) },
	} {
		c.refused(name, "no-member", do)
	}
	c.scan(rice, wangTel)
	c.refused("play by phone", "not-proved", func() error { return c.OfferPlay(by, "spring") })
	c.ok("SignOut", c.SignOut(by))
	for name, do := range map[string]func() error{
		"scan":    func() error { return c.Desk.Scan(by, "", rice) },
		"park":    func() error { return c.Park(by) },
		"look up": func() error { return c.LookUpSale(by, "t2/0000000000000001/3") },
		"pay":     func() error { _, err := c.Pay(by, till.Payment{Ref: c.lane().Ref}); return err },
	} {
		c.refused(name, "sign-in-first", do)
	}
}

func TestAParkedSaleWaitsThroughARestart(t *testing.T) {
	c := newCounter(t)
	c.refused("park nothing", "empty-basket", func() error { return c.Park(by) })
	for range 20 {
		c.scan(rice, wang)
		c.ok("Park", c.Park(by))
	}
	c.scan(millet)
	c.refused("park the 21st", "too-many-parked", func() error { return c.Park(by) })
	c.ok("Clear", c.Clear(by))
	c.reopen()
	c.refused("take up none", "not-parked", func() error { return c.TakeUp(by, 77) })
	c.ok("TakeUp", c.TakeUp(by, 3))
	v := c.lane()
	if len(v.Lines) != 1 || v.Quote.ToPay != 4990 || v.Member == nil || v.Member.ID != wangID || len(v.Parked) != 19 {
		t.Errorf("taken up: %d lines, %s, %+v, %d parked; want the rice of wang and 19 others", len(v.Lines), v.Quote.ToPay, v.Member, len(v.Parked))
	}
	c.ok("Clear", c.Clear(by))
	c.refused("take up again", "not-parked", func() error { return c.TakeUp(by, 3) })
}
