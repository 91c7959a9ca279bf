package till_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// One reference, one action: whoever asks, and however often.

// act is one kind of action, with an input that may be changed.
type act struct {
	name string
	do   func(t *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error)
}

// pick is the second of two when it is asked for.
func pick[T any](other bool, one, two T) T {
	if other {
		return two
	}
	return one
}

var acts = []act{
	{"grant", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Adjust(by, till.Adjustment{Ref: ref, Member: 1001, Asset: green, Amount: pick[lot.Amount](other, 5, 6), Reason: "goodwill"})
	}},
	{"write-off", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Adjust(by, till.Adjustment{Ref: ref, Member: 1001, Asset: consumption, Amount: pick[lot.Amount](other, -5, -6), Reason: "mistake"})
	}},
	{"write-off-declined", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Adjust(by, till.Adjustment{
			Ref: ref, Member: 1001, Asset: consumption, Amount: pick[lot.Amount](other, -90_000, -90_001), Reason: "mistake", Second: "k1",
		})
	}},
	{"transfer", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Transfer(by, till.Transferring{
			Ref: ref, From: 1001, To: pick[member.ID](other, 1002, 1003), Proof: member.ByCard, Asset: consumption, Amount: 5,
		})
	}},
	{"transfer-declined", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Transfer(by, till.Transferring{
			Ref: ref, From: 1004, To: pick[member.ID](other, 1002, 1003), Proof: member.ByCard, Asset: consumption, Amount: 5,
		})
	}},
	{"check-in", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.CheckIn(by, till.Attendance{Ref: ref, Member: 1001, Activity: pick(other, "spring", "autumn"), Asset: green, Amount: 5})
	}},
	{"survey", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Answer(by, till.Survey{
			Ref: ref, Member: 1001, Survey: "taste", Choices: []ledger.Choice{{Option: pick[uint32](other, 1, 2)}}, Asset: green, Amount: 5,
		})
	}},
	{"enrol", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.Enrol(by, till.Enrolment{Ref: ref, Phone: []byte(pick(other, "one", "two")), Text: []byte("terms")})
	}},
	{"return-claim", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		return b.Till.ClaimReturn(by, till.ClaimReturn{
			Ref: ref, Of: lot.Origin{Terminal: 9, Incarnation: 1, Seq: 2}, Lines: []ledger.ReturnLine{{Qty: pick[int64](other, 1, 2)}}, Refund: 5, Tender: "cash",
		})
	}},
	{"close-and-open", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
		if _, err := b.Till.CloseDay(by, ref+"-close", 0); err != nil && !isRefused(err, "day-is-closed") {
			return clerk.Done{}, err
		}
		return b.Till.OpenDay(by, ref, pick[lot.Fen](other, 0, 1))
	}},
}

func isRefused(err error, code string) bool {
	var r *till.Refusal
	return errors.As(err, &r) && r.Code == code
}

// same checks that a second answer is the first one.
func same(t *testing.T, what string, first clerk.Done, firstErr error, again clerk.Done, err error) {
	t.Helper()
	var one, two *clerk.Declined
	switch {
	case errors.As(firstErr, &one) && errors.As(err, &two):
		if *one != *two {
			t.Errorf("%s again = %v, want %v", what, two, one)
		}
	case firstErr != nil || err != nil || !again.Again || first.Again || again.Origin != first.Origin:
		t.Errorf("%s = %s, %v; again = %s, %v", what, first.Origin, firstErr, again.Origin, err)
	}
}

func TestReferenceHasOneAnswer(t *testing.T) {
	for _, a := range acts {
		t.Run(a.name, func(t *testing.T) {
			b := newLanes(t)
			b.Line.Set(true)
			give(t, b, consumption, 3000)
			for _, id := range []member.ID{1001, 1004} {
				b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: id, Household: []ledger.Relative{{Member: 1002}, {Member: 1003}}}})
			}
			r := ref()
			first, firstErr := a.do(t, b, r, false)
			before := entries(t, b)
			again, err := a.do(t, b, r, false)
			same(t, a.name, first, firstErr, again, err)
			b.Restart(t)
			again, err = a.do(t, b, r, false)
			same(t, a.name+" after a restart", first, firstErr, again, err)
			if _, err := a.do(t, b, r, true); !errors.Is(err, clerk.ErrReference) {
				t.Errorf("%s of something else = %v, want ErrReference", a.name, err)
			}
			for _, o := range acts { // nor does another kind of action get that answer
				if o.name == a.name || o.name == "close-and-open" {
					continue
				}
				if _, err := o.do(t, b, r, false); !errors.Is(err, clerk.ErrReference) {
					t.Errorf("%s under the reference of %s = %v, want ErrReference", o.name, a.name, err)
				}
			}
			if got := entries(t, b); got != before {
				t.Errorf("%d entries were written by repeating", got-before)
			}
		})
	}
}

// TestConfirmedActionHasOneAnswer is about what is confirmed on a page, whose
// basket has gone when the answer is asked for again.
func TestConfirmedActionHasOneAnswer(t *testing.T) {
	cash := func(n lot.Fen) []ledger.Tender { return []ledger.Tender{{Kind: "cash", Fen: n}} }
	for _, test := range []act{
		{"pay", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
			return b.Till.Pay(by, till.Payment{Ref: ref, Tenders: cash(pick[lot.Fen](other, 5000, 6000)), Redeem: []string{"tea-set"}})
		}},
		{"pay-with-a-benefit", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
			return b.Till.Pay(by, till.Payment{Ref: ref, Tenders: cash(5000), Redeem: pick(other, []string{"tea-set"}, []string{"breakfast-pack"})})
		}},
		{"redeem", func(_ *testing.T, b *tilltest.Bench, ref string, other bool) (clerk.Done, error) {
			return b.Till.Redeem(by, ref, pick(other, "tea-set", "breakfast-pack"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newLanes(t)
			give(t, b, consumption, 3000)
			scan(t, b, wang, rice)
			r := view(t, b).Ref
			first, firstErr := test.do(t, b, r, false)
			before := entries(t, b)
			again, err := test.do(t, b, r, false)
			same(t, test.name, first, firstErr, again, err)
			if _, err := test.do(t, b, r, true); !errors.Is(err, clerk.ErrReference) {
				t.Errorf("%s of something else = %v, want ErrReference", test.name, err)
			}
			if _, err := b.Till.UseVoucher(by, r); !errors.Is(err, clerk.ErrReference) {
				t.Errorf("UseVoucher under the reference of %s = %v, want ErrReference", test.name, err)
			}
			_, err = test.do(t, b, "made-up", false)
			refused(t, test.name+" under a made-up reference", err, "stale-page")
			if got := entries(t, b); got != before {
				t.Errorf("%d entries were written by repeating", got-before)
			}
		})
	}
}

func TestPayConfirmedEightTimesAtOnceIsOneSale(t *testing.T) {
	b := newLanes(t)
	for range 5 {
		scan(t, b, wang, rice)
		p := till.Payment{Ref: view(t, b).Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: 5000}}}
		var group sync.WaitGroup
		answers := make([]clerk.Done, 8)
		for n := range answers {
			group.Go(func() {
				var err error
				if answers[n], err = b.Till.Pay(by, p); err != nil {
					t.Errorf("Pay: %v", err)
				}
			})
		}
		group.Wait()
		first := 0
		for _, a := range answers {
			if a.Origin != answers[0].Origin {
				t.Errorf("answers name %s and %s, want one sale", a.Origin, answers[0].Origin)
			}
			if !a.Again {
				first++
			}
		}
		if first != 1 {
			t.Errorf("%d answers say that they are the first, want one", first)
		}
	}
	if n := len(written[*ledger.Sale](t, b)); n != 5 {
		t.Errorf("%d sales, want 5", n)
	}
}

// TestSixteenLanesSellAtOnce shares the journal's transactions, some of whose
// actions are refused or declined.
func TestSixteenLanesSellAtOnce(t *testing.T) {
	b := newBench(t)
	give(t, b, consumption, 700)
	const rounds = 6
	var group sync.WaitGroup
	for n := uint32(1); n <= till.LanesMax; n++ {
		at := clerk.By{Lane: n, Actor: fmt.Sprintf("c%d", n)}
		must(t, b.Till.SignIn(at))
		group.Go(func() {
			for k := range rounds {
				if err := errors.Join(b.Till.Scan(at, "", wang), b.Till.Scan(at, "", rice)); err != nil {
					t.Errorf("lane %d: %v", n, err)
				}
				v, err := b.Till.View(n)
				if err != nil {
					t.Errorf("View(%d): %v", n, err)
				}
				if k%3 == 1 { // nobody can pay for it more than once
					_, err := b.Till.Redeem(at, v.Ref, "tea-set")
					if err != nil && !errors.Is(err, clerk.ErrDeclined) {
						t.Errorf("Redeem at lane %d: %v", n, err)
					}
					if v, err = b.Till.View(n); err != nil {
						t.Errorf("View(%d): %v", n, err)
					}
				}
				if _, err := b.Till.Pay(at, till.Payment{Ref: v.Ref}); !isRefused(err, "paid-too-little") {
					t.Errorf("Pay of nothing at lane %d = %v, want paid-too-little", n, err)
				}
				if _, err := b.Till.Pay(at, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: 4990}}}); err != nil {
					t.Errorf("Pay at lane %d: %v", n, err)
				}
			}
		})
	}
	group.Wait()
	sales := written[*ledger.Sale](t, b)
	if len(sales) != rounds*till.LanesMax {
		t.Fatalf("%d sales, want %d", len(sales), rounds*till.LanesMax)
	}
	for n, s := range sales {
		if s.Receipt != uint64(n+1) {
			t.Fatalf("sale %d has receipt number %d, want no gap", n+1, s.Receipt)
		}
	}
	bought := lot.Amount(len(written[*ledger.Redeem](t, b)))
	if got, want := here(t, b, consumption), 700+49*lot.Amount(len(sales))-500*bought; got != want {
		t.Errorf("points = %d, want %d after %d redemptions", got, want, bought)
	}
	jobs, ids := 0, map[uint64]bool{}
	for {
		job, ok, err := b.Till.NextJob()
		must(t, err)
		if !ok {
			break
		}
		jobs, ids[job.ID] = jobs+1, true
	}
	if want := len(sales) + int(bought); jobs != want || len(ids) != want {
		t.Errorf("%d papers to print, %d of them different; want %d", jobs, len(ids), want)
	}
	for n := 1; n < len(b.Told); n++ {
		if b.Told[n].Seq <= b.Told[n-1].Seq {
			t.Fatalf("the boot was told of entry %d after %d", b.Told[n].Seq, b.Told[n-1].Seq)
		}
	}
	if last := b.Told[len(b.Told)-1]; last != b.Verify(t).Head {
		t.Errorf("the boot was told of %s last, the journal ends with %s", last, b.Verify(t).Head)
	}
	b.Restart(t)
	if got := here(t, b, consumption); got == 0 {
		t.Error("a restart froze what sixteen lanes left")
	}
}

// TestRefusalThatWouldOpenTheIncarnationFreezesNothing starts again after an
// orderly stop, and the first action of the new boot is refused.
func TestRefusalThatWouldOpenTheIncarnationFreezesNothing(t *testing.T) {
	for _, cold := range []bool{false, true} {
		b := newLanes(t)
		b.UseRules(t, strict)
		sell(t, b, rice)
		if cold {
			b.Reboot(t, "boot-2")
		} else {
			must(t, b.Till.Stop())
			b.Restart(t)
		}
		for range 2 {
			_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: green, Reason: "goodwill"})
			refused(t, "Adjust by nothing", err, "bad-amount")
		}
		want := 49 + 49
		if cold {
			want = 49 // what was here before has no witness
		}
		sell(t, b, rice)
		_, err := b.Till.Adjust(by, till.Adjustment{Ref: ref(), Member: 1001, Asset: green, Reason: "goodwill"})
		refused(t, "Adjust by nothing", err, "bad-amount")
		if got := here(t, b, consumption); got != lot.Amount(want) {
			t.Errorf("cold %v: points = %d, want %d", cold, got, want)
		}
		if a := b.Verify(t); a.Streams != 2 {
			t.Errorf("cold %v: %d incarnations, want 2", cold, a.Streams)
		}
	}
}

// TestSameWorkMakesTheSameLedger is what a simulation lives by: nothing depends
// on the order in which a map is walked.
func TestSameWorkMakesTheSameLedger(t *testing.T) {
	run := func() ledger.Head {
		b := newLanes(t)
		b.Line.Set(true)
		for _, card := range []string{wang, li, "HM10001275G", "HM10001412U", "HM10001549V", "HM10001686F"} {
			scan(t, b, card)
			m := view(t, b).Member.ID
			b.Give(t, lot.Lot{Owner: m, Asset: consumption, Amount: 9000})
			scan(t, b, rice)
			payAt(t, b, by)
			scan(t, b, card) // asks anew
			must(t, b.Till.Clear(by))
		}
		b.Clock.Advance(10 * time.Second)
		for range 3 {
			b.Till.Acked(*b.Left)
			tick(t, b)
		}
		return b.Verify(t).Head
	}
	first := run()
	for range 4 {
		if again := run(); again != first {
			t.Fatalf("the same work made %s and %s", first, again)
		}
	}
}
