package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// NoteGiven gives holdings back to HQ. The note's id is the entry's own.
type NoteGiven struct {
	Member member.ID // 0 for what the programme owns: stock and budgets
	Draws  []lot.Draw
	Recall DownSeq // HQ's recall that it answers, or 0; then it may be empty
}

// Fields lists the message's fields.
func (n *NoteGiven) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &n.Member)
	codec.List(c, 2, &n.Draws, lot.HoldingsMax)
	codec.Uint(c, 3, &n.Recall)
}

// Kind is KindNoteGiven.
func (*NoteGiven) Kind() Kind { return KindNoteGiven }

// Critical is true: it moves rights.
func (*NoteGiven) Critical() bool { return true }

// AskGivenUp says that the answer to an ask will not be used: a note that
// answers it and comes later goes back to HQ.
type AskGivenUp struct {
	Ask lot.AskID
}

// Fields lists the message's fields.
func (a *AskGivenUp) Fields(c *codec.Coder) { codec.Uint(c, 1, &a.Ask) }

// Kind is KindAskGivenUp.
func (*AskGivenUp) Kind() Kind { return KindAskGivenUp }

// Critical is true: it decides where a note goes.
func (*AskGivenUp) Critical() bool { return true }

// Decline records that something was refused, so that the same reference gets
// the same answer: what was missing, and where it was held.
type Decline struct {
	Action Kind // what was refused
	Code   string
	Member member.ID
	Asset  lot.Asset
	Want   lot.Amount
	Has    lot.Amount
	// As HQ last said of this member; both 0 where it said nothing.
	AtHQ      lot.Amount
	Elsewhere lot.Amount
}

// Fields lists the message's fields.
func (d *Decline) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Action)
	codec.String(c, 2, &d.Code, TextBytesMax)
	codec.Uint(c, 3, &d.Member)
	codec.String(c, 4, &d.Asset, lot.AssetBytesMax)
	codec.Int(c, 5, &d.Want)
	codec.Int(c, 6, &d.Has)
	codec.Int(c, 7, &d.AtHQ)
	codec.Int(c, 8, &d.Elsewhere)
}

// Kind is KindDecline.
func (*Decline) Kind() Kind { return KindDecline }

// Critical is false: it moves nothing.
func (*Decline) Critical() bool { return false }
