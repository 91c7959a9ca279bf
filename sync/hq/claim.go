package hq

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/claims"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a person is refused who settles a claim.
var (
	ErrNobody = claims.ErrNobody
	ErrOwner  = claims.ErrOwner
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
	var away error
	err := h.decide(func(w *decision.Work) error {
		err := claims.Decide(w, of, whose, issues, by)
		if away = nil; errors.Is(err, claims.ErrAway) { // what is asked for by it is entered
			away, err = err, nil
		}
		return err
	})
	return errors.Join(err, away)
}
