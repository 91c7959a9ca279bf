// Package away is what of members' rights HQ cannot have back as long as its boards are
// what they are: frozen at a terminal in a life that a person freed, which frees nothing
// that limits, or adrift. It reads the book and decides nothing.
package away

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// Frozen lists the lots of an owner that lie at a terminal frozen for good, as far as HQ
// has heard: nothing there waits for a witness or for a person, and no part of the lot may
// be used. It comes back when the terminal ends, and is not worth asking for.
func Frozen(tx book.Tx, id ledger.TerminalID, owner member.ID) (map[lot.ID]bool, error) {
	state, err := fold.Load(id, tx.State(id))
	if err != nil || len(state.Waiting()) > 0 {
		return nil, err
	}
	usable, err := state.Usable(owner)
	frozen, failed := state.Frozen(owner)
	out := map[lot.ID]bool{}
	for _, h := range frozen {
		out[h.Lot.ID] = true
	}
	for _, h := range usable {
		delete(out, h.Lot.ID)
	}
	return out, errors.Join(err, failed)
}

// Stay reports whether all that is away of some assets in a list of accounts stays away.
func Stay(tx book.Tx, list []book.Account, of ...lot.Asset) (bool, error) {
	var flies []book.Account
	for _, a := range list {
		switch {
		case a.Amount <= 0, !slices.Contains(of, a.Lot.Asset):
		case a.Place.Kind == book.InFlight:
			flies = append(flies, a)
		case a.Place.Kind == book.AtTerminal:
			if frozen, err := Frozen(tx, a.Place.Terminal, a.Lot.Owner); err != nil || !frozen[a.Lot.ID] {
				return false, err
			}
		}
	}
	if len(flies) == 0 { // else all boards are looked at
		return true, nil
	}
	lost, err := adrift.All(tx)
	for _, a := range flies {
		if n, _ := adrift.Of(lost, a.Lot.ID); n != a.Amount {
			return false, err
		}
	}
	return err == nil, err
}

// Made reports whether a quota may lie, or may have been made, where HQ cannot see it, by
// what of it and of its member's homes is away. A home that a terminal had in lives that
// persons freed made none of a period that began after they did (decision 0020).
func Made(tx book.Tx, desk *office.Desk, list []book.Account, q quota.Quota) (bool, error) {
	for _, a := range list {
		home := a.Lot.Asset == lot.Home
		if a.Amount <= 0 || !home && a.Lot.Asset != q.Asset || a.Place.Kind == book.AtHQ {
			continue
		}
		if !home || a.Place.Kind != book.AtTerminal {
			return true, nil
		}
		_, freed, err := desk.Exposed(a.Place.Terminal)
		if err != nil || freed == 0 || q.Begins <= freed {
			return true, err
		}
		if frozen, err := Frozen(tx, a.Place.Terminal, a.Lot.Owner); err != nil || !frozen[a.Lot.ID] {
			return true, err
		}
	}
	return false, nil
}
