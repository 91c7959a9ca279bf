package hq

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// ErrEvidence says that somebody is to be compensated for nothing that is
// known to have happened.
var ErrEvidence = errors.New("neither an incident nor an entry")

// MakeGood compensates a member, with the evidence for it. What is owed is not
// taken out of it.
func (h *HQ) MakeGood(id member.ID, issues []ledger.Issue, incident string, entries []lot.Origin, by By) error {
	if incident == "" && len(entries) == 0 {
		return ErrEvidence
	}
	return h.decide(func(w *decision.Work) error {
		body := &office.MakeGood{Incident: incident, Entries: entries, By: w.By(by)}
		body.Lots = w.Lots(id, issues, body.Day, w.Programme().Version())
		_, err := w.Enter(body)
		return err
	})
}

// Recall asks a terminal for holdings of a member back, or of the programme
// (0). What it has been asked for already it is not asked for again.
func (h *HQ) Recall(id ledger.TerminalID, owner member.ID, draws []lot.Draw, by By) error {
	return h.decide(func(w *decision.Work) error { return w.Recall(id, owner, draws, by) })
}

// RecallMember asks all terminals for what they hold of a member's asset.
func (h *HQ) RecallMember(owner member.ID, asset lot.Asset, by By) error {
	return h.decide(func(w *decision.Work) error {
		_, err := w.RecallAll(owner, func(a book.Account) bool { return a.Lot.Asset == asset }, by)
		return err
	})
}
