package plan_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/plan"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// A member's home is where they are seen most, lately; of equals where they were seen
// last, and then at the lower number, so that it is the same for everybody.
func TestHome(t *testing.T) {
	at := func(id ledger.TerminalID, day lot.Day, count uint64) plan.Seat {
		return plan.Seat{Terminal: id, Visit: office.Visit{Day: day, Count: count}}
	}
	for name, c := range map[string]struct {
		seen []plan.Seat
		want ledger.TerminalID // 0 is none
	}{
		"nobody":          {nil, 0},
		"most-often":      {[]plan.Seat{at(1, 110, 5), at(2, 119, 2)}, 1},
		"long-ago":        {[]plan.Seat{at(1, 99, 50), at(2, 119, 2)}, 2},
		"on-the-day":      {[]plan.Seat{at(1, 100, 50), at(2, 119, 2)}, 1},
		"as-often":        {[]plan.Seat{at(1, 110, 2), at(2, 119, 2)}, 2},
		"on-the-same-day": {[]plan.Seat{at(2, 119, 2), at(1, 119, 2)}, 1},
		"never-served":    {[]plan.Seat{at(1, 119, 0)}, 0},
	} {
		most, ok := plan.Home(c.seen, 100)
		if ok != (c.want != 0) || ok && most.Terminal != c.want {
			t.Errorf("%s: Home() = %s, %v, want %s", name, most.Terminal, ok, c.want)
		}
	}
}
