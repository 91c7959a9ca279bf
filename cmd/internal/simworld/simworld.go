// Package simworld runs whole chains of stores in virtual time, on one thread
// and from one seed: the real tills, clerks, exchanges and HQ, on simulated
// disks, clocks, lines and people. It does them every harm it can think of,
// checks what must hold after every step, then stops the harm and waits for
// all to agree. The same seed gives the same world, byte for byte. It reads no
// clock and draws no chance but its seed's.
package simworld

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/terminal/guard"
)

// HarshKinds are the words of Options.Harsh.
const HarshKinds = "cards, alone, broken, forged, persons, presses, posters, late, old, twice, silent, loss, hq, restored, forgotten, two-hqs, stolen, clones, tampered, twins, lapse, birthdays, games, goods, keys"

// Options say which world.
type Options struct {
	Seed      uint64
	Days      int       // 0: drawn from the seed
	Terminals int       // 0: drawn from the seed
	Unguarded guard.Off // which rules are turned off
	Calm      bool      // nothing goes wrong
	Strict    bool      // nothing is used on trust after a boot that nothing proves
	Harsh     string    // what goes wrong as often as can be, one of HarshKinds
	Log       *slog.Logger
}

// Result is what became of a world.
type Result struct {
	Seed         uint64
	Hash         uint64 // of all that happened
	TerminalDays int
	Sales        int
	Entries      int
	Steps        int
	Marks        Marks
	Failure      *Failure
	Story        []tale.Line // what cashiers were told, and what went wrong
	Held         []tale.Held // at the end, when nothing failed
}

type (
	// Marks count what happened.
	Marks = engine.Marks
	// Failure is an invariant that did not hold.
	Failure = engine.Failure
)

// Run leads one world from its first day to its last.
func Run(o Options) Result {
	return lead(o, func(w *World) {
		w.build()
		w.until(day * time.Duration(w.days))
	})
}

// lead plays in a new world, and then lets all agree and checks everything.
func lead(o Options, play func(*World)) (result Result) {
	w := &World{o: o, Engine: engine.New(o.Seed)}
	w.log = o.Log
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(*Failure)
			if !ok {
				panic(fmt.Sprintf("seed %d, day %d, step %d: %v", o.Seed, int(w.Now/day), w.Step, r))
			}
			w.done.Failure = f
		}
		result = w.result()
	}()
	play(w)
	w.settle()
	w.whole()
	w.persons()
	w.whole()
	w.done.Held = w.office.Held()
	return w.done
}

func (w *World) result() Result {
	w.done.Seed, w.done.Hash, w.done.Steps, w.done.Marks = w.o.Seed, w.Hash, w.Step, w.Marks
	w.done.TerminalDays = len(w.boards) * int(w.Now/day)
	if w.truth != nil {
		w.done.Sales, w.done.Story = w.truth.Sales, w.truth.Story
	}
	for _, b := range w.boards {
		w.done.Entries += b.entries
	}
	return w.done
}
