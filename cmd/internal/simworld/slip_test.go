package simworld

import (
	"testing"
	"time"
)

// TestASlipIsGoodForOneBoot: a copy of the card from before the close is put in, twice.
// On it the day is open, so that no opening tears the slip up: the scan does, as the
// till says. Whoever kept it could prove with it that nothing was done since.
func TestASlipIsGoodForOneBoot(t *testing.T) {
	var before, first, second int
	r := scene(Options{Seed: 3, Terminals: 2, Strict: true}, 4, func(w *World) {
		w.shut = true
		b := w.boards[0]
		b.offline()
		b.nightly, b.scans = false, true
		for lane := uint32(1); lane <= 2; lane++ {
			b.try(b.till.Clear(b.by(lane)))
		}
		before = b.possible()
		b.copyCard()
		b.close(true)
		for _, n := range []*int{&first, &second} {
			b.goBack()
			w.until(w.Now + 7*time.Hour)
			*n = b.possible()
		}
		b.online()
	})
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if before == 0 || first != before || second != 0 {
		t.Errorf("%d redemptions possible, %d after the scan and %d on the same copy once more; want all of some, then none", before, first, second)
	}
}
