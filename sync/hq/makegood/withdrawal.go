package makegood

import (
	"fmt"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// lotsAtOnce is how many lots of the whole book are read at a time.
const lotsAtOnce = 1000

// withdrawals proposes for benefits that were taken out of the catalogue: whoever
// had saved enough for one has as many days from then on to use the points for
// something else as the policy says; and as many for a voucher of it that is out.
func withdrawals(w *decision.Work) (list []Proposal, err error) {
	p, today := w.Programme(), w.Today().Day
	days := lot.Day(p.Making().WithdrawDays)
	if days == 0 {
		return nil, nil
	}
	for i := range p.Benefits {
		b := &p.Benefits[i]
		if b.Withdrawn == 0 || b.Withdrawn > today {
			continue
		}
		one, err := withdrawal(w, b, days)
		if err != nil {
			return nil, err
		}
		if !one.empty() {
			list = append(list, one)
		}
	}
	return list, nil
}

func withdrawal(w *decision.Work, b *programme.Benefit, days lot.Day) (Proposal, error) {
	until := b.Withdrawn + days
	p := Proposal{ID: fmt.Sprintf("withdrawn-%s-%s", b.ID, b.Withdrawn), Benefit: b.ID, First: b.Withdrawn, Last: until}
	saved, err := savings(w, b)
	if err != nil {
		return p, err
	}
	lasts := func(l lot.Lot) lot.Day {
		switch promised := l.Asset.Benefit() == b.ID; {
		case l.Expires < b.Withdrawn, l.Expires >= until, l.Earned > b.Withdrawn:
			return 0
		case promised, l.Asset == b.Cost.Asset && saved[l.Owner] >= b.Cost.Amount:
			return until
		}
		return 0
	}
	return p, all(w, func(accounts []book.Account) error { return p.lasting(w, accounts, lasts) })
}

// savings is what every member has of what a benefit costs, that was good when it
// was withdrawn: what lapsed since counts too.
func savings(w *decision.Work, b *programme.Benefit) (map[member.ID]lot.Amount, error) {
	sums := map[member.ID]lot.Amount{}
	err := all(w, func(accounts []book.Account) error {
		for _, a := range accounts {
			if a.Lot.Asset != b.Cost.Asset || a.Lot.Owner == 0 || a.Lot.Earned > b.Withdrawn || a.Lot.Expires != 0 && a.Lot.Expires < b.Withdrawn {
				continue
			}
			n := a.Amount
			switch a.Place.Kind {
			case book.Expired: // what was given anew is another lot's
				var err error
				if n, err = notAgain(w, a.Lot, n); err != nil {
					return err
				}
			case book.AtHQ, book.AtTerminal, book.InFlight:
			default:
				continue
			}
			sums[a.Lot.Owner] += n
		}
		return nil
	})
	return sums, err
}

// all shows the accounts of all lots.
func all(w *decision.Work, show func([]book.Account) error) error {
	var after lot.ID
	for {
		accounts, err := w.Tx.Ledger(after, lotsAtOnce)
		if err != nil || len(accounts) == 0 {
			return err
		}
		after = accounts[len(accounts)-1].Lot.ID
		if err := show(accounts); err != nil {
			return err
		}
	}
}
