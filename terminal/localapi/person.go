package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/lot"
)

type (
	enrolIn struct {
		Lane
		Body struct {
			Act
			Phone   string `json:"phone,omitempty" maxLength:"32" doc:"the customer's number: kept as a keyed hash alone"`
			Card    string `json:"card,omitempty" maxLength:"64" doc:"a card that is handed out, as scanned"`
			Consent bool   `json:"consent" doc:"the customer has read the terms in force and agrees: written down with their hash"`

			Referrer string `json:"referrer,omitempty" maxLength:"64" doc:"card, phone number or id of the member who brought them along; HQ rewards both after the first purchase"`
		}
	}
	transferIn struct {
		Lane
		Body struct {
			Act
			From   string `json:"from" minLength:"1" maxLength:"512" doc:"a card or a pass of who gives"`
			To     string `json:"to" minLength:"1" maxLength:"64" doc:"card, phone number or id of who gets: one of the same household"`
			Points int64  `json:"points" minimum:"1" maximum:"1000000000"`
		}
	}
	answerIn struct {
		Lane
		Body struct {
			Act
			Member  string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
			Survey  string `json:"survey" minLength:"1" maxLength:"64" doc:"the survey's id in the programme"`
			Answers []int  `json:"answers" minItems:"1" maxItems:"30" doc:"one for each question, from 1 on"`
		}
	}
	giftIn struct {
		Lane
		Body struct {
			Act
			Member string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
			Reason string `json:"reason" minLength:"1" maxLength:"64" doc:"as the member's gifts name it" example:"birthday"`
		}
	}
	checkInIn struct {
		Lane
		Body struct {
			Act
			Member   string `json:"member" minLength:"1" maxLength:"512" doc:"a card, a pass or a phone number"`
			Activity string `json:"activity" minLength:"1" maxLength:"64" doc:"the activity's id in the programme, which says what it gives"`
		}
	}
)

func (a *API) routePersons() {
	a.routeGifts()
	huma.Register(a.huma, operation("enrol", http.MethodPost, "/lanes/{lane}/enrolments", "Enrol a member",
		"By phone number, by a card that is handed out, or by both; without a line to HQ too. The member earns from the next sale on."),
		func(_ context.Context, in *enrolIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Desk.JoinFor(by, desk.Joining{Ref: b.Ref, Phone: b.Phone, Card: b.Card, Consent: b.Consent, Referrer: b.Referrer})
			})
		})
	huma.Register(a.huma, operation("transfer", http.MethodPost, "/lanes/{lane}/transfers", "Transfer points in the family",
		"HQ must be there, and must know the two as one household. Expiry goes with the points, and what was transferred is not transferred on."),
		func(_ context.Context, in *transferIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Desk.GiveFor(by, b.Ref, b.From, b.To, lot.Amount(b.Points))
			})
		})
	huma.Register(a.huma, operation("check-in", http.MethodPost, "/lanes/{lane}/check-ins", "Check a member in at an activity",
		"Gives what the programme says, once for each member and activity. Where that cannot be known here it is claimed (claimed), and HQ gives it."),
		func(_ context.Context, in *checkInIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Desk.AttendFor(by, b.Ref, b.Member, b.Activity)
			})
		})
}

func (a *API) routeGifts() {
	huma.Register(a.huma, operation("answer", http.MethodPost, "/lanes/{lane}/answers", "Answer a survey",
		"Keeps the answers and gives what they earn, once for each member and version. Where that cannot be known here it is claimed (claimed), and HQ gives it."),
		func(_ context.Context, in *answerIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Desk.AnswerFor(by, b.Ref, b.Member, b.Survey, b.Answers)
			})
		})
	huma.Register(a.huma, operation("gift", http.MethodPost, "/lanes/{lane}/gifts", "Hand over a gift",
		"What HQ says is due to the member, such as the pack of a birthday: once. Its voucher is printed; where it has to be claimed, a promise of it."),
		func(_ context.Context, in *giftIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Desk.HandFor(by, b.Ref, b.Member, b.Reason)
			})
		})
}
