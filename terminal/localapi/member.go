package localapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
)

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
)

// Redemption is points for a benefit.
type Redemption struct {
	Act
	Member  string `json:"member" minLength:"1" maxLength:"512" doc:"a card or a pass"`
	Benefit string `json:"benefit" minLength:"1" maxLength:"64"`
	Pool    bool   `json:"pool,omitempty" doc:"the household's points pay too, after the member's own"`
}

// VoucherUse hands out what a voucher promises.
type VoucherUse struct {
	Act
	Code    string `json:"code" minLength:"1" maxLength:"512" doc:"the voucher's QR text"`
	Instead string `json:"instead,omitempty" maxLength:"32" doc:"the benefit that the member chose of those that may stand in for it"`
}

// VoucherReturn gives back what a voucher cost.
type VoucherReturn struct {
	Act
	Voucher string `json:"voucher" maxLength:"80" doc:"the voucher's lot"`
	Used    bool   `json:"used,omitempty" doc:"the goods come back that it was handed out for"`
}

// Return is goods of a sale of this terminal that come back.
type Return struct {
	Act
	Sale       string  `json:"sale" minLength:"1" maxLength:"512" doc:"the sale's entry, or the text of its receipt's QR"`
	Quantities []int64 `json:"quantities,omitempty" maxItems:"200" doc:"how much of each line, in the order of the sale; none with void"`
	Void       bool    `json:"void,omitempty" doc:"the whole sale, on its own business day"`
	Tender     string  `json:"tender" enum:"cash,card,wallet" doc:"how the money goes back"`
}

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
	action(a, "redeem", "redemptions", "Redeem a benefit", "Exchanges points for a benefit; its voucher is printed at the lane, and its code is in the answer.",
		needs[Redemption](role.Sell, ledger.KindRedeem),
		func(by doing, b Redemption) (clerk.Done, error) {
			return a.o.Till.RedeemFor(by.By, b.Ref, till.Order{Member: b.Member, Pool: b.Pool}, b.Benefit)
		})
	action(a, "hand-out", "voucher-uses", "Hand out what a voucher promises", "Once.",
		needs[VoucherUse](role.Sell, ledger.KindVoucherUse),
		func(by doing, b VoucherUse) (clerk.Done, error) {
			return a.o.Till.HandOut(by.By, b.Ref, b.Code, b.Instead)
		})
}

func (a *API) routeBack() {
	action(a, "return", "returns", "Take goods back", "Settles what they earned and what points paid, all returns of a receipt together. Large ones and voids ask for a senior.",
		func(by clerk.By, b Return) (right, error) {
			r, err := a.readReturn(b)
			if err != nil {
				return right{}, err
			}
			return a.returning(by, r)
		},
		func(by doing, b Return) (clerk.Done, error) {
			r, err := a.readReturn(b)
			if err != nil {
				return clerk.Done{}, err
			}
			return a.o.Till.Return(by.By, r)
		})
	action(a, "voucher-back", "voucher-returns", "Take a voucher back", "Gives back the points that bought it; those of another terminal's voucher HQ gives back, once. Asks for a senior.",
		needs[VoucherReturn](role.VoucherBack, ledger.KindVoucherBack),
		func(by doing, b VoucherReturn) (clerk.Done, error) {
			id, err := lot.ParseID(b.Voucher)
			if err != nil {
				return clerk.Done{}, &till.Refusal{Code: "voucher-unknown"}
			}
			return a.o.Till.TakeVoucherBack(by.By, b.Ref, id, b.Used)
		})
}

func (a *API) readReturn(b Return) (till.Returning, error) {
	of, err := a.o.Till.Sale(b.Sale)
	return till.Returning{Ref: b.Ref, Of: of, Qty: b.Quantities, Void: b.Void, Tender: b.Tender}, err
}

// back tells of a return; the facts know what of it were points.
func (o *Outcome) back(r *ledger.Return, f slip.Facts) {
	o.PaidFen, o.Returned = -int64(r.Refund), int64(f.Back)
	o.Taken, o.Due = int64(lot.Sum(r.Claw)+f.Won), int64(f.WonDue)
	for _, d := range r.Due {
		o.Due += int64(d.Amount)
	}
	for _, p := range r.Plays {
		o.PlaysBack = append(o.PlaysBack, int(p.Play))
	}
}
