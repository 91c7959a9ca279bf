package exchange_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
)

// night has a terminal report every 15 s that it took nothing in, and counts what HQ
// sends meanwhile.
func (d *desk) night(span time.Duration) (sent int) {
	for end := d.now.Add(span); d.now.Before(end); {
		d.now = d.now.Add(15 * time.Second)
		d.hear(&wire.Report{})
		sent += len(d.said())
	}
	return sent
}

// A terminal whose day is closed takes nothing in, and its line is paid for by the byte.
func TestWhatIsNotTakenInIsSentMoreAndMoreSeldom(t *testing.T) {
	d := newDesk(t)
	d.hear(&wire.Hello{})
	d.said()
	for range 20 {
		d.downs[id] = append(d.downs[id], make([]byte, 180))
	}
	if sent := d.night(9 * time.Hour); sent < 9*5 || sent > 9*7+8 {
		t.Errorf("HQ sent %d messages in a night of 9 hours, want about 6 an hour", sent)
	}

	d.now = d.now.Add(5 * time.Second) // the day is opened: an entry is written, and says nothing is there
	d.hear(&wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}})
	if got := d.pushed(); len(got) == 0 {
		t.Error("a terminal works again, and HQ sends it nothing of what it had not taken in")
	}
}

// What is new shows a gap where the line lost what was before it: HQ is soon over that.
func TestSomethingNewIsNotHeldUpByWhatWasLost(t *testing.T) {
	d := newDesk(t)
	d.hear(&wire.Hello{})
	d.downs[id] = append(d.downs[id], []byte{1})
	d.night(3 * time.Hour)
	d.downs[id] = append(d.downs[id], []byte{2})
	if sent := d.night(30 * time.Second); sent < 2 {
		t.Errorf("HQ sent %d messages within 30 s of something new, want that and what was before it", sent)
	}
}
