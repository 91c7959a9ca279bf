package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

// The parts of an enrolment code.
const (
	SecretBytes = 10 // drawn for one board
	PinBytes    = 10 // of the authority's key
	// CodeDigits is how many digits a code has, hyphens not counted.
	CodeDigits = (SecretBytes + PinBytes) * 8 / 5
)

// crockford are the digits of a code: nobody mistakes one for another.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode draws an enrolment code: a secret that proves to HQ that whoever sets
// the board up was told it, and a pin by which the board knows HQ.
func NewCode(pin Pin, random io.Reader) (string, error) {
	raw := make([]byte, SecretBytes, SecretBytes+PinBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw an enrolment code: %w", err)
	}
	return digits(append(raw, pin[:]...)), nil
}

func digits(raw []byte) string {
	var out strings.Builder
	bits, have := 0, 0
	for _, b := range raw {
		bits, have = bits<<8|int(b), have+8
		for ; have >= 5; have -= 5 {
			out.WriteByte(crockford[bits>>(have-5)&31])
		}
		bits &= 1<<have - 1
	}
	return out.String()
}

// Spread writes a code in groups, as it is read and typed.
func Spread(code string) string {
	var groups []string
	for ; len(code) > 4; code = code[4:] {
		groups = append(groups, code[:4])
	}
	return strings.Join(append(groups, code), "-")
}

// ReadCode reads a code as people type it: small letters, hyphens and blanks do
// not matter, and the letters that look like digits are those digits.
func ReadCode(text string) (string, error) {
	plain := strings.NewReplacer("-", "", " ", "", "\n", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
	if len(plain) != CodeDigits || strings.Trim(plain, crockford) != "" {
		return "", ErrCode
	}
	return plain, nil
}

// PinIn is the pin that a code holds.
func PinIn(code string) (p Pin, err error) {
	plain, err := ReadCode(code)
	if err != nil {
		return p, err
	}
	raw := make([]byte, 0, SecretBytes+PinBytes)
	bits, have := 0, 0
	for _, c := range plain {
		bits, have = bits<<5|strings.IndexRune(crockford, c), have+5
		if have >= 8 {
			raw = append(raw, byte(bits>>(have-8)))
			have -= 8
		}
		bits &= 1<<have - 1
	}
	copy(p[:], raw[SecretBytes:])
	return p, nil
}

// Fingerprint is how people compare a board's key at both ends.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return Spread(digits(sum[:PinBytes]))
}
