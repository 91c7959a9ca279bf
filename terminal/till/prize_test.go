package till_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// A prize goes with the purchase that won it (rules S06, S19 and S20).

// won buys until a play wins a prize, and returns that sale.
func won(t *testing.T, b *tilltest.Bench, prize string, codes ...string) lot.Origin {
	t.Helper()
	must(t, b.Till.Clear(by))
	for range 10 {
		if of, sale := payOf(t, b, append([]string{wang}, codes...)...); sale.Plays[0].Prize == prize {
			return of
		}
	}
	t.Fatalf("no %q in ten plays", prize)
	return lot.Origin{}
}

func TestVoidTakesBackThePrize(t *testing.T) {
	b := fair(t, "from_fen: 4990", 2, 3)
	before := here(t, b, consumption)
	for range 10 {
		of, sale := payOf(t, b, wang, rice)
		done, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Void: true, Tender: "cash"})
		must(t, err)
		back := done.Entry.Body.(*ledger.Return)
		if wins := sale.Plays[0].Prize != ""; wins != (len(back.Plays) == 1) || wins && len(back.Plays[0].Due) > 0 {
			t.Errorf("won %q, undone %+v", sale.Plays[0].Prize, back.Plays)
		}
		if sale.Plays[0].Prize == "tea" {
			prizeGone(t, b)
		}
	}
	if got := here(t, b, consumption); got != before {
		t.Errorf("%d points after everything was undone, want %d", got, before)
	}
	b.Verify(t)
}

// prizeGone checks that the newest paper says so, and that the prize's voucher is
// worth nothing.
func prizeGone(t *testing.T, b *tilltest.Bench) {
	t.Helper()
	if p := papers(t, b)[0]; !strings.Contains(p, "收回游戏奖品：1 件") {
		t.Errorf("the paper does not say that a prize was taken back:\n%s", p)
	}
	jobs, err := b.Till.Jobs()
	must(t, err)
	n := slices.IndexFunc(jobs, func(j printjob.Paper) bool { return j.Kind == slip.Voucher })
	refused(t, "Scan of a prize's voucher that was taken back", b.Till.Scan(by, "", jobs[n].Document.Codes()[0]), "voucher-returned")
}

// The goods that stay are still enough for the game, to the fen, or they are not.
func TestPrizeStaysWhileTheRestIsEnough(t *testing.T) {
	for _, c := range []struct {
		from  int
		stays bool
	}{{4989, true}, {4990, true}, {4991, false}} {
		b := fair(t, fmt.Sprint("from_fen: ", c.from), 2, 3)
		of := won(t, b, "points", rice, rice)
		first := giveBack(t, b, of, 1)
		second := giveBack(t, b, of, 1)
		undone := map[bool]*ledger.Return{true: second, false: first}[c.stays]
		if n := len(first.Plays) + len(second.Plays); n != 1 || len(undone.Plays) != 1 || lot.Sum(undone.Plays[0].Claw) != 20 {
			t.Errorf("from %d: the first undoes %+v, the second %+v", c.from, first.Plays, second.Plays)
		}
		b.Verify(t)
	}
}

func TestUsedPrizeIsDue(t *testing.T) {
	b := fair(t, "from_fen: 4990", 2, 3)
	of := won(t, b, "tea", rice)
	handOutAll(t, b)
	r := giveBack(t, b, of, 1)
	want := []ledger.Due{{Award: ledger.PrizeLot(0, 0), Amount: 1}}
	if len(r.Plays) != 1 || len(r.Plays[0].Claw) != 0 || !slices.Equal(r.Plays[0].Due, want) {
		t.Errorf("undone %+v, want the tea set due", r.Plays)
	}
	b.Verify(t)
}

// A prize that came back by itself before is not asked for again.
func TestPrizeComesBackOnce(t *testing.T) {
	b := fair(t, "from_fen: 4990", 2, 3)
	of := won(t, b, "tea", rice)
	handOutAll(t, b)
	_, err := b.Till.TakeVoucherBack(by, ref(), lot.ID{Origin: of, N: ledger.PrizeLot(0, 0)}, true)
	must(t, err)
	if r := giveBack(t, b, of, 1); len(r.Plays) != 0 {
		t.Errorf("undone %+v, want nothing more", r.Plays)
	}
	b.Verify(t)
}

// Points that were won and are taken back in the same go pay for nothing.
func TestExchangeDoesNotPayWithThePrize(t *testing.T) {
	b := fair(t, "from_fen: 4990", 2, 3)
	of := won(t, b, "points", rice)
	had := here(t, b, consumption)
	scan(t, b, wang, millet)
	must(t, b.Till.Deduct(by, 100000))
	done, err := b.Till.Exchange(by, till.Returning{Of: of, Qty: []int64{1}, Tender: "cash"}, till.Payment{Ref: view(t, b).Ref})
	must(t, err)
	back := done.Entry.Body.(*ledger.Return)
	if len(back.Plays) != 1 || lot.Sum(back.Plays[0].Claw) != 20 || len(back.Plays[0].Due) > 0 {
		t.Fatalf("undone %+v of %d points, want 20 taken", back.Plays, had)
	}
	b.Verify(t)
}
