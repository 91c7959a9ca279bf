package desk

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Joining is a customer who becomes a member at the counter: by phone number, by
// a card that is handed out, or by both.
type Joining struct {
	Ref         string
	Phone, Card string
	Consent     bool // to the terms in force, which the screen shows

	Referrer string // card, phone number or id of the member who brought them along, or ""

	Name     string
	Birthday string // 1990-05-31, or 05-31
	Agreed   bool   // to Name and Birthday being kept, where either is given
}

// Join enrols a customer and puts them onto the sale. Who is a member already is
// put onto the sale as they are.
func (d *Desk) Join(by clerk.By, j Joining) (clerk.Done, error) {
	e, listed, err := d.enrolment(by, j)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case listed:
		return clerk.Done{}, d.Till.Scan(by, "", j.Phone)
	}
	done, err := d.Enrol(by, e)
	if err == nil {
		d.waits(by.Lane, "", "", nil)
	}
	return done, err
}

// JoinFor enrols a customer beside what is in the lane's basket. Whose number is
// a member's already is refused, unless it is by this very reference.
func (d *Desk) JoinFor(by clerk.By, j Joining) (clerk.Done, error) {
	e, listed, err := d.enrolment(by, j)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case listed && !d.answered(j.Ref):
		return clerk.Done{}, d.Refuse(by, "phone-taken")
	}
	return d.Care.Enrol(by, e)
}

// answered reports whether something was written under a reference.
func (d *Desk) answered(ref string) bool {
	_, err := d.Outcome(ref)
	return !errors.Is(err, clerk.ErrUnknownReference)
}

// enrolment is what a till needs to enrol a customer; listed is somebody whose
// number is a member's already.
func (d *Desk) enrolment(by clerk.By, j Joining) (e till.Enrolment, listed bool, err error) {
	e = till.Enrolment{Ref: j.Ref, Text: TermsHash(d.Programme())}
	switch {
	case j.Phone == "" && j.Card == "":
		return e, false, d.Refuse(by, "enrol-how")
	case !j.Consent:
		return e, false, d.Refuse(by, "enrol-consent")
	}
	if j.Referrer != "" {
		referrer, ok := d.named(j.Referrer)
		switch {
		case d.Programme().Referral == nil:
			return e, false, d.Refuse(by, "no-referral")
		case !ok:
			return e, false, d.Refuse(by, "unknown-referrer")
		}
		e.Referrer = referrer
	}
	if err := d.seal(&e, by, j); err != nil {
		return e, false, err
	}
	if j.Card != "" {
		code, err := d.o.Codes.Classify("", j.Card)
		if err != nil || code.Kind != barcode.Card {
			return e, false, d.Refuse(by, "bad-card")
		}
		e.Card = code.Card()
	}
	if j.Phone == "" {
		return e, false, nil
	}
	if code, err := d.o.Codes.Classify("", j.Phone); err != nil || code.Kind != barcode.Phone {
		return e, false, d.Refuse(by, "bad-phone")
	}
	key := roll.PhoneHash(d.o.PhoneKey, j.Phone)
	known, err := d.Enrolled(key)
	if err != nil {
		return e, false, err
	}
	_, listed = d.Documents().Members.ByPhone(key)
	e.Phone, err = hex.DecodeString(key)
	return e, listed || known != 0, err
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
	return d.attend(by, ref, m, activity, nil)
}

// scanActivity checks the member on the sale in by the signed code that hangs
// where the activity is.
func (d *Desk) scanActivity(by clerk.By, text string) (clerk.Done, error) {
	keys := token.NewKeys(d.o.Key)
	if hq := d.HQKey(); hq != nil { // of another key it is to be made anew
		keys = token.NewKeys(d.o.Key, hq)
	}
	a, err := token.OpenActivity(text, keys.Find)
	switch {
	case errors.Is(err, token.ErrUnknownKey):
		return clerk.Done{}, d.Refuse(by, "token-elsewhere")
	case err != nil:
		return clerk.Done{}, d.Refuse(by, "token-forged")
	}
	if now := d.Now(); now.Quality != ledger.ClockUnset && !a.ValidAt(uint32(now.Wall.Unix()/60)) {
		return clerk.Done{}, d.Refuse(by, "activity-not-now")
	}
	v, err := d.Till.View(by.Lane)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case v.Member == nil:
		return clerk.Done{}, d.Refuse(by, "activity-who")
	}
	return d.attend(by, v.Ref+"-a-"+a.ID, v.Member, a.ID, binary.BigEndian.AppendUint64(nil, a.Nonce))
}

// AttendFor is Attend for the member of a code, beside what is in the lane's
// basket.
func (d *Desk) AttendFor(by clerk.By, ref, who, activity string) (clerk.Done, error) {
	m, err := d.shownBy(by, who)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.attend(by, ref, m, activity, nil)
}

func (d *Desk) attend(by clerk.By, ref string, m *till.MemberView, activity string, nonce []byte) (clerk.Done, error) {
	now := d.Now()
	for _, a := range d.Programme().Activities {
		if a.ID != activity || !a.Window.Open(d.Programme().Moment(now.Wall)) && !d.answered(ref) {
			continue
		}
		at := till.Attendance{Ref: ref, Member: m.ID, Proof: m.Proof, Activity: a.ID, Nonce: nonce, Asset: a.Asset, Amount: a.Points}
		if a.Points == 0 {
			at.Issues = game.Given(d.Programme(), &a.Gives, d.Today(now).Day)
		}
		return d.CheckIn(by, at)
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
	return d.give(by, ref, m, to, points)
}

// GiveFor is Give for the member of a code, beside what is in the lane's basket.
func (d *Desk) GiveFor(by clerk.By, ref, from, to string, points lot.Amount) (clerk.Done, error) {
	m, err := d.shownBy(by, from)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.give(by, ref, m, to, points)
}

func (d *Desk) give(by clerk.By, ref string, m *till.MemberView, to string, points lot.Amount) (clerk.Done, error) {
	other, ok := d.named(to)
	if !ok {
		return clerk.Done{}, d.Refuse(by, "unknown-member")
	}
	return d.Transfer(by, till.Transferring{Ref: ref, From: m.ID, To: other, Proof: m.Proof, Asset: d.Programme().Deduction.Asset, Amount: points})
}

// shownBy is the member of a card, a pass or a phone number.
func (d *Desk) shownBy(by clerk.By, code string) (*till.MemberView, error) {
	v, err := d.Quote(by, till.Order{Member: code})
	if err == nil && v.Member == nil {
		err = d.Refuse(by, "no-member")
	}
	return v.Member, err
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
