package person

import (
	"cmp"
	"encoding/hex"
	"encoding/json"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Enrolment makes a member at the till, offline too (cap M1).
type Enrolment struct {
	Ref    string
	Phone  []byte // keyed hash of the number, or none
	Card   string // number of the card that was handed out, or ""
	Sealed []byte // name, number and birthday, for HQ alone
	Text   []byte // hash of the terms that the member agreed to
	About  []byte // hash of what they agreed to beside for their name and birthday, or none

	Referrer member.ID // who brought them along, or 0 (cap M6)
}

// provisionalFrom is where the ids of members begin that a till enrolled: HQ
// hands out smaller ones.
const provisionalFrom member.ID = 1 << 63

// Enrol makes a provisional member, with their consent in an entry of its own
// before. The member is Done.Entry's.
func (c *Care) Enrol(by clerk.By, e Enrolment) (clerk.Done, error) {
	asked := e
	asked.Sealed = nil // what is sealed is sealed in other bytes each time
	input, err := json.Marshal(asked)
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: e.Ref, Kind: ledger.KindEnrol, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		switch {
		case len(e.Phone) == 0 && e.Card == "":
			return nil, view.Refuse("enrol-how")
		case len(e.Text) == 0:
			return nil, view.Refuse("enrol-consent")
		case len(e.Phone) > 32 || len(e.Text) > 32 || len(e.About) > 32 || len(e.Sealed) > ledger.SealedBytesMax || len(e.Card) > ledger.TextBytesMax:
			return nil, view.Refuse("enrol-too-long")
		}
		if p, ok := c.o.Members().ByCard(e.Card); ok && e.Card != "" {
			return nil, view.Refuse("card-taken", view.Plain(p.ID))
		}
		if taken, err := x.Note(enrolledNote(e.Card)); err != nil || taken != nil {
			return nil, cmp.Or(err, view.Refuse("card-taken", view.Plain(string(taken))))
		}
		id, err := c.o.Clerk.Random()
		if err != nil {
			return nil, err
		}
		who := provisionalFrom | member.ID(id>>1)
		for _, consent := range e.consents(who) {
			if _, err := c.o.Clerk.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: consent}); err != nil {
				return nil, err
			}
		}
		x.Then(func() error { return rememberEnrolled(x, who, e) })
		day := c.o.Clerk.Programme().BusinessDay(x.Now.Wall)
		return &ledger.Enrol{Member: who, Phone: e.Phone, Card: e.Card, Sealed: e.Sealed, Day: day, Referrer: e.Referrer}, nil
	})
}

// consents are what the member agreed to, each in an entry of its own: it can be
// taken back alone (law L17).
func (e Enrolment) consents(who member.ID) []*ledger.Consent {
	list := []*ledger.Consent{{Member: who, Purpose: "programme", Text: e.Text}}
	if len(e.About) > 0 {
		list = append(list, &ledger.Consent{Member: who, Purpose: ledger.ForBirthday, Text: e.About})
	}
	return list
}

func enrolledNote(key string) string { return "enrolled-" + key }

// rememberEnrolled lets the new card and number be found before HQ's list has
// them.
func rememberEnrolled(x *clerk.Txn, who member.ID, e Enrolment) error {
	for _, key := range []string{e.Card, hex.EncodeToString(e.Phone)} {
		if key == "" {
			continue
		}
		if err := x.PutNote(enrolledNote(key), []byte(who.String())); err != nil {
			return err
		}
	}
	return nil
}

// Enrolled finds a member whom this till enrolled by card number or the hash of
// a phone number; 0 is none.
func (c *Care) Enrolled(key string) (id member.ID, err error) {
	err = c.o.Journal.View(func(tx journal.Tx) error {
		b, err := tx.Note(enrolledNote(key))
		if err == nil && b != nil {
			id, err = member.ParseID(string(b))
		}
		return err
	})
	return id, err
}

// Agree writes down, under a reference, that a member agreed to a text, with what they
// told of themselves or of a child, or that they took that back.
func (c *Care) Agree(by clerk.By, ref string, b ledger.Consent) (clerk.Done, error) {
	asked := b
	asked.Sealed = nil // what is sealed is sealed in other bytes each time
	input, err := json.Marshal(asked)
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: ref, Kind: ledger.KindConsent, Input: input}, func(*clerk.Txn) (ledger.Body, error) { return &b, nil })
}

// Consent writes down that a member agreed to a text, or took that back.
func (c *Care) Consent(by clerk.By, b ledger.Consent) error {
	if b.Member == 0 || b.Purpose == "" || len(b.Text) == 0 && !b.Withdrawn {
		return view.Refuse("consent-incomplete")
	}
	return c.o.Clerk.Record(by, &b)
}
