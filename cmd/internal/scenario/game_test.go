package scenario_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
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
	f.openHQ()
	for _, c := range f.tills {
		_, code, said := tool(f.t, f.dir, "board", "invite", "-hq", "hq", "-approved", strconv.Itoa(int(c.id)))
		if exit, _, more := tool(f.t, f.dir, "join", "-data", strings.TrimSuffix(c.file(""), "/"), strings.TrimSpace(code)); exit != 0 {
			t.Fatalf("t%d does not join: %s%s", c.id, said, more)
		}
		f.open(c)
		c.clerk = newClerk("http://"+c.api, strings.TrimSpace(string(f.read(c.file("api.token")))), int(c.id), 1)
		c.clerk.lane = 1
	}
	tries := 0
	turn := func(c *counter, until ...string) string { // until it is played, or refused for one of these
		t.Helper()
		why := ""
		for end := time.Now().Add(waitLimit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			tries++
			ref := fmt.Sprintf("turn-%04d", tries)
			c.clerk.settle(context.Background(), ref, "plays", anything{"ref": ref, "member": lei, "game": "year-wheel"})
			if n := len(c.clerk.told); n > 0 && c.clerk.told[n-1] == ref {
				return ""
			}
			why = c.clerk.refused[ref]
			for _, u := range until {
				if why == u {
					return why
				}
			}
		}
		t.Fatalf("t%d: no turn in %s, refused with %q; told %v", c.id, waitLimit, why, c.clerk.told)
		return ""
	}
	one, two := f.tills[0], f.tills[1]
	turn(one)
	f.calm(waitLimit)
	for range 2 { // seen most at store one
		ref := fmt.Sprintf("sale-%04d", tries)
		tries++
		one.clerk.settle(context.Background(), ref, "sales", anything{"ref": ref, "order": anything{"member": lei, "lines": []anything{{"code": rice, "quantity": 1}}}, "tenders": []anything{{"kind": "cash", "fen": 20_000}}})
	}
	f.calm(waitLimit)
	turn(two)
	f.calm(waitLimit)
	for _, c := range f.tills {
		if why := turn(c, "plays-short"); why != "plays-short" {
			t.Errorf("a third turn at t%d is played", c.id)
		}
	}
	for _, c := range f.tills {
		c.program.stop(syscall.SIGTERM)
		if code, out, why := tool(t, f.dir, "verify", c.file("ledger.db")); code != 0 {
			t.Errorf("jifen verify of t%d = %d: %s%s", c.id, code, out, why)
		}
	}
	f.hq.stop(syscall.SIGTERM)
	kept, err := sqlbook.OpenSQLite(f.path("hq/book.db"))
	if err != nil {
		t.Fatalf("open HQ's book: %v", err)
	}
	defer kept.Close()
	if err := audit.Check(kept); err != nil {
		t.Errorf("HQ's book: %v", err)
	}
}
