// Package adrift is what HQ's accounts have on its way to boards that are gone, though
// HQ knows by how it ended them that it had come: its book went back since to before it
// heard so. No account is wrong, since the board may turn up and tell it once more; who
// reads the accounts to a person counts it where it is. It reads the book and decides
// nothing.
package adrift

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/underway"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Part is so much of one lot, at one board that is gone.
type Part struct {
	Terminal ledger.TerminalID
	Lot      lot.Lot
	Amount   lot.Amount // what stands as on its way to it
	Open     lot.Amount // of it, what HQ neither took back nor saw again: the board may have used it
	seen     []book.AccountSum
}

// All lists what is adrift, in order of terminals.
func All(tx book.Tx) (out []Part, err error) {
	alive, forgot, err := boards(tx)
	if err != nil || len(forgot) == 0 {
		return nil, err
	}
	comes := map[lot.ID]lot.Amount{} // what others will take in
	for _, id := range alive {
		draws, err := underway.To(tx, id)
		if err != nil {
			return nil, err
		}
		for _, d := range draws {
			comes[d.Lot] += d.Amount
		}
	}
	known := map[lot.ID][]book.Account{}
	for _, id := range forgot {
		draws, err := underway.To(tx, id)
		if err != nil {
			return nil, err
		}
		for _, d := range draws {
			if known[d.Lot] == nil {
				if known[d.Lot], err = tx.AccountsOf(d.Lot); err != nil {
					return nil, err
				}
			}
			if p := part(known[d.Lot], id, d, comes[d.Lot]); p.Amount > 0 {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// Among lists it where a note may carry some of a list of accounts, and else nothing.
func Among(tx book.Tx, list []book.Account) ([]Part, error) {
	if !slices.ContainsFunc(list, func(a book.Account) bool { return a.Place.Kind == book.InFlight && a.Amount > 0 }) {
		return nil, nil
	}
	return All(tx)
}

// Near lists it where something of a list of accounts may be adrift, and else nothing:
// part of it was taken back from a board that ended, and never seen there. It is for who
// has no time to look at all boards.
func Near(tx book.Tx, list []book.Account) ([]Part, error) {
	for _, a := range list {
		if a.Place.Kind != book.InFlight || a.Amount <= 0 {
			continue
		}
		accounts, err := tx.AccountsOf(a.Lot.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(accounts, func(x book.Account) bool { return x.Place.Kind == book.AtTerminal.Awaited() && x.Amount < 0 }) {
			return All(tx)
		}
	}
	return nil, nil
}

// boards are those that are not gone, and of those that are the ones of which HQ has
// less now than it had heard when they ended.
func boards(tx book.Tx) (alive, forgot []ledger.TerminalID, err error) {
	terminals, err := tx.Terminals()
	if err != nil {
		return nil, nil, err
	}
	desk := office.NewDesk(tx.Desk())
	for _, t := range terminals {
		gone, err := desk.Gone(t.ID)
		if err != nil {
			return nil, nil, err
		}
		if gone == nil {
			alive = append(alive, t.ID)
			continue
		}
		has, err := tx.Streams(t.ID)
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(gone.Heads, func(heard ledger.Head) bool {
			return !slices.ContainsFunc(has, func(s ledger.Head) bool { return s.Incarnation == heard.Incarnation && s.Seq >= heard.Seq })
		}) {
			forgot = append(forgot, t.ID)
		}
	}
	return alive, forgot, nil
}

// part is what of a note to a board is adrift: not what comes to others, and not what HQ
// took back when it ended the board. What is awaited of the lot has gone through the
// board; its accounts are changed so that nothing is counted for two notes.
func part(accounts []book.Account, id ledger.TerminalID, d lot.Draw, comes lot.Amount) (p Part) {
	flight := slices.IndexFunc(accounts, func(a book.Account) bool { return a.Place.Kind == book.InFlight })
	if flight < 0 {
		return p
	}
	n := min(d.Amount, accounts[flight].Amount-comes)
	if n <= 0 {
		return p
	}
	accounts[flight].Amount -= n
	p = Part{Terminal: id, Lot: accounts[flight].Lot, Amount: n, Open: n}
	there := book.Place{Kind: book.AtTerminal.Awaited(), Terminal: id}
	for pass := range 2 { // first what HQ took back from the board itself
		for i := range accounts {
			a := &accounts[i]
			base := a.Place.Kind.Base()
			at := a.Place.Kind == there.Kind && a.Place.Terminal == there.Terminal
			if base == a.Place.Kind || at != (pass == 0) || !at && (base == book.AtTerminal || base == book.InFlight) {
				continue
			}
			m := min(-a.Amount, p.Open)
			a.Amount += m
			p.Open -= m
			if !at && m > 0 {
				p.seen = append(p.seen, book.AccountSum{Asset: a.Lot.Asset, Kind: base, Amount: m})
			}
		}
	}
	return p
}

// Accounts are the sums of all accounts, where what is adrift is at the boards that are
// gone, and what HQ has seen again of it, once, where that is.
func Accounts(tx book.Tx) ([]book.AccountSum, error) {
	sums, err := tx.Accounts()
	if err != nil {
		return nil, err
	}
	parts, err := All(tx)
	return append(sums, moved(parts)...), err
}

// moved are what to add to the sums for that.
func moved(parts []Part) (out []book.AccountSum) {
	for _, p := range parts {
		at := p.Amount
		for _, s := range p.seen {
			at -= s.Amount
		}
		out = append(append(out, p.seen...),
			book.AccountSum{Asset: p.Lot.Asset, Kind: book.InFlight, Amount: -p.Amount},
			book.AccountSum{Asset: p.Lot.Asset, Kind: book.AtTerminal, Amount: at})
	}
	return out
}

// Of adds up what is adrift of one lot.
func Of(parts []Part, id lot.ID) (amount, open lot.Amount) {
	for _, p := range parts {
		if p.Lot.ID == id {
			amount, open = amount+p.Amount, open+p.Open
		}
	}
	return amount, open
}
