package barcode_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// withLeft adds the check digit of the weights 1, 3, 1 … from the left.
func withLeft(digits string) string {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

// withRight adds the check digit of the weights 3, 1, 3 … from the right.
func withRight(digits string) string {
	sum := 0
	for i := range digits {
		sum += int(digits[len(digits)-1-i]-'0') * (3 - 2*(i%2))
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}

func TestInStoreCodes(t *testing.T) {
	left := barcode.UsualLayout("26IIIIIPPPPPWWWWWC")
	left.Check = barcode.CheckLeft
	off := barcode.UsualLayout("24IIIIVPPPPPC")
	off.Check = barcode.CheckOff
	jin := barcode.UsualLayout("22IIIIIWWWWWC")
	jin.Unit = barcode.Jin
	jiao := barcode.UsualLayout("27IIIIIPPPPPC")
	jiao.PriceDecimals = 1
	tests := []struct {
		name, aim, text string
		layout          barcode.Layout
		gtin            string
		piece           barcode.Piece
		err             error
	}{
		{"price", "]E0", withRight("211234501234"), barcode.UsualLayout("21IIIIIPPPPPC"), "0" + withRight("211234500000"), barcode.Piece{Priced: true, Fen: 1234}, nil},
		{"price-of-0-is-a-price", "", withRight("211234500000"), barcode.UsualLayout("21IIIIIPPPPPC"), "0" + withRight("211234500000"), barcode.Piece{Priced: true}, nil},
		{"four-and-six", "", withRight("201234123456"), barcode.UsualLayout("20IIIIPPPPPPC"), "0" + withRight("201234000000"), barcode.Piece{Priced: true, Fen: 123456}, nil},
		{"prefix-as-part-of-the-goods", "", withRight("212345601234"), barcode.UsualLayout("21IIIIIPPPPPC"), "0" + withRight("212345600000"), barcode.Piece{Priced: true, Fen: 1234}, nil},
		{"prefix-02", "", withRight("021234501234"), barcode.UsualLayout("02IIIIIPPPPPC"), "0" + withRight("021234500000"), barcode.Piece{Priced: true, Fen: 1234}, nil},
		{"price-in-jiao", "", withRight("271234501234"), jiao, "0" + withRight("271234500000"), barcode.Piece{Priced: true, Fen: 12340}, nil},
		{"weight-in-grams", "", withRight("221234501234"), barcode.UsualLayout("22IIIIIWWWWWC"), "0" + withRight("221234500000"), barcode.Piece{Milligrams: 1_234_000}, nil},
		{"weight-in-jin", "", withRight("221234501234"), jin, "0" + withRight("221234500000"), barcode.Piece{Milligrams: 617_000}, nil},
		{"count", "", withRight("281234500012"), barcode.UsualLayout("28IIIIINNNNNC"), "0" + withRight("281234500000"), barcode.Piece{Count: 12}, nil},
		{"misread", "", "2112345012340", barcode.UsualLayout("21IIIIIPPPPPC"), "", barcode.Piece{}, barcode.ErrCheckDigit},
		{"unverified", "", "2412349012340", off, "0" + withRight("241234000000"), barcode.Piece{Priced: true, Fen: 1234}, nil},
		{"another-prefix", "", withRight("291234501234"), barcode.UsualLayout("21IIIIIPPPPPC"), "", barcode.Piece{}, barcode.ErrInStore},
		{"half-read", "]I0", withRight("211234501234"), barcode.UsualLayout("21IIIIIPPPPPC"), "", barcode.Piece{}, barcode.ErrUnknownCode},

		{"price-and-weight", "]C0", withRight("26123450123400500"), barcode.UsualLayout("26IIIIIPPPPPWWWWWC"), "0" + withRight("261234500000"), barcode.Piece{Priced: true, Fen: 1234, Milligrams: 500_000}, nil},
		{"weight-and-price", "]C0", withRight("26123450050001234"), barcode.UsualLayout("26IIIIIWWWWWPPPPPC"), "0" + withRight("261234500000"), barcode.Piece{Priced: true, Fen: 1234, Milligrams: 500_000}, nil},
		{"check-from-the-left", "]C0", withLeft("26123450123400500"), left, "0" + withRight("261234500000"), barcode.Piece{Priced: true, Fen: 1234, Milligrams: 500_000}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{tt.layout}})
			if err != nil {
				t.Fatalf("NewShop(%+v): %v", tt.layout, err)
			}
			got, err := shop.Classify(tt.aim, tt.text)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Classify(%q, %q) error = %v, want %v", tt.aim, tt.text, err, tt.err)
			}
			want := barcode.Code{Text: tt.text}
			if tt.err == nil {
				want = barcode.Code{Kind: barcode.InStore, Text: tt.text, GTIN: tt.gtin, Piece: tt.piece}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Classify(%q, %q) with %s (-want +got):\n%s", tt.aim, tt.text, tt.layout.Form, diff)
			}
		})
	}
}

// An 18 digit code of a scale has the form of a payment code. Only symbology,
// table and check digit together make it goods (dev 7).
func TestScaleCodeOrPaymentCode(t *testing.T) {
	right := barcode.UsualLayout("26IIIIIPPPPPWWWWWC")
	left := right
	left.Check = barcode.CheckLeft
	code, fromLeft := withRight("26123450123400500"), withLeft("26123450123400500")
	if code == fromLeft {
		t.Fatal("the two rules agree on the sample, want one on which they differ")
	}
	tests := []struct {
		name, aim, text string
		layout          barcode.Layout
		want            barcode.Kind
	}{
		{"code-128", "]C0", code, right, barcode.InStore},
		{"qr", "]Q1", code, right, barcode.Payment},
		{"data-matrix", "]d1", code, right, barcode.Payment},
		{"no-aim", "", code, right, barcode.Payment},
		{"other-prefix", "]C0", withRight("27123450123400500"), right, barcode.Payment},
		{"the-other-rule", "]C0", fromLeft, right, barcode.Payment},
		{"the-rule-of-the-shop", "]C0", fromLeft, left, barcode.InStore},
		{"not-the-rule-of-the-shop", "]C0", code, left, barcode.Payment},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{tt.layout}})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := shop.Classify(tt.aim, tt.text); got.Kind != tt.want || err != nil {
				t.Errorf("Classify(%q, %q) = %v, %v, want %v", tt.aim, tt.text, got.Kind, err, tt.want)
			}
		})
	}
}

func TestLayoutsThatAreRefused(t *testing.T) {
	off := barcode.Layout{Form: "26IIIIIPPPPPWWWWWC", Check: barcode.CheckOff, PriceDecimals: 2}
	tests := map[string]struct {
		layouts []barcode.Layout
		n       int
		why     string
	}{
		"length":           {[]barcode.Layout{{Form: "21IIIIIPPPPC"}}, 0, "13 or 18 digits, not 12"},
		"empty":            {[]barcode.Layout{{}}, 0, "13 or 18 digits, not 0"},
		"no-prefix":        {[]barcode.Layout{{Form: "2IIIIIIPPPPPC"}}, 0, "two digits or more"},
		"catalogue-prefix": {[]barcode.Layout{{Form: "69IIIIIPPPPPC"}}, 0, "not the shop's to give"},
		"no-check":         {[]barcode.Layout{{Form: "21IIIIIPPPPPP"}}, 0, "end with its check digit C"},
		"two-checks":       {[]barcode.Layout{{Form: "21IIIIICPPPPC"}}, 0, "have no other"},
		"no-goods":         {[]barcode.Layout{{Form: "2112345PPPPPC"}}, 0, "say with I"},
		"nothing-said":     {[]barcode.Layout{{Form: "21IIIIIVVVVVC"}}, 0, "a price P, a weight W or a number N"},
		"unknown-letter":   {[]barcode.Layout{{Form: "21IIIIIPPPPXC"}}, 0, "and nothing else"},
		"field-in-pieces":  {[]barcode.Layout{{Form: "21IIPPIIIPPPC"}}, 0, "side by side"},
		"price-too-long":   {[]barcode.Layout{{Form: "26IIIIIPPPPPPPPPPC"}}, 0, "at most 9"},
		"goods-too-late":   {[]barcode.Layout{{Form: "26PPPPPPVVVVIIIIIC"}}, 0, "within the first 12"},
		"price-decimals":   {[]barcode.Layout{{Form: "21IIIIIPPPPPC", PriceDecimals: 3}}, 0, "0 to 2 decimals"},
		"weight-decimals":  {[]barcode.Layout{{Form: "21IIIIIWWWWWC", WeightDecimals: -1}}, 0, "0 to 4 decimals"},
		"unit":             {[]barcode.Layout{{Form: "21IIIIIWWWWWC", Unit: 9}}, 0, "does not exist"},
		"money-unverified": {[]barcode.Layout{off}, 0, "payment codes could pass for goods"},
		"same-prefix":      {[]barcode.Layout{barcode.UsualLayout("21IIIIIPPPPPC"), barcode.UsualLayout("21IIIIIWWWWWC")}, 1, "same codes as layout 1"},
		"prefix-in-prefix": {[]barcode.Layout{barcode.UsualLayout("211IIIIPPPPPC"), barcode.UsualLayout("21IIIIIPPPPPC")}, 1, "same codes as layout 1"},
		"too-many":         {make([]barcode.Layout, barcode.LayoutsMax+1), barcode.LayoutsMax, "at most 32"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := barcode.NewShop(barcode.Options{InStore: tt.layouts})
			var fault *barcode.LayoutError
			if !errors.As(err, &fault) || fault.N != tt.n || !strings.Contains(fault.Why, tt.why) {
				t.Errorf("NewShop(%+v) = %v, want layout %d refused with %q", tt.layouts, err, tt.n, tt.why)
			}
		})
	}
}

// The same prefix with another number of digits is another code.
func TestLengthsAreKeptApart(t *testing.T) {
	if _, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{
		barcode.UsualLayout("26IIIIIPPPPPC"), barcode.UsualLayout("26IIIIIPPPPPWWWWWC"),
	}}); err != nil {
		t.Errorf("NewShop with 26 at both lengths = %v, want nil", err)
	}
}

func TestITF14WhereAgreed(t *testing.T) {
	shop, err := barcode.NewShop(barcode.Options{ITF14: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := shop.Classify("]I1", "16901234567899"); err != nil || got.GTIN != "16901234567899" {
		t.Errorf("Classify of an agreed carton = %v, %v, want its number", got, err)
	}
	if _, err := shop.Classify("]I1", "036000291452"); !errors.Is(err, barcode.ErrUnknownCode) {
		t.Errorf("Classify of 12 digits of such a carton = %v, want it refused: half a code", err)
	}
}

func TestPieceAgrees(t *testing.T) {
	tests := []struct {
		name  string
		piece barcode.Piece
		unit  int64
		want  bool
	}{
		{"exact", barcode.Piece{Priced: true, Fen: 1234, Milligrams: 500_000}, 2468, true},
		{"rounded-by-the-scale", barcode.Piece{Priced: true, Fen: 1235, Milligrams: 500_000}, 2469, true},
		{"one-percent-off", barcode.Piece{Priced: true, Fen: 10100, Milligrams: 1_000_000}, 10000, true},
		{"two-percent-off", barcode.Piece{Priced: true, Fen: 10200, Milligrams: 1_000_000}, 10000, false},
		{"wrapped", barcode.Piece{Priced: true, Fen: 20000, Milligrams: 12_000_000}, 10000, false},
		{"no-weight", barcode.Piece{Priced: true, Fen: 20000}, 10000, true},
		{"no-unit-price", barcode.Piece{Priced: true, Fen: 20000, Milligrams: 1}, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.piece.Agrees(tt.unit); got != tt.want {
				t.Errorf("%+v.Agrees(%d) = %v, want %v", tt.piece, tt.unit, got, tt.want)
			}
		})
	}
}
