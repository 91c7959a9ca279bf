package hq_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// changed is the demonstration's programme with other words, as a later version.
func (b *bench) changed(number string, was, is string) library.Release {
	b.Helper()
	text := bytes.Replace(demo.Programme, []byte("\nversion: 1\n"), []byte("\nversion: "+number+"\n"), 1)
	changed := bytes.Replace(text, []byte(was), []byte(is), 1)
	if bytes.Equal(changed, text) {
		b.Fatalf("the programme does not say %q", was)
	}
	p, err := programme.Parse(changed)
	b.ok("Parse", err)
	return library.Release{What: "programme", Version: p.Version(), Bytes: changed}
}

// What HQ gives beforehand goes by the programme that is in force, from the time
// on for which it was published, in the stores that have it first before the
// others, and back again; HQ runs all the while.
func TestRunningHQDecidesByWhatIsPublished(t *testing.T) {
	b := newBench(t)
	b.ok("Publish", b.Publish("programme", b.programme.Version(), demo.Programme, time.Time{}))
	b.give(wang, 100_000)
	one, two := b.terminals[0], b.terminals[1]
	one.served()
	two.served()
	b.now = b.now.Truncate(24 * time.Hour).Add(2 * time.Hour) // ten in the morning in the shop
	kept := func(when string, first, second lot.Amount) {
		b.Helper()
		b.now = b.now.AddDate(0, 0, 1) // another round of allotment
		one.reports()
		two.reports()
		if one.has() != first || two.has() != second {
			b.Errorf("%s: %d and %d points lie beforehand in S1 and S2, want %d and %d", when, one.has(), two.has(), first, second)
		}
	}
	kept("from the settings", 5_000, 5_000)
	pilot := b.changed("2", "keep_fen: 5000", "keep_fen: 6000")
	pilot.Stores, pilot.From = []string{"S1"}, b.now.AddDate(0, 0, 1).Add(time.Hour)
	b.ok("Release", b.Release(pilot, byZhou))
	kept("published for later", 5_000, 5_000)
	kept("in force in the pilot store", 6_000, 5_000)
	b.restart()
	kept("HQ was started again", 6_000, 5_000)
	all := b.changed("3", "keep_fen: 5000", "keep_fen: 7000")
	b.ok("Release", b.Release(all, byZhou))
	kept("in force everywhere", 7_000, 7_000)
	b.ok("Release", b.Release(library.Release{What: "programme", Version: "4", Bytes: []byte("no programme")}, byZhou))
	later := b.changed("5", "keep_fen: 5000", "keep_fen: 9000")
	later.From = b.now.AddDate(1, 0, 0)
	b.ok("Release", b.Release(later, byZhou))
	kept("one that cannot be read and one for next year decide nothing", 7_000, 7_000)
	for range 3 { // the two above, and the third
		_, err := b.RollBack("programme", byZhou)
		b.ok("RollBack", err)
	}
	b.ok("Release", b.Release(b.changed("6", "keep_fen: 5000", "keep_fen: 8000"), byZhou))
	kept("after all was taken back", 8_000, 8_000)
}

// What a till gave goes by the programme that its entry names, whatever HQ decides by
// when it hears of it (fault H10): what was within the cap of then is beyond none.
func TestEntriesGoByTheProgrammeThatTheyName(t *testing.T) {
	b := newBench(t)
	o := b.options(nil)
	o.Cap = nil
	made, err := hq.New(o)
	b.ok("New", err)
	b.HQ = made
	capped := func(number, most string) {
		b.Helper()
		r := b.changed(number, "{id: base, asset: points:consumption, rate: {points: 1, fen: 100}}", "{id: base, asset: points:consumption, rate: {points: 1, fen: 100}, cap: {per_member_day: "+most+"}}")
		b.ok("Release", b.Release(r, byZhou))
		b.programme, err = programme.Parse(r.Bytes) // that the tills' entries name
		b.ok("Parse", err)
	}
	one, two := b.terminals[0], b.terminals[1]
	day := b.programme.Day(b.now)
	sync := func(when string, till *terminal, want ...string) {
		b.Helper()
		till.sync()
		if got := b.alarms(); !slices.Equal(got, want) {
			b.Errorf("%s: alarms %v, want %v", when, got, want)
		}
	}
	capped("2", "100")
	one.receipt(8000, day, "", day)
	capped("3", "50") // while that till is offline
	sync("80 points under the cap of then", one)
	two.receipt(8000, day-1, "", day)
	sync("as many under the cap of now", two, "alarm-cap")
}
