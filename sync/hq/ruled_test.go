package hq_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// agree lets terminals hear and answer, and says whether they and HQ hold a member to be blocked.
func (b *bench) agree(when string, blocked bool, all ...*terminal) {
	b.Helper()
	for range 2 {
		for _, at := range all {
			at.hello()
			at.hear()
			at.do(&ledger.Mark{})
			at.syncAll()
		}
	}
	ruling, err := b.Ruling(wang)
	b.ok("Ruling", err)
	if ruling.Blocked != blocked {
		b.Errorf("%s: HQ holds blocked to be %v, want %v", when, ruling.Blocked, blocked)
	}
	for _, at := range all {
		about, err := at.state.About(wang)
		b.ok("About", err)
		if got := about.Ruling.Blocked; got != blocked {
			b.Errorf("%s: %s holds blocked to be %v, want %v", when, at.id, got, blocked)
		}
	}
}

// newKnown is a bench of which two terminals know wang, and a backup of that.
func newKnown(t *testing.T) (b *bench, backup []byte) {
	b = newBench(t)
	b.give(wang, 200)
	for _, at := range b.terminals[:2] {
		at.sell(1)
		at.syncAll()
		at.hear()
	}
	return b, b.backup()
}

func blockedFor(b *bench, blocked bool) {
	b.Helper()
	b.ok("SetStanding", b.SetStanding(wang, "", blocked, hq.By{Actor: "1", Reason: "card"}))
}

// TestTheNewestRulingCountsWhicheverIsHeardLast: HQ went back before it blocked a
// member and freed them again. One terminal knows both, the other was off in between.
func TestTheNewestRulingCountsWhicheverIsHeardLast(t *testing.T) {
	for _, newestFirst := range []bool{true, false} {
		b, old := newKnown(t)
		one, two := b.terminals[0], b.terminals[1]
		blockedFor(b, true)
		one.hear()
		two.hear()
		b.now = b.now.Add(time.Second)
		blockedFor(b, false)
		two.hear()
		b.goesBack(old)
		if newestFirst {
			b.agree("newest first", false, two, one)
		} else {
			b.agree("newest last", false, one, two)
		}
	}
}

// TestWhatAPersonDecidesMeanwhileOutlastsWhatIsHeardLater: a block while HQ waits for a
// terminal that shows an older word of HQ's.
func TestWhatAPersonDecidesMeanwhileOutlastsWhatIsHeardLater(t *testing.T) {
	b, old := newKnown(t)
	one, two := b.terminals[0], b.terminals[1]
	b.ok("SetStanding", b.SetStanding(wang, "sprout", false, hq.By{Actor: "1", Reason: "tier"}))
	one.hear()
	two.hear()
	b.goesBack(old)
	b.now = b.now.Add(time.Second)
	blockedFor(b, true)
	b.agree("a block meanwhile", true, one, two)
}
