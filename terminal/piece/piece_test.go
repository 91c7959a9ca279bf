package piece_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/piece"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

const apples = "02112345000008"

func TestOf(t *testing.T) {
	product := programme.Product{GTIN: apples, Fen: 1299} // a kilogram
	tests := []struct {
		name  string
		piece barcode.Piece
		want  piece.Item
		fen   int64 // of the product on this line
		err   error
	}{
		{"catalogue", barcode.Piece{}, piece.Item{GTIN: apples, Qty: 1}, 1299, nil},
		{"price-of-the-scale", barcode.Piece{Priced: true, Fen: 650, Milligrams: 500_000}, piece.Item{GTIN: apples, Qty: 1, Priced: true, Fen: 650}, 650, nil},
		{"given-away", barcode.Piece{Priced: true}, piece.Item{GTIN: apples, Qty: 1, Priced: true}, 0, nil},
		{"by-weight-rounded-half-up-once", barcode.Piece{Milligrams: 500_000}, piece.Item{GTIN: apples, Qty: 1, Priced: true, Fen: 650}, 650, nil},
		{"by-weight-rounded-down", barcode.Piece{Milligrams: 499_000}, piece.Item{GTIN: apples, Qty: 1, Priced: true, Fen: 648}, 648, nil},
		{"count", barcode.Piece{Count: 12}, piece.Item{GTIN: apples, Qty: 12}, 1299, nil},
		{"too-many", barcode.Piece{Count: pricing.QtyMax + 1}, piece.Item{}, 1299, piece.ErrTooMuch},
		{"too-dear", barcode.Piece{Priced: true, Fen: int64(programme.PriceMax) + 1}, piece.Item{}, 1299, piece.ErrTooMuch},
		{"the-heaviest-there-is", barcode.Piece{Milligrams: 999_999_000_000}, piece.Item{}, 1299, piece.ErrTooMuch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := piece.Of(barcode.Code{GTIN: apples, Piece: tt.piece}, product, 1)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Of(%+v) error = %v, want %v", tt.piece, err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Of(%+v) (-want +got):\n%s", tt.piece, diff)
			}
			if fen := got.At(product).Fen; int64(fen) != tt.fen {
				t.Errorf("the product on the line costs %d fen, want %d", fen, tt.fen)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	label := piece.Item{GTIN: apples, Qty: 1, Priced: true, Fen: 650}
	basket := []piece.Item{label}
	for name, other := range map[string]piece.Item{
		"another-price": {GTIN: apples, Qty: 1, Priced: true, Fen: 651}, "catalogue-price": {GTIN: apples, Qty: 1}, "other-goods": {GTIN: "x", Qty: 1, Priced: true, Fen: 650},
	} {
		if got, qty, err := piece.Add(basket, other); len(got) != 2 || qty != 1 || err != nil {
			t.Errorf("%s: Add = %v, %d, %v, want a line of its own", name, got, qty, err)
		}
	}
	if got, qty, err := piece.Add(basket, label); len(got) != 1 || qty != 2 || err != nil {
		t.Errorf("the same label again: Add = %v, %d, %v, want two", got, qty, err)
	}
	if _, _, err := piece.Add([]piece.Item{{GTIN: apples, Qty: pricing.QtyMax}}, piece.Item{GTIN: apples, Qty: 1}); !errors.Is(err, piece.ErrTooMuch) {
		t.Errorf("one too many: Add error = %v, want ErrTooMuch", err)
	}
	full := make([]piece.Item, pricing.LinesMax)
	if _, _, err := piece.Add(full, label); !errors.Is(err, piece.ErrFull) {
		t.Errorf("one line too many: Add error = %v, want ErrFull", err)
	}
}
