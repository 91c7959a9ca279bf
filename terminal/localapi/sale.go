package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Lane is where an action happens.
type Lane struct {
	Lane uint32 `path:"lane" minimum:"1" maximum:"16" doc:"the lane, from 1"`
}

// Tender is a part of what is paid.
type Tender struct {
	Kind string `json:"kind" enum:"cash,card,wallet" doc:"recorded, not processed"`
	Fen  int64  `json:"fen" minimum:"1" maximum:"100000000"`
}

func tendersOf(list []Tender) (out []ledger.Tender) {
	for _, t := range list {
		out = append(out, ledger.Tender{Kind: t.Kind, Fen: lot.Fen(t.Fen)})
	}
	return out
}

// Sale is a sale to be made.
type Sale struct {
	Act
	Order   Order    `json:"order"`
	Tenders []Tender `json:"tenders" maxItems:"8"`
	Redeem  []string `json:"redeem,omitempty" maxItems:"8" doc:"benefits to be redeemed in the same go"`
}

// Hold is a basket that keeps what it would take from other baskets.
type Hold struct {
	Ref   string `json:"ref" minLength:"8" maxLength:"64" doc:"the reference of the sale to come"`
	Order Order  `json:"order"`
}

type (
	orderIn struct {
		Lane
		Body Order
	}
	quoteOut struct{ Body Quote }
	holdIn   struct {
		Lane
		Who
		Body Hold
	}
	clearIn struct {
		Lane
		Who
	}
	refIn struct {
		Ref string `path:"ref" minLength:"8" maxLength:"64"`
	}
)

func (a *API) routeSales() {
	huma.Register(a.huma, operation("quote", http.MethodPost, "/lanes/{lane}/quotes", "Price an order",
		"What an order comes to, what it earns and what points can pay. Nothing is changed or held. While the member is being asked for at HQ (asking), a second call may have more."),
		func(_ context.Context, in *orderIn) (*quoteOut, error) {
			o, err := in.Body.read()
			if err != nil {
				return nil, a.fault(err)
			}
			v, err := a.o.Till.Quote(clerk.By{Lane: in.Lane.Lane}, o)
			if err != nil {
				return nil, a.fault(err)
			}
			return &quoteOut{quoteOf(v)}, nil
		})
	action(a, "sell", "sales", "Sell",
		"One sale with its award and deduction: on the disk when this answers. The same reference and content again get the same answer; other content is 409.",
		needs[Sale](role.Sell, ledger.KindSale),
		func(by doing, b Sale) (clerk.Done, error) {
			o, err := b.Order.read()
			if err != nil {
				return clerk.Done{}, err
			}
			return a.o.Till.Sell(by.By, o, till.Payment{Ref: b.Ref, Redeem: b.Redeem, Tenders: tendersOf(b.Tenders)})
		})
	huma.Register(a.huma, operation("hold", http.MethodPut, "/lanes/{lane}/basket", "Hold what an order takes",
		"Puts an order into the lane's basket: what it takes of the member's points is kept from other baskets for 15 minutes after the last touch."),
		func(_ context.Context, in *holdIn) (*quoteOut, error) {
			o, err := in.Body.Order.read()
			if err != nil {
				return nil, a.fault(err)
			}
			err = a.does(in.Lane.Lane, in.Who, role.Sell, func(by clerk.By) error { return a.o.Till.Place(by, in.Body.Ref, o) })
			if err != nil {
				return nil, err
			}
			return a.basket(in.Lane.Lane)
		})
	huma.Register(a.huma, operation("basket", http.MethodGet, "/lanes/{lane}/basket", "Look at a basket", ""),
		func(_ context.Context, in *Lane) (*quoteOut, error) { return a.basket(in.Lane) })
	huma.Register(a.huma, operation("release", http.MethodDelete, "/lanes/{lane}/basket", "Empty a basket", "Gives back what it holds."),
		func(_ context.Context, in *clearIn) (*struct{}, error) {
			return nil, a.does(in.Lane.Lane, in.Who, role.Sell, a.o.Till.Clear)
		})
	huma.Register(a.huma, operation("outcome", http.MethodGet, "/outcomes/{ref}", "What became of a reference",
		"For a caller that did not get its answer: 404 means that nothing was written under it, 422 that it was declined, and why."),
		func(_ context.Context, in *refIn) (*outcomeOut, error) {
			d, err := a.o.Till.Outcome(in.Ref)
			if err != nil {
				return nil, a.fault(err)
			}
			return a.told(in.Ref, d), nil
		})
}

func (a *API) basket(lane uint32) (*quoteOut, error) {
	if lane > a.o.Lanes {
		return nil, problem(http.StatusNotFound, "no-lane")
	}
	v, err := a.o.Till.View(lane)
	if err != nil {
		return nil, a.fault(err)
	}
	return &quoteOut{quoteOf(v)}, nil
}

// operation describes one thing that can be asked for.
func operation(id, method, path, summary, description string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: Base + path, Summary: summary, Description: description,
		MaxBodyBytes: bodyBytesMax, RejectUnknownQueryParameters: true, Security: []map[string][]string{{"token": {}}},
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusLocked, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage},
	}
}
