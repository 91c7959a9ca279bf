// Package claims settles what entries claimed and HQ could not work out: a person
// grants something of it, or refuses it. What they grant uses up what the claim is of,
// just as if HQ had granted it by itself: what may be given once is given once.
package claims

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a person is refused who settles a claim.
var (
	ErrNobody = errors.New("the claim names no member: say with -member whose it is to be")
	ErrOwner  = errors.New("the claim is of another member")
	ErrUsed   = errors.New("the member has had what may be given so often already: refuse the claim; jifen member adjust gives something beside it")
)

// ErrAway says that what the claim uses up, or the home that says whether it was used,
// lies at a terminal. It has been asked for: what was entered for that stands.
var ErrAway = errors.New("whether the member has had it lies at a terminal, which is asked for it: try again once it was heard, or refuse the claim")

// Decide settles a claim that waits for a person: with what they grant to a member, who
// must be named where the claim names none, or without anything for a reason. At
// ErrAway what was entered is to be kept.
func Decide(w *decision.Work, of lot.Origin, whose member.ID, issues []ledger.Issue, by decision.By) error {
	k, err := w.Desk.Claim(of)
	if err != nil {
		return err
	}
	if k.Status != office.ClaimParked {
		return fmt.Errorf("%s: %w", of, office.ErrClaim)
	}
	owner, err := claimant(w, k.Owner, whose)
	if err != nil {
		return fmt.Errorf("%s: %w", of, err)
	}
	if owner == 0 && len(issues) > 0 {
		return fmt.Errorf("%s: %w", of, ErrNobody)
	}
	body := &office.SettleClaim{Of: of, Owner: owner, Granted: len(issues) > 0, By: w.By(by)}
	if !body.Granted {
		body.Reason = by.Reason
		_, err = w.Answer(body)
		return err
	}
	body.Lots = w.Lots(owner, issues, body.Day, w.Programme().Version())
	if err := uses(w, body); err != nil {
		return fmt.Errorf("%s: %w", of, err)
	}
	_, err = w.Answer(body)
	return err
}

// uses has what is granted use up what the claim is of.
func uses(w *decision.Work, body *office.SettleClaim) error {
	var b ledger.Body
	if body.Of.Terminal != 0 {
		e, err := w.EntryOf(body.Of)
		if err != nil {
			return err
		}
		b = e.Body
	}
	asked, once, err := w.Asked(body.Of, b)
	if err != nil {
		return err
	}
	if !once || asked.Quota.Asset == "" {
		return paper.Grant(w, b, body)
	}
	waits, err := w.Waits()
	if err != nil {
		return err
	}
	if waits {
		return ErrAway
	}
	persons, err := w.Desk.Persons(body.Owner)
	if err != nil {
		return err
	}
	draw, ok, err := w.Quota(persons[0], asked)
	switch {
	case err != nil:
		return err
	case !ok:
		return ErrAway
	case draw == (lot.Draw{}):
		return ErrUsed
	}
	body.Quota = []lot.Draw{draw}
	return nil
}

// claimant is whose a claim is: its own member's, under any of their ids, or else
// whom a person names.
func claimant(w *decision.Work, own, named member.ID) (member.ID, error) {
	if named == 0 {
		return own, nil
	}
	if err := people.Known(w, named); err != nil {
		return 0, err
	}
	persons, err := w.Desk.Persons(named)
	if err != nil {
		return 0, err
	}
	if own != 0 && !slices.Contains(persons, own) {
		return 0, fmt.Errorf("%s, not %s: %w", own, named, ErrOwner)
	}
	if own == 0 {
		own = persons[0]
	}
	return own, nil
}
