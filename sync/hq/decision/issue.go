package decision

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/away"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Lots makes lots of a member that HQ issues today.
func (w *Work) Lots(owner member.ID, issues []ledger.Issue, earned lot.Day, terms string) []lot.Lot {
	var out []lot.Lot
	for _, i := range issues {
		out = append(out, lot.Lot{
			Owner: owner, Asset: i.Asset, Amount: i.Amount, Funder: i.Funder, UnitCost: i.UnitCost,
			Earned: earned, Expires: i.Expires, Active: i.Active, Terms: terms,
		})
	}
	return out
}

// RecallAll asks all terminals for what they hold of some lots of a member;
// away is true if any of it is not at HQ.
func (w *Work) RecallAll(owner member.ID, wanted func(book.Account) bool, by By) (away bool, err error) {
	owned, err := w.Held(owner)
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
		if err := w.Recall(t, owner, held[t], by); err != nil {
			return away, err
		}
	}
	return away, nil
}

// Recall asks a terminal for holdings of a member, or of the programme (0): for what it
// has not been asked for already, and may give.
func (w *Work) Recall(id ledger.TerminalID, owner member.ID, draws []lot.Draw, by By) error {
	asked, err := underway.Asked(w.Tx, id)
	if err != nil {
		return err
	}
	frozen, err := away.Frozen(w.Tx, id, owner)
	if err != nil {
		return err
	}
	var fresh []lot.Draw
	for _, d := range draws {
		if d.Amount -= asked[d.Lot]; d.Amount > 0 && !frozen[d.Lot] && len(fresh) < lot.HoldingsMax && !slices.Contains(w.quiet, owner) {
			fresh = append(fresh, d)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if _, err := w.Enter(&office.Recall{Terminal: id, Member: owner, Draws: fresh, By: w.By(by)}); err != nil {
		return err
	}
	_, err = w.Send(id, ledger.Down{Recall: &ledger.Recall{Member: owner, Draws: fresh}})
	return err
}
