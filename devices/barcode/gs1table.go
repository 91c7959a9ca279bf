package barcode

import "strings"

// form is what the data of an application identifier may be made of.
type form uint8

const (
	formDigits form = iota
	formText        // the 82 characters of GS1
	formKey         // digits, the last a check digit
	formDate        // YYMMDD; day 00 is the last of the month
	formDay         // YYMMDD with a day
	formTime        // YYMMDDHHMM
	formMoney       // a currency of ISO 4217 in three digits, then an amount
)

// identifier is one row of the table of application identifiers.
type identifier struct {
	ai       string
	name     string
	form     form
	min, max int      // characters of the data
	decimals byte     // 0, or the largest last digit of an ai that holds the decimals
	with     []string // one of these must stand in the same code, by prefix; nil is none needed
}

// What an identifier is said of.
var (
	ofGoods   = []string{"01", "02", "8006", "8026"}
	ofMeasure = []string{"30", "31", "32", "35", "36"}
	ofEither  = []string{"00", "01"}
)

// identifiers are those that a shop meets. Any other is refused, never skipped:
// without its length nothing after it can be read (dev 7).
var identifiers = []identifier{
	{ai: "00", name: "sscc", form: formKey, min: 18, max: 18},
	{ai: "01", name: "gtin", form: formKey, min: 14, max: 14},
	{ai: "02", name: "content", form: formKey, min: 14, max: 14, with: []string{"37"}},
	{ai: "10", name: "batch", form: formText, min: 1, max: 20, with: ofGoods},
	{ai: "11", name: "made", form: formDate, min: 6, max: 6, with: ofGoods},
	{ai: "12", name: "due", form: formDate, min: 6, max: 6, with: []string{"8020"}},
	{ai: "13", name: "packed", form: formDate, min: 6, max: 6, with: ofGoods},
	{ai: "15", name: "best-before", form: formDate, min: 6, max: 6, with: ofGoods},
	{ai: "16", name: "sell-by", form: formDate, min: 6, max: 6, with: ofGoods},
	{ai: "17", name: "expires", form: formDate, min: 6, max: 6, with: append([]string{"255"}, ofGoods...)},
	{ai: "20", name: "variant", form: formDigits, min: 2, max: 2, with: ofGoods},
	{ai: "21", name: "serial", form: formText, min: 1, max: 20, with: []string{"01", "03", "8006"}},
	{ai: "22", name: "consumer-variant", form: formText, min: 1, max: 20, with: []string{"01"}},
	{ai: "235", name: "third-party-serial", form: formText, min: 1, max: 28, with: []string{"01"}},
	{ai: "240", name: "additional-id", form: formText, min: 1, max: 30, with: ofGoods},
	{ai: "241", name: "customer-part", form: formText, min: 1, max: 30, with: ofGoods},
	{ai: "242", name: "made-to-order", form: formDigits, min: 1, max: 6, with: ofGoods},
	{ai: "243", name: "packaging", form: formText, min: 1, max: 20, with: []string{"01"}},
	{ai: "250", name: "secondary-serial", form: formText, min: 1, max: 30, with: []string{"01", "8006"}},
	{ai: "251", name: "source", form: formText, min: 1, max: 30, with: []string{"01", "8006"}},
	{ai: "254", name: "location-extension", form: formText, min: 1, max: 20, with: []string{"414"}},
	{ai: "30", name: "count-of-measure", form: formDigits, min: 1, max: 8, with: []string{"01", "02"}},
	{ai: "310", name: "net-weight-kg", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "311", name: "length-m", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "312", name: "width-m", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "313", name: "height-m", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "314", name: "area-m2", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "315", name: "net-volume-l", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "316", name: "net-volume-m3", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "320", name: "net-weight-lb", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "330", name: "gross-weight-kg", min: 6, max: 6, decimals: '5', with: ofEither},
	{ai: "340", name: "gross-weight-lb", min: 6, max: 6, decimals: '5', with: ofEither},
	{ai: "356", name: "net-weight-troy-oz", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "357", name: "net-weight-oz", min: 6, max: 6, decimals: '5', with: []string{"01", "02"}},
	{ai: "37", name: "count", form: formDigits, min: 1, max: 8, with: []string{"02", "8026"}},
	{ai: "392", name: "price", form: formDigits, min: 1, max: 15, decimals: '9', with: []string{"01"}},
	{ai: "393", name: "price-in", form: formMoney, min: 4, max: 18, decimals: '9', with: ofMeasure},
	{ai: "395", name: "price-per-unit", form: formDigits, min: 6, max: 6, decimals: '5', with: ofMeasure},
	{ai: "400", name: "order", form: formText, min: 1, max: 30},
	{ai: "410", name: "ship-to", form: formKey, min: 13, max: 13},
	{ai: "411", name: "bill-to", form: formKey, min: 13, max: 13},
	{ai: "412", name: "bought-from", form: formKey, min: 13, max: 13},
	{ai: "414", name: "location", form: formKey, min: 13, max: 13},
	{ai: "413", name: "ship-for", form: formKey, min: 13, max: 13},
	{ai: "415", name: "pay-to", form: formKey, min: 13, max: 13, with: []string{"8020"}},
	{ai: "416", name: "made-at", form: formKey, min: 13, max: 13},
	{ai: "417", name: "party", form: formKey, min: 13, max: 13},
	{ai: "421", name: "ship-to-post", form: formText, min: 4, max: 12},
	{ai: "422", name: "origin", form: formDigits, min: 3, max: 3, with: ofGoods},
	{ai: "7003", name: "expires-at", form: formTime, min: 10, max: 10, with: []string{"01", "02"}},
	{ai: "7006", name: "first-frozen", form: formDay, min: 6, max: 6, with: []string{"01", "02"}},
	{ai: "8005", name: "unit-price", form: formDigits, min: 6, max: 6, with: []string{"01", "02"}},
	{ai: "8006", name: "piece-of-goods", form: formKey, min: 18, max: 18},
	{ai: "8020", name: "payment-slip", form: formText, min: 1, max: 25, with: []string{"415"}},
	{ai: "8200", name: "web-page", form: formText, min: 1, max: 70, with: []string{"01"}},
	{ai: "90", name: "agreed", form: formText, min: 1, max: 30},
	{ai: "91", name: "internal", form: formText, min: 1, max: 90},
	{ai: "92", name: "internal", form: formText, min: 1, max: 90},
	{ai: "93", name: "internal", form: formText, min: 1, max: 90},
	{ai: "94", name: "internal", form: formText, min: 1, max: 90},
	{ai: "95", name: "internal", form: formText, min: 1, max: 90},
	{ai: "96", name: "internal", form: formText, min: 1, max: 90},
	{ai: "97", name: "internal", form: formText, min: 1, max: 90},
	{ai: "98", name: "internal", form: formText, min: 1, max: 90},
	{ai: "99", name: "internal", form: formText, min: 1, max: 90},
}

// predefined reports that the data of an identifier has a length of its own, so
// that no separator is needed after it. These and no others: that the table
// above knows the length of some other does not help its reader (dev 7).
func predefined(ai string) bool {
	switch head := ai[:2]; head {
	case "00", "01", "02", "03", "04", "20", "41":
		return true
	default:
		return head >= "11" && head <= "19" || head >= "31" && head <= "36"
	}
}

// identify finds the identifier with which data begins, and its full text with
// the digit of the decimals.
func identify(data string) (identifier, string, bool) {
	for _, id := range identifiers {
		if !strings.HasPrefix(data, id.ai) {
			continue
		}
		n := len(id.ai)
		if id.decimals == 0 {
			return id, data[:n], true
		}
		if len(data) > n && data[n] >= '0' && data[n] <= id.decimals {
			return id, data[:n+1], true
		}
	}
	return identifier{}, "", false
}

// cset82 are the characters of a text (GS1 General Specifications, 7.11).
const cset82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
