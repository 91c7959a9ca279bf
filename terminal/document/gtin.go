package document

// ValidGTIN13 reports whether a text is 13 digits of which the last checks the
// others.
func ValidGTIN13(s string) bool {
	return len(s) == 13 && Numeric(s) && s[12] == CheckDigit(s[:12])
}

// Numeric reports whether a text is digits and nothing else.
func Numeric(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// CheckDigit is the GS1 check digit of what stands before it.
func CheckDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}
