// Package guard names the rules that protect rights, so that the simulation can
// turn one off and see itself fail: a check that cannot fail proves nothing.
// Nobody else sets one, and it never says what a rule means: that stands where
// the rule is kept.
package guard

// Off says which rules are not kept. The zero value keeps all of them.
type Off struct {
	// Of the terminal.

	Incarnation    bool // a boot that nothing proves opens an incarnation of its own
	Witness        bool // without a witness the parent's rights are frozen
	GiveUpFirst    bool // an ask is given up in the journal first
	NoteOnce       bool // a note is accepted once
	NoteAddressed  bool // a note is accepted by the incarnation that it names, and by no other
	ContiguousDown bool // HQ's journal is taken in without gaps
	SignedDown     bool // HQ's journal is HQ's only with its signature
	QuotaAtHome    bool // a quota is made where the member's home is, once a period
	HQExpires      bool // only HQ ends what has lapsed
	HQNets         bool // only HQ takes of points what is owed
	ReturnRight    bool // goods come back where their sale's right of return can be used
	FirstAnswer    bool // a reference that was used keeps its answer

	// Of the line.

	SignedMessages bool // what the other side says is signed by it
	ContiguousUp   bool // a batch follows on what HQ has
	SameBytes      bool // known numbers have known bytes
	NewestEpoch    bool // HQ is not believed in an earlier one of its lives

	// Of HQ.

	TimeMovesNothing bool // time never moves a right
	AckAfterCommit   bool // an ack is of what is committed
	SentAfterCommit  bool // a note leaves when it is committed
	LogFirst         bool // what leaves is in the grant log
	AskOnce          bool // an ask that comes twice is answered once
	ClaimOnce        bool // a claim is settled once
	NewestLife       bool // a note is for the newest life that is known
	OverFirst        bool // what a life was given and did not take in comes back when that is over
}
