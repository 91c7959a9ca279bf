// Package voice is what members tell HQ on the page that a receipt's code opens:
// answers to surveys, reviews of goods that they bought, experiences of living green
// (caps M6 and M8). Each is kept as an entry of HQ's own and claims what it earns;
// what is written is read by a person first. It gives nothing by itself.
package voice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// wordsMin is how much has to be written, in characters.
const wordsMin = 8

// Errors, each a word of the catalogue.
var (
	ErrReceipt = errors.New("voice-receipt") // no such receipt, or not here yet
	ErrMember  = errors.New("voice-member")  // nobody's
	ErrSubject = errors.New("voice-subject") // not asked, not bought, or over
	ErrAnswers = errors.New("voice-answers") // one is missing, or is none of the choices
	ErrShort   = errors.New("voice-short")   // too little, or too much
	ErrAgain   = errors.New("voice-again")   // spoken of already
	ErrLate    = errors.New("voice-late")    // too long after the receipt
	ErrPerson  = errors.New("a named person and a reason are needed")
)

// Receipt is a sale whose code was opened.
type Receipt struct {
	Of     lot.Origin
	Member member.ID
	*ledger.Sale
}

// Open finds the sale of a receipt, if the code is the receipt's: who has not got it
// in hand does not know it.
func Open(tx book.Tx, of lot.Origin, code string) (r Receipt, err error) {
	row, err := tx.Entry(ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation), ledger.Seq(of.Seq))
	if errors.Is(err, book.ErrNotFound) || err == nil && row.Head.Hash.Code() != code {
		return r, ErrReceipt
	}
	if err != nil {
		return r, err
	}
	e, err := ledger.Decode(row.Raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return r, err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if back, is := e.Body.(*ledger.Return); is && back.Sale != nil { // of an exchange
		sale, ok = back.Sale, true
	}
	switch {
	case !ok:
		return r, ErrReceipt
	case sale.Member == 0:
		return r, ErrMember
	}
	return Receipt{of, sale.Member, sale}, nil
}

// Saying is what a member tells HQ.
type Saying struct {
	What    string // office.OfSurvey, office.OfReview or office.OfExperience
	Subject string // survey or product
	Choices []ledger.Choice
	Words   string
}

// Say keeps what a member says and settles what it claims, where that can be done.
func Say(w *decision.Work, r Receipt, s Saying) (of lot.Origin, err error) {
	persons, err := w.Desk.Persons(r.Member)
	if err != nil {
		return of, err
	}
	body := &office.Heard{
		Owner: persons[0], What: s.What, Receipt: r.Of, Choices: s.Choices, Words: strings.TrimSpace(s.Words), By: w.By(decision.ByPolicy("voice")),
	}
	if s.What == office.OfSurvey {
		err = answers(w.Programme(), body, r, s.Subject)
	} else {
		err = words(w, body, r, s.Subject)
	}
	if err != nil {
		return of, err
	}
	if spoke, err := spoken(w, body); err != nil || spoke {
		return of, errors.Join(err, ErrAgain)
	}
	if of, err = w.Enter(body); err != nil || s.What != office.OfSurvey {
		return of, err
	}
	return of, w.RetryOf(body.Owner)
}

// spoken reports whether a member has spoken of something and was not refused.
func spoken(w *decision.Work, b *office.Heard) (bool, error) {
	of, err := w.Desk.Spoke(b.Owner, b.What, b.Subject)
	if err != nil || of == (lot.Origin{}) {
		return false, err
	}
	k, err := w.Desk.Claim(of)
	return k.Status != office.ClaimRefused || b.What == office.OfSurvey, err
}

// answers reads the answers to a survey that the receipt asks.
func answers(p *programme.Programme, b *office.Heard, r Receipt, id string) error {
	s, ok := p.Survey(id)
	if !ok || !s.Asked(r.Redeemed) {
		return ErrSubject
	}
	if len(b.Choices) != len(s.Questions) {
		return ErrAnswers
	}
	for n := range b.Choices {
		if c := b.Choices[n]; int(c.Question) != n || int(c.Option) >= s.Questions[n].Most() {
			return ErrAnswers
		}
	}
	q := quota.Survey(s.ID, uint32(s.Version))
	b.Subject = surveySubject(&s)
	b.Quota, b.Times, b.Expires, b.Words = q.Asset, 1, q.Expires, ""
	b.Issues = game.Given(p, &s.Gives, b.Day)
	return nil
}

func surveySubject(s *programme.Survey) string { return fmt.Sprintf("%s.%d", s.ID, s.Version) }

// words reads what a member wrote of goods on the receipt, or of living green.
func words(w *decision.Work, b *office.Heard, r Receipt, product string) error {
	p := w.Programme()
	v := p.Experiences
	bought := func(l ledger.Line) bool { return l.Eco }
	if b.What == office.OfReview {
		v = p.Reviews
		bought = func(l ledger.Line) bool { return l.Product == product && product != "" }
		b.Subject = product
	} else {
		b.Subject = r.Of.String()
	}
	switch {
	case v == nil || b.What != office.OfReview && b.What != office.OfExperience || !slices.ContainsFunc(r.Lines, bought):
		return ErrSubject
	case utf8.RuneCountInString(b.Words) < wordsMin || len(b.Words) > office.WordsBytesMax || len(b.Choices) > 0:
		return ErrShort
	case b.Day > r.Day+lot.Day(v.Within):
		return ErrLate
	}
	q := quota.Benefit(b.What, b.Day)
	b.Quota, b.Times, b.Expires = q.Asset, lot.Amount(v.PerMonth), q.Expires
	b.Issues = game.Given(p, &v.Gives, b.Day)
	return nil
}

// Item is something that a member told.
type Item struct {
	Of lot.Origin
	*office.Heard
	Status office.Status
	Why    string
}

// Waiting are what members wrote and nobody has read yet, oldest first.
func Waiting(w *decision.Work) (list []Item, err error) {
	keys, _, err := w.Tx.DeskRows(office.ClaimRows)
	for _, key := range keys {
		of := office.ClaimOf(key)
		if of.Terminal != 0 {
			continue
		}
		k, failed := w.Desk.Claim(of)
		if failed != nil {
			return nil, failed
		}
		if k.Status != office.ClaimParked {
			continue
		}
		heard, failed := w.HeardOf(of)
		if failed != nil {
			return nil, failed
		}
		list = append(list, Item{of, heard, k.Status, k.Why})
	}
	return list, err
}

// Judge approves of what a member wrote, or refuses it: a person read it. What is
// approved earns within the month's bound, as soon as that can be told.
func Judge(w *decision.Work, of lot.Origin, approve bool, by decision.By) error {
	if by.Actor == "" || by.Actor == office.Policy || by.Reason == "" {
		return ErrPerson
	}
	heard, err := w.HeardOf(of)
	if err != nil {
		return err
	}
	if k, err := w.Desk.Claim(of); err != nil || k.Status != office.ClaimParked {
		return errors.Join(err, office.ErrClaim)
	}
	if !approve {
		_, err := w.Answer(&office.SettleClaim{Of: of, Owner: heard.Owner, Reason: by.Reason, By: w.By(by)})
		return err
	}
	if _, err := w.Enter(&office.Approve{Of: of, By: w.By(by)}); err != nil {
		return err
	}
	return w.RetryOf(heard.Owner)
}
