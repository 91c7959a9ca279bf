package hq_test

import (
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/words"
)

// What a board says is wrong with it is shown until it says so no more, and is
// an alarm once (fault S28).
func TestFaultsOfABoardAreShown(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sync()
	says := func(faults ...wire.Fault) (codes []string) {
		t.Helper()
		b.ok("Report", b.Report(1, &wire.Report{Head: one.state.Head(), Down: one.state.Mark(), Faults: faults}))
		list, err := b.Conflicts()
		b.ok("Conflicts", err)
		for _, c := range list {
			if c.Terminal != 1 || !slices.Contains(c.Choices, hq.ChooseDecommission) {
				t.Errorf("conflict %+v", c)
			}
			codes = append(codes, c.Code)
		}
		return codes
	}
	place, ledger := wire.Fault{Code: "fault-place", Detail: "/ is a tmpfs"}, wire.Fault{Code: "fault-ledger", Detail: "page 7"}
	for n, c := range []struct {
		says  []wire.Fault
		shown []string
		alarm []string // newest first
	}{
		{nil, nil, nil},
		{[]wire.Fault{place}, []string{"fault-place"}, []string{"fault-place"}},
		{[]wire.Fault{place, place, {Code: "no-such-word"}}, []string{"fault-place"}, []string{"fault-place"}},
		{[]wire.Fault{place, ledger}, []string{"fault-place", "fault-ledger"}, []string{"fault-ledger", "fault-place"}},
		{[]wire.Fault{ledger}, []string{"fault-ledger"}, []string{"fault-ledger", "fault-place"}},
		{nil, nil, []string{"fault-ledger", "fault-place"}},
		{[]wire.Fault{place}, []string{"fault-place"}, []string{"fault-place", "fault-ledger", "fault-place"}},
	} {
		if shown, alarms := says(c.says...), b.alarms(); !slices.Equal(shown, c.shown) || !slices.Equal(alarms, c.alarm) {
			t.Errorf("report %d: shown %v with alarms %v, want %v with %v", n, shown, alarms, c.shown, c.alarm)
		}
	}
	for _, lang := range words.Languages() {
		for _, code := range []string{"fault-place", "fault-place-refused", "fault-ledger", "fault-audit", "done-sells-on"} {
			if words.In(lang, code) == code {
				t.Errorf("there is no sentence for %q in %s", code, lang)
			}
		}
	}
}
