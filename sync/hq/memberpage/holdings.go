package memberpage

import (
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/adrift"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Kind is what a member has of one asset, and where it lies.
type Kind struct {
	Name   document.Text
	Amount lot.Amount
	Next   lot.Day // the first day on which some of it ends, 0 for never
	Places []Place // where it lies, beside HQ
	asset  lot.Asset
}

// Place is how much of it a store holds, that can be used there without a line.
type Place struct {
	Store  string
	Amount lot.Amount
}

// In is the kind's name in a language.
func (k Kind) In(lang string) string { return k.Name.In(lang) }

// Kinds are what a member has of points, vouchers and coupons.
func Kinds(w *decision.Work, who member.ID) (list []Kind, err error) {
	owned, err := w.Owned(who)
	if err != nil {
		return nil, err
	}
	lost, err := adrift.Among(w.Tx, owned)
	if err != nil {
		return nil, err
	}
	for _, a := range owned {
		k := a.Place.Kind
		if k == book.InFlight { // what a board had that is gone is theirs elsewhere, or used
			n, _ := adrift.Of(lost, a.Lot.ID)
			a.Amount -= n
		}
		held := k == book.AtHQ || k == book.AtTerminal || k == book.InFlight
		name, shown := nameOf(w, a.Lot.Asset)
		if !held || !shown || a.Amount <= 0 || !w.Today().Usable(a.Lot.Expires) {
			continue
		}
		at := slices.IndexFunc(list, func(k Kind) bool { return k.asset == a.Lot.Asset })
		if at < 0 {
			at = len(list)
			list = append(list, Kind{Name: name, asset: a.Lot.Asset})
		}
		list[at].Amount += a.Amount
		if e := a.Lot.Expires; e != 0 && (list[at].Next == 0 || e < list[at].Next) {
			list[at].Next = e
		}
		if k != book.AtTerminal {
			continue
		}
		store, err := storeOf(w, a.Place.Terminal)
		if err != nil {
			return nil, err
		}
		list[at].put(store, a.Amount)
	}
	return list, nil
}

func (k *Kind) put(store string, n lot.Amount) {
	for i := range k.Places {
		if k.Places[i].Store == store {
			k.Places[i].Amount += n
			return
		}
	}
	k.Places = append(k.Places, Place{store, n})
}

// nameOf is what an asset is called; ok is false for one that no member is shown.
func nameOf(w *decision.Work, a lot.Asset) (document.Text, bool) {
	p := w.Programme()
	if b, ok := p.Benefit(a.Benefit()); ok {
		return b.Name, true
	}
	if c, ok := p.Coupon(a.Coupon()); ok {
		return c.Name, true
	}
	return p.PointsName(a), a.Points()
}

func storeOf(w *decision.Work, id ledger.TerminalID) (string, error) {
	row, err := w.Tx.Terminal(id)
	if errors.Is(err, book.ErrNotFound) || err == nil && row.Store == "" {
		return id.String(), nil
	}
	return row.Store, err
}
