package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Act is what every action beside a sale says.
type Act struct {
	Ref     string `json:"ref" minLength:"8" maxLength:"64" doc:"the caller's own reference, never used for anything else"`
	Cashier string `json:"cashier" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9._-]+$" doc:"who does it: written into the journal"`
}

// Code is something that was scanned or typed. It travels in a body and not in
// an address, which others might write down.
type Code struct {
	Code string `json:"code" minLength:"1" maxLength:"512"`
}

type (
	codeIn struct {
		Lane
		Body Code
	}
	memberOut struct{ Body Member }
	redeemIn  struct {
		Lane
		Body struct {
			Act
			Member  string `json:"member" minLength:"1" maxLength:"512" doc:"a card or a pass"`
			Benefit string `json:"benefit" minLength:"1" maxLength:"64"`
			Pool    bool   `json:"pool,omitempty" doc:"the household's points pay too, after the member's own"`
		}
	}
	useIn struct {
		Lane
		Body struct {
			Act
			Code    string `json:"code" minLength:"1" maxLength:"512" doc:"the voucher's QR text"`
			Instead string `json:"instead,omitempty" maxLength:"32" doc:"the benefit that the member chose of those that may stand in for it"`
		}
	}
	voucherBackIn struct {
		Lane
		Body struct {
			Act
			Voucher string `json:"voucher" maxLength:"80" doc:"the voucher's lot"`
			Used    bool   `json:"used,omitempty" doc:"the goods come back that it was handed out for"`
		}
	}
	returnIn struct {
		Lane
		Body struct {
			Act
			Sale       string  `json:"sale" minLength:"1" maxLength:"512" doc:"the sale's entry, or the text of its receipt's QR"`
			Quantities []int64 `json:"quantities,omitempty" maxItems:"200" doc:"how much of each line, in the order of the sale; none with void"`
			Void       bool    `json:"void,omitempty" doc:"the whole sale, on its own business day"`
			Tender     string  `json:"tender" enum:"cash,card,wallet" doc:"how the money goes back"`
		}
	}
)

func (a *API) routeMembers() {
	huma.Register(a.huma, operation("member", http.MethodPost, "/lanes/{lane}/members", "Find a member",
		"By card, pass or phone number. HQ is asked for what is not here; while it is (asking), a second call may have more."),
		func(_ context.Context, in *codeIn) (*memberOut, error) {
			v, err := a.o.Till.Quote(clerk.By{Lane: in.Lane.Lane}, till.Order{Member: in.Body.Code})
			if err != nil {
				return nil, a.fault(err)
			}
			return &memberOut{memberOf(v.Member, a.o.Zone)}, nil
		})
	huma.Register(a.huma, operation("redeem", http.MethodPost, "/lanes/{lane}/redemptions", "Redeem a benefit",
		"Exchanges points for a benefit; its voucher is printed at the lane."),
		func(_ context.Context, in *redeemIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Till.RedeemFor(by, b.Ref, till.Order{Member: b.Member, Pool: b.Pool}, b.Benefit)
			})
		})
	huma.Register(a.huma, operation("hand-out", http.MethodPost, "/lanes/{lane}/voucher-uses", "Hand out what a voucher promises", "Once; or, where the member chooses so, what may stand in for it."),
		func(_ context.Context, in *useIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				return a.o.Till.HandOut(by, b.Ref, b.Code, b.Instead)
			})
		})
}

func (a *API) routeBack() {
	huma.Register(a.huma, operation("return", http.MethodPost, "/lanes/{lane}/returns", "Take goods back",
		"Settles what they earned and what points paid, all returns of a receipt together."),
		func(_ context.Context, in *returnIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				of, err := a.o.Till.Sale(b.Sale)
				if err != nil {
					return clerk.Done{}, err
				}
				return a.o.Till.Return(by, till.Returning{Ref: b.Ref, Of: of, Qty: b.Quantities, Void: b.Void, Tender: b.Tender})
			})
		})
	huma.Register(a.huma, operation("voucher-back", http.MethodPost, "/lanes/{lane}/voucher-returns", "Take a voucher back",
		"Gives back the points that bought it."),
		func(_ context.Context, in *voucherBackIn) (*outcomeOut, error) {
			b := in.Body
			return a.done(in.Lane.Lane, b.Cashier, b.Ref, func(by clerk.By) (clerk.Done, error) {
				id, err := lot.ParseID(b.Voucher)
				if err != nil {
					return clerk.Done{}, &till.Refusal{Code: "voucher-unknown"}
				}
				return a.o.Till.TakeVoucherBack(by, b.Ref, id, b.Used)
			})
		})
}

func (o *Outcome) back(r *ledger.Return) {
	o.PaidFen = -int64(r.Refund)
	for _, d := range r.Back {
		o.Returned += int64(d.Amount)
	}
	for _, n := range r.Anew {
		o.Returned += int64(n.Amount)
	}
	for _, d := range r.Claw {
		o.Taken += int64(d.Amount)
	}
	for _, d := range r.Due {
		o.Due += int64(d.Amount)
	}
	for _, p := range r.Plays {
		o.PlaysBack = append(o.PlaysBack, int(p.Play))
	}
}
