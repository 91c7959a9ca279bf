package till

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// What is worth an entry.
const (
	clockStep = 2 * time.Second // the wall clock against the time since boot
	outage    = time.Minute     // without HQ
)

// watch is what the till notices about itself.
type watch struct {
	told     bool    // what is in force has been written down
	last     Reading // when the clocks were last compared
	away     Reading // since when HQ cannot be reached; zero when it can
	declined uint64  // wishes declined since then
}

// record writes an entry that moves nothing. The lock must be held.
func (t *Till) record(by By, body ledger.Body) error {
	return t.update(func(x *txn) error {
		_, err := t.append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: body})
		return err
	})
}

// observe writes down what has changed since the last look: the versions in
// force, the clock, the line to HQ.
func (t *Till) observe(now Reading) error {
	if !t.watch.told {
		if err := t.tellInForce(); err != nil {
			return err
		}
		t.watch.told = true
	}
	last := t.watch.last
	t.watch.last = now
	if last.Mono > 0 {
		due := last.Wall.Add(now.Mono - last.Mono)
		if off := now.Wall.Sub(due); off > clockStep || off < -clockStep {
			if err := t.record(By{}, &ledger.ClockStep{Before: due.UnixMilli(), After: now.Wall.UnixMilli()}); err != nil {
				return err
			}
		}
	}
	return t.observeLine(now)
}

func (t *Till) observeLine(now Reading) error {
	online, away := t.o.Asker.Online(), t.watch.away
	switch {
	case !online && away.Mono == 0:
		t.watch.away, t.watch.declined = now, 0
	case online && away.Mono > 0:
		t.watch.away = Reading{}
		if now.Mono-away.Mono < outage {
			return nil
		}
		return t.record(By{}, &ledger.Outage{From: away.Wall.UnixMilli(), To: now.Wall.UnixMilli(), Declined: t.watch.declined})
	}
	return nil
}

// tellInForce writes down the versions that decide from here on, where they
// are not the ones that decided last.
func (t *Till) tellInForce() error {
	for what, version := range map[string]string{"programme": t.o.Programme.Version(), "software": t.o.Software} {
		note := "in-force-" + what
		var before []byte
		err := t.o.Journal.View(func(tx journal.Tx) (err error) {
			before, err = tx.Note(note)
			return err
		})
		if err != nil {
			return fmt.Errorf("read the %s in force: %w", what, err)
		}
		if string(before) == version || version == "" {
			continue
		}
		err = t.update(func(x *txn) error {
			body := &ledger.InForce{What: what, Before: string(before), After: version}
			if _, err := t.append(x, ledger.Entry{Body: body}); err != nil {
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
