package hq_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const (
	towel = "06900001001102"
	soap  = "06900001001201"
	liked = "很喜欢，下次还会再买。"
)

// bought is a receipt that HQ has, with what it takes to open its page.
func (t *terminal) bought(who member.ID) voice.Receipt {
	t.b.Helper()
	e := t.do(&ledger.Sale{Member: who, Day: t.b.programme.Day(t.b.now), Lines: []ledger.Line{{Product: towel, Qty: 1, Fen: 1000, Eco: true}, {Product: soap, Qty: 1, Fen: 1000}}})
	t.sync()
	return t.opened(e.Origin, t.state.Head().Hash.Code())
}

func (t *terminal) opened(of lot.Origin, code string) (r voice.Receipt) {
	t.b.Helper()
	t.b.ok("Open", t.b.book.View(func(tx book.Tx) (err error) {
		r, err = voice.Open(tx, of, code)
		return err
	}))
	return r
}

func (b *bench) says(r voice.Receipt, s voice.Saying) (of lot.Origin, err error) {
	b.Helper()
	err = b.Decide(func(w *decision.Work) (err error) {
		of, err = voice.Say(w, r, s)
		return err
	})
	return of, err
}

// freeOf is what HQ has of a member's asset.
func (b *bench) freeOf(who member.ID, asset lot.Asset) (n lot.Amount) {
	b.Helper()
	b.ok("Free", b.Decide(func(w *decision.Work) error {
		free, err := w.Free(who)
		n = lot.Available(free, asset, w.Today())
		return err
	}))
	return n
}

func answered(options ...uint32) (list []ledger.Choice) {
	for n, o := range options {
		list = append(list, ledger.Choice{Question: uint32(n), Option: o})
	}
	return list
}

// A survey is answered once, on HQ's page or at a till, and its answers are counted
// wherever they came from.
func TestSurveyIsAnsweredOnHQsPageOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	b.give(wang)
	r := one.bought(wang)
	wishes := voice.Saying{What: office.OfSurvey, Subject: "benefit-wishes", Choices: answered(2)}
	for name, c := range map[string]struct {
		change func(*voice.Saying)
		want   error
	}{
		"no-survey":        {func(s *voice.Saying) { s.Subject = "none" }, voice.ErrSubject},
		"not-redeemed":     {func(s *voice.Saying) { s.Subject, s.Choices = "tea-set-view", answered(1, 1) }, voice.ErrSubject},
		"none-answered":    {func(s *voice.Saying) { s.Choices = nil }, voice.ErrAnswers},
		"too-many":         {func(s *voice.Saying) { s.Choices = answered(1, 1) }, voice.ErrAnswers},
		"none-of-the-four": {func(s *voice.Saying) { s.Choices = answered(4) }, voice.ErrAnswers},
	} {
		s := wishes
		c.change(&s)
		if _, err := b.says(r, s); !errors.Is(err, c.want) {
			t.Errorf("%s: Say() = %v, want %v", name, err, c.want)
		}
	}
	_, err := b.says(r, wishes)
	b.ok("Say", err)
	if got := b.freeOf(wang, green); got != 10 {
		t.Errorf("%d green points after the answers, want 10", got)
	}
	if _, err := b.says(one.bought(wang), wishes); !errors.Is(err, voice.ErrAgain) {
		t.Errorf("Say(again, another receipt) = %v, want ErrAgain", err)
	}
	of := two.do(&ledger.Answer{Member: wang, Survey: "benefit-wishes", Version: 1, Choices: answered(0), Issues: reward(10), Once: claim}).Origin
	two.sync()
	two.settled("answered at a till too", of, 3, "claim-used")
	var tally voice.Tally
	b.ok("Results", b.Decide(func(w *decision.Work) (err error) {
		tally, err = voice.Results(w, "benefit-wishes")
		return err
	}))
	if tally.Answered != 2 || !slices.Equal(tally.Counts[0], []int{1, 0, 1, 0}) {
		t.Errorf("Results() = %+v, want two answers, one of the first and one of the third", tally)
	}
}

// Where the member's home is at a till, HQ asks for it before it gives anything once.
func TestSurveyWaitsForTheHome(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	b.give(wang)
	one.served()
	one.reports()
	one.sync()
	r := one.bought(wang)
	_, err := b.says(r, voice.Saying{What: office.OfSurvey, Subject: "benefit-wishes", Choices: answered(2)})
	b.ok("Say", err)
	if got := b.freeOf(wang, green); got != 0 {
		t.Errorf("%d green points while the home is at a till, want none yet", got)
	}
	one.answers()
	if got := b.freeOf(wang, green); got != 10 {
		t.Errorf("%d green points when the home had come, want 10", got)
	}
}

// What a member writes of what they bought is read by a person, earns once for each
// of the goods and receipts, and so often a month as the programme says.
func TestReviewsAndExperiencesEarnWhenApproved(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	b.give(wang)
	r := one.bought(wang)
	review := voice.Saying{What: office.OfReview, Subject: towel, Words: liked}
	for name, c := range map[string]struct {
		saying voice.Saying
		want   error
	}{
		"not-bought": {voice.Saying{What: office.OfReview, Subject: "06900001009999", Words: liked}, voice.ErrSubject},
		"too-short":  {voice.Saying{What: office.OfReview, Subject: towel, Words: "好"}, voice.ErrShort},
		"what":       {voice.Saying{What: "joke", Subject: towel, Words: liked}, voice.ErrSubject},
	} {
		if _, err := b.says(r, c.saying); !errors.Is(err, c.want) {
			t.Errorf("%s: Say() = %v, want %v", name, err, c.want)
		}
	}
	judge := func(of lot.Origin, approve bool) {
		t.Helper()
		b.ok("Judge", b.Decide(func(w *decision.Work) error { return voice.Judge(w, of, approve, byZhou) }))
	}
	of, err := b.says(r, review)
	b.ok("Say", err)
	if got := b.freeOf(wang, green); got != 0 {
		t.Errorf("%d green points before anybody read it, want none", got)
	}
	if err := b.Decide(func(w *decision.Work) error { return voice.Judge(w, of, true, decision.ByPolicy("x")) }); !errors.Is(err, voice.ErrPerson) {
		t.Errorf("Judge(by nobody) = %v, want ErrPerson", err)
	}
	judge(of, false)
	if of, err = b.says(r, review); err != nil {
		t.Fatalf("Say(again, refused) = %v, want nil", err)
	}
	judge(of, true)
	if got := b.freeOf(wang, green); got != 10 {
		t.Errorf("%d green points for an approved review, want 10", got)
	}
	if err := b.Decide(func(w *decision.Work) error { return voice.Judge(w, of, true, byZhou) }); !errors.Is(err, office.ErrClaim) {
		t.Errorf("Judge(again) = %v, want ErrClaim", err)
	}
	if _, err := b.says(one.bought(wang), review); !errors.Is(err, voice.ErrAgain) {
		t.Errorf("Say(the same goods) = %v, want ErrAgain", err)
	}
	for n := range 3 { // two of them within the month's bound
		of, err := b.says(one.bought(wang), voice.Saying{What: office.OfExperience, Words: liked})
		b.ok("Say", err)
		judge(of, true)
		if got, want := b.freeOf(wang, green), 10+20*min(lot.Amount(n)+1, 2); got != want {
			t.Errorf("%d green points after experience %d, want %d", got, n+1, want)
		}
	}
	b.now = b.now.AddDate(0, 0, 31)
	if _, err := b.says(r, voice.Saying{What: office.OfReview, Subject: soap, Words: liked}); !errors.Is(err, voice.ErrLate) {
		t.Errorf("Say(a month later) = %v, want ErrLate", err)
	}
}

// What was written within a month is approved after its end, when the rest of that
// month's quota has lapsed: it is earned, as often as the month's bound allows.
func TestWhatIsApprovedAfterTheMonthIsEarned(t *testing.T) {
	for before := range 3 { // of two that the month allows
		b := newBench(t)
		b.give(wang)
		b.on(start + 5) // in November
		says := func() lot.Origin {
			of, err := b.says(b.terminals[0].bought(wang), voice.Saying{What: office.OfExperience, Words: liked})
			b.ok("Say", err)
			return of
		}
		judge := func(of lot.Origin) {
			b.ok("Judge", b.Decide(func(w *decision.Work) error { return voice.Judge(w, of, true, byZhou) }))
		}
		for range before {
			judge(says())
		}
		list := []lot.Origin{says(), says()}
		b.night(start + 11) // in December
		for _, of := range list {
			judge(of)
		}
		if got := b.freeOf(wang, green); got != 40 {
			t.Errorf("%d approved in time and two after the month's end earned %d, want 40 for two", before, got)
		}
	}
}

// Only who has the receipt in hand opens its page.
func TestReceiptIsOpenedByItsCode(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	first := one.bought(wang)
	code := one.state.Head().Hash.Code()
	second := one.bought(wang)
	other := one.do(&ledger.Mark{}).Origin
	one.sync()
	nobody := one.do(&ledger.Sale{Lines: []ledger.Line{{Qty: 1, Fen: 100}}}).Origin
	one.sync()
	for name, c := range map[string]struct {
		of   lot.Origin
		code string
		want error
	}{
		"its-own":     {first.Of, code, nil},
		"anothers":    {second.Of, code, voice.ErrReceipt},
		"no-code":     {first.Of, "", voice.ErrReceipt},
		"no-entry":    {lot.Origin{Terminal: 1, Incarnation: 0x101, Seq: 999}, code, voice.ErrReceipt},
		"no-terminal": {lot.Origin{Terminal: 9, Incarnation: 1, Seq: 1}, code, voice.ErrReceipt},
		"no-sale":     {other, b.codeOf(other), voice.ErrReceipt},
		"nobodys":     {nobody, b.codeOf(nobody), voice.ErrMember},
	} {
		err := b.book.View(func(tx book.Tx) error { _, err := voice.Open(tx, c.of, c.code); return err })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: Open() = %v, want %v", name, err, c.want)
		}
	}
}

func (b *bench) codeOf(of lot.Origin) (code string) {
	b.Helper()
	b.ok("Entry", b.book.View(func(tx book.Tx) error {
		e, err := tx.Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
		code = e.Head.Hash.Code()
		return err
	}))
	return code
}
