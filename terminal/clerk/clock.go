package clerk

import (
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Now is the time to go by. It is the board's own; but while the board has no
// clock, it is never before what is known to be past: the newest entry, and
// what HQ last said (fault C1). Else what is earned then would have lapsed
// decades ago.
func (c *Clerk) Now() Reading {
	r := c.o.Now()
	if r.Quality != ledger.ClockUnset {
		return r
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if least := c.past.Wall.Add(r.Mono - c.past.Mono); r.Wall.Before(least) {
		r.Wall = least
	}
	return r
}

// passed notes that a time is past.
func (c *Clerk) passed(wall int64, now Reading) {
	at := time.UnixMilli(wall)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.past.Wall.Add(now.Mono - c.past.Mono).Before(at) {
		c.past = Reading{Wall: at, Mono: now.Mono}
	}
}
