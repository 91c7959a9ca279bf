package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What a terminal records about itself. None of it moves a right.

// InForce says that a document or a program took over from another: what
// decides from here on.
type InForce struct {
	What   string // programme, software
	Before string // version, "" for none
	After  string
}

// Fields lists the message's fields.
func (f *InForce) Fields(c *codec.Coder) {
	codec.String(c, 1, &f.What, TextBytesMax)
	codec.String(c, 2, &f.Before, TextBytesMax)
	codec.String(c, 3, &f.After, TextBytesMax)
}

// Kind is KindInForce.
func (*InForce) Kind() Kind { return KindInForce }

// Critical is false: it moves nothing.
func (*InForce) Critical() bool { return false }

// ClockStep says that the wall clock jumped against the time since boot.
type ClockStep struct {
	Before int64 // what it should have shown, unix ms
	After  int64 // what it shows
}

// Fields lists the message's fields.
func (s *ClockStep) Fields(c *codec.Coder) {
	codec.Int(c, 1, &s.Before)
	codec.Int(c, 2, &s.After)
}

// Kind is KindClockStep.
func (*ClockStep) Kind() Kind { return KindClockStep }

// Critical is false: it moves nothing.
func (*ClockStep) Critical() bool { return false }

// Printed says what became of an attempt to print an entry's paper.
type Printed struct {
	Of      lot.Origin
	Job     uint64
	Attempt int64
	State   string
	Reason  string
}

// Fields lists the message's fields.
func (p *Printed) Fields(c *codec.Coder) {
	codec.Value(c, 1, &p.Of)
	codec.Uint(c, 2, &p.Job)
	codec.Int(c, 3, &p.Attempt)
	codec.String(c, 4, &p.State, TextBytesMax)
	codec.String(c, 5, &p.Reason, TextBytesMax)
}

// Kind is KindPrinted.
func (*Printed) Kind() Kind { return KindPrinted }

// Critical is false: it moves nothing.
func (*Printed) Critical() bool { return false }

// Outage says that HQ could not be reached for a time, and how many wishes
// were declined in it: the evidence when a member is to be compensated (cap
// F3).
type Outage struct {
	From     int64 // unix ms, by this terminal's clock
	To       int64
	Declined uint64
	Refused  []Count // of them, by why
}

// Fields lists the message's fields.
func (o *Outage) Fields(c *codec.Coder) {
	codec.Int(c, 1, &o.From)
	codec.Int(c, 2, &o.To)
	codec.Uint(c, 3, &o.Declined)
	codec.List(c, 4, &o.Refused, CodesMax)
}

// Kind is KindOutage.
func (*Outage) Kind() Kind { return KindOutage }

// Critical is false: it moves nothing.
func (*Outage) Critical() bool { return false }

// CodesMax bounds the different reasons that one outage lists.
const CodesMax = 64

// Count is how often something was refused for one reason.
type Count struct {
	Code string // a word of the catalogue
	N    uint64
}

// Fields lists the message's fields.
func (n *Count) Fields(c *codec.Coder) {
	codec.String(c, 1, &n.Code, TextBytesMax)
	codec.Uint(c, 2, &n.N)
}

// Reprint says that somebody asked for a paper again: under the same number,
// marked as a reprint.
type Reprint struct {
	Of      lot.Origin
	Job     uint64
	Attempt int64
	Reason  string // a word of the catalogue, or ""
}

// Fields lists the message's fields.
func (p *Reprint) Fields(c *codec.Coder) {
	codec.Value(c, 1, &p.Of)
	codec.Uint(c, 2, &p.Job)
	codec.Int(c, 3, &p.Attempt)
	codec.String(c, 4, &p.Reason, TextBytesMax)
}

// Kind is KindReprint.
func (*Reprint) Kind() Kind { return KindReprint }

// Critical is false: it moves nothing.
func (*Reprint) Critical() bool { return false }
