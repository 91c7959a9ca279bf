package keeper_test

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
)

// A ledger on a file system that keeps nothing is refused; HQ is told of it at
// the next start, and of settings that take it (bolt R23, fault S28).
func TestHQIsToldOfARefusedPlace(t *testing.T) {
	data, err := os.MkdirTemp("/dev/shm", "jifen-test-")
	must(t, err)
	defer os.RemoveAll(data)
	log := slog.New(slog.DiscardHandler)
	if _, err := keeper.CheckPlace(data, false, log); !errors.Is(err, keeper.ErrPlace) {
		t.Fatalf("CheckPlace of %s = %v, want it refused: /dev/shm lies in memory", data, err)
	}
	tell, err := keeper.CheckPlace(data, true, log)
	if err != nil || len(tell) != 2 || tell[0].Code != "fault-place-refused" || tell[1].Code != "fault-place" || !strings.Contains(tell[0].Detail, "tmpfs") {
		t.Errorf("CheckPlace of what the settings take = %+v, %v; want both to be told", tell, err)
	}
	if tell, err = keeper.CheckPlace(data, true, log); err != nil || len(tell) != 1 {
		t.Errorf("CheckPlace once more = %+v, %v; want the refusal told once", tell, err)
	}
}

func TestHQIsToldOfAFailedAudit(t *testing.T) {
	for r, want := range map[keeper.Result]string{
		{}: "", {Entries: 4}: "", {Fault: "page 7"}: "fault-ledger", {Fault: "page 7", Whole: true}: "fault-ledger", {Left: "no room"}: "fault-audit",
	} {
		got := ""
		for _, f := range r.Faults() {
			if got = f.Code; f.Detail == "" {
				t.Errorf("%+v is told without what it is", r)
			}
		}
		if got != want {
			t.Errorf("%+v is told as %q, want %q", r, got, want)
		}
	}
}
