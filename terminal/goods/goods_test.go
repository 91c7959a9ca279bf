package goods_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/goods"
)

// rules are a programme under which one merchant sells.
type rules struct{}

func (rules) Named() string              { return "green" }
func (rules) Sells(merchant string) bool { return merchant == "m1" }

const products = `gtin13,name_zh,name_en,fen,merchant,eco
6901234567892,红米 1kg,Red rice 1 kg,1880,m1,false
4006381333931,灯泡,"Bulb, 9 W",0,m2,true
`

func TestProductsAreFoundByGTIN(t *testing.T) {
	list, err := goods.Parse([]byte("\ufeff" + strings.ReplaceAll(products, "\n", "\r\n")))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	got, ok := list.Find("04006381333931")
	want := goods.Product{GTIN: "04006381333931", Name: document.Text{ZH: "灯泡", EN: "Bulb, 9 W"}, Merchant: "m2", Eco: true}
	if !ok || got != want {
		t.Errorf("Find(04006381333931): got %v, %v; want %v", got, ok, want)
	}
	if _, ok := list.Find("4006381333931"); ok {
		t.Error("Find of 13 digits: got a product, want none")
	}
	if all := list.All(); list.Len() != 2 || all[0].Fen != 1880 {
		t.Errorf("All(): got %v, want two, the first for 1880 fen", all)
	}
	wantMerchant := []string{`product 04006381333931: "m2" is not a merchant of programme green`}
	checkFaults(t, list.Check(rules{}), wantMerchant)
}

func TestFaultyProductsAreAllReported(t *testing.T) {
	tests := map[string]struct {
		edit []string
		want []string
	}{
		"check-digit":     {[]string{"6901234567892", "6901234567893"}, []string{"line 2:1: gtin13 6901234567893 ends in the wrong check digit; 2 would be right"}},
		"twelve-digits":   {[]string{"6901234567892", "690123456789"}, []string{"line 2:1: gtin13 must be 13 digits"}},
		"full-width":      {[]string{"6901234567892", "６901234567892"}, []string{"line 2:1: gtin13 must be 13 digits"}},
		"twice":           {[]string{"4006381333931", "6901234567892"}, []string{"line 3:1: gtin13 stands in an earlier row too"}},
		"no-name":         {[]string{"红米 1kg", ""}, []string{"line 2:15: name_zh must be text without spaces at its ends"}},
		"price-in-yuan":   {[]string{"1880", "18.80"}, []string{"line 2:40: fen must be a whole number from 0 to 100000000"}},
		"negative-price":  {[]string{"1880", "-1"}, []string{"line 2:40: fen must be a whole number from 0 to 100000000"}},
		"price-too-high":  {[]string{"1880", "100000001"}, []string{"line 2:40: fen must be a whole number from 0 to 100000000"}},
		"eco-as-number":   {[]string{"m2,true", "m2,1"}, []string{"line 3:39: eco must be true or false"}},
		"missing-column":  {[]string{",m1,false", ",m1"}, []string{"line 2:1: wrong number of fields"}},
		"other-header":    {[]string{"gtin13", "gtin"}, []string{"line 1: the first line must be gtin13,name_zh,name_en,fen,merchant,eco"}},
		"stray-quote":     {[]string{"红米 1kg", `红"米`}, nil},
		"faults-in-lines": {[]string{"6901234567892", "1", "m2,true", "m2,no"}, []string{"line 2:1: gtin13 must be 13 digits", "line 3:39: eco must be true or false"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := goods.Parse([]byte(edited(t, products, test.edit)))
			checkFaults(t, err, test.want)
		})
	}
	_, err := goods.Parse(nil)
	checkFaults(t, err, []string{"line 1: the first line must be gtin13,name_zh,name_en,fen,merchant,eco"})
}

func TestListsStopAtTheirLimits(t *testing.T) {
	var text strings.Builder
	text.WriteString(strings.SplitAfter(products, "\n")[0])
	for n := range goods.RowsMax {
		fmt.Fprintf(&text, "%s,茶,Tea,1,m1,true\n", ean13(690_000_000_000+n))
	}
	if _, err := goods.Parse([]byte(text.String())); err != nil {
		t.Fatalf("Parse at the limit: %v", err)
	}
	_, err := goods.Parse([]byte(text.String() + "x"))
	checkFaults(t, err, []string{"the list has more than 50000 rows"})
	_, err = goods.Parse(make([]byte, goods.BytesMax+1))
	checkFaults(t, err, []string{"the list must be UTF-8 text of at most 16777216 bytes"})
}

func TestFaultsAreListedUpToALimit(t *testing.T) {
	text := strings.SplitAfter(products, "\n")[0] + strings.Repeat("1,茶,Tea,1,m1,true\n", 500)
	_, err := goods.Parse([]byte(text))
	var faults document.Faults
	if !errors.As(err, &faults) || len(faults) != document.FaultsMax {
		t.Errorf("Parse of 500 faulty rows: got %d faults, want %d", len(faults), document.FaultsMax)
	}
}

func FuzzParseTables(f *testing.F) {
	f.Add([]byte(products))
	f.Fuzz(func(t *testing.T, text []byte) {
		if list, err := goods.Parse(text); err == nil {
			for _, p := range list.All() {
				if got, ok := list.Find(p.GTIN); !ok || got != p {
					t.Fatalf("Find(%s): got %v, %v; want %v", p.GTIN, got, ok, p)
				}
			}
		}
	})
}

// edited replaces each old text by the new one that follows it.
func edited(t *testing.T, text string, edit []string) string {
	t.Helper()
	for i := 0; i < len(edit); i += 2 {
		if strings.Count(text, edit[i]) != 1 {
			t.Fatalf("edit %q: stands %d times in the text, want once", edit[i], strings.Count(text, edit[i]))
		}
		text = strings.Replace(text, edit[i], edit[i+1], 1)
	}
	return text
}

// checkFaults compares the faults with those wanted; nil wants any at all.
func checkFaults(t *testing.T, err error, want []string) {
	t.Helper()
	if !errors.Is(err, document.ErrFaulty) {
		t.Fatalf("error: got %v, want one that matches ErrFaulty", err)
	}
	if want == nil {
		return
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("faults: -want +got\n%s", diff)
	}
}

func ean13(first12 int) string {
	sum, weight := 0, 3
	for n := first12; n > 0; n /= 10 {
		sum += n % 10 * weight
		weight = 4 - weight
	}
	return fmt.Sprintf("%d%d", first12, (10-sum%10)%10)
}
