package till_test

import (
	"testing"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// The codes of one shop's scale: apples at 12.99 a kilogram.
const (
	halfKilo = "2112345006505"      // 6.50 on its label
	weighed  = "231234500650005002" // 6.50 and 500 g
	wrapped  = "231234500650120002" // 6.50 and 12 kg: the price field was too short
)

// Points are made of what the label says, and each label is a line of its own.
func TestScaleCodesAreSoldAtTheirPrice(t *testing.T) {
	b := newBench(t)
	shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{
		barcode.UsualLayout("21IIIIIPPPPPC"), barcode.UsualLayout("23IIIIIPPPPPWWWWWC"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "Scan of a scale code without a layout", b.Till.Scan(by, "]E0", halfKilo), "in-store-code")
	b.Codes = shop
	b.Restart(t)
	scan(t, b, halfKilo, halfKilo)
	v := view(t, b)
	if len(v.Lines) != 1 || v.Lines[0].Qty != 2 || v.Lines[0].Unit != 650 || v.Quote.Total != 1300 || v.Lines[0].Name.EN != "Fuji apples" {
		t.Fatalf("two equal labels make %+v, total %s, want two pieces at 6.50", v.Lines, v.Quote.Total)
	}
	scan(t, b, "2112345009995")
	b.Restart(t) // the basket keeps its prices
	if v = view(t, b); len(v.Lines) != 2 || v.Lines[1].Fen != 999 || v.Quote.Total != 2299 {
		t.Fatalf("another label makes %+v, total %s, want a line of its own at 9.99", v.Lines, v.Quote.Total)
	}
	refused(t, "Scan of a misread label", b.Till.Scan(by, "]E0", "2112345006506"), "check-digit")
	refused(t, "Scan of goods that are not in the catalogue", b.Till.Scan(by, "]E0", "2199999006501"), "unknown-product")
	_, sale := payAt(t, b, by)
	if sale.Net() != 2299 || len(sale.Lines) != 2 || sale.Lines[0].Fen != 1300 {
		t.Errorf("sold %+v for %s, want 22.99", sale.Lines, sale.Net())
	}
}

// A code whose weight and price contradict each other is sold as its label says,
// and said so: the customer has that label in hand.
func TestScaleCodeWithAWrappedPriceIsSaid(t *testing.T) {
	b := newBench(t)
	shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{barcode.UsualLayout("23IIIIIPPPPPWWWWWC")}})
	if err != nil {
		t.Fatal(err)
	}
	b.Codes = shop
	b.Restart(t)
	for text, want := range map[string]string{weighed: "added", wrapped: "price-and-weight-differ"} {
		if err := b.Till.Scan(by, "]C0", text); err != nil {
			t.Fatal(err)
		}
		if m := view(t, b).Message; m.Code != want {
			t.Errorf("the label %s is answered with %+v, want %s", text, m, want)
		}
	}
}
