package till

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till/person"
	"github.com/jifen-pos/jifen/terminal/till/takeback"
)

// What belongs to no basket, by the till's names.
type (
	Enrolment    = person.Enrolment
	Attendance   = person.Attendance
	Survey       = person.Survey
	Adjustment   = person.Adjustment
	Gift         = person.Gift
	Transferring = person.Transferring
	Returning    = takeback.Returning
	ClaimReturn  = takeback.ClaimReturn
)

// Enrol makes a provisional member and puts them onto the lane's sale.
func (t *Till) Enrol(by clerk.By, e Enrolment) (clerk.Done, error) {
	done, err := t.Care.Enrol(by, e)
	if err != nil || done.Again {
		return done, err
	}
	proof, who := member.ByPhone, done.Entry.Body.(*ledger.Enrol).Member
	if e.Card != "" {
		proof = member.ByCard
	}
	return done, t.edit(by, func(l *lane) error { return t.identify(by, l, proof, roll.Person{ID: who, Name: who.String()}) })
}
