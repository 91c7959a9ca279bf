package till

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// Enrolment makes a member at the till, offline too (cap M1).
type Enrolment struct {
	Ref    string
	Phone  []byte // keyed hash of the number, or none
	Card   string // number of the card that was handed out, or ""
	Sealed []byte // name and number, for HQ alone
	Text   []byte // hash of the terms that the member agreed to
}

// provisionalFrom is where the ids of members begin that a till enrolled: HQ
// hands out smaller ones.
const provisionalFrom member.ID = 1 << 63

// Enrol makes a provisional member, with their consent in an entry of its own
// before, and puts them onto the sale. The member is Done.Entry's.
func (t *Till) Enrol(by clerk.By, e Enrolment) (clerk.Done, error) {
	input, err := json.Marshal(e)
	if err != nil {
		return clerk.Done{}, err
	}
	done, err := t.do(clerk.Action{By: by, Ref: e.Ref, Kind: ledger.KindEnrol, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		switch {
		case len(e.Phone) == 0 && e.Card == "":
			return nil, refuse("enrol-how")
		case len(e.Text) == 0:
			return nil, refuse("enrol-consent")
		case len(e.Phone) > 32 || len(e.Text) > 32 || len(e.Sealed) > ledger.SealedBytesMax || len(e.Card) > ledger.TextBytesMax:
			return nil, refuse("enrol-too-long")
		}
		if p, ok := t.documents().Members.ByCard(e.Card); ok && e.Card != "" {
			return nil, refuse("card-taken", plain(p.ID))
		}
		if taken, err := x.Note(enrolledNote(e.Card)); err != nil || taken != nil {
			return nil, cmp.Or(err, refuse("card-taken", plain(string(taken))))
		}
		id, err := t.Random()
		if err != nil {
			return nil, err
		}
		who := provisionalFrom | member.ID(id>>1)
		consent := &ledger.Consent{Member: who, Purpose: "programme", Text: e.Text}
		if _, err := t.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: consent}); err != nil {
			return nil, err
		}
		x.Then(func() error { return rememberEnrolled(x, who, e) })
		return &ledger.Enrol{Member: who, Phone: e.Phone, Card: e.Card, Sealed: e.Sealed, Day: t.Programme().BusinessDay(x.Now.Wall)}, nil
	})
	if err != nil || done.Again {
		return done, err
	}
	proof, who := member.ByPhone, done.Entry.Body.(*ledger.Enrol).Member
	if e.Card != "" {
		proof = member.ByCard
	}
	return done, t.edit(by, func(l *lane) error { return t.identify(by, l, proof, programme.Person{ID: who, Name: who.String()}) })
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

// enrolled finds a member whom this till enrolled by card number or the hash of
// a phone number; 0 is none.
func (t *Till) enrolled(key string) (id member.ID, err error) {
	err = t.o.Journal.View(func(tx journal.Tx) error {
		b, err := tx.Note(enrolledNote(key))
		if err == nil && b != nil {
			id, err = member.ParseID(string(b))
		}
		return err
	})
	return id, err
}

// Consent writes down that a member agreed to a text, or took that back.
func (t *Till) Consent(by clerk.By, c ledger.Consent) error {
	if c.Member == 0 || c.Purpose == "" || len(c.Text) == 0 && !c.Withdrawn {
		return refuse("consent-incomplete")
	}
	return t.Record(by, &c)
}

// Attendance is a member at an activity whose signed code was scanned.
type Attendance struct {
	Ref      string
	Member   member.ID
	Proof    member.Proof
	Activity string
	Nonce    []byte
	Asset    lot.Asset
	Amount   lot.Amount
	Funder   string
}

// CheckIn notes that a member attended, and gives what that earns, once for
// each member and activity. Where that cannot be known here it is claimed, and
// HQ grants it (cap M7).
func (t *Till) CheckIn(by clerk.By, c Attendance) (clerk.Done, error) {
	input, err := json.Marshal(c)
	if err != nil {
		return clerk.Done{}, err
	}
	return t.do(clerk.Action{By: by, Ref: c.Ref, Kind: ledger.KindCheckIn, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		issues, err := t.gift(x, c.Asset, c.Amount, c.Funder)
		if err != nil {
			return nil, err
		}
		if c.Activity == "" || !lot.ValidName(c.Activity) || len(c.Nonce) > 16 {
			return nil, refuse("unknown-activity")
		}
		body := &ledger.CheckIn{
			Member: c.Member, Proof: c.Proof, Activity: c.Activity, Nonce: bytes.Clone(c.Nonce), Issues: issues,
			Day: t.Programme().BusinessDay(x.Now.Wall),
		}
		if body.Once, err = t.once(x, c.Member, quota{ledger.ActivityQuota(c.Activity), 1}); err == nil && body.Claim {
			t.Print(x, by.Lane, slip.Claim, 0, slip.Facts{})
		}
		return body, err
	})
}

// Survey is a member's answers to a set of questions.
type Survey struct {
	Ref     string
	Member  member.ID
	Survey  string
	Version uint32
	Choices []ledger.Choice
	Asset   lot.Asset
	Amount  lot.Amount
}

// Answer keeps a member's answers and gives what they earn, once for each
// survey (cap M8).
func (t *Till) Answer(by clerk.By, s Survey) (clerk.Done, error) {
	input, err := json.Marshal(s)
	if err != nil {
		return clerk.Done{}, err
	}
	return t.do(clerk.Action{By: by, Ref: s.Ref, Kind: ledger.KindAnswer, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		issues, err := t.gift(x, s.Asset, s.Amount, "")
		if err != nil {
			return nil, err
		}
		if !lot.ValidName(s.Survey) || len(s.Choices) == 0 || len(s.Choices) > ledger.AnswersMax {
			return nil, refuse("unknown-survey")
		}
		body := &ledger.Answer{
			Member: s.Member, Survey: s.Survey, Version: s.Version, Choices: s.Choices, Issues: issues,
			Day: t.Programme().BusinessDay(x.Now.Wall),
		}
		if body.Once, err = t.once(x, s.Member, quota{ledger.SurveyQuota(s.Survey, s.Version), 1}); err == nil && body.Claim {
			t.Print(x, by.Lane, slip.Claim, 0, slip.Facts{})
		}
		return body, err
	})
}

// gift is the terms of points that no sale earned.
func (t *Till) gift(x *clerk.Txn, asset lot.Asset, n lot.Amount, merchant string) ([]ledger.Issue, error) {
	if n <= 0 || n > lot.AmountMax || !asset.Points() {
		return nil, refuse("bad-amount")
	}
	day := t.Programme().BusinessDay(x.Now.Wall)
	active, expires := t.Programme().TermsOf(asset, day)
	funder, _ := t.Programme().Merchant(merchant)
	return []ledger.Issue{{Asset: asset, Amount: n, Funder: funder.ID, UnitCost: funder.UnitCost, Active: active, Expires: expires}}, nil
}

// UseCoupon puts one of the member's coupons into the basket, or takes it out.
func (t *Till) UseCoupon(by clerk.By, id lot.ID) error {
	return t.edit(by, func(l *lane) error {
		if l.Member == 0 {
			return refuse("no-member")
		}
		for i, c := range l.Coupons {
			if c == id {
				l.Coupons = append(l.Coupons[:i:i], l.Coupons[i+1:]...)
				return nil
			}
		}
		return t.putCoupon(by, l, id)
	})
}

// putCoupon puts one of the member's coupons into a basket.
func (t *Till) putCoupon(by clerk.By, l *lane, id lot.ID) error {
	if len(l.Coupons) == ledger.CouponsMax {
		return refuse("too-many-coupons")
	}
	return t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.State(tx)
		if err != nil {
			return err
		}
		return t.addCoupon(state, by.Lane, l, id)
	})
}

func (t *Till) addCoupon(state *fold.State, n uint32, l *lane, id lot.ID) error {
	held, err := t.usable(state, n, l.Member)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Lot.ID == id && h.Lot.Asset.Coupon() != "" {
			l.Coupons = append(l.Coupons, id)
			return nil
		}
	}
	return refuse("coupon-not-here", plain(fmt.Sprint(id)))
}
