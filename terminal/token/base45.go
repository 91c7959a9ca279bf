package token

import "strings"

// The alphabet of RFC 9285, which is that of a QR code's alphanumeric mode.
const base45Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// encodeBase45 writes two bytes as three characters and a last one as two.
func encodeBase45(data []byte) string {
	var text strings.Builder
	text.Grow((len(data)*3 + 1) / 2)
	for len(data) > 0 {
		size := min(len(data), 2)
		n := 0
		for _, b := range data[:size] {
			n = n<<8 | int(b)
		}
		for range size + 1 {
			text.WriteByte(base45Alphabet[n%45])
			n /= 45
		}
		data = data[size:]
	}
	return text.String()
}

// decodeBase45 reads what encodeBase45 writes and nothing else: every byte
// string has exactly one text.
func decodeBase45(text string) ([]byte, bool) {
	data := make([]byte, 0, len(text)*2/3)
	for len(text) > 0 {
		size := min(len(text), 3)
		n, ok := group(text[:size])
		switch {
		case !ok || size == 1 || n>>(8*(size-1)) != 0:
			return nil, false
		case size == 3:
			data = append(data, byte(n>>8), byte(n))
		default:
			data = append(data, byte(n))
		}
		text = text[size:]
	}
	return data, true
}

// group is the value of up to three characters, the last one weighing most.
func group(text string) (n int, ok bool) {
	for i := len(text) - 1; i >= 0; i-- {
		digit := strings.IndexByte(base45Alphabet, text[i])
		if digit < 0 {
			return 0, false
		}
		n = n*45 + digit
	}
	return n, true
}
