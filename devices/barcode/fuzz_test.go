package barcode_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// bothCheckRules is a shop with a layout of every shape.
func bothCheckRules(t testing.TB) *barcode.Shop {
	t.Helper()
	left := barcode.UsualLayout("26IIIIIPPPPPWWWWWC")
	left.Check = barcode.CheckLeft
	off := barcode.UsualLayout("24IIIIVWWWWWC")
	off.Check, off.Unit = barcode.CheckOff, barcode.Jin
	shop, err := barcode.NewShop(barcode.Options{ITF14: true, InStore: []barcode.Layout{
		barcode.UsualLayout("21IIIIIPPPPPC"), barcode.UsualLayout("22IIIIIWWWWWC"), off, left, barcode.UsualLayout("23IIIIIWWWWWPPPPPC"),
	}})
	if err != nil {
		t.Fatalf("NewShop: %v", err)
	}
	return shop
}

func FuzzClassify(f *testing.F) {
	for _, s := range []string{
		"6901234567892", "96385074", "036000291452", "04252614", "16901234567899", "134567890123456789", "JF1.A B",
		"HM00000000A", "13800138000", "\x00\xff", "", "2112345012348", "261234500100001231", "https://x.cn/01/06901234567892",
		"010690123456789210A\x1d17261231",
	} {
		for _, aim := range []string{"", "]E0", "]C1", "]I1", "]E3", "]C0"} {
			f.Add(aim, s)
		}
	}
	shop := bothCheckRules(f)
	f.Fuzz(func(t *testing.T, aim, text string) {
		for _, s := range []*barcode.Shop{nil, shop} {
			c, err := s.Classify(aim, text)
			if c.Text != text {
				t.Errorf("Classify(%q, %q) kept the text %q, want it unchanged", aim, text, c.Text)
			}
			if (err == nil) == (c.Kind == barcode.Unknown) {
				t.Errorf("Classify(%q, %q) = kind %v with error %v, want a kind or an error", aim, text, c.Kind, err)
			}
			goods := c.Kind == barcode.GTIN || c.Kind == barcode.InStore
			if goods != (len(c.GTIN) == 14) || goods && !rightCheck(c.GTIN) {
				t.Errorf("Classify(%q, %q) = kind %v with GTIN %q", aim, text, c.Kind, c.GTIN)
			}
			if c.Kind == barcode.Card && !barcode.ValidCard(c.Card()) {
				t.Errorf("Classify(%q, %q) = card %q, which ValidCard refuses", aim, text, c.Card())
			}
			if c.Piece.Fen < 0 || c.Piece.Milligrams < 0 || c.Piece.Count < 0 || !goods && c.Piece != (barcode.Piece{}) {
				t.Errorf("Classify(%q, %q) = %v with the piece %+v", aim, text, c.Kind, c.Piece)
			}
			again, err2 := s.Classify(aim, text)
			if !reflect.DeepEqual(c, again) || (err == nil) != (err2 == nil) {
				t.Errorf("Classify(%q, %q) gave two answers: %v and %v, %v and %v", aim, text, c, again, err, err2)
			}
		}
	})
}

// rightCheck computes the check digit in a second way: all digits, check digit
// included, weighted from the left of fourteen, add up to a multiple of ten.
func rightCheck(gtin string) bool {
	sum := 0
	for i, d := range gtin {
		sum += int(d-'0') * []int{3, 1}[i%2]
	}
	return sum%10 == 0
}

// Data that are taken can be written again from their elements, with a separator
// after each, and say the same.
func FuzzElements(f *testing.F) {
	for _, s := range []string{
		"0106901234567892", "010690123456789210A1\x1d17261231", "0199012345678909310300125039200001250", "00106141411234567897",
		"\x1d01", "10", "9\x1d", "01069012345678921\x1d\x1d", "3103", "8005001250", "0106901234567892393315600001250310300125",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		all, err := barcode.ParseElements(data)
		if err != nil {
			var fault *barcode.GS1Error
			if !errors.As(err, &fault) || !errors.Is(err, barcode.ErrGS1) || all != nil {
				t.Errorf("ParseElements(%q) = %v, %v, want nothing and a *GS1Error", data, all, err)
			}
			return
		}
		var again strings.Builder
		for _, e := range all {
			again.WriteString(e.AI + e.Value + "\x1d")
		}
		same, err := barcode.ParseElements(again.String())
		if !reflect.DeepEqual(all, same) || err != nil {
			t.Errorf("ParseElements(%q), written again as %q = %v, %v, want %v", data, again.String(), same, err, all)
		}
	})
}

// A link that is taken has a number of goods first, and says what the same
// elements say as a symbol.
func FuzzLink(f *testing.F) {
	for _, s := range []string{
		"https://example.com/01/06901234567892", "HTTP://id.example.cn/a/01/06901234567892/22/x/10/A%2F1/21/9?17=261231&utm=1",
		"https://example.com/01/06901234567892?3103=000125;3922=1250", "https://x/01/1", "http://", "https://a@b/01/06901234567892", "https://x/01/06901234567892/10/%",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := barcode.ParseLink(text)
		if err != nil {
			if all != nil || !errors.Is(err, barcode.ErrGS1) && !errors.Is(err, barcode.ErrUnknownCode) {
				t.Errorf("ParseLink(%q) = %v, %v", text, all, err)
			}
			return
		}
		if len(all) == 0 || all[0].AI != "01" {
			t.Fatalf("ParseLink(%q) = %v, want goods first", text, all)
		}
		var symbol strings.Builder
		for _, e := range all {
			symbol.WriteString(e.AI + e.Value + "\x1d")
		}
		same, err := barcode.ParseElements(symbol.String())
		if !reflect.DeepEqual(all, same) || err != nil {
			t.Errorf("ParseLink(%q) = %v, and as the symbol %q %v, %v", text, all, symbol.String(), same, err)
		}
	})
}

// Whatever a shop writes into its table, it is refused or it reads codes without
// taking one for money that is not there.
func FuzzInStore(f *testing.F) {
	f.Add("21IIIIIPPPPPC", uint8(0), 2, 3, uint8(0), "2112345012348")
	f.Add("26IIIIIPPPPPWWWWWC", uint8(1), 2, 3, uint8(1), "261234500100001231")
	f.Add("02IIIIVPPPPPC", uint8(2), 0, 0, uint8(0), "0212345012345")
	f.Add("22IIWWPPNNNNC", uint8(0), 1, 4, uint8(1), "2212345012345")
	f.Fuzz(func(t *testing.T, form string, check uint8, price, weight int, unit uint8, text string) {
		layout := barcode.Layout{
			Form: form, Check: barcode.CheckRule(check), PriceDecimals: price, WeightDecimals: weight, Unit: barcode.WeightUnit(unit),
		}
		shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{layout}})
		if err != nil {
			var fault *barcode.LayoutError
			if !errors.As(err, &fault) || fault.N != 0 || fault.Why == "" {
				t.Errorf("NewShop(%+v) = %v, want a *LayoutError", layout, err)
			}
			return
		}
		for _, aim := range []string{"", "]Q1", "]C0"} {
			plain, _ := barcode.Classify(aim, text)
			got, err := shop.Classify(aim, text)
			if plain.Kind == barcode.Payment && got.Kind != barcode.Payment && aim != "]C0" {
				t.Errorf("with the layout %+v the payment code %q became %v", layout, text, got.Kind)
			}
			if got.Kind != barcode.InStore {
				continue
			}
			if err != nil || len(text) != len(form) || got.Piece.Priced != strings.Contains(form, "P") || got.Piece.Fen >= 1e11 {
				t.Errorf("with the layout %+v, %q = %+v, %v", layout, text, got.Piece, err)
			}
		}
	})
}
