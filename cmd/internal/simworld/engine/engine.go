// Package engine moves a simulated world: one thread, virtual time, and chance
// from one seed. What happens leaves a mark and changes the world's hash, so that
// the same seed can be seen to give the same world. It knows nothing of what the
// world is made of.
package engine

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/agenda"
)

// Day is a day of a world.
const Day = 24 * time.Hour

// start is when every world begins: in the morning, in the shops' zone.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 8*3600))

// Marks count what happened.
type Marks map[string]int

// Add adds the marks of another world.
func (m Marks) Add(more Marks) {
	for what, n := range more {
		m[what] += n
	}
}

// Failure is an invariant that did not hold.
type Failure struct {
	Seed uint64
	At   time.Duration
	Step int
	What string // a word for the kind of failure
	Says string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("seed %d, day %d, step %d: %s: %s", f.Seed, int(f.At/Day), f.Step, f.What, f.Says)
}

// Engine is the time and the chance of one world.
type Engine struct {
	Seed   uint64
	Random *rand.Rand
	Now    time.Duration
	Step   int
	Hash   uint64
	Marks  Marks
	Calm   bool // the harm is over

	agenda agenda.Agenda
}

// New is an engine that stands still.
func New(seed uint64) *Engine {
	return &Engine{Seed: seed, Random: rand.New(rand.NewPCG(seed, 0x6a6966656e)), Marks: Marks{}, Hash: 14695981039346656037}
}

// After has something happen later.
func (e *Engine) After(d time.Duration, fn func()) { e.agenda.Add(e.Now+max(d, 0), fn) }

// Until lets happen what is due, and has everything looked at after each step.
func (e *Engine) Until(end time.Duration, look func()) {
	for next := e.agenda.Next(end); next != nil; next = e.agenda.Next(end) {
		e.Now = next.At
		e.Step++
		next.Do()
		look()
	}
	e.Now = end
}

// Forget lets nothing happen of what was to.
func (e *Engine) Forget() { e.agenda.Clear() }

// Fail ends the world: something that must hold does not.
func (e *Engine) Fail(what, format string, args ...any) {
	panic(&Failure{e.Seed, e.Now, e.Step, what, fmt.Sprintf(format, args...)})
}

// Must ends the world on an error that nothing explains.
func (e *Engine) Must(what string, err error) {
	if err != nil {
		e.Fail("error", "%s: %v", what, err)
	}
}

// Trace adds to the hash of all that happened.
func (e *Engine) Trace(what string, numbers ...uint64) {
	const prime = 1099511628211
	for _, c := range []byte(what) {
		e.Hash = (e.Hash ^ uint64(c)) * prime
	}
	for _, n := range append(numbers, uint64(e.Now)) {
		e.Hash = (e.Hash ^ n) * prime
		e.Hash ^= e.Hash >> 29
	}
}

// Mark notes that something happened, for what never happens is not tested.
func (e *Engine) Mark(what string) {
	e.Marks[what]++
	e.Trace(what)
}

// Wall is the true time of day.
func (e *Engine) Wall() time.Time { return start.Add(e.Now) }

// Between draws a duration.
func (e *Engine) Between(from, to time.Duration) time.Duration {
	return from + time.Duration(e.Random.Int64N(int64(to-from)+1))
}

// Hit draws whether something happens that has a chance of so many in 10,000.
func (e *Engine) Hit(chance int) bool { return chance > 0 && e.Random.IntN(10_000) < chance }

// Harm is Hit for what goes wrong: nothing does when the harm is over.
func (e *Engine) Harm(chance int) bool { return !e.Calm && e.Hit(chance) }

// Read draws bytes.
func (e *Engine) Read(p []byte) (int, error) {
	for n := 0; n < len(p); n += 8 {
		var x [8]byte
		binary.BigEndian.PutUint64(x[:], e.Random.Uint64())
		copy(p[n:], x[:])
	}
	return len(p), nil
}

// Pick draws one of a list.
func Pick[T any](e *Engine, list []T) T { return list[e.Random.IntN(len(list))] }
