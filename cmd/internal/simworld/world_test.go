package simworld_test

import (
	"flag"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld"
)

var (
	from  = flag.Uint64("sim.start", 1, "first seed")
	count = flag.Int("sim.seeds", 1000, "at most so many seeds")
	last  = flag.Duration("sim.for", 5*time.Second, "no new seed after this time")
	days  = flag.Int("sim.days", 4, "days of each world; 0 is drawn")
	hard  = flag.String("sim.harsh", "", "what goes wrong as often as can be: see Options")
	few   = flag.Int("sim.terminals", 0, "terminals of each world; 0 is drawn")
)

// TestSeeds leads worlds one after another until the time is over. What seeds
// it comes to depends on the machine; what each of them gives does not.
func TestSeeds(t *testing.T) {
	begun, marks, terminalDays, entries, seeds := time.Now(), simworld.Marks{}, 0, 0, 0
	for n := range *count {
		if n > 0 && time.Since(begun) > *last {
			break
		}
		r := simworld.Run(simworld.Options{Seed: *from + uint64(n), Days: *days, Harsh: *hard, Terminals: *few})
		marks.Add(r.Marks)
		if r.Failure != nil {
			t.Error(r.Failure)
		}
		terminalDays, entries, seeds = terminalDays+r.TerminalDays, entries+r.Entries, seeds+1
	}
	minutes := time.Since(begun).Minutes()
	t.Logf("%d seeds, %d terminal-days, %d entries; %.2f terminal-years and %.0f entries a minute",
		seeds, terminalDays, entries, float64(terminalDays)/365/minutes, float64(entries)/minutes)
	t.Log(marks)
}

func TestSameSeedSameWorld(t *testing.T) {
	o := simworld.Options{Seed: 7, Days: 3, Terminals: 2}
	first, again := simworld.Run(o), simworld.Run(o)
	if first.Failure != nil {
		t.Fatal(first.Failure)
	}
	if first.Hash != again.Hash || first.Steps != again.Steps {
		t.Errorf("seed 7 gave %x in %d steps, then %x in %d", first.Hash, first.Steps, again.Hash, again.Steps)
	}
	o.Seed = 8
	if other := simworld.Run(o); other.Hash == first.Hash {
		t.Errorf("seeds 7 and 8 both gave %x", other.Hash)
	}
}
