package hq_test

import "testing"

// TestAskTwiceOverARestartIsAnsweredOnce: that it was answered stands in the
// book, not in HQ's memory.
func TestAskTwiceOverARestartIsAnsweredOnce(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.sync()
	for range 2 {
		if !one.ask(1, 60).Given {
			t.Error("Ask() = not given, want given")
		}
		b.restart()
	}
	if got := b.total(); got.Flight != 60 || got.HQ != 140 {
		t.Errorf("accounts %+v, want 60 on their way and 140 at HQ", got)
	}
	one.hear()
	one.ask(2, 30)
	if got := b.total(); got.Flight+got.Terminals != 90 {
		t.Errorf("accounts %+v after another ask, want 90 given", got)
	}
}
