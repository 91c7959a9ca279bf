package exchange_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
)

func names(list []wire.Message) (out []string) {
	for _, m := range list {
		out = append(out, fmt.Sprintf("%T", m)[len("*wire."):])
	}
	return out
}

func TestTerminalSendsBackWhatHQForgot(t *testing.T) {
	b := greeted(t, nil)
	b.down = 100
	b.said()
	b.hear(&wire.Lacks{After: 30})
	got := b.said()
	if len(got) != 1 {
		t.Fatalf("answer to Lacks = %v, want one Echo", names(got))
	}
	echo, ok := got[0].(*wire.Echo)
	if !ok || echo.First != 31 || len(echo.Entries) != wire.DownEntriesMax || echo.Entries[0][0] != 31 {
		t.Errorf("answer to Lacks = %T %+v, want entries from 31", got[0], got[0])
	}
	b.hear(&wire.Lacks{After: 100})
	want := []wire.Message{&wire.Echo{First: 101, Down: 100, Epoch: 1}}
	if diff := cmp.Diff(want, b.said()); diff != "" {
		t.Errorf("answer to Lacks with nothing lacking (-want +got):\n%s", diff)
	}
}

// An HQ that has heard a terminal out relies on it that no other HQ adds
// anything, so the terminal keeps to the epoch over restarts.
func TestEpochIsKeptBeforeHQIsAnswered(t *testing.T) {
	b := greeted(t, nil)
	b.said()
	b.ok("Receive of epoch 9", b.end.Receive(wire.Seal(id, 9, &wire.Lacks{}, hqKey), b.now))
	if b.obeys != 9 {
		t.Errorf("the terminal keeps to epoch %d, want 9", b.obeys)
	}
	b.station.broken = errors.New("disk")
	if err := b.end.Receive(wire.Seal(id, 10, &wire.Lacks{}, hqKey), b.now); !errors.Is(err, b.station.broken) {
		t.Errorf("Receive() where the epoch cannot be kept = %v, want the disk's error", err)
	}
	b.station.broken = nil
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: id, Key: boardKey, Station: b.station}) // the daemon starts anew
	b.ok("Opened", b.end.Opened(b.now))
	if hello, ok := b.said()[0].(*wire.Hello); !ok || hello.Epoch != b.obeys {
		t.Errorf("the first greeting %+v, want one that says epoch %d", hello, b.obeys)
	}
	for _, m := range []wire.Message{&wire.Welcome{}, &wire.Denied{Code: "denied-gone"}} {
		if err := b.end.Receive(wire.Seal(id, 8, m, hqKey), b.now); !errors.Is(err, exchange.ErrEpoch) {
			t.Errorf("Receive(%T of epoch 8 after 9) = %v, want ErrEpoch", m, err)
		}
	}
	if b.end.Denied() != "" || b.end.Online() {
		t.Errorf("denied %q, online %v by an HQ that was replaced", b.end.Denied(), b.end.Online())
	}
}

func TestTerminalHearsNoHQThatWasReplaced(t *testing.T) {
	b := greeted(t, nil)
	b.said()
	b.ok("Receive of epoch 9", b.end.Receive(wire.Seal(id, 9, &wire.Answer{}, hqKey), b.now))
	old := wire.Seal(id, 8, &wire.Down{First: 1, Entries: [][]byte{{1}}}, hqKey)
	b.now = b.now.Add(time.Minute)
	for n, want := range [][]string{{"Hello"}, nil} { // it is shown once what it has missed, and not so soon again
		if err := b.end.Receive(old, b.now); !errors.Is(err, exchange.ErrEpoch) {
			t.Errorf("%d: Receive(epoch 8 after 9) = %v, want ErrEpoch", n, err)
		}
		said := b.said()
		if diff := cmp.Diff(want, names(said)); diff != "" {
			t.Errorf("%d: answer to an HQ that was replaced (-want +got):\n%s", n, diff)
		}
		for _, m := range said { // it says to whom it keeps
			if hello, ok := m.(*wire.Hello); ok && hello.Epoch != 9 {
				t.Errorf("Hello says epoch %d, want 9", hello.Epoch)
			}
		}
	}
	if b.down != 0 {
		t.Errorf("down entries = %d, want none of an HQ that was replaced", b.down)
	}
}

func TestHQAsksForWhatItForgot(t *testing.T) {
	d := newDesk(t)
	d.fault = &exchange.LacksError{After: 4}
	d.hear(&wire.Hello{Down: 7})
	if diff := cmp.Diff([]string{"Welcome", "Lacks"}, names(d.said())); diff != "" {
		t.Errorf("answer to Hello (-want +got):\n%s", diff)
	}
	d.fault = nil
	d.lacks = &exchange.LacksError{After: 4}
	d.hear(&wire.Echo{First: 5, Entries: [][]byte{{5}, {6}}})
	got := d.said()
	if len(got) != 1 || got[0].Kind() != wire.KindLacks || got[0].(*wire.Lacks).After != 6 {
		t.Errorf("answer to a part of it = %v, want Lacks after 6", names(got))
	}
	d.lacks.After = 4
	d.hear(&wire.Echo{First: 5, Entries: [][]byte{{5}, {6}}})
	if got := d.said(); len(got) != 0 {
		t.Errorf("answer to the same part again = %v, want none", names(got))
	}
	d.fault = &exchange.LacksError{After: 6}
	d.hear(&wire.Hello{Down: 7})
	if diff := cmp.Diff([]string{"Welcome", "Lacks"}, names(d.said())); diff != "" {
		t.Errorf("answer to Hello at once after it (-want +got):\n%s", diff)
	}
	d.fault = nil
	d.lacks = nil
	d.hear(&wire.Echo{First: 7, Entries: [][]byte{{7}}})
	if got := d.said(); len(got) != 0 || len(d.echoes) != 3 {
		t.Errorf("answer to the rest = %v after %d echoes, want none", names(got), len(d.echoes))
	}
}
