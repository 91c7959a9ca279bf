package tally_test

import (
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/tally"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

var early, late = lot.ID{Origin: lot.Origin{Seq: 1}}, lot.ID{Origin: lot.Origin{Seq: 2}}

// takes has a member get something for a lot, and checks how much of it was not there.
func takes(t *testing.T, of *tally.Tally, what string, id lot.ID, n, over lot.Amount) {
	t.Helper()
	if _, got := of.Take(lot.Draw{Lot: id, Amount: n}); got != over {
		t.Errorf("%s: %d more than was issued, want %d", what, got, over)
	}
}

// two lots of ten each, of which the later one was spent.
func two(t *testing.T) *tally.Tally {
	t.Helper()
	of := tally.New()
	of.Issue(early, 10)
	of.Issue(late, 10)
	takes(t, of, "the later lot", late, 10, 0)
	return of
}

// TestWhatLapsedPaysForWhatWasSpentOfLater: the member has so much of the later lot
// again, and of neither any more than was issued of both.
func TestWhatLapsedPaysForWhatWasSpentOfLater(t *testing.T) {
	of := two(t)
	for range 2 { // HQ forgot the first time
		_, over := of.Take(of.Swapped(tally.Swap{Lapsed: early, Later: late}, 6))
		if over != 0 {
			t.Errorf("the swap takes %d more than was issued, want 0", over)
		}
	}
	takes(t, of, "what was swapped", late, 6, 0)
	takes(t, of, "one more", late, 1, 1)
	takes(t, of, "the rest of what lapsed", early, 4, 0)
	takes(t, of, "one more of that", early, 1, 1)
}

// TestASwapOfMoreThanWasIssuedIsSaid: HQ cannot make points by swapping.
func TestASwapOfMoreThanWasIssuedIsSaid(t *testing.T) {
	of := two(t)
	takes(t, of, "what is to lapse", early, 8, 0)
	if _, over := of.Take(of.Swapped(tally.Swap{Lapsed: early, Later: late}, 5)); over != 3 {
		t.Errorf("a swap of 5 where 2 were left takes %d too many, want 3", over)
	}
}

// TestWhatWasBroughtBackMayBeTakenAgain, and what goes on as another lot not of the old.
func TestWhatWasBroughtBackMayBeTakenAgain(t *testing.T) {
	of := two(t)
	of.GiveAt(1, []lot.Draw{{Lot: late, Amount: 7}})
	if n := of.Back(1, late) + of.Back(2, late); n != 7 {
		t.Errorf("%d were given back, want 7", n)
	}
	takes(t, of, "what was brought back", late, 7, 0)
	of.Renew(lot.Origin{Seq: 9}, []ledger.Anew{{From: late, Amount: 3}})
	takes(t, of, "what goes on as another", late, 3, 3)
}

// TestAForgottenSwapIsTakenBack: HQ swaps once more, of another lot.
func TestAForgottenSwapIsTakenBack(t *testing.T) {
	of, third := two(t), lot.ID{Origin: lot.Origin{Seq: 3}}
	of.Issue(third, 10)
	takes(t, of, "the third lot", third, 10, 0)
	of.Take(of.Swapped(tally.Swap{Lapsed: early, Later: late}, 8))
	of.Forgot(nil)
	if _, over := of.Take(of.Swapped(tally.Swap{Lapsed: early, Later: third}, 8)); over != 0 {
		t.Errorf("the second swap takes %d more than was issued, want 0: the first is forgotten", over)
	}
	takes(t, of, "what was swapped first", late, 1, 1)
	takes(t, of, "what was swapped again", third, 8, 0)
}

// TestWhatComesBackAndIsUsedAgainIsOneLoss: a store that lost points once lost them once,
// whatever members bring back of what they got for them.
func TestWhatComesBackAndIsUsedAgainIsOneLoss(t *testing.T) {
	of := tally.New()
	of.Issue(early, 10)
	takes(t, of, "all", early, 10, 0)
	takes(t, of, "six of them at a stolen board", early, 6, 6)
	of.Give([]lot.Draw{{Lot: early, Amount: 4}})
	takes(t, of, "what came back", early, 3, 0)
	takes(t, of, "the last of it, and one more", early, 2, 1)
}

// TestWhatLapsedAndComesBackGoesOnAsALotOfTheEntry: so much of it, and no more of the one
// that it came from.
func TestWhatLapsedAndComesBackGoesOnAsALotOfTheEntry(t *testing.T) {
	of, entry := two(t), lot.Origin{Seq: 9}
	of.Renew(entry, []ledger.Anew{{From: late, Amount: 4}, {From: late, Amount: 3}})
	first, second := lot.ID{Origin: entry, N: ledger.AnewFrom}, lot.ID{Origin: entry, N: ledger.AnewFrom + 1}
	if !of.Knows(first) || !of.Knows(second) {
		t.Fatal("Knows() of the new lots = false, want true")
	}
	takes(t, of, "the first", first, 4, 0)
	takes(t, of, "the second", second, 3, 0)
	takes(t, of, "one more of that", second, 1, 1)
	of.Give([]lot.Draw{{Lot: late, Amount: 1}})
	takes(t, of, "what comes back of the rest", late, 1, 0)
	takes(t, of, "one more of the lapsed one, of which three stay used", late, 1, 1)
}
