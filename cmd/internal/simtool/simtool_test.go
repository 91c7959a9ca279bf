package simtool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simtool"
	"github.com/jifen-pos/jifen/cmd/internal/simworld"
	"github.com/jifen-pos/jifen/terminal/guard"
)

// TestStoryAddsUp: what the story says was issued is where it says that it is.
func TestStoryAddsUp(t *testing.T) {
	var out strings.Builder
	if err := simtool.Story(simworld.Options{Seed: 3, Days: 3, Terminals: 2}, 0, &out); err != nil {
		t.Fatal(err)
	}
	_, end, found := strings.Cut(out.String(), "agreed within the time they have:\n")
	if !found || !strings.Contains(out.String(), "bought something") {
		t.Fatalf("the story tells of no purchase or no end:\n%s", out.String())
	}
	issued, rest := 0, 0
	for line := range strings.Lines(end) {
		var n int
		if _, err := fmt.Sscanf(line, "%d", &n); err != nil {
			continue
		}
		if strings.Contains(line, "issued") || strings.Contains(line, "given back") {
			issued += n
		} else {
			rest += n
		}
	}
	if issued == 0 || issued != rest {
		t.Errorf("%d issued, %d elsewhere:\n%s", issued, rest, out.String())
	}
}

func TestStoryOfAWorldThatFails(t *testing.T) {
	var out strings.Builder
	o := simworld.Options{Seed: 1, Days: 3, Terminals: 2, Harsh: "presses", Unguarded: guard.Off{FirstAnswer: true}}
	err := simtool.Story(o, 0, &out)
	var failed *simworld.Failure
	if !errors.As(err, &failed) || strings.Contains(out.String(), "agreed") {
		t.Errorf("Story() = %v, and says:\n%s", err, out.String())
	}
}

func TestSweepTellsWhatFailed(t *testing.T) {
	o := simworld.Options{Seed: 1, Days: 3, Terminals: 2, Harsh: "presses", Unguarded: guard.Off{FirstAnswer: true}}
	sum := simtool.Sweep{Options: o, Seeds: 1}.Run(t.Context())
	var out strings.Builder
	sum.Write(&out)
	if len(sum.Failures) != 1 || !strings.Contains(out.String(), "FAILED seed 1") || sum.Seeds != 1 {
		t.Errorf("%d failures: %s", len(sum.Failures), out.String())
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if sum := (simtool.Sweep{Options: o, Seeds: 5}).Run(ended); sum.Seeds != 0 {
		t.Errorf("%d worlds after the end", sum.Seeds)
	}
}
