package decision

import (
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Takes reports whether a terminal may be given rights, and in which life.
func (w *Work) Takes(id ledger.TerminalID) (life ledger.Incarnation, ok bool, err error) {
	t, err := w.Tx.Terminal(id)
	if err != nil || t.Trouble != "" || t.Has.Incarnation == 0 || t.Said.Incarnation != t.Has.Incarnation {
		return 0, false, err
	}
	if no, err := w.GivesNothing(id); err != nil || no {
		return 0, false, err
	}
	state, err := fold.Load(id, w.Tx.State(id))
	if err != nil || state.Stopped() {
		return 0, false, err
	}
	return t.Has.Incarnation, true, nil
}

// GivesNothing reports whether HQ gives a terminal no rights for now.
func (w *Work) GivesNothing(id ledger.TerminalID) (bool, error) {
	if waits, err := w.Waits(); err != nil || waits {
		return true, err
	}
	if gone, err := w.Gone(id); err != nil || gone {
		return true, err
	}
	parked, err := w.Tx.Meta(CriticalMeta(id))
	return parked != "", err
}

// Lies adds up what a terminal has of a member's asset, as far as HQ has heard,
// and what is on its way to it.
func (w *Work) Lies(id ledger.TerminalID, who member.ID, asset lot.Asset) (lot.Amount, error) {
	persons, err := w.Desk.Persons(who)
	if err != nil {
		return 0, err
	}
	sum, err := underway.There(w.Tx, id, persons)
	return sum[asset], err
}

// Misplaced reports whether a decline would not have been one, had what HQ or
// other terminals hold of the member lain where it was asked for.
func (w *Work) Misplaced(d *ledger.Decline) (bool, error) {
	if d.Member == 0 || !d.Asset.Points() || d.Want <= d.Has {
		return false, nil
	}
	owned, err := w.Held(d.Member)
	if err != nil {
		return false, err
	}
	var all lot.Amount
	for _, a := range owned {
		if a.Lot.Asset == d.Asset && w.Today().Usable(a.Lot.Expires) {
			all += a.Amount
		}
	}
	return all >= d.Want, nil
}
