package till

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Tell shows a sentence at a lane where somebody works.
func (t *Till) Tell(by clerk.By, level Level, code string, args ...programme.Text) error {
	return t.edit(by, func(l *lane) error {
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		l.say(level, code, args...)
		return nil
	})
}

// Refuse shows a refusal at a lane, and returns it.
func (t *Till) Refuse(by clerk.By, code string, args ...programme.Text) error {
	return t.edit(by, func(*lane) error { return refuse(code, args...) })
}

// Documents are those in force.
func (t *Till) Documents() Documents { return *t.documents() }

// Asked is what a lane's basket comes to, and what was asked for it.
func (t *Till) Asked(n uint32) (q pricing.Quote, r pricing.Request, err error) {
	l, err := t.at(n)
	if err != nil {
		return q, r, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err = t.Read(func(tx journal.Tx, state *fold.State) error {
		q, r, _, err = t.quote(state, n, l, t.Today(t.Now()), "")
		return err
	})
	return q, r, err
}

// PayWith puts coupons into the basket in the place of those that are there, and
// says how much of it points are to pay.
func (t *Till) PayWith(by clerk.By, coupons []lot.ID, deduct lot.Fen) error {
	return t.edit(by, func(l *lane) error {
		before := l.Coupons
		l.Coupons = nil
		for _, id := range coupons {
			if err := t.putCoupon(by, l, id); err != nil {
				l.Coupons = before
				return err
			}
		}
		return l.wish(deduct)
	})
}

// Lift takes a basket off its lane and hands it to keep as opaque bytes, in the
// transaction that empties the lane. It holds nothing of the member's then.
func (t *Till) Lift(by clerk.By, keep func(tx journal.Tx, raw []byte) error) error {
	return t.edit(by, func(l *lane) error {
		switch {
		case l.Cashier == "":
			return refuse("sign-in-first")
		case len(l.Lines) == 0:
			return refuse("empty-basket")
		}
		aside, next := l.basket, basket{Cashier: l.Cashier}
		aside.Cashier, aside.Ref, aside.Hold = "", "", nil
		raw, err := json.Marshal(aside)
		if err != nil {
			return err
		}
		err = t.o.Journal.Update(func(tx journal.Tx) error {
			if err := keep(tx, raw); err != nil {
				return err
			}
			return l.keep(tx, by.Lane, next)
		})
		if err == nil {
			l.basket = next
		}
		return err
	})
}

// PutDown puts a basket that was lifted onto an empty lane; take gives it, in the
// same transaction. HQ is asked again for what its member has.
func (t *Till) PutDown(by clerk.By, take func(tx journal.Tx) (raw []byte, err error)) error {
	return t.edit(by, func(l *lane) error {
		switch {
		case l.Cashier == "":
			return refuse("sign-in-first")
		case len(l.Lines) > 0:
			return refuse("lane-in-use")
		}
		var next basket
		err := t.o.Journal.Update(func(tx journal.Tx) error {
			raw, err := take(tx)
			if err != nil {
				return err
			}
			next = basket{}
			if err := json.Unmarshal(raw, &next); err != nil {
				return fmt.Errorf("parked basket: %w", err)
			}
			next.Cashier = l.Cashier
			return l.keep(tx, by.Lane, next)
		})
		if err != nil {
			return err
		}
		l.basket = next
		if l.Member == 0 || !l.Proof.MaySpend() {
			return nil
		}
		return t.askFor(by, l.Member)
	})
}

// Lifted is what a lifted basket holds, for a list.
func (t *Till) Lifted(raw []byte) (p view.Parked, err error) {
	var b basket
	if err := json.Unmarshal(raw, &b); err != nil {
		return p, fmt.Errorf("parked basket: %w", err)
	}
	p.Member = b.Member
	for n, line := range b.Lines {
		if product, ok := t.documents().Products.Find(line.GTIN); ok && n == 0 {
			p.First = product.Name
		}
		p.Pieces += line.Qty
	}
	return p, nil
}
