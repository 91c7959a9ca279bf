package simworld_test

import (
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld"
	"github.com/jifen-pos/jifen/terminal/guard"
)

// tries is how many worlds a rule that is turned off may get away with.
const tries = 8

// switched are protective rules, with the seed at which to begin to look.
var switched = []struct {
	rule string
	off  guard.Off
	seed uint64
}{
	{"ack-after-commit", guard.Off{AckAfterCommit: true}, 3},
	{"signed-messages", guard.Off{SignedMessages: true}, 1},
	{"signed-down", guard.Off{SignedDown: true}, 20},
	{"contiguous-down", guard.Off{ContiguousDown: true}, 3},
	{"contiguous-up", guard.Off{ContiguousUp: true}, 1},
	{"sent-after-commit", guard.Off{SentAfterCommit: true}, 1},
	{"note-addressed", guard.Off{NoteAddressed: true}, 1},
}

// TestRulesTurnedOffAreCaught: a check that cannot fail proves nothing.
func TestRulesTurnedOffAreCaught(t *testing.T) {
	for _, s := range switched {
		t.Run(s.rule, func(t *testing.T) {
			for n := range uint64(tries) {
				o := simworld.Options{Seed: s.seed + n, Days: 3, Terminals: 2, Unguarded: s.off}
				if r := simworld.Run(o); r.Failure != nil {
					t.Log(r.Failure)
					return
				}
			}
			t.Errorf("the rule was off in %d worlds from seed %d, and nothing was noticed", tries, s.seed)
		})
	}
}
