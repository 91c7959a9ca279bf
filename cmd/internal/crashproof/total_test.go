//go:build crash

package crashproof_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
)

// TestPowerCutAtAnyWrite runs last: it plays days until all tests together have
// checked as many states as are wanted.
func TestPowerCutAtAnyWrite(t *testing.T) {
	count := newTally()
	for seed := uint64(1); seed == 1 || int(checked.Load()) < *statesWanted; seed++ {
		r := &crashproof.Recorder{}
		play(t, r, seed)
		walk := crashproof.Walk{Trace: r.Trace(), Subsets: subsets, Random: rand.New(rand.NewPCG(seed, 2)), From: made(r.Trace())}
		pool := crashproof.NewPool(t, *children)
		walk.Each(func(s crashproof.State) bool {
			pool.Crash(s, func(f crashproof.Finding) { count.add(walk.Trace, s, f) })
			return true
		})
		pool.Close()
		if count.bad > 0 {
			t.Errorf("seed %d: %d bad states", seed, count.bad)
			break
		}
	}
	count.report(t, "power cut at any write")
	fmt.Printf("crash proof: states by kind: %v\n", count.kinds)
	for _, kind := range crashproof.Kinds {
		if count.kinds[kind] == 0 {
			t.Errorf("no cut struck a commit with %s", kind)
		}
	}
}
