//go:build crash

package crashproof_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
)

// checked counts the states of all tests that must be good.
var checked atomic.Int64

// tally counts states, and keeps the first that are bad.
type tally struct {
	mu     sync.Mutex
	states int
	kinds  map[string]int
	bad    int
	said   []string
	begin  time.Time
	// expected: bad states are what the test is for, and are not counted.
	expected bool
}

func newTally() *tally { return &tally{kinds: map[string]int{}, begin: time.Now()} }

func (c *tally) add(tr crashproof.Trace, s crashproof.State, f crashproof.Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states++
	if !c.expected {
		checked.Add(1)
	}
	if s.Confirmed < s.Begun { // it was struck while it was on its way
		for _, k := range tr.Commits[s.Begun].Kinds {
			c.kinds[k]++
		}
	}
	if fault := crashproof.Judge(tr, s, f); fault != "" {
		c.bad++
		if len(c.said) < 5 {
			c.said = append(c.said, fault)
		}
	}
}

// enough reports whether a proof that must see bad states has seen some: more
// of them show nothing, and one in which bbolt goes round in circles takes as
// long as a child is given. With -all none is left out.
func (c *tally) enough() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expected && c.bad >= 8 && !*all
}

func (c *tally) report(t *testing.T, name string) {
	t.Helper()
	took := time.Since(c.begin)
	fmt.Printf("crash proof: %s: %d states in %s, %d/s, %d bad\n", name, c.states, took.Round(time.Second), int(float64(c.states)/took.Seconds()), c.bad)
	for _, s := range c.said {
		t.Logf("  %s", s)
	}
}
