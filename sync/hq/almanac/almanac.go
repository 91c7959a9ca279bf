// Package almanac says whether HQ's clock can be believed for what a new day
// brings (fault H11): that what is over lapses, and what was owed for long is
// written off. HQ's clock alone never decides that against the terminals' whose
// clocks are synchronised, and never over a jump that nobody else confirms. It
// changes no clock and dates nothing anew.
package almanac

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits.
const (
	jumpMost = 8         // days since the last one, while no terminal says what day it is
	fresh    = time.Hour // that a terminal's word counts
	within   = 2 * time.Hour
)

// Almanac remembers what terminals say of the time. It is safe for concurrent
// use; its zero value has heard nothing.
type Almanac struct {
	mu   sync.Mutex
	said map[ledger.TerminalID]said
}

type said struct {
	off time.Duration // of HQ's clock from the terminal's
	at  time.Time     // by HQ's
}

// Heard takes in what time a terminal says it is. One whose clock is not
// synchronised says nothing.
func (a *Almanac) Heard(id ledger.TerminalID, wall int64, clock ledger.Clock, now time.Time) {
	if clock != ledger.ClockSynced || wall == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said == nil {
		a.said = map[ledger.TerminalID]said{}
	}
	a.said[id] = said{now.Sub(time.UnixMilli(wall)), now}
}

// count is how many terminals agree with HQ's clock, and how many do not.
func (a *Almanac) count(now time.Time) (agree, not int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.said {
		switch {
		case now.Sub(s.at).Abs() > fresh:
		case s.off.Abs() <= within:
			agree++
		default:
			not++
		}
	}
	return agree, not
}

// The metas keep the last day that was believed, and the last one of which
// somebody was told that it is not.
const (
	dayMeta  = "day-believed"
	toldMeta = "day-doubted"
)

// Believe reports whether a day may bring what it brings. The first time in a day
// that it may not, somebody is told.
func (a *Almanac) Believe(tx book.Tx, today lot.Day, now time.Time) (bool, error) {
	last, err := read(tx, dayMeta, today)
	if err != nil {
		return false, err
	}
	agree, not := a.count(now)
	ok := today >= last && today-last <= jumpMost
	if agree+not > 0 {
		ok = today >= last && agree >= not
	}
	if ok {
		return true, tx.PutMeta(dayMeta, strconv.FormatInt(int64(today), 10))
	}
	if told, err := read(tx, toldMeta, 0); err != nil || told == today || today == last-1 && not == 0 { // about midnight it may be the day before once more
		return false, err
	}
	detail := fmt.Sprintf("%s, after %s; %d terminals agree, %d do not", today, last, agree, not)
	if err := tx.AddAlarm(book.Alarm{At: now, Code: "alarm-clock", Detail: detail}); err != nil {
		return false, err
	}
	return false, tx.PutMeta(toldMeta, strconv.FormatInt(int64(today), 10))
}

func read(tx book.Tx, name string, none lot.Day) (lot.Day, error) {
	text, err := tx.Meta(name)
	if err != nil || text == "" {
		return none, err
	}
	day, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("meta %s: %w", name, err)
	}
	return lot.Day(day), nil
}
