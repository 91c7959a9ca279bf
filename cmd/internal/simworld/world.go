package simworld

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/agenda"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

const day = 24 * time.Hour

// start is when every world begins: in the morning, in the shops' zone.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 8*3600))

// World is one chain of stores.
type World struct {
	o      Options
	random *rand.Rand
	faults faults
	now    time.Duration
	agenda agenda.Agenda
	step   int
	hash   uint64
	marks  Marks
	rules  *rules
	people []*customer
	boards []*board
	office *headquarters
	truth  *truth
	calm   bool // the harm is over
	days   int
	log    *slog.Logger
	swept  int // step of the last check of the whole book
	done   Result
}

func (w *World) build() {
	w.faults = drawFaults(w.random, w.o.Calm)
	w.faults.harsh(w.o.Harsh)
	w.days = w.o.Days
	if w.days == 0 {
		w.days = 5 + w.random.IntN(25)
	}
	n := w.o.Terminals
	if n == 0 {
		n = 2 + w.random.IntN(4)
	}
	w.truth = newTruth(w)
	w.rules = readRules(w)
	w.office = newOffice(w, n)
	for i := range n {
		w.boards = append(w.boards, newBoard(w, i+1))
	}
	for _, b := range w.boards {
		b.start()
	}
	w.office.start()
	w.startFaults()
}

// after has something happen later.
func (w *World) after(d time.Duration, fn func()) {
	w.agenda.Add(w.now+max(d, 0), fn)
}

// until lets happen what is due.
func (w *World) until(end time.Duration) {
	for e := w.agenda.Next(end); e != nil; e = w.agenda.Next(end) {
		w.now = e.At
		w.step++
		e.Do()
		w.checkStep()
	}
	w.now = end
}

// fail ends the world: something that must hold does not.
func (w *World) fail(what, format string, args ...any) {
	panic(&Failure{w.o.Seed, w.now, w.step, what, fmt.Sprintf(format, args...)})
}

// must ends the world on an error that nothing explains.
func (w *World) must(what string, err error) {
	if err != nil {
		w.fail("error", "%s: %v", what, err)
	}
}

// trace adds to the hash of all that happened.
func (w *World) trace(what string, numbers ...uint64) {
	const prime = 1099511628211
	for _, c := range []byte(what) {
		w.hash = (w.hash ^ uint64(c)) * prime
	}
	for _, n := range append(numbers, uint64(w.now)) {
		w.hash = (w.hash ^ n) * prime
		w.hash ^= w.hash >> 29
	}
}

// mark notes that something happened, for what never happens is not tested.
func (w *World) mark(what string) {
	w.marks[what]++
	w.trace(what)
}

// wall is the true time of day.
func (w *World) wall() time.Time { return start.Add(w.now) }

// between draws a duration.
func (w *World) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.random.Int64N(int64(to-from)+1))
}

// hit draws whether something happens that has a chance of so many in 10,000.
func (w *World) hit(chance int) bool { return chance > 0 && w.random.IntN(10_000) < chance }

// harm is hit for what goes wrong: nothing does when the harm is over.
func (w *World) harm(chance int) bool { return !w.calm && w.hit(chance) }

func pick[T any](w *World, list []T) T { return list[w.random.IntN(len(list))] }

// rules are what is sold, and by which rules.
type rules struct {
	text      []byte
	programme *programme.Programme
	products  *programme.Products
	members   *roll.Members
	goods     []string
}
