package crashproof_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
)

// write is a write of whole sectors, each filled with one letter.
func write(sector int64, letters string) crashproof.Op {
	op := crashproof.Op{Kind: crashproof.OpWrite, Off: sector * crashproof.SectorBytes}
	for _, l := range letters {
		op.Data = append(op.Data, bytes.Repeat([]byte{byte(l)}, crashproof.SectorBytes)...)
	}
	return op
}

// states walks a trace and writes each state with a letter a sector.
func states(w crashproof.Walk) []string {
	var list []string
	w.Random, w.From = rand.New(rand.NewPCG(1, 1)), -1
	w.Each(func(s crashproof.State) bool {
		text := make([]byte, s.Size/crashproof.SectorBytes)
		for i := range text {
			if at := i * crashproof.SectorBytes; at < len(s.Data) {
				text[i] = s.Data[at]
			}
			if text[i] == 0 {
				text[i] = '.'
			}
		}
		list = append(list, string(text))
		return true
	})
	slices.Sort(list)
	return slices.Compact(list)
}

func TestEveryPrefixAndTearIsAState(t *testing.T) {
	trace := crashproof.Trace{Ops: []crashproof.Op{write(0, "abc"), {Kind: crashproof.OpFlush}, write(1, "xy")}}
	want := []string{"..c", ".bc", "a", "ab", "abc", "aby", "axc", "axy"}
	if diff := cmp.Diff(want, states(crashproof.Walk{Trace: trace})); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestAnySubsetOfWhatIsNotFlushedIsAState(t *testing.T) {
	trace := crashproof.Trace{Ops: []crashproof.Op{
		{Kind: crashproof.OpTruncate, Off: 3 * crashproof.SectorBytes}, {Kind: crashproof.OpFlush},
		write(0, "a"), write(1, "b"), write(2, "c"),
	}}
	want := []string{"...", "..c", ".b.", ".bc", "a..", "a.c", "ab.", "abc"}
	if diff := cmp.Diff(want, slices.DeleteFunc(states(crashproof.Walk{Trace: trace, Subsets: 500}), func(s string) bool { return s == "" })); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestWhatAFailedFlushCoveredIsNotWrittenByTheNext(t *testing.T) {
	trace := crashproof.Trace{Ops: []crashproof.Op{
		write(0, "ab"), {Kind: crashproof.OpFlush}, write(0, "x"), {Kind: crashproof.OpLost},
		{Kind: crashproof.OpConfirm, N: 1}, write(1, "y"), {Kind: crashproof.OpFlush}, {Kind: crashproof.OpConfirm, N: 2},
	}}
	for _, test := range []struct {
		name string
		fate int
		want string
	}{{"nothing-reached-the-disk", 0, "ay"}, {"all-reached-the-disk", 1, "xy"}} {
		t.Run(test.name, func(t *testing.T) {
			w := crashproof.Walk{Trace: trace, Fate: test.fate, From: -1, Random: rand.New(rand.NewPCG(1, 1))}
			var last crashproof.State
			w.Each(func(s crashproof.State) bool {
				last = s
				return true
			})
			if got := string(last.Data[0]) + string(last.Data[crashproof.SectorBytes]); got != test.want || last.Confirmed != 2 {
				t.Errorf("last state %s after commit %d, want %s after 2", got, last.Confirmed, test.want)
			}
		})
	}
}

func TestAConfirmedCommitMustBeThere(t *testing.T) {
	trace := crashproof.Trace{Commits: []crashproof.Commit{{Digest: crashproof.Digest{1}}, {Digest: crashproof.Digest{2}}, {Digest: crashproof.Digest{3}}}}
	for _, test := range []struct {
		name             string
		confirmed, begun int
		holds            byte
		good             bool
	}{
		{"in-flight-absent", 0, 1, 1, true}, {"in-flight-there", 0, 1, 2, true}, {"in-flight-half", 0, 1, 9, false},
		{"confirmed-there", 1, 1, 2, true}, {"confirmed-lost", 1, 1, 1, false}, {"from-nowhere", 0, 1, 3, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := crashproof.State{Confirmed: test.confirmed, Begun: test.begun}
			got := crashproof.Judge(trace, s, crashproof.Finding{Digest: crashproof.Digest{test.holds}})
			if (got == "") != test.good {
				t.Errorf("Judge = %q, want good: %v", got, test.good)
			}
		})
	}
}
