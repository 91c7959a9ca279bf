package scenario_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

var (
	soakFor  = flag.Duration("soak.for", 60*time.Second, "how long the programs are harmed")
	soakSeed = flag.Uint64("soak.seed", 0, "of what happens when; 0 draws one")
)

// The programs as they are built, over real brokers and databases, with everything that happens
// to lines and machines: whatever it was, in the end both sides have the same,
// and nobody was told of a sale that is not there.
func TestSoak(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]bool{"in-one-program": false, "mosquitto-and-postgresql": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := cmp.Or(*soakSeed, uint64(time.Now().UnixNano()))
			t.Logf("-soak.seed %d", seed)
			s := &soak{fleet: newFleet(t, seed, 3, foreign), done: map[string]int{}}
			s.begin(t.Context())
			s.harm(*soakFor * 3 / 4)
			s.settle()
			s.watch(*soakFor / 4)
			s.rest()
			s.clerks.Wait()
			s.calm(3 * time.Minute)
			s.lean()
			s.close()
			s.agree()
			sold := s.kept()
			t.Logf("%d sales and redemptions; %v", sold, s.done)
			s.happened()
		})
	}
}

// soak is what is done to a fleet.
type soak struct {
	*fleet
	done map[string]int // harms, by name
	ends []ending
}

// ending is when a harm is over, and what ends it.
type ending struct {
	what string
	at   time.Time
	do   func()
}

// harms are what can be done, each as often as it stands here.
var harms = []string{
	"cut", "cut", "reset", "reset", "stall", "stall-up", "stall-down", "slow", "slow", "block", "kill-till", "kill-till", "kill-hq", "kill-broker", "kill-database", "hq-line",
}

// elsewhere is what can be done where broker and database are programs of their own.
var elsewhere = []string{"kill-broker", "kill-database", "hq-line"}

// harm does what the seed says, for so long, and then lets everything end.
func (s *soak) harm(during time.Duration) {
	s.t.Helper()
	end := time.Now().Add(during)
	could := slices.DeleteFunc(slices.Clone(harms), func(what string) bool { return s.other == nil && slices.Contains(elsewhere, what) })
	first := slices.Clone(could) // each once at least
	s.random.Shuffle(len(first), func(a, b int) { first[a], first[b] = first[b], first[a] })
	for time.Now().Before(end) {
		what, c := could[s.random.IntN(len(could))], s.tills[s.random.IntN(len(s.tills))]
		if len(first) > 0 {
			what, first = first[0], first[1:]
		}
		if !s.do(what, c) {
			first = append(first, what)
		}
		s.pass(time.Duration(s.random.IntN(2000)) * time.Millisecond)
	}
}

// pass lets time go by, and ends what is due.
func (s *soak) pass(d time.Duration) {
	time.Sleep(d)
	s.ends = slices.DeleteFunc(s.ends, func(e ending) bool {
		if time.Now().Before(e.at) {
			return false
		}
		e.do()
		return true
	})
}

// settle ends all harm.
func (s *soak) settle() {
	for _, e := range s.ends {
		e.do()
	}
	s.ends = nil
	for _, r := range s.ropes() {
		r.slow(0, 0)
		r.cut() // what stood silent: nobody waits for a watchdog here
	}
}

func (s *soak) ropes() (all []*rope) {
	for _, c := range s.tills {
		all = append(all, c.line)
	}
	if s.line != nil {
		all = append(all, s.line)
	}
	return all
}

// until has a harm end after a while.
func (s *soak) until(what string, most time.Duration, do func()) {
	s.ends = append(s.ends, ending{what, time.Now().Add(time.Duration(s.random.Int64N(int64(most)))), do})
}

// going says that such a harm goes on already.
func (s *soak) going(what string) bool {
	return slices.ContainsFunc(s.ends, func(e ending) bool { return e.what == what })
}

// do does a harm, and says whether it could just then.
func (s *soak) do(what string, c *counter) bool {
	s.t.Helper()
	line := c.line
	if what == "hq-line" {
		line = s.line
		what = []string{"cut", "reset", "stall", "slow"}[s.random.IntN(4)]
		s.done["hq-line"]++
	}
	name := fmt.Sprintf("%s-%d", what, c.id)
	switch what {
	case "cut":
		line.cut()
	case "reset":
		line.reset()
	case "stall":
		line.stall(true, true)
	case "stall-up":
		line.stall(true, false)
	case "stall-down":
		line.stall(false, true)
	case "slow": // from a modem's pace to packets of one byte
		line.slow(1+s.random.IntN(600), time.Duration(1+s.random.IntN(30))*time.Millisecond)
		s.until(name, 4*time.Second, func() { line.slow(0, 0) })
	case "block":
		line.block(true)
		s.until(name, 6*time.Second, func() { line.block(false) })
	case "kill-till":
		if s.going(name) {
			return false
		}
		c.program.kill()
		s.until(name, 4*time.Second, func() { s.open(c) })
	case "kill-hq":
		if s.going(what) || s.going("kill-database") { // HQ does not start without its book
			return false
		}
		s.hq.kill()
		s.until(what, 4*time.Second, s.openHQ)
	case "kill-database":
		if s.going(what) || s.going("kill-hq") {
			return false
		}
		s.server.Kill()
		s.until(what, 4*time.Second, func() { s.server.Start() })
	case "kill-broker":
		if s.going(what) {
			return false
		}
		s.other.program.kill()
		s.until(what, 4*time.Second, s.other.open)
	default:
		s.t.Fatalf("%s is no harm", what)
	}
	s.done[what]++
	return true
}

// happened checks that the soak was one.
func (s *soak) happened() {
	s.t.Helper()
	ran := map[string]int{}
	for _, r := range s.ropes() {
		for _, what := range []string{"cut", "reset", "stall"} {
			ran[what] += r.did(what)
		}
	}
	for _, what := range []string{"cut", "reset", "stall"} {
		if ran[what] == 0 {
			s.t.Errorf("no connection that ran met a %s", what)
		}
	}
	for _, what := range []string{"slow", "block", "kill-till", "kill-hq"} {
		if s.done[what] == 0 {
			s.t.Errorf("there was no %s", what)
		}
	}
	if s.other != nil && (s.done["kill-broker"] == 0 || s.done["hq-line"] == 0 || s.done["kill-database"] == 0) {
		s.t.Errorf("the broker, HQ's own line to it and its database were left alone: %v", s.done)
	}
}

// figures are what a program takes of its machine.
type figures struct{ kilobytes, files []int }

// watch lets lines be cut and stalled on, with no program killed any more, and
// checks that none of them takes more and more for it.
func (s *soak) watch(during time.Duration) {
	s.t.Helper()
	taken := map[*program]*figures{s.hq: {}}
	for _, c := range s.tills {
		taken[c.program] = &figures{}
	}
	for end := time.Now().Add(during); time.Now().Before(end); s.pass(300 * time.Millisecond) {
		for p, f := range taken {
			files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
			if err != nil {
				s.t.Fatalf("%s: %v", p.name, err)
			}
			f.files = append(f.files, len(files))
			f.kilobytes = append(f.kilobytes, int(1024*megabytes(s.t, p.cmd.Process.Pid, "RssAnon")))
		}
		s.do([]string{"cut", "reset", "stall"}[s.random.IntN(3)], s.tills[s.random.IntN(len(s.tills))])
	}
	s.settle()
	for p, f := range taken {
		files, memory := growth(f.files), growth(f.kilobytes)
		s.t.Logf("%s: %v open files, then %v; %v KiB of memory, then %v", p.name, files.first, files.then, memory.first, memory.then)
		slack := 16 << 10
		if p == s.hq {
			slack = 80 << 10 // its book keeps up to 64 MiB of pages
		}
		if files.then > files.first+12 || memory.then > memory.first+memory.first/4+slack {
			s.t.Errorf("%s takes more and more: %v open files, then %v; %v KiB, then %v", p.name, files.first, files.then, memory.first, memory.then)
		}
	}
}

// grown compares what was usual at first with what was usual at last.
type grown struct{ first, then int }

func growth(samples []int) grown {
	quarter := max(len(samples)/4, 1)
	middle := func(list []int) int {
		list = slices.Sorted(slices.Values(list))
		return list[len(list)/2]
	}
	return grown{middle(samples[:quarter]), middle(samples[len(samples)-quarter:])}
}

// lean ends the terminals and HQ, which went through all those connections, as
// they are, and counts the goroutines of two of them beside those of programs
// just started.
func (s *soak) lean() {
	s.t.Helper()
	old, oldHQ := s.anew()
	fresh, freshHQ := s.anew()
	for _, x := range []struct {
		name       string
		old, fresh map[string]int
	}{{"jifend", old, fresh}, {"jifenhq", oldHQ, freshHQ}} {
		all := total(x.old)
		s.t.Logf("%s: %d goroutines, and %d just started", x.name, all, total(x.fresh))
		if all == 0 || all > total(x.fresh)+10 {
			s.t.Errorf("%s had %d goroutines after all that, and has %d when just started:\n%v\n%v", x.name, all, total(x.fresh), x.old, x.fresh)
		}
	}
}

// anew ends everything but the broker, counts, and starts it again: who has just
// started connects at once.
func (s *soak) anew() (till, office map[string]int) {
	s.t.Helper()
	for n, c := range s.tills {
		if count := goroutines(c.program); n == 0 {
			till = count
		}
	}
	office = goroutines(s.hq)
	s.openHQ()
	for _, c := range s.tills {
		s.open(c)
	}
	s.calm(3 * time.Minute)
	return till, office
}

func total(count map[string]int) (n int) {
	for _, c := range count {
		n += c
	}
	return n
}
