package hq

import (
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
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
	return h.decide(func(w *decision.Work) error {
		k, err := w.Desk.Claim(of)
		if err != nil {
			return err
		}
		if k.Status != office.ClaimParked {
			return fmt.Errorf("%s: %w", of, office.ErrClaim)
		}
		body := &office.SettleClaim{Of: of, Owner: k.Owner, Granted: len(issues) > 0, By: w.By(by)}
		if body.Lots = w.Lots(k.Owner, issues, body.Day, w.Programme().Version()); !body.Granted {
			body.Reason = by.Reason
		}
		_, err = w.Answer(body)
		return err
	})
}
