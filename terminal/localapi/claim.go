package localapi

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// ReturnClaim is goods of another till's sale that come back.
type ReturnClaim struct {
	Act
	Sale       string  `json:"sale" minLength:"1" maxLength:"512" doc:"the sale's entry as its receipt has it, or the text of the receipt's QR"`
	Quantities []int64 `json:"quantities" minItems:"1" maxItems:"200" doc:"how much of each line, in the order of the receipt"`
	RefundFen  int64   `json:"refund_fen" minimum:"0" maximum:"100000000" doc:"what was really paid for the goods, as the receipt has it"`
	Tender     string  `json:"tender" enum:"cash,card,wallet" doc:"how the money goes back"`
}

func (a *API) routeClaims() {
	action(a, "return-claim", "return-claims", "Take back goods of another till's sale",
		"Goods and money are settled at once, the points' side by HQ. A sale whose right of return is here is returned the ordinary way (return-here). A line that was claimed here before asks for a second person (return-claimed).",
		func(_ clerk.By, b ReturnClaim) (right, error) { return claiming(lot.Fen(b.RefundFen), b.Second), nil },
		func(by doing, b ReturnClaim) (clerk.Done, error) {
			of, err := a.o.Till.Sale(b.Sale)
			if err != nil {
				return clerk.Done{}, err
			}
			r := till.ClaimReturn{Ref: b.Ref, Of: of, Refund: lot.Fen(b.RefundFen), Tender: b.Tender, Second: by.second}
			for n, q := range b.Quantities {
				if q != 0 { // a wrong one is for the till to refuse
					r.Lines = append(r.Lines, ledger.ReturnLine{Line: uint32(n), Qty: q})
				}
			}
			return a.o.Till.ClaimReturn(by.By, r)
		})
}
