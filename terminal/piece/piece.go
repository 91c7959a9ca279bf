// Package piece makes a line of a basket out of a scanned code: so many of some
// goods at the catalogue's price, or one piece at the price that the shop's scale
// has printed on it. It looks nothing up and totals nothing.
package piece

import (
	"errors"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// ErrTooMuch says that a code wants more of the goods, or a higher price, than a
// line may have.
var ErrTooMuch = errors.New("piece: more than a line may have")

// ErrFull says that a basket has as many lines as it may have.
var ErrFull = errors.New("piece: the basket is full")

// Item is one line of a basket. It is stored with the basket.
type Item struct {
	GTIN   string  `json:"gtin"`
	Qty    int64   `json:"qty"`
	Priced bool    `json:"priced,omitempty"` // Fen is the price, not the catalogue's
	Fen    lot.Fen `json:"fen,omitempty"`    // of one piece, as a scale has printed it
}

// Of makes a line of so many times a code of these goods. A weight without a price
// is priced by the catalogue, which then gives the price of a kilogram (dev 7).
func Of(code barcode.Code, product programme.Product, times int64) (Item, error) {
	i := Item{GTIN: code.GTIN, Qty: times}
	switch p := code.Piece; {
	case p.Priced:
		i.Priced, i.Fen = true, lot.Fen(p.Fen)
	case p.Milligrams > 0:
		i.Priced, i.Fen = true, lot.Fen(p.Worth(int64(product.Fen)))
	case p.Count > 0:
		if p.Count > pricing.QtyMax {
			return Item{}, ErrTooMuch
		}
		i.Qty *= p.Count
	}
	if i.Qty > pricing.QtyMax || i.Fen > programme.PriceMax {
		return Item{}, ErrTooMuch
	}
	return i, nil
}

// At is the product at the price of this line.
func (i Item) At(p programme.Product) programme.Product {
	if i.Priced {
		p.Fen = i.Fen
	}
	return p
}

// Add puts a line into a basket: to an equal one, or behind the others. It
// returns the basket and how many of these goods the line now has.
func Add(basket []Item, added Item) ([]Item, int64, error) {
	for i := range basket {
		same := basket[i]
		same.Qty = added.Qty
		if same != added {
			continue
		}
		if basket[i].Qty > pricing.QtyMax-added.Qty {
			return basket, 0, ErrTooMuch
		}
		basket[i].Qty += added.Qty
		return basket, basket[i].Qty, nil
	}
	if len(basket) >= pricing.LinesMax {
		return basket, 0, ErrFull
	}
	return append(basket, added), added.Qty, nil
}
