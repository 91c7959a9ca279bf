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
	hard string // what goes wrong most
	says string // the kind of failure that it must come to; "" is any
}{
	{"ack-after-commit", guard.Off{AckAfterCommit: true}, 1, "hq", "ack-not-durable"},
	{"signed-messages", guard.Off{SignedMessages: true}, 1, "forged", "ack-of-nothing"},
	{"signed-down", guard.Off{SignedDown: true}, 1, "forged", "spent-from-nothing"},
	{"contiguous-down", guard.Off{ContiguousDown: true}, 1, "", ""},
	{"contiguous-up", guard.Off{ContiguousUp: true}, 1, "loss", ""},
	{"sent-after-commit", guard.Off{SentAfterCommit: true}, 1, "hq", "sent-not-durable"},
	{"note-addressed", guard.Off{NoteAddressed: true}, 1, "", ""},
	{"incarnation", guard.Off{Incarnation: true}, 1, "cards", "two-entries"},
	{"witness", guard.Off{Witness: true}, 1, "alone", "spent-twice"},
	{"ask-once", guard.Off{AskOnce: true}, 1, "late", "answered-twice"},
	{"claim-once", guard.Off{ClaimOnce: true}, 1, "posters", "granted-twice"},
	{"first-answer", guard.Off{FirstAnswer: true}, 1, "presses", "done-twice"},
	{"hq-expires", guard.Off{HQExpires: true}, 1, "lapse", "expired-by-a-terminal"},
	{"time-moves-nothing", guard.Off{TimeMovesNothing: true}, 1, "silent", ""},
	{"same-bytes", guard.Off{SameBytes: true}, 1, "tampered", "other-bytes-pass"},
	{"note-once", guard.Off{NoteOnce: true}, 1, "twice", ""},
	{"give-up-first", guard.Off{GiveUpFirst: true}, 1, "late", "kept-after-given-up"},
	{"newest-life", guard.Off{NewestLife: true}, 1, "old", "given-to-the-past"},
	{"hq-nets", guard.Off{HQNets: true}, 1, "persons", "netted-by-a-terminal"},
	{"return-right", guard.Off{ReturnRight: true}, 1, "goods", "error"},
	{"log-first", guard.Off{LogFirst: true}, 1, "hq", "sent-not-logged"},
	{"newest-epoch", guard.Off{NewestEpoch: true}, 1, "two-hqs", ""},
	{"quota-at-home", guard.Off{QuotaAtHome: true}, 1, "posters", ""},
}

// TestRulesTurnedOffAreCaught: a check that cannot fail proves nothing.
func TestRulesTurnedOffAreCaught(t *testing.T) {
	for _, s := range switched {
		t.Run(s.rule, func(t *testing.T) {
			for n := range uint64(tries) {
				o := simworld.Options{Seed: s.seed + n, Days: 6, Terminals: 2, Harsh: s.hard, Unguarded: s.off}
				if r := simworld.Run(o); r.Failure != nil && (s.says == "" || r.Failure.What == s.says) {
					t.Log(r.Failure)
					return
				}
			}
			t.Errorf("the rule was off in %d worlds from seed %d, and %q was not noticed", tries, s.seed, s.says)
		})
	}
}
