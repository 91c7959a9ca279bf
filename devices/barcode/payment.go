package barcode

// isPayment reports the digits that a phone shows to pay with (dev 7). The
// ranges are those of the payment networks; whoever holds such a text can take
// the money, so it goes no further than the refusal.
func isPayment(text string) bool {
	if !isDigits(text) || len(text) < 16 {
		return false
	}
	head := int(text[0]-'0')*10 + int(text[1]-'0')
	switch n := len(text); {
	case n == 18 && head >= 10 && head <= 15: // WeChat
		return true
	case n <= 24 && head >= 25 && head <= 30: // Alipay
		return true
	case n == 19 && head == 62: // UnionPay
		return true
	}
	return false
}
