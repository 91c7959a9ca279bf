package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Once says how what may be given once, or n times, is kept from being given
// again: a quota that is held here is used up, or, where none is, the entry
// claims the award and HQ grants it once.
type Once struct {
	Quota []lot.Draw
	Claim bool // nothing is issued: the paper says 联网后到账
}

// Fields lists the fields of every message that has it inside, from 14 on.
func (o *Once) Fields(c *codec.Coder) {
	codec.List(c, 14, &o.Quota, lot.HoldingsMax)
	codec.Bool(c, 15, &o.Claim)
}

// Grant gives a member something that no sale earned: goodwill, a birthday
// pack, a voucher, an adjustment upwards.
type Grant struct {
	Member member.ID
	Reason string // a word of the catalogue
	Second string // the second person, where one is needed
	Issues []Issue
	Day    lot.Day
	Once
}

// Fields lists the message's fields.
func (g *Grant) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &g.Member)
	codec.String(c, 2, &g.Reason, TextBytesMax)
	codec.String(c, 3, &g.Second, TextBytesMax)
	codec.List(c, 4, &g.Issues, lot.HoldingsMax)
	codec.Int(c, 5, &g.Day)
	g.Once.Fields(c)
}

// Kind is KindGrant.
func (*Grant) Kind() Kind { return KindGrant }

// Critical is true: it issues.
func (*Grant) Critical() bool { return true }

// WriteOff takes from a member what was given by mistake: an adjustment
// downwards, out of what is held here and no further.
type WriteOff struct {
	Member member.ID
	Reason string
	Second string
	Asset  lot.Asset
	Draws  []lot.Draw
}

// Fields lists the message's fields.
func (w *WriteOff) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &w.Member)
	codec.String(c, 2, &w.Reason, TextBytesMax)
	codec.String(c, 3, &w.Second, TextBytesMax)
	codec.String(c, 4, &w.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &w.Draws, lot.HoldingsMax)
}

// Kind is KindWriteOff.
func (*WriteOff) Kind() Kind { return KindWriteOff }

// Critical is true: it takes.
func (*WriteOff) Critical() bool { return true }

// Transfer moves points to a member of the same family. What is drawn ends in
// its lot and goes on in a new one with the same expiry, funder and day; new
// lot i is for draw i (rule S13: a transfer never renews anything).
type Transfer struct {
	From  member.ID
	Proof member.Proof
	To    member.ID
	Asset lot.Asset
	Draws []lot.Draw
	Day   lot.Day // business day
}

// Fields lists the message's fields.
func (t *Transfer) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &t.From)
	codec.Uint(c, 2, &t.Proof)
	codec.Uint(c, 3, &t.To)
	codec.String(c, 4, &t.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &t.Draws, lot.HoldingsMax)
	codec.Int(c, 6, &t.Day)
}

// Kind is KindTransfer.
func (*Transfer) Kind() Kind { return KindTransfer }

// Critical is true: it moves points.
func (*Transfer) Critical() bool { return true }

// CheckIn notes that a member attended an activity, whose signed code was
// scanned (cap M7), and what it earned.
type CheckIn struct {
	Member   member.ID
	Proof    member.Proof
	Activity string
	Nonce    []byte // of the scanned code, at most 16 bytes
	Issues   []Issue
	Day      lot.Day
	Once
}

// Fields lists the message's fields.
func (i *CheckIn) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &i.Member)
	codec.Uint(c, 2, &i.Proof)
	codec.String(c, 3, &i.Activity, TextBytesMax)
	codec.Bytes(c, 4, &i.Nonce, 16)
	codec.List(c, 5, &i.Issues, lot.HoldingsMax)
	codec.Int(c, 6, &i.Day)
	i.Once.Fields(c)
}

// Kind is KindCheckIn.
func (*CheckIn) Kind() Kind { return KindCheckIn }

// Critical is true: it issues.
func (*CheckIn) Critical() bool { return true }

// AnswersMax bounds the questions of one survey.
const AnswersMax = 50

// Answer is a member's answers to a set of questions (cap M8), and what they
// earned.
type Answer struct {
	Member  member.ID
	Survey  string
	Version uint32 // of the set of questions
	Choices []Choice
	Issues  []Issue
	Day     lot.Day
	Once
}

// Fields lists the message's fields.
func (a *Answer) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &a.Member)
	codec.String(c, 2, &a.Survey, TextBytesMax)
	codec.Uint(c, 3, &a.Version)
	codec.List(c, 4, &a.Choices, AnswersMax)
	codec.List(c, 5, &a.Issues, lot.HoldingsMax)
	codec.Int(c, 6, &a.Day)
	a.Once.Fields(c)
}

// Kind is KindAnswer.
func (*Answer) Kind() Kind { return KindAnswer }

// Critical is true: it issues.
func (*Answer) Critical() bool { return true }

// Choice is the answer to one question.
type Choice struct {
	Question uint32 // from 0
	Option   uint32 // from 0
}

// Fields lists the message's fields.
func (a *Choice) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &a.Question)
	codec.Uint(c, 2, &a.Option)
}

// QuotaMinted makes a member's quota of a rule for a period, when it is first
// needed. Only the holder of the member's home may write it, and once.
type QuotaMinted struct {
	Member member.ID
	Quota  Issue // asset quota:<rule>:<period>
	Day    lot.Day
}

// Fields lists the message's fields.
func (q *QuotaMinted) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &q.Member)
	codec.Value(c, 2, &q.Quota)
	codec.Int(c, 3, &q.Day)
	if c.Reading() && q.Quota.Amount <= 0 {
		c.Refuse("quota of nothing")
	}
}

// Kind is KindQuotaMinted.
func (*QuotaMinted) Kind() Kind { return KindQuotaMinted }

// Critical is true: it issues.
func (*QuotaMinted) Critical() bool { return true }
