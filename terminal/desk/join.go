package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Joining is a customer who becomes a member at the counter: by phone number, by
// a card that is handed out, or by both.
type Joining struct {
	Ref         string
	Phone, Card string
	Consent     bool // to the terms in force, which the screen shows
}

// Join enrols a customer and puts them onto the sale. Who is a member already is
// put onto the sale as they are.
func (d *Desk) Join(by clerk.By, j Joining) (clerk.Done, error) {
	e := till.Enrolment{Ref: j.Ref, Text: TermsHash(d.Programme())}
	switch {
	case j.Phone == "" && j.Card == "":
		return clerk.Done{}, d.Refuse(by, "enrol-how")
	case !j.Consent:
		return clerk.Done{}, d.Refuse(by, "enrol-consent")
	}
	if j.Card != "" {
		code, err := d.o.Codes.Classify("", j.Card)
		if err != nil || code.Kind != barcode.Card {
			return clerk.Done{}, d.Refuse(by, "bad-card")
		}
		e.Card = code.Card()
	}
	if j.Phone != "" {
		if code, err := d.o.Codes.Classify("", j.Phone); err != nil || code.Kind != barcode.Phone {
			return clerk.Done{}, d.Refuse(by, "bad-phone")
		}
		key := roll.PhoneHash(d.o.PhoneKey, j.Phone)
		known, err := d.Enrolled(key)
		if err != nil {
			return clerk.Done{}, err
		}
		if _, listed := d.Documents().Members.ByPhone(key); listed || known != 0 {
			return clerk.Done{}, d.Till.Scan(by, "", j.Phone)
		}
		if e.Phone, err = hex.DecodeString(key); err != nil {
			return clerk.Done{}, err
		}
	}
	return d.Enrol(by, e)
}

// TermsHash names the terms that a member agrees to: a hash over the number and
// the clauses of a programme's terms.
func TermsHash(p *programme.Programme) []byte {
	var b strings.Builder
	for _, c := range p.Terms.Clauses {
		b.WriteString(c.ID + "\n" + c.Text.ZH + "\n" + c.Text.EN + "\n")
	}
	sum := sha256.Sum256([]byte(p.Version() + "\n" + b.String()))
	return sum[:]
}

// Attend checks the member on the sale in at an activity of the programme.
func (d *Desk) Attend(by clerk.By, ref, activity string) (clerk.Done, error) {
	m, err := d.served(by)
	if err != nil {
		return clerk.Done{}, err
	}
	for _, a := range d.Programme().Activities {
		if a.ID == activity && a.Points > 0 && a.Window.Open(d.Programme().Moment(d.Now().Wall)) {
			return d.CheckIn(by, till.Attendance{Ref: ref, Member: m.ID, Proof: m.Proof, Activity: a.ID, Asset: a.Asset, Amount: a.Points})
		}
	}
	return clerk.Done{}, d.Refuse(by, "unknown-activity")
}

// Give moves points of the member on the sale to another of the family, who is
// named by card, phone number or id. HQ must be there.
func (d *Desk) Give(by clerk.By, ref, to string, points lot.Amount) (clerk.Done, error) {
	m, err := d.served(by)
	if err != nil {
		return clerk.Done{}, err
	}
	other, ok := d.named(to)
	if !ok {
		return clerk.Done{}, d.Refuse(by, "unknown-member")
	}
	return d.Transfer(by, till.Transferring{Ref: ref, From: m.ID, To: other, Proof: m.Proof, Asset: d.Programme().Deduction.Asset, Amount: points})
}

// named finds a member by what a person would write.
func (d *Desk) named(text string) (member.ID, bool) {
	list := d.Documents().Members
	if id, err := member.ParseID(text); err == nil {
		p, ok := list.ByID(id)
		return p.ID, ok
	}
	code, err := d.o.Codes.Classify("", text)
	if err != nil {
		return 0, false
	}
	p, ok := roll.Person{}, false
	switch code.Kind {
	case barcode.Card:
		p, ok = list.ByCard(code.Card())
	case barcode.Phone:
		p, ok = list.ByPhone(roll.PhoneHash(d.o.PhoneKey, code.Text))
	}
	return p.ID, ok
}

// served is the member on a lane's sale, or a refusal.
func (d *Desk) served(by clerk.By) (*till.MemberView, error) {
	v, err := d.Till.View(by.Lane)
	if err == nil && v.Member == nil {
		err = d.Refuse(by, "no-member")
	}
	return v.Member, err
}

// People are the first of the members that are listed.
func (d *Desk) People(most int) (list []member.ID) {
	for _, p := range d.Documents().Members.All() {
		if len(list) < most {
			list = append(list, p.ID)
		}
	}
	return list
}
