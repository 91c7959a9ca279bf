package hq

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// ErrEvidence says that somebody is to be compensated for nothing that is
// known to have happened.
var ErrEvidence = errors.New("neither an incident nor an entry")

// lots makes lots of a member that HQ issues today.
func (w *work) lots(owner member.ID, issues []ledger.Issue, earned lot.Day, terms string) []lot.Lot {
	var out []lot.Lot
	for _, i := range issues {
		out = append(out, lot.Lot{
			Owner: owner, Asset: i.Asset, Amount: i.Amount, Funder: i.Funder, UnitCost: i.UnitCost,
			Earned: earned, Expires: i.Expires, Active: i.Active, Terms: terms,
		})
	}
	return out
}

// MakeGood compensates a member, with the evidence for it. What is owed is not
// taken out of it.
func (h *HQ) MakeGood(id member.ID, issues []ledger.Issue, incident string, entries []lot.Origin, by By) error {
	if incident == "" && len(entries) == 0 {
		return ErrEvidence
	}
	return h.decide(func(w *work) error {
		body := &office.MakeGood{Incident: incident, Entries: entries, By: w.by(by)}
		body.Lots = w.lots(id, issues, body.Day, w.o.Programme.Version())
		_, err := w.enter(body)
		return err
	})
}

// Adjust mends a mistake: it gives a member what is missing, and writes off
// what HQ holds of theirs and should not be there.
func (h *HQ) Adjust(id member.ID, issues []ledger.Issue, draws []lot.Draw, by By) error {
	return h.decide(func(w *work) error {
		body := &office.Adjust{Member: id, Draws: draws, By: w.by(by)}
		body.Lots = w.lots(id, issues, body.Day, w.o.Programme.Version())
		_, err := w.enter(body)
		return err
	})
}

// Recall asks a terminal for holdings of a member back, or of the programme
// (0). What it has been asked for already it is not asked for again.
func (h *HQ) Recall(id ledger.TerminalID, owner member.ID, draws []lot.Draw, by By) error {
	return h.decide(func(w *work) error { return w.recall(id, owner, draws, by) })
}

// RecallMember asks all terminals for what they hold of a member's asset.
func (h *HQ) RecallMember(owner member.ID, asset lot.Asset, by By) error {
	return h.decide(func(w *work) error {
		_, err := w.recallAll(owner, func(a book.Account) bool { return a.Lot.Asset == asset }, by)
		return err
	})
}

// recallAll asks all terminals for what they hold of some lots of a member;
// away is true if any of it is not at HQ.
func (w *work) recallAll(owner member.ID, wanted func(book.Account) bool, by By) (away bool, err error) {
	owned, err := w.owned(owner)
	if err != nil {
		return false, err
	}
	held := map[ledger.TerminalID][]lot.Draw{}
	var order []ledger.TerminalID
	for _, a := range owned {
		if !wanted(a) || a.Amount <= 0 || a.Place.Kind != book.AtTerminal && a.Place.Kind != book.InFlight {
			continue
		}
		away = true
		if a.Place.Kind == book.InFlight { // it can be asked for once its taker has it
			continue
		}
		if held[a.Place.Terminal] == nil {
			order = append(order, a.Place.Terminal)
		}
		held[a.Place.Terminal] = append(held[a.Place.Terminal], lot.Draw{Lot: a.Lot.ID, Amount: a.Amount})
	}
	for _, t := range order {
		if err := w.recall(t, owner, held[t], by); err != nil {
			return away, err
		}
	}
	return away, nil
}

func (w *work) recall(id ledger.TerminalID, owner member.ID, draws []lot.Draw, by By) error {
	asked, err := w.asked(id)
	if err != nil {
		return err
	}
	var fresh []lot.Draw
	for _, d := range draws {
		if d.Amount -= asked[d.Lot]; d.Amount > 0 && len(fresh) < lot.HoldingsMax && !slices.Contains(w.quiet, d.Lot) {
			fresh = append(fresh, d)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if _, err := w.enter(&office.Recall{Terminal: id, Member: owner, Draws: fresh, By: w.by(by)}); err != nil {
		return err
	}
	_, err = w.send(id, ledger.Down{Recall: &ledger.Recall{Member: owner, Draws: fresh}})
	return err
}
