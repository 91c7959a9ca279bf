package clerk

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// What is worth an entry.
const (
	clockStep = 2 * time.Second // the wall clock against the time since boot
	outage    = time.Minute     // without HQ
)

// watch is what the clerk notices about the terminal itself.
type watch struct {
	told     bool              // what is in force has been written down
	last     Reading           // when the clocks were last compared
	away     Reading           // since when HQ cannot be reached; zero when it can
	declined map[string]uint64 // wishes declined since then, by why
}

// countDeclined remembers what an outage cost.
func (c *Clerk) countDeclined(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.away.Mono > 0 && len(c.watch.declined) < ledger.CodesMax {
		c.watch.declined[code]++
	}
}

// observe writes down what has changed since the last look: the versions in
// force, the clock, the line to HQ.
func (c *Clerk) observe(now Reading) error {
	c.mu.Lock()
	told, last := c.watch.told, c.watch.last
	c.watch.last = now
	c.mu.Unlock()
	if !told {
		if err := c.tellInForce(); err != nil {
			return err
		}
		c.mu.Lock()
		c.watch.told = true
		c.mu.Unlock()
	}
	if last.Mono > 0 {
		due := last.Wall.Add(now.Mono - last.Mono)
		if off := now.Wall.Sub(due); off > clockStep || off < -clockStep {
			if err := c.Record(By{}, &ledger.ClockStep{Before: due.UnixMilli(), After: now.Wall.UnixMilli()}); err != nil {
				return err
			}
		}
	}
	if o := c.observeLine(now); o != nil {
		return c.Record(By{}, o)
	}
	return nil
}

// observeLine notes when the line goes, and returns an outage that has ended
// and is worth an entry.
func (c *Clerk) observeLine(now Reading) *ledger.Outage {
	online := c.o.Asker.Online()
	c.mu.Lock()
	defer c.mu.Unlock()
	away := c.watch.away
	switch {
	case !online && away.Mono == 0:
		c.watch.away, c.watch.declined = now, map[string]uint64{}
	case online && away.Mono > 0:
		c.watch.away = Reading{}
		if now.Mono-away.Mono < outage {
			return nil
		}
		o := &ledger.Outage{From: away.Wall.UnixMilli(), To: now.Wall.UnixMilli()}
		for _, code := range slices.Sorted(maps.Keys(c.watch.declined)) {
			n := c.watch.declined[code]
			o.Refused = append(o.Refused, ledger.Count{Code: code, N: n})
			o.Declined += n
		}
		return o
	}
	return nil
}

// tellInForce writes down the versions that decide from here on, where they
// are not the ones that decided last.
func (c *Clerk) tellInForce() error {
	for _, f := range []ledger.InForce{{What: "programme", After: c.Programme().Version()}, {What: "software", After: c.o.Software}} {
		what, version := f.What, f.After
		note := "in-force-" + what
		var before []byte
		err := c.o.Journal.View(func(tx journal.Tx) (err error) {
			before, err = tx.Note(note)
			return err
		})
		if err != nil {
			return fmt.Errorf("read the %s in force: %w", what, err)
		}
		if string(before) == version || version == "" {
			continue
		}
		err = c.Update(func(x *Txn) error {
			body := &ledger.InForce{What: what, Before: string(before), After: version}
			if _, err := c.Append(x, ledger.Entry{Body: body}); err != nil {
				return err
			}
			return x.PutNote(note, []byte(version))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
