package lot_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// A line that is down costs the member nothing for a while: only HQ expires.
func TestLotOutlivesItsLastDayWhileHQIsAway(t *testing.T) {
	for _, c := range []struct {
		name  string
		today lot.Today
		want  bool
	}{
		{"online", lot.Today{Day: 101, Trusted: true}, false},
		{"away", lot.Today{Day: 101, Trusted: true, Away: true}, true},
		{"away-to-the-last-day", lot.Today{Day: 100 + lot.AwayDays, Trusted: true, Away: true}, true},
		{"away-too-long", lot.Today{Day: 101 + lot.AwayDays, Trusted: true, Away: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.today.Usable(100); got != c.want {
				t.Errorf("%+v.Usable(100): got %v, want %v", c.today, got, c.want)
			}
		})
	}
}
