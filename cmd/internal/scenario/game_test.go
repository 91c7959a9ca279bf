package scenario_test

import (
	"strings"
	"testing"
)

// A game of two turns a day is played at two stores by one member: both turns are
// taken, wherever, and a third at neither: the right to them is one lot, which comes
// to where the member is and goes back (cap G1).
func TestAGameOfTwoTurnsADayAtTwoStores(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	rules := string(f.read("documents/programme.yaml"))
	const was = "    window: {from: 2026-11-25, until: 2027-01-31}\n    stake: {asset: points:consumption, points: 20}\n"
	if !strings.Contains(rules, was) {
		t.Fatalf("the demonstration does not say %q", was)
	}
	rules = strings.Replace(rules, was, "    window: {from: 2026-01-01, until: 2099-12-31}\n    per_day: 2\n", 1) // free, twice a day
	f.write("documents/programme.yaml", []byte(rules))
	f.enrol()
	turn := func(c *counter, until ...string) string { // until it is played, or refused for one of these
		t.Helper()
		_, why := c.clerk.persist(t, "plays", anything{"member": lei, "game": "year-wheel"}, until...)
		return why
	}
	one, two := f.tills[0], f.tills[1]
	turn(one)
	f.calm(waitLimit)
	for range 2 { // seen most at store one
		one.clerk.persist(t, "sales", anything{"order": anything{"member": lei, "lines": []anything{{"code": rice, "quantity": 1}}}, "tenders": []anything{{"kind": "cash", "fen": 20_000}}})
	}
	f.calm(waitLimit)
	turn(two)
	f.calm(waitLimit)
	for _, c := range f.tills {
		if why := turn(c, "plays-short"); why != "plays-short" {
			t.Errorf("a third turn at t%d is played", c.id)
		}
	}
	f.close()
	f.agree()
}
