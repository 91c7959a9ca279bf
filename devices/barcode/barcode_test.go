package barcode_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/barcode"
)

func TestClassify(t *testing.T) {
	long := strings.Repeat("x", barcode.MaxText+1)
	tests := []struct {
		name, aim, text string
		kind            barcode.Kind
		gtin            string
		err             error
	}{
		{"ean-13", "]E0", "6901234567892", barcode.GTIN, "06901234567892", nil},
		{"ean-13-without-aim", "", "6901234567892", barcode.GTIN, "06901234567892", nil},
		{"ean-13-last-digit-misread", "", "6901234567893", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"ean-13-neighbours-swapped", "", "9601234567892", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"ean-13-zero-as-check", "", "4006381333931", barcode.GTIN, "04006381333931", nil},
		{"ean-8", "]E4", "96385074", barcode.GTIN, "00000096385074", nil},
		{"ean-8-misread", "]E4", "96385075", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"ean-8-in-store", "]E4", "20123451", barcode.Unknown, "", barcode.ErrInStore},
		{"upc-a", "]E0", "036000291452", barcode.GTIN, "00036000291452", nil},
		{"upc-a-as-13", "]E0", "0036000291452", barcode.GTIN, "00036000291452", nil},
		{"upc-e-by-aim", "]E0", "04252614", barcode.GTIN, "00042100005264", nil},
		{"upc-e-without-aim", "", "04252614", barcode.GTIN, "00042100005264", nil},
		{"upc-e-without-its-number-system", "]E0", "4252614", barcode.GTIN, "00042100005264", nil},
		{"upc-e-misread", "]E0", "04252615", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"upc-e-ending-in-3", "", "01234531", barcode.GTIN, "00012300000451", nil},
		{"upc-e-ending-in-4", "", "01234543", barcode.GTIN, "00012340000053", nil},
		{"upc-e-ending-in-5", "", "01234558", barcode.GTIN, "00012345000058", nil},
		{"ean-8-by-aim-is-no-upc-e", "]E4", "04252614", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"seven-digits-without-aim", "", "4252614", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"upc-a-without-its-number-system", "]E0", "36000291452", barcode.GTIN, "00036000291452", nil},
		{"ean-13-with-two-digit-add-on", "]E3", "977147396801205", barcode.GTIN, "09771473968012", nil},
		{"ean-13-with-five-digit-add-on", "]E3", "978020137962451495", barcode.GTIN, "09780201379624", nil},
		{"add-on-without-aim", "", "978020137962451495", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"add-on-alone", "]E1", "12", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"gtin-14-of-a-carton", "]C0", "16901234567899", barcode.GTIN, "16901234567899", nil},
		{"gtin-14-misread", "]C0", "16901234567898", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"gtin-14-with-leading-0", "", "06901234567892", barcode.GTIN, "06901234567892", nil},
		{"gtin-14-with-in-store-inside", "", "0" + mustEAN(t, "221234512345"), barcode.Unknown, "", barcode.ErrInStore},
		{"itf-14-unless-agreed", "]I1", "16901234567899", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"upc-a-number-system-2-is-in-store", "", mustEAN(t, "021234567890")[1:], barcode.Unknown, "", barcode.ErrInStore},
		{"prefix-02-is-in-store", "", mustEAN(t, "021234567890"), barcode.Unknown, "", barcode.ErrInStore},
		{"prefix-03-is-goods", "", mustEAN(t, "031234567890"), barcode.GTIN, "0" + mustEAN(t, "031234567890"), nil},
		{"prefix-04-is-in-store", "", mustEAN(t, "041234567890"), barcode.Unknown, "", barcode.ErrInStore},
		{"prefix-19-is-goods", "", mustEAN(t, "191234567890"), barcode.GTIN, "0" + mustEAN(t, "191234567890"), nil},
		{"prefix-20-is-in-store", "", mustEAN(t, "201234567890"), barcode.Unknown, "", barcode.ErrInStore},
		{"prefix-29-is-in-store", "", mustEAN(t, "291234567890"), barcode.Unknown, "", barcode.ErrInStore},
		{"prefix-30-is-goods", "", mustEAN(t, "301234567890"), barcode.GTIN, "0" + mustEAN(t, "301234567890"), nil},
		{"misread-in-store-is-misread-first", "", "2012345678901", barcode.Unknown, "", barcode.ErrCheckDigit},
		{"all-zeros", "", "0000000000000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"part-of-an-itf-code", "]I0", "036000291452", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"code-39-of-13-digits", "]A0", "6901234567892", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"spaces-are-not-trimmed", "", " 6901234567892", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"wide-digits", "", "６９０１", barcode.Unknown, "", barcode.ErrUnknownCode},

		{"wechat-lowest", "]Q1", "100000000000000000", barcode.Payment, "", nil},
		{"wechat-highest", "", "159999999999999999", barcode.Payment, "", nil},
		{"wechat-as-code-128", "]C0", "134567890123456789", barcode.Payment, "", nil},
		{"wechat-one-digit-short", "", "13456789012345678", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"16-is-not-wechat", "", "160000000000000000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"alipay-16-digits", "", "2500000000000000", barcode.Payment, "", nil},
		{"alipay-24-digits", "]Q1", "300000000000000000000000", barcode.Payment, "", nil},
		{"alipay-25-digits", "", "3000000000000000000000000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"24-is-not-alipay", "", "2400000000000000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"31-is-not-alipay", "", "3100000000000000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"scale-code-of-18-digits-is-taken-for-money", "]C0", "261234500100001231", barcode.Payment, "", nil},
		{"unionpay", "]Q1", "6212345678901234567", barcode.Payment, "", nil},
		{"unionpay-18-digits", "", "621234567890123456", barcode.Unknown, "", barcode.ErrUnknownCode},

		{"token-keeps-spaces", "]Q1", "JF1.AB C  D ", barcode.Token, "", nil},
		{"token-in-lower-case-is-no-token", "", "jf1.AB", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"another-version-is-no-token", "", "JF2.AB", barcode.Unknown, "", barcode.ErrUnknownCode},

		{"card", "]C0", barcode.CardNumber(12345678), barcode.Card, "", nil},
		{"card-in-lower-case", "", strings.ToLower(barcode.CardNumber(12345678)), barcode.Card, "", nil},
		{"card-misread", "", "HM12345670" + barcode.CardNumber(12345678)[10:], barcode.Unknown, "", barcode.ErrCardCheck},
		{"card-one-digit-short", "", barcode.CardNumber(12345678)[:10], barcode.Unknown, "", barcode.ErrUnknownCode},

		{"phone", "", "13800138000", barcode.Phone, "", nil},
		{"phone-199", "", "19912345678", barcode.Phone, "", nil},
		{"12-is-no-phone", "", "12800138000", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"empty", "", "", barcode.Unknown, "", barcode.ErrUnknownCode},
		{"too-long", "", long, barcode.Unknown, "", barcode.ErrTooLong},
		{"too-long-token", "", barcode.TokenPrefix + long, barcode.Unknown, "", barcode.ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := barcode.Classify(tt.aim, tt.text)
			if !errors.Is(err, tt.err) {
				t.Fatalf("Classify(%q, %q) error = %v, want %v", tt.aim, tt.text, err, tt.err)
			}
			want := barcode.Code{Kind: tt.kind, Text: tt.text, GTIN: tt.gtin}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Classify(%q, %q) (-want +got):\n%s", tt.aim, tt.text, diff)
			}
		})
	}
}

func TestCardErrorIsACheckDigitError(t *testing.T) {
	if !errors.Is(barcode.ErrCardCheck, barcode.ErrCheckDigit) {
		t.Error("ErrCardCheck is not an ErrCheckDigit, want it to be one")
	}
	if _, err := barcode.Classify("", "6901234567893"); errors.Is(err, barcode.ErrCardCheck) {
		t.Errorf("Classify of misread goods = %v, want no card error", err)
	}
}

// A payment code is money: nothing that prints or logs a Code may show it.
func TestFormattedCodeGivesNothingAway(t *testing.T) {
	secrets := []string{"134567890123454321", "13800134321", "JF1.SECRET 4321", barcode.CardNumber(87654321), "whatever else was scanned 4321"}
	for _, text := range secrets {
		code, _ := barcode.Classify("]Q1", text)
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("scan", "code", code)
		slog.New(slog.NewTextHandler(&log, nil)).Info("scan", "code", code, "struct", struct{ C barcode.Code }{code})
		js, err := json.Marshal(map[string]any{"code": code})
		if err != nil {
			t.Fatalf("Marshal(%s): %v", code, err)
		}
		all := log.String() + string(js) + fmt.Sprintf("%v %+v %#v %s %q %x %d %v", code, code, code, code, code, code, code, &code)
		if hidden := text[:len(text)-4]; strings.Contains(all, hidden) || strings.Contains(all, fmt.Sprintf("%x", hidden)) {
			t.Errorf("a formatted code shows %q:\n%s", hidden, all)
		}
		if end := text[len(text)-4:]; !strings.Contains(all, end) {
			t.Errorf("a formatted code does not show the last four characters %q:\n%s", end, all)
		}
	}
}

func TestCodeString(t *testing.T) {
	goods, _ := barcode.Classify("", "6901234567892")
	got := []string{goods.String(), barcode.Code{Text: "a\n4\x00é"}.String(), barcode.Code{Text: "1234"}.String(), barcode.Kind(77).String()}
	want := []string{"gtin 06901234567892", "unknown …4..", "unknown …", "kind(77)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("String() (-want +got):\n%s", diff)
	}
}

func TestCodeCard(t *testing.T) {
	number := barcode.CardNumber(42)
	card, err := barcode.Classify("", strings.ToLower(number))
	if err != nil || card.Card() != number {
		t.Errorf("Card() = %q, %v, want %q in upper case", card.Card(), err, number)
	}
	phone, _ := barcode.Classify("", "13800138000")
	if got := phone.Card(); got != "" {
		t.Errorf("Card() of a phone number = %q, want none", got)
	}
}
