package scenario_test

import (
	"fmt"
	"strings"
	"testing"
)

// apiPeople are those as whom jifen api check acts.
var apiPeople = fmt.Sprintf("[[people]]\nid = \"k1\"\nname = \"Keeper\"\nrole = \"keeper\"\npin = '%[1]s'\n[[people]]\nid = \"c2\"\nname = \"Cashier\"\npin = '%[1]s'\n", pinHash)

// An integrator tries the running terminal with the tool, over the socket and
// over TCP; the terminal goes on with its sales.
func TestIntegratorTriesTheLocalAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	listen := freeAddress(t)
	w.set.api = fmt.Sprintf("[api]\nlisten = %q\n", listen)
	w.set.people += apiPeople
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	for _, how := range [][]string{
		{"-socket", "till/api.sock", "-lane", "3"},
		{"-url", "http://" + listen, "-token-file", "till/api.token", "-lane", "2"},
	} {
		code, out, said := tool(t, w.dir, append([]string{"api", "check", "-person", "k1"}, how...)...)
		if code != 0 || strings.Count(out, "\nok ") < 18 {
			t.Errorf("jifen api check %s = %d:\n%s%s\nwant all parts ok", how, code, out, said)
		}
	}
	w.does(1, "the contract is not kept", "api", "check", "-person", "k1", "-socket", "till/api.sock", "-lane", "4", "-goods", "6900000000007")
	w.scan(red)
	w.does(1, "the lane is in use", "api", "check", "-person", "k1", "-socket", "till/api.sock")
	if v := w.at.view(); len(v.Lines) != 1 {
		t.Errorf("after a check of a lane where somebody sells its basket has %d lines, want the one of before", len(v.Lines))
	}
	w.at.do("clear")
	w.does(1, "connect", "api", "check", "-socket", "nowhere.sock")
	w.does(2, "with sample data", "api")
	w.sell(rice)
}
