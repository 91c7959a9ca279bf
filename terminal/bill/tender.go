package bill

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
)

// tenders are the ways in which a bill can be paid; they are recorded, not
// processed.
var tenders = map[string]bool{"cash": true, "card": true, "wallet": true}

// Exchange is the tender by which goods that come back pay for others in the same
// entry (rule S31): money that never crosses the counter.
const Exchange = "exchange"

// Tender reports whether a bill can be paid in a way, or money given back.
func Tender(kind string) bool { return tenders[kind] }

// OneTender is the one kind of tender that pays, or "" where several do or none.
func OneTender(list []ledger.Tender) string {
	kind := ""
	for _, t := range list {
		if kind != "" && t.Kind != kind {
			return ""
		}
		kind = t.Kind
	}
	return kind
}

// TenderError says why tenders do not pay a bill.
type TenderError struct {
	Code    string  // a word of the catalogue
	Missing lot.Fen // where too little was paid
}

func (e *TenderError) Error() string { return fmt.Sprintf("%s: %s missing", e.Code, e.Missing) }

// Change checks the tenders against what is to be paid and returns what goes
// back in cash; else a *TenderError.
func Change(list []ledger.Tender, toPay lot.Fen) (lot.Fen, error) {
	if len(list) > ledger.TendersMax {
		return 0, &TenderError{Code: "too-many-tenders"}
	}
	var paid, cash lot.Fen
	for _, p := range list {
		if !tenders[p.Kind] || p.Fen <= 0 || p.Fen > lot.FenMax {
			return 0, &TenderError{Code: "bad-tender"}
		}
		paid += p.Fen
		if p.Kind == "cash" {
			cash += p.Fen
		}
	}
	if paid < toPay {
		return 0, &TenderError{Code: "paid-too-little", Missing: toPay - paid}
	}
	if paid-toPay > cash {
		return 0, &TenderError{Code: "paid-too-much"}
	}
	return paid - toPay, nil
}

// Pay settles a sale with what its tenders say was handed over, and with what a
// return in the same entry gives back, if there is one: only the difference is
// handed over, one way or the other. It fails with a *TenderError.
func Pay(sale *ledger.Sale, back *ledger.Return, toPay lot.Fen) (err error) {
	var netted lot.Fen
	rest := pricing.Settlement{Pay: toPay}
	if back != nil {
		rest = pricing.Exchange(back.Refund, toPay)
		netted = toPay - rest.Pay
	}
	if sale.Change, err = Change(sale.Tenders, rest.Pay); err != nil || netted == 0 {
		return err
	}
	part := ledger.Tender{Kind: Exchange, Fen: netted}
	sale.Tenders = append([]ledger.Tender{part}, sale.Tenders...)
	if len(sale.Tenders) > ledger.TendersMax {
		return &TenderError{Code: "too-many-tenders"}
	}
	for n := range back.Tenders { // planned as one, of the whole refund
		back.Tenders[n].Fen = rest.Back
	}
	back.Tenders = append([]ledger.Tender{part}, slices.DeleteFunc(back.Tenders, func(t ledger.Tender) bool { return t.Fen == 0 })...)
	return nil
}
