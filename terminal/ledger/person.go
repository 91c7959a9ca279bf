package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// SignIn says that somebody signed in at a lane, or out: the entry's actor.
type SignIn struct {
	Out bool
	Via string // the program that vouched for them; "" where they gave their PIN
}

// Fields lists the message's fields.
func (s *SignIn) Fields(c *codec.Coder) {
	codec.Bool(c, 1, &s.Out)
	codec.String(c, 2, &s.Via, TextBytesMax)
}

// Kind is KindSignIn.
func (*SignIn) Kind() Kind { return KindSignIn }

// Critical is false: it moves nothing.
func (*SignIn) Critical() bool { return false }

// StepUp says that a second person lent their right to one action, and why.
type StepUp struct {
	Action Kind
	Input  []byte // hash of what was asked for: it is good for that alone
	Second string
	Reason string // a word of the catalogue
}

// Fields lists the message's fields.
func (s *StepUp) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Action)
	codec.Bytes(c, 2, &s.Input, 32)
	codec.String(c, 3, &s.Second, TextBytesMax)
	codec.String(c, 4, &s.Reason, TextBytesMax)
}

// Kind is KindStepUp.
func (*StepUp) Kind() Kind { return KindStepUp }

// Critical is false: it moves nothing.
func (*StepUp) Critical() bool { return false }

// Locked says that somebody may try no more PINs after so many wrong ones in a
// row (sec U2), or that the entry's actor lets them again.
type Locked struct {
	Person string
	Wrong  uint32
	Off    bool
}

// Fields lists the message's fields.
func (l *Locked) Fields(c *codec.Coder) {
	codec.String(c, 1, &l.Person, TextBytesMax)
	codec.Uint(c, 2, &l.Wrong)
	codec.Bool(c, 3, &l.Off)
}

// Kind is KindLocked.
func (*Locked) Kind() Kind { return KindLocked }

// Critical is false: it moves nothing.
func (*Locked) Critical() bool { return false }

// SealedBytesMax bounds what is known of a new member and sealed.
const SealedBytesMax = 512

// Enrol makes a member at the till, offline too: provisional until HQ has
// matched the phone (cap M1). A journal is for ever, so it has no name and no
// number in clear.
type Enrol struct {
	Member member.ID // provisional: HQ may later say who it is
	Phone  []byte    // keyed hash of the number, at most 32 bytes, or none
	Card   string    // number of the card that was handed out, or ""
	Sealed []byte    // name and number, for HQ alone and only as long as it keeps the key
	Day    lot.Day

	Referrer member.ID // who brought them along, or 0 (cap M6)
}

// Fields lists the message's fields.
func (e *Enrol) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &e.Member)
	codec.Bytes(c, 2, &e.Phone, 32)
	codec.String(c, 3, &e.Card, TextBytesMax)
	codec.Bytes(c, 4, &e.Sealed, SealedBytesMax)
	codec.Int(c, 5, &e.Day)
	codec.Uint(c, 6, &e.Referrer)
}

// Kind is KindEnrol.
func (*Enrol) Kind() Kind { return KindEnrol }

// Critical is true: it makes an owner of rights.
func (*Enrol) Critical() bool { return true }

// ForBirthday and ForChild are what a member can agree to beside the terms: that HQ
// keeps their name and birthday, or a child's birthday.
const (
	ForBirthday = "birthday"
	ForChild    = "child-birthday"
)

// Consent says that a member agreed to a text, or took that back (law L17).
type Consent struct {
	Member    member.ID
	Purpose   string
	Text      []byte // hash of what was read, at most 32 bytes
	Withdrawn bool
	Guardian  member.ID // who consented for a child, or 0 (law L18)
	Sealed    []byte    // what they told of themselves or of the child, for HQ alone
}

// Fields lists the message's fields.
func (s *Consent) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Member)
	codec.String(c, 2, &s.Purpose, TextBytesMax)
	codec.Bytes(c, 3, &s.Text, 32)
	codec.Bool(c, 4, &s.Withdrawn)
	codec.Uint(c, 5, &s.Guardian)
	codec.Bytes(c, 6, &s.Sealed, SealedBytesMax)
}

// Kind is KindConsent.
func (*Consent) Kind() Kind { return KindConsent }

// Critical is false: it moves nothing.
func (*Consent) Critical() bool { return false }
