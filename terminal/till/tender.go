package till

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// tenders are the ways in which a bill can be paid; they are recorded, not
// processed.
var tenders = map[string]bool{"cash": true, "card": true, "wallet": true}

// change checks the tenders against what is to be paid and returns what goes
// back in cash.
func change(list []ledger.Tender, toPay lot.Fen) (lot.Fen, error) {
	if len(list) > ledger.TendersMax {
		return 0, refuse("too-many-tenders")
	}
	var paid, cash lot.Fen
	for _, p := range list {
		if !tenders[p.Kind] || p.Fen <= 0 || p.Fen > lot.FenMax {
			return 0, refuse("bad-tender")
		}
		paid += p.Fen
		if p.Kind == "cash" {
			cash += p.Fen
		}
	}
	if paid < toPay {
		return 0, refuse("paid-too-little", plain(toPay-paid))
	}
	if paid-toPay > cash {
		return 0, refuse("paid-too-much")
	}
	return paid - toPay, nil
}
