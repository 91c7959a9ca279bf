// Package simtool leads simulated chains of stores from the command line: many
// worlds one after another, or one whose story it tells in words.
package simtool

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld"
)

// Sweep says which worlds.
type Sweep struct {
	simworld.Options               // of each world; its seed is the first one's
	Seeds            int           // how many worlds at most
	For              time.Duration // none is begun after so long; 0 is no limit
}

// Sum is what came of worlds.
type Sum struct {
	Seeds        int
	TerminalDays int
	Sales        int
	Entries      int
	Hash         uint64 // of all that happened, in whatever order the worlds came
	Marks        simworld.Marks
	Failures     []*simworld.Failure
	Took         time.Duration
}

// Garbage lies until there is much of it: worlds are short and small.
const (
	gcPercent  = 1500
	memoryMost = 1 << 30 // then it is swept up more often
)

// salesADay is what the figures are told by: a simulated terminal has less, since some
// who come do not buy, and some days it is off.
const salesADay = 20

// atOnce is how many worlds run beside one another.
const atOnce = 2

// Run leads the worlds. Which seeds it comes to depends on the machine; what
// each of them gives does not. It begins no other world once ctx has ended.
func (s Sweep) Run(ctx context.Context) Sum {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryMost))
	begun, sum := time.Now(), Sum{Marks: simworld.Marks{}}
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), atOnce) {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				late := s.For > 0 && time.Since(begun) > s.For
				if n >= s.Seeds || ctx.Err() != nil || n > 0 && late {
					return
				}
				o := s.Options
				o.Seed += uint64(n)
				r := simworld.Run(o)
				mu.Lock()
				sum.add(r)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	sum.Took = time.Since(begun)
	return sum
}

func (s *Sum) add(r simworld.Result) {
	s.Seeds++
	s.TerminalDays += r.TerminalDays
	s.Sales += r.Sales
	s.Entries += r.Entries
	s.Hash += r.Hash
	s.Marks.Add(r.Marks)
	if r.Failure != nil {
		s.Failures = append(s.Failures, r.Failure)
	}
}

// Write tells the sum, and each world that failed.
func (s Sum) Write(out io.Writer) {
	for _, f := range s.Failures {
		fmt.Fprintf(out, "FAILED %v\n", f)
	}
	fmt.Fprintf(out, "%d worlds (%016x), %d terminal-days, %d sales, %d entries, %d kinds of event; a minute gave %s terminal-years, %s where each day has 20 sales, and %d entries\n",
		s.Seeds, s.Hash, s.TerminalDays, s.Sales, s.Entries, len(s.Marks), hundredths(s.perMinute(100*s.TerminalDays)/365), hundredths(s.perMinute(100*s.Sales)/365/salesADay), s.perMinute(s.Entries))
}

// perMinute is so many in so long, by the minute.
func (s Sum) perMinute(n int) int64 { return int64(n) * int64(time.Minute) / max(int64(s.Took), 1) }

func hundredths(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }
