package localapi

import (
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Exchange is goods that come back and others that go out.
type Exchange struct {
	Act
	Sale       string   `json:"sale" minLength:"1" maxLength:"512" doc:"the entry of the sale that the goods come back from, or the text of its receipt's QR"`
	Quantities []int64  `json:"quantities" minItems:"1" maxItems:"200" doc:"how much comes back of each line, in the order of the sale"`
	Tender     string   `json:"tender" enum:"cash,card,wallet" doc:"how money goes back where more comes back than is bought"`
	Order      Order    `json:"order" doc:"the goods that go out"`
	Tenders    []Tender `json:"tenders" maxItems:"8" doc:"what is paid beyond what comes back"`
}

func (a *API) routeExchange() {
	action(a, "exchange", "exchanges", "Exchange goods",
		"Goods of an earlier sale come back and others go out, in one entry: all of it is done, or nothing. Only the money is netted.",
		func(by clerk.By, b Exchange) (right, error) {
			back, err := a.readReturn(Return{Sale: b.Sale, Quantities: b.Quantities})
			if err != nil {
				return right{}, err
			}
			return a.returning(by, back)
		},
		func(by doing, b Exchange) (clerk.Done, error) {
			back, err := a.readReturn(Return{Sale: b.Sale, Quantities: b.Quantities, Tender: b.Tender})
			if err != nil {
				return clerk.Done{}, err
			}
			o, err := b.Order.read()
			if err != nil {
				return clerk.Done{}, err
			}
			return a.o.Till.ExchangeFor(by.By, back, o, till.Payment{Ref: b.Ref, Tenders: tendersOf(b.Tenders)})
		})
}
