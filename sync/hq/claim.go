package hq

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a person is refused who settles a claim.
var (
	ErrNobody = errors.New("the claim names no member: say with -member whose it is to be")
	ErrOwner  = errors.New("the claim is of another member")
)

// Claims lists the claims that wait, with why where a person is to decide.
func (h *HQ) Claims() (out []ClaimView, err error) {
	err = h.Look(func(w *decision.Work) error {
		keys, _, err := w.Tx.DeskRows(office.ClaimRows)
		if err != nil {
			return err
		}
		for _, key := range keys {
			of := office.ClaimOf(key)
			k, err := w.Desk.Claim(of)
			if err != nil {
				return err
			}
			out = append(out, ClaimView{Of: of, Claim: *k})
		}
		return nil
	})
	return out, err
}

// ClaimView is a claim and the entry that made it.
type ClaimView struct {
	Of lot.Origin
	office.Claim
}

// DecideClaim settles a claim that waits for a person: with what they grant, or
// without anything for a reason.
func (h *HQ) DecideClaim(of lot.Origin, issues []ledger.Issue, by By) error {
	return h.DecideClaimFor(of, 0, issues, by)
}

// DecideClaimFor settles a claim in favour of a member, who must be named where the
// claim names none: a till does not know whose another till's sale was.
func (h *HQ) DecideClaimFor(of lot.Origin, whose member.ID, issues []ledger.Issue, by By) error {
	return h.decide(func(w *decision.Work) error {
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
		if body.Lots = w.Lots(owner, issues, body.Day, w.Programme().Version()); !body.Granted {
			body.Reason = by.Reason
		}
		_, err = w.Answer(body)
		return err
	})
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
