package simworld_test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simtool"
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

// TestSeeds leads worlds one after another until the time is over.
func TestSeeds(t *testing.T) {
	o := simworld.Options{Seed: *from, Days: *days, Harsh: *hard, Terminals: *few}
	sum := simtool.Sweep{Options: o, Seeds: *count, For: *last}.Run(t.Context())
	for _, f := range sum.Failures {
		t.Error(f)
	}
	var said strings.Builder
	sum.Write(&said)
	t.Log(said.String(), sum.Marks)
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

// harms are what must have happened in a world with one kind of harm: a fault
// that never happens proves nothing.
var harms = map[string][]string{
	"cards":   {"card-copied", "card-went-back", "history", "entry-33", "unproven-boot"},
	"alone":   {"card-went-back", "partition", "history", "entry-33"},
	"broken":  {"card-lost", "history", "entry-33"},
	"forged":  {"forged-ack", "forged-note", "forged-up", "foreign", "replayed", "terminal-disbelieved"},
	"persons": {"return-claimed", "return-settled", "household", "pool-used", "exchanged", "merged", "unmerged", "blocked", "unblocked", "recalled", "published", "published-for-later", "published-to-some", "rolled-back", "rules-in-force"},
	"presses": {"pressed-twice", "checked-in", "adjusted"},
	"twice":   {"note-said-again"},
	"posters": {"claimed", "walked", "office-mint", "office-settle-claim"},
	"late":    {"hours-late", "doubled", "power-cut"},
	"silent":  {"partition", "walked", "carried", "entry-36"},
	"loss":    {"lost", "ack"},
	"hq":      {"hq-died-at-statement", "hq-died-before-commit", "hq-died-after-commit", "hq-result-unknown"},

	"restored":  {"hq-restored-with-log", "stale-epoch", "obeyed"},
	"forgotten": {"hq-restored-without-log", "board-opened", "empty-accepted", "denied-denied-unknown", "lacks", "echoed", "office-regain", "office-restored"},
	"two-hqs":   {"hq-second", "hq-fenced", "lacks", "stale-epoch", "office-regain"},
	"stolen":    {"board-stolen", "board-turned-up", "decommissioned", "denied-denied-gone"},
	"tampered":  {"tampered", "two-lives", "survivor-named", "denied-trouble-fork"},
	"clones":    {"card-cloned", "boards-by-turns", "two-lives", "survivor-named", "clone-barred"},
	"birthdays": {"birthday-told", "birthday-due-as-told", "birthday-given", "birthday-claimed", "birthday-elsewhere", "office-settle-claim"},
	"games": {
		"stocked", "stock-used", "redeemed-in-a-sale", "redeemed-by-pool", "voucher-back-with-its-sale", "batches-dealt", "played", "played-with-a-sale", "won",
		"play-undone", "coupon-used", "ceiling-used", "declined-stock-short", "declined-quota-short", "declined-plays-short", "office-deal", "office-reveal",
	},
	"keys":  {"hq-new-key", "hq-key-heard", "enrolled"},
	"twins": {"joined", "matched", "enrolled-twice", "merged"},
}

// TestEveryHarmHappensAndAllAgreeAfterwards leads worlds in which one kind of
// harm comes as often as can be.
func TestEveryHarmHappensAndAllAgreeAfterwards(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(harms)) {
		t.Run(what, func(t *testing.T) {
			marks := simworld.Marks{}
			missing := func() []string {
				return slices.DeleteFunc(slices.Clone(harms[what]), func(m string) bool { return marks[m] > 0 })
			}
			for seed := uint64(1); seed <= 24 && (seed == 1 || len(missing()) > 0); seed++ {
				r := simworld.Run(simworld.Options{Seed: seed, Days: 3, Terminals: 2, Harsh: what})
				if r.Failure != nil {
					t.Fatal(r.Failure)
				}
				marks.Add(r.Marks)
			}
			if list := missing(); len(list) > 0 {
				t.Errorf("%v never happened: %v", list, marks)
			}
		})
	}
}
