package barcode_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// short writes elements as people do.
func short(all []barcode.Element) string {
	var b strings.Builder
	for _, e := range all {
		b.WriteString("(" + e.AI + ")" + e.Value)
	}
	return b.String()
}

const milk = "0106901234567892"

func TestElements(t *testing.T) {
	tests := []struct {
		name, data, want string
		fault            *barcode.GS1Error
	}{
		{"goods-alone", milk, "(01)06901234567892", nil},
		{"predefined-lengths-need-no-separator", milk + "1726123115261130", "(01)06901234567892(17)261231(15)261130", nil},
		{"and-may-have-one", milk + "\x1d17261231\x1d10A", "(01)06901234567892(17)261231(10)A", nil},
		{"variable-then-more", milk + "10AB-1\x1d21S/9", "(01)06901234567892(10)AB-1(21)S/9", nil},
		{"trailing-separator", milk + "10AB-1\x1d", "(01)06901234567892(10)AB-1", nil},
		{"goods-last", "10AB\x1d" + milk, "(10)AB(01)06901234567892", nil},
		{"weight-and-price", "0199012345678909310300125039221250", "(01)99012345678909(3103)001250(3922)1250", nil},
		{"fixed-but-not-predefined-needs-a-separator", milk + "422156\x1d10A", "(01)06901234567892(422)156(10)A", nil},
		{"fixed-but-not-predefined-without-it", milk + "42215610A", "", &barcode.GS1Error{AI: "422", Why: barcode.FaultLong}},
		{"day-0", milk + "17260200", "(01)06901234567892(17)260200", nil},
		{"leap-day", milk + "17280229", "(01)06901234567892(17)280229", nil},
		{"same-twice", milk + milk, "(01)06901234567892", nil},
		{"sscc", "00106141411234567897", "(00)106141411234567897", nil},
		{"content", "02069012345678923712", "(02)06901234567892(37)12", nil},
		{"company-internal", milk + "91x\x1d92y", "(01)06901234567892(91)x(92)y", nil},

		{"empty", "", "", &barcode.GS1Error{Why: barcode.FaultEmpty}},
		{"leading-separator", "\x1d" + milk, "", &barcode.GS1Error{Why: barcode.FaultSeparator}},
		{"double-separator", milk + "10A\x1d\x1d21B", "", &barcode.GS1Error{Why: barcode.FaultSeparator}},
		{"unknown-identifier", milk + "88123", "", &barcode.GS1Error{AI: "8812", Why: barcode.FaultUnknown}},
		{"decimals-that-do-not-exist", milk + "3109001250", "", &barcode.GS1Error{AI: "3109", Why: barcode.FaultUnknown}},
		{"no-identifier", "https", "", &barcode.GS1Error{Why: barcode.FaultUnknown}},
		{"check-digit", "0106901234567893", "", &barcode.GS1Error{AI: "01", Why: barcode.FaultCheck}},
		{"cut-short", "010690123456", "", &barcode.GS1Error{AI: "01", Why: barcode.FaultShort}},
		{"separator-inside-a-predefined-length", "01069012345\x1d7892", "", &barcode.GS1Error{AI: "01", Why: barcode.FaultForm}},
		{"separator-forgotten", milk + "10AB-1" + strings.Repeat("2", 20), "", &barcode.GS1Error{AI: "10", Why: barcode.FaultLong}},
		{"no-data", milk + "10\x1d21A", "", &barcode.GS1Error{AI: "10", Why: barcode.FaultEmpty}},
		{"month-0", milk + "17260001", "", &barcode.GS1Error{AI: "17", Why: barcode.FaultDate}},
		{"month-13", milk + "17261301", "", &barcode.GS1Error{AI: "17", Why: barcode.FaultDate}},
		{"day-31-of-april", milk + "17260431", "", &barcode.GS1Error{AI: "17", Why: barcode.FaultDate}},
		{"no-leap-day", milk + "17270229", "", &barcode.GS1Error{AI: "17", Why: barcode.FaultDate}},
		{"first-frozen-needs-a-day", milk + "7006260200", "", &barcode.GS1Error{AI: "7006", Why: barcode.FaultDate}},
		{"hour-24", milk + "70032612312400", "", &barcode.GS1Error{AI: "7003", Why: barcode.FaultDate}},
		{"blank-is-not-among-the-82", milk + "10A B", "", &barcode.GS1Error{AI: "10", Why: barcode.FaultForm}},
		{"letters-in-digits", milk + "30A1", "", &barcode.GS1Error{AI: "30", Why: barcode.FaultForm}},
		{"twice-with-other-data", milk + "0104006381333931", "", &barcode.GS1Error{AI: "01", Why: barcode.FaultTwice}},
		{"two-weights", "019901234567890931030012503102000125", "", &barcode.GS1Error{AI: "3102", Why: barcode.FaultTwice}},
		{"batch-without-goods", "10AB", "", &barcode.GS1Error{AI: "10", Why: barcode.FaultAlone}},
		{"price-without-measure", "01990123456789093922125", "", &barcode.GS1Error{AI: "3922", Why: barcode.FaultAlone}},
		{"content-without-count", "0206901234567892", "", &barcode.GS1Error{AI: "02", Why: barcode.FaultAlone}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := barcode.ParseElements(tt.data)
			var fault *barcode.GS1Error
			errors.As(err, &fault)
			if diff := cmp.Diff(tt.fault, fault); diff != "" {
				t.Fatalf("ParseElements(%q) fault (-want +got):\n%s", tt.data, diff)
			}
			if short(got) != tt.want {
				t.Errorf("ParseElements(%q) = %s, want %s", tt.data, short(got), tt.want)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	tests := []struct {
		name, text, want string
		err              error
	}{
		{"plain", "https://example.com/01/06901234567892", "(01)06901234567892", nil},
		{"below-a-folder", "http://id.example.cn/shop/a/01/06901234567892", "(01)06901234567892", nil},
		{"scheme-in-capitals", "HTTPS://EXAMPLE.COM/01/06901234567892", "(01)06901234567892", nil},
		{"scheme-in-a-mixture-is-plain-text", "HtTps://example.com/01/06901234567892", "", barcode.ErrUnknownCode},
		{"all-qualifiers", "https://x.cn/01/06901234567892/22/2A/10/B-1/21/S9", "(01)06901234567892(22)2A(10)B-1(21)S9", nil},
		{"qualifiers-in-another-order", "https://x.cn/01/06901234567892/21/S9/10/B-1", "", barcode.ErrGS1},
		{"qualifier-twice", "https://x.cn/01/06901234567892/10/A/10/A", "", barcode.ErrGS1},
		{"no-qualifier", "https://x.cn/01/06901234567892/17/261231", "", barcode.ErrGS1},
		{"percent", "https://x.cn/01/06901234567892/10/A%2F1%2b", "(01)06901234567892(10)A/1+", nil},
		{"plus-in-the-path", "https://x.cn/01/06901234567892/10/A+1", "(01)06901234567892(10)A+1", nil},
		{"broken-percent", "https://x.cn/01/06901234567892/10/A%2", "", barcode.ErrGS1},
		{"query", "https://x.cn/01/06901234567892?17=261231&3103=000125&linkType=all&3922=125", "(01)06901234567892(17)261231(3103)000125(3922)125", nil},
		{"query-with-an-unknown-number", "https://x.cn/01/06901234567892?1234=1", "", barcode.ErrGS1},
		{"query-with-bad-data", "https://x.cn/01/06901234567892?17=261331", "", barcode.ErrGS1},
		{"fragment", "https://x.cn/01/06901234567892#top?17=x", "(01)06901234567892", nil},
		{"thirteen-digits", "https://x.cn/01/6901234567892", "", barcode.ErrGS1},
		{"check-digit", "https://x.cn/01/06901234567893", "", barcode.ErrCheckDigit},
		{"names-for-numbers", "https://x.cn/gtin/06901234567892", "", barcode.ErrUnknownCode},
		{"some-web-page", "https://x.cn/", "", barcode.ErrUnknownCode},
		{"no-path", "https://x.cn", "", barcode.ErrUnknownCode},
		{"no-host", "https:///01/06901234567892", "", barcode.ErrUnknownCode},
		{"login", "https://a@x.cn/01/06901234567892", "", barcode.ErrUnknownCode},
		{"half-a-pair", "https://x.cn/01/06901234567892/10", "", barcode.ErrGS1},
		{"trailing-slash", "https://x.cn/01/06901234567892/", "", barcode.ErrGS1},
		{"no-web-address", "ftp://x.cn/01/06901234567892", "", barcode.ErrUnknownCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := barcode.ParseLink(tt.text)
			if !errors.Is(err, tt.err) || short(got) != tt.want {
				t.Errorf("ParseLink(%q) = %s, %v, want %s, %v", tt.text, short(got), err, tt.want, tt.err)
			}
		})
	}
}

// What a code says of its goods, whichever way it says it.
func TestGoodsFromGS1(t *testing.T) {
	tests := []struct {
		name, aim, text, gtin string
		kind                  barcode.Kind
		piece                 barcode.Piece
		err                   error
	}{
		{"gs1-128", "]C1", milk + "10A", "06901234567892", barcode.GTIN, barcode.Piece{}, nil},
		{"data-matrix", "]d2", milk, "06901234567892", barcode.GTIN, barcode.Piece{}, nil},
		{"qr", "]Q3", milk, "06901234567892", barcode.GTIN, barcode.Piece{}, nil},
		{"databar-with-price", "]e0", "0199012345678909310300125039221250", "99012345678909", barcode.GTIN, barcode.Piece{Priced: true, Fen: 1250, Milligrams: 1_250_000}, nil},
		{"price-without-decimals", "]e0", "01990123456789093103001250392012", "99012345678909", barcode.GTIN, barcode.Piece{Priced: true, Fen: 1200, Milligrams: 1_250_000}, nil},
		{"price-with-three-decimals", "]e0", "0199012345678909310300125039231255", "99012345678909", barcode.GTIN, barcode.Piece{Priced: true, Fen: 126, Milligrams: 1_250_000}, nil},
		{"price-in-yuan", "]e0", "0199012345678909310300125039321561250", "99012345678909", barcode.GTIN, barcode.Piece{Priced: true, Fen: 1250, Milligrams: 1_250_000}, nil},
		{"price-in-dollars", "]e0", "0199012345678909310300125039328401250", "", barcode.Unknown, barcode.Piece{}, barcode.ErrGS1},
		{"price-beyond-all-reason", "]e0", "01990123456789093103001250392099999999999", "", barcode.Unknown, barcode.Piece{}, barcode.ErrGS1},
		{"count", "]C1", milk + "3012", "06901234567892", barcode.GTIN, barcode.Piece{Count: 12}, nil},
		{"carton-with-best-before", "]C1", "01169012345678991526123110X", "16901234567899", barcode.GTIN, barcode.Piece{}, nil},
		{"link", "]Q1", "https://x.cn/01/06901234567892/10/A?3103=000125", "06901234567892", barcode.GTIN, barcode.Piece{Milligrams: 125_000}, nil},
		{"in-store-inside", "]C1", "010" + mustEAN(t, "221234512345"), "", barcode.Unknown, barcode.Piece{}, barcode.ErrInStore},
		{"pallet", "]C1", "00106141411234567897", "", barcode.Shipment, barcode.Piece{}, nil},
		{"carton-by-content", "]C1", "02069012345678923712", "", barcode.Shipment, barcode.Piece{}, nil},
		{"place", "]C1", "4146901234567892", "", barcode.Unknown, barcode.Piece{}, barcode.ErrNoGoods},
		{"misread", "]C1", "0106901234567893", "", barcode.Unknown, barcode.Piece{}, barcode.ErrCheckDigit},
		{"without-fnc1-no-elements-are-guessed", "", milk + "10A", "", barcode.Unknown, barcode.Piece{}, barcode.ErrUnknownCode},
		{"plain-code-128-neither", "]C0", milk + "10A", "", barcode.Unknown, barcode.Piece{}, barcode.ErrUnknownCode},
		{"web-page", "]Q1", "https://example.com/about", "", barcode.Unknown, barcode.Piece{}, barcode.ErrUnknownCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := barcode.Classify(tt.aim, tt.text)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Classify(%q, %q) error = %v, want %v", tt.aim, tt.text, err, tt.err)
			}
			if got.Kind != tt.kind || got.GTIN != tt.gtin || got.Piece != tt.piece {
				t.Errorf("Classify(%q, %q) = %v %q %+v, want %v %q %+v", tt.aim, tt.text, got.Kind, got.GTIN, got.Piece, tt.kind, tt.gtin, tt.piece)
			}
		})
	}
}

// A faulty code's error names the identifier and nothing of the data.
func TestGS1ErrorShowsNoData(t *testing.T) {
	_, err := barcode.ParseElements(milk + "21SECRET SERIAL")
	if err == nil || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), "(21)") {
		t.Errorf("ParseElements with a bad serial = %v, want an error that names (21) alone", err)
	}
}
