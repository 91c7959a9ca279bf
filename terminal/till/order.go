package till

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Order is a whole basket, as another till's software has it.
type Order struct {
	Lines   []OrderLine
	Member  string   // the code of a card, a phone number or a pass; "" for nobody
	Deduct  lot.Fen  // as given to Deduct
	Coupons []lot.ID // of the member
	Pool    bool     // the household's points pay too
}

// OrderLine is one line of an order: a code as it was scanned, and how many.
type OrderLine struct {
	Code string
	Qty  int64
}

// Place puts an order in the place of what is in a lane's basket, for the action
// with the caller's own reference. It holds what the order would take of the
// member's points, like any basket.
func (t *Till) Place(by clerk.By, ref string, o Order) error {
	return t.edit(by, func(l *lane) error { return t.place(by, l, ref, o, false) })
}

func (t *Till) place(by clerk.By, l *lane, ref string, o Order, answered bool) error {
	if l.Cashier == "" {
		return refuse("sign-in-first")
	}
	fresh := &lane{basket: basket{Cashier: l.Cashier, Ref: ref}, message: l.message, answered: answered}
	if err := t.fill(by, fresh, o); err != nil {
		return err
	}
	l.basket, l.message = fresh.basket, fresh.message
	return nil
}

// Sell sells an order under the caller's own reference: Place and Pay in one.
// The same reference with the same order again gives the same answer.
func (t *Till) Sell(by clerk.By, o Order, p Payment) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) {
		return t.placed(by, l, p.Ref, o, func() (clerk.Done, error) { return t.pay(by, l, p) })
	})
}

// placed runs an action on an order in the basket. Under a reference that was
// answered before, the order is only compared: what paid then may be used up.
func (t *Till) placed(by clerk.By, l *lane, ref string, o Order, act func() (clerk.Done, error)) (clerk.Done, error) {
	_, err := t.Outcome(ref)
	answered, before := !errors.Is(err, clerk.ErrUnknownReference), l.basket
	if err := t.place(by, l, ref, o, answered); err != nil {
		return clerk.Done{}, err
	}
	done, err := act()
	if answered && err != nil { // nothing comes of what was not looked at
		l.basket = before
	}
	return done, err
}

// Quote prices an order at a lane. It changes no basket and holds nothing; a
// member whose points are not here is asked for at HQ, so that a second call may
// have more to say.
func (t *Till) Quote(by clerk.By, o Order) (View, error) {
	l := &lane{}
	if err := t.fill(by, l, o); err != nil {
		return View{}, err
	}
	now := t.Now()
	v := t.viewOf(by.Lane, l, now)
	err := t.Read(func(tx journal.Tx, state *fold.State) error {
		return t.viewBasket(&v, l, state, t.Today(now))
	})
	return v, err
}

// fill puts an order into an empty basket, or says what of it cannot be.
func (t *Till) fill(by clerk.By, l *lane, o Order) error {
	for _, line := range o.Lines {
		if line.Qty <= 0 || line.Qty > pricing.QtyMax {
			return refuse("bad-quantity")
		}
		code, err := t.o.Codes.Classify("", line.Code)
		if err != nil {
			return t.unread(by, err)
		}
		if code.Kind != barcode.GTIN && code.Kind != barcode.InStore {
			return refuse("unknown-code")
		}
		if err := t.addGoods(l, code, line.Qty); err != nil {
			return err
		}
	}
	if o.Member != "" {
		if err := t.scanMember(by, l, o.Member); err != nil {
			return err
		}
	}
	if err := l.wish(o.Deduct); err != nil {
		return err
	}
	if l.answered {
		l.Pool, l.Coupons = o.Pool, o.Coupons
		return nil
	}
	if o.Pool {
		if err := t.join(by, l); err != nil {
			return err
		}
	}
	for _, id := range o.Coupons {
		if err := t.putCoupon(by, l, id); err != nil {
			return err
		}
	}
	return nil
}

// scanMember puts the member of a code onto a basket.
func (t *Till) scanMember(by clerk.By, l *lane, text string) error {
	code, err := t.o.Codes.Classify("", text)
	if err != nil {
		return t.unread(by, err)
	}
	if err := t.put(by, l, code); err != nil {
		return err
	}
	if l.Member == 0 {
		return refuse("unknown-member")
	}
	return nil
}

// ExchangeFor takes goods back and sells an order in the same go, under the
// caller's own reference: Place and Exchange in one.
func (t *Till) ExchangeFor(by clerk.By, r Returning, o Order, p Payment) (clerk.Done, error) {
	r.Ref = ""
	return t.act(by, func(l *lane) (clerk.Done, error) {
		return t.placed(by, l, p.Ref, o, func() (clerk.Done, error) { return t.exchange(by, l, r, p) })
	})
}

// RedeemFor redeems a benefit for the member of an order without goods, beside
// what is in the lane's basket and under the caller's own reference.
func (t *Till) RedeemFor(by clerk.By, ref string, o Order, benefit string) (clerk.Done, error) {
	return t.aside(by, ref, o, func(l *lane) (clerk.Done, error) { return t.redeemAt(by, l, ref, benefit) })
}

// PlayFor plays a game once for the member of a code, beside what is in the
// lane's basket and under the caller's own reference.
func (t *Till) PlayFor(by clerk.By, ref, member, game string) (clerk.Done, error) {
	return t.aside(by, ref, Order{Member: member}, func(l *lane) (clerk.Done, error) { return t.playAt(by, l, ref, game) })
}

// HandOut hands out what the voucher of a QR text promises, beside what is in
// the lane's basket and under the caller's own reference; instead is what was chosen
// in its place, or "".
func (t *Till) HandOut(by clerk.By, ref, text, instead string) (clerk.Done, error) {
	return t.aside(by, ref, Order{}, func(l *lane) (clerk.Done, error) {
		code, err := t.o.Codes.Classify("", text)
		switch {
		case err != nil:
			return clerk.Done{}, t.unread(by, err)
		case code.Kind != barcode.Token:
			return clerk.Done{}, refuse("voucher-unknown")
		}
		done, err := t.Outcome(ref)
		if !errors.Is(err, clerk.ErrUnknownReference) {
			return t.handedOutBefore(ref, code.Text, instead, done, err)
		}
		if err := t.put(by, l, code); err != nil {
			return clerk.Done{}, err
		}
		return t.useAt(by, l, ref, instead)
	})
}

// handedOutBefore answers for a voucher that is used already, by this very
// reference.
func (t *Till) handedOutBefore(ref, text, instead string, before clerk.Done, err error) (clerk.Done, error) {
	if err != nil {
		return clerk.Done{}, err
	}
	used, ok := before.Entry.Body.(*ledger.VoucherUse)
	v, read := token.VoucherOf(text)
	if !ok || !read || v.Lot != used.Voucher || instead != "" && instead != used.Handed() {
		return clerk.Done{}, fmt.Errorf("%q: %w", ref, clerk.ErrReference)
	}
	return before, nil
}

// aside runs an action with a basket of its own at a lane, and leaves what is in
// the lane's.
func (t *Till) aside(by clerk.By, ref string, o Order, act func(*lane) (clerk.Done, error)) (done clerk.Done, err error) {
	err = t.edit(by, func(l *lane) error {
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		own := &lane{basket: basket{Cashier: l.Cashier, Ref: ref}, kept: l.kept, beside: true, message: l.message, last: l.last}
		_, unknown := t.Outcome(ref)
		own.answered = !errors.Is(unknown, clerk.ErrUnknownReference)
		if err := t.fill(by, own, o); err != nil {
			return err
		}
		done, err = act(own)
		l.message, l.last = own.message, own.last
		return err
	})
	return done, err
}

// Sale finds the sale of an entry's name, as it is printed on the receipt, or of
// the certificate that is printed there as a code.
func (t *Till) Sale(name string) (lot.Origin, error) {
	if c, err := token.OpenCertificate(name, t.bearer.Keys().Find); err == nil {
		return c.Entry, nil
	}
	of, err := lot.ParseOrigin(name)
	if err != nil {
		return lot.Origin{}, refuse("return-unknown")
	}
	return of, nil
}
