package localapi

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/role"
)

// Enrolment makes a member.
type Enrolment struct {
	Act
	Phone   string `json:"phone,omitempty" maxLength:"32" doc:"the customer's number: kept as a keyed hash alone"`
	Card    string `json:"card,omitempty" maxLength:"64" doc:"a card that is handed out, as scanned"`
	Consent bool   `json:"consent" doc:"the customer has read the terms in force and agrees: written down with their hash"`

	Referrer string `json:"referrer,omitempty" maxLength:"64" doc:"card, phone number or id of the member who brought them along; HQ rewards both after the first purchase"`

	Name     string `json:"name,omitempty" maxLength:"120" doc:"sealed for HQ alone"`
	Birthday string `json:"birthday,omitempty" maxLength:"10" doc:"sealed for HQ alone" example:"05-31"`
	Agreed   bool   `json:"agreed,omitempty" doc:"the customer agrees to name and birthday being kept"`
}

// Confidence is a birthday that a member tells.
type Confidence struct {
	Act
	Member   string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
	Purpose  string `json:"purpose" enum:"birthday,child-birthday" doc:"the member's own, or a child's"`
	Birthday string `json:"birthday" maxLength:"10" doc:"of a child month and day alone are kept; empty takes the consent back, and HQ forgets it" example:"05-31"`
	Agreed   bool   `json:"agreed" doc:"the member agrees; of a child as its guardian"`
}

// Transfer moves points within a family.
type Transfer struct {
	Act
	From   string `json:"from" minLength:"1" maxLength:"512" doc:"a card or a pass of who gives"`
	To     string `json:"to" minLength:"1" maxLength:"64" doc:"card, phone number or id of who gets: one of the same household"`
	Points int64  `json:"points" minimum:"1" maximum:"1000000000"`
}

// CheckIn is a member who came to an activity.
type CheckIn struct {
	Act
	Member   string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
	Activity string `json:"activity" minLength:"1" maxLength:"64" doc:"the activity's id in the programme, which says what it gives"`
}

// SurveyAnswer is what a member says to a survey.
type SurveyAnswer struct {
	Act
	Member  string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
	Survey  string `json:"survey" minLength:"1" maxLength:"64" doc:"the survey's id in the programme"`
	Answers []int  `json:"answers" minItems:"1" maxItems:"30" doc:"one for each question, from 1 on"`
}

// Handing is something due that is handed over.
type Handing struct {
	Act
	Member string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
	Reason string `json:"reason" minLength:"1" maxLength:"64" doc:"as the member's gifts name it" example:"birthday"`
}

func (a *API) routePersons() {
	a.routeGifts()
	action(a, "enrol", "enrolments", "Enrol a member",
		"By phone number, by a card that is handed out, or by both; without a line to HQ too. The member earns from the next sale on.",
		needs[Enrolment](role.Enrol, ledger.KindEnrol),
		func(by doing, b Enrolment) (clerk.Done, error) {
			return a.o.Desk.JoinFor(by.By, desk.Joining{Ref: b.Ref, Phone: b.Phone, Card: b.Card, Consent: b.Consent, Referrer: b.Referrer, Name: b.Name, Birthday: b.Birthday, Agreed: b.Agreed})
		})
	action(a, "transfer", "transfers", "Transfer points in the family",
		"HQ must be there, and must know the two as one household. Expiry goes with the points, and what was transferred is not transferred on.",
		needs[Transfer](role.Transfer, ledger.KindTransfer),
		func(by doing, b Transfer) (clerk.Done, error) {
			return a.o.Desk.GiveFor(by.By, b.Ref, b.From, b.To, lot.Amount(b.Points))
		})
	action(a, "check-in", "check-ins", "Check a member in at an activity",
		"Gives what the programme says, once for each member and activity. Where that cannot be known here it is claimed (claimed), and HQ gives it.",
		needs[CheckIn](role.Enrol, ledger.KindCheckIn),
		func(by doing, b CheckIn) (clerk.Done, error) {
			return a.o.Desk.AttendFor(by.By, b.Ref, b.Member, b.Activity)
		})
}

func (a *API) routeGifts() {
	action(a, "answer", "answers", "Answer a survey",
		"Keeps the answers and gives what they earn, once for each member and version. Where that cannot be known here it is claimed (claimed), and HQ gives it.",
		needs[SurveyAnswer](role.Enrol, ledger.KindAnswer),
		func(by doing, b SurveyAnswer) (clerk.Done, error) {
			return a.o.Desk.AnswerFor(by.By, b.Ref, b.Member, b.Survey, b.Answers)
		})
	action(a, "gift", "gifts", "Hand over a gift",
		"What HQ says is due to the member, such as the pack of a birthday: once. Its voucher is printed; where it has to be claimed, a promise of it.",
		needs[Handing](role.Enrol, ledger.KindGrant),
		func(by doing, b Handing) (clerk.Done, error) {
			return a.o.Desk.HandFor(by.By, b.Ref, b.Member, b.Reason)
		})
	action(a, "confide", "birthdays", "Keep a birthday, or forget it",
		"The member's own or a child's, sealed for HQ alone: a till is told only that something is due.",
		needs[Confidence](role.Enrol, ledger.KindConsent),
		func(by doing, b Confidence) (clerk.Done, error) {
			return a.o.Desk.ConfideFor(by.By, b.Member, desk.Confidence{Ref: b.Ref, Purpose: b.Purpose, Birthday: b.Birthday, Agreed: b.Agreed})
		})
}
