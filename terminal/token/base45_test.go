package token_test

import (
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/token"
)

// The vectors of RFC 9285, sections 4.3 and 4.4.
func TestBase45Vectors(t *testing.T) {
	for text, want := range map[string]string{
		"AB":               "BB8",
		"Hello!!":          "%69 VD92EX0",
		"base-45":          "UJCLQE7W581",
		"ietf!":            "QED8WEX0",
		"":                 "",
		"\x00":             "00",
		"\x00\x00":         "000",
		"\xff":             "U5",
		"\xff\xff":         "FGW",
		"\xff\xff\x01\x02": "FGWX50",
	} {
		if got := token.EncodeBase45([]byte(text)); got != want {
			t.Errorf("EncodeBase45(%q): got %q, want %q", text, got, want)
		}
		if got, ok := token.DecodeBase45(want); !ok || string(got) != text {
			t.Errorf("DecodeBase45(%q): got %q, %v; want %q", want, got, ok, text)
		}
	}
}

func TestBase45Refusals(t *testing.T) {
	for name, text := range map[string]string{
		"one-character":      "A",
		"length-mod-3-is-1":  "BB8B",
		"one-zero":           "0",
		"zero-left-over":     "0000",
		"triple-above-ffff":  "GGW",
		"triple-largest":     ":::",
		"pair-above-ff":      "V5",
		"pair-largest":       "::",
		"lower-case":         "bb8",
		"outside-alphabet":   "BB_",
		"chinese":            "积",
		"line-feed":          "BB\n",
		"after-good-triples": "BB8BB8GGW",
	} {
		if got, ok := token.DecodeBase45(text); ok {
			t.Errorf("%s: DecodeBase45(%q): got %q, want a refusal", name, text, got)
		}
	}
}

// Scanners and hands trim spaces at the ends of what they read.
func TestBase45NeverEndsInASpace(t *testing.T) {
	for n := range 1 << 16 {
		text := token.EncodeBase45([]byte{byte(n >> 8), byte(n)})
		if strings.HasSuffix(text, " ") {
			t.Fatalf("EncodeBase45(%04x): got %q, which ends in a space", n, text)
		}
		if got, ok := token.DecodeBase45(text); !ok || len(got) != 2 || got[0] != byte(n>>8) || got[1] != byte(n) {
			t.Fatalf("DecodeBase45(%q): got %x, %v; want %04x", text, got, ok, n)
		}
	}
}

func FuzzBase45(f *testing.F) {
	f.Add("%69 VD92EX0")
	f.Fuzz(func(t *testing.T, text string) {
		if data, ok := token.DecodeBase45(text); ok && token.EncodeBase45(data) != text {
			t.Fatalf("DecodeBase45(%q): got %x, which is written %q", text, data, token.EncodeBase45(data))
		}
	})
}
