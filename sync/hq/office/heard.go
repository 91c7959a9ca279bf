package office

import (
	"encoding/binary"
	"errors"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a member can tell HQ, stored, and how long it may be.
const (
	OfSurvey      = "survey"
	OfReview      = "review"
	OfExperience  = "experience"
	WordsBytesMax = 1500
)

// Heard is what a member told HQ on the page that a receipt's code opens (caps M6 and
// M8). It claims what that earns: answers at once, words once a person approved them.
type Heard struct {
	Owner   member.ID
	What    string
	Subject string // the survey and its version, the goods, or ""
	Receipt lot.Origin
	Choices []ledger.Choice
	Words   string
	Issues  []ledger.Issue
	Quota   lot.Asset // that allows it, so often in a period
	Times   lot.Amount
	Expires lot.Day
	By
}

// Fields lists the message's fields.
func (h *Heard) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &h.Owner)
	codec.String(c, 2, &h.What, TextBytesMax)
	codec.String(c, 3, &h.Subject, 2*TextBytesMax)
	codec.Value(c, 4, &h.Receipt)
	codec.List(c, 5, &h.Choices, ledger.AnswersMax)
	codec.String(c, 6, &h.Words, WordsBytesMax)
	codec.List(c, 7, &h.Issues, lot.HoldingsMax)
	codec.String(c, 8, &h.Quota, lot.AssetBytesMax)
	codec.Int(c, 9, &h.Times)
	codec.Int(c, 10, &h.Expires)
	h.By.fields(c)
}

// Kind is heard.
func (*Heard) Kind() string { return "heard" }

// Moves is nothing: what it earns is granted by the entry that settles it.
func (*Heard) Moves(lot.Origin) Moves { return Moves{} }

// Awaits is why something heard waits for a person: a word of the catalogue.
const Awaits = "claim-awaits-approval"

func (d *Desk) hear(at lot.Origin, b Body) error {
	switch b := b.(type) {
	case *Heard:
		return d.heard(at, b)
	case *Approve:
		return d.approve(b)
	case *Refer:
		return d.refer(b)
	}
	return nil // it changes accounts alone
}

func (d *Desk) heard(at lot.Origin, b *Heard) error {
	err := edit(d, heardKey(b.Owner, b.What, b.Subject), func(of *lot.Origin) error { *of = at; return nil })
	if err == nil {
		err = d.OpenClaim(at, b.Owner, lot.Origin{})
	}
	if err == nil && b.What != OfSurvey {
		err = d.ParkClaim(at, Awaits, false)
	}
	return err
}

func heardKey(who member.ID, what, subject string) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{heardPrefix}, uint64(who)), what+" "+subject...)
}

// Spoke is the entry by which a member spoke of something last, or none.
func (d *Desk) Spoke(who member.ID, what, subject string) (lot.Origin, error) {
	of, err := read[lot.Origin](d, heardKey(who, what, subject))
	if err != nil {
		return lot.Origin{}, err
	}
	return *of, nil
}

// Approve says that a person found nothing wrong with what a member wrote.
type Approve struct {
	Of lot.Origin
	By
}

// Fields lists the fields.
func (a *Approve) Fields(c *codec.Coder) {
	codec.Value(c, 1, &a.Of)
	a.By.fields(c)
}

// Kind is approve.
func (*Approve) Kind() string { return "approve" }

// Moves is nothing.
func (*Approve) Moves(lot.Origin) Moves { return Moves{} }

func (d *Desk) approve(b *Approve) error {
	k, err := d.Claim(b.Of)
	if err != nil || k.Status != ClaimParked && d.early {
		return err
	} else if k.Why != Awaits {
		return ErrClaim
	}
	err = edit(d, claimKey(b.Of), func(k *Claim) error { *k = Claim{Owner: k.Owner}; return nil })
	return errors.Join(err, d.OpenClaim(b.Of, k.Owner, lot.Origin{}))
}

// Refer rewards a new member and who brought them along, once (cap M6, law L25).
type Refer struct {
	Newcomer, Referrer member.ID
	Sale               lot.Origin
	Lots               []lot.Lot
	By
}

// Fields lists the message's fields.
func (r *Refer) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Newcomer)
	codec.Uint(c, 2, &r.Referrer)
	codec.Value(c, 3, &r.Sale)
	codec.List(c, 4, &r.Lots, lot.HoldingsMax)
	r.By.fields(c)
}

// Kind is refer.
func (*Refer) Kind() string { return "refer" }

// Moves issues the lots.
func (r *Refer) Moves(at lot.Origin) (m Moves) {
	m.Born(at, r.Lots)
	return m
}

func (d *Desk) refer(b *Refer) error {
	err := edit(d, PersonKey(b.Newcomer), func(p *Person) error { p.Referred, p.Bought = b.Day, nil; return nil })
	return errors.Join(err, edit(d, PersonKey(b.Referrer), func(p *Person) error {
		if month := b.Day.MonthEnd(); p.BroughtIn != month {
			p.BroughtIn, p.Brought = month, 0
		}
		p.Brought++
		return nil
	}))
}

// Joined notes who brought a new member along, or what that member has bought since.
func (d *Desk) Joined(newcomer, by member.ID, bought ...lot.Origin) error {
	return edit(d, PersonKey(newcomer), func(p *Person) error {
		p.Referrer, p.Bought = by, append(p.Bought, bought...)[:min(len(p.Bought)+len(bought), AliasesMax)]
		return nil
	})
}
