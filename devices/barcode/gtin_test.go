package barcode_test

import (
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/devices/barcode"
)

// mustEAN adds the check digit or ends the test.
func mustEAN(t *testing.T, first12 string) string {
	t.Helper()
	code, err := barcode.EAN13(first12)
	if err != nil {
		t.Fatalf("EAN13(%q): %v", first12, err)
	}
	return code
}

// The numbers come from packages and from the GS1 manuals.
func TestEAN13(t *testing.T) {
	tests := map[string]string{
		"690123456789": "6901234567892",
		"400638133393": "4006381333931",
		"978020137962": "9780201379624",
		"003600029145": "0036000291452",
		"629104150021": "6291041500213",
	}
	for in, want := range tests {
		if got := mustEAN(t, in); got != want {
			t.Errorf("EAN13(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestEAN13RefusesAnythingButTwelveDigits(t *testing.T) {
	for _, in := range []string{"", "69012345678", "6901234567892", "69012345678x", "６９０１"} {
		if got, err := barcode.EAN13(in); !errors.Is(err, barcode.ErrUnknownCode) {
			t.Errorf("EAN13(%q) = %q, %v, want ErrUnknownCode", in, got, err)
		}
	}
}

// Every single wrong digit is caught; swapped neighbours are caught unless they
// differ by five, which is the scheme's own hole (dev 7).
func TestGoodsNumberMisread(t *testing.T) {
	good := mustEAN(t, "692763801549")
	for i := range len(good) {
		for d := byte('0'); d <= '9'; d++ {
			wrong := good[:i] + string(d) + good[i+1:]
			if wrong == good {
				continue
			}
			if c, err := barcode.Classify("]E0", wrong); err == nil {
				t.Errorf("Classify(%q), misread from %q, = %s, want an error", wrong, good, c)
			}
		}
	}
	for i := range len(good) - 1 {
		a, b := good[i], good[i+1]
		wrong := good[:i] + string(b) + string(a) + good[i+2:]
		seen := a != b && a-b != 5 && b-a != 5
		if _, err := barcode.Classify("]E0", wrong); (err != nil) != seen {
			t.Errorf("Classify(%q), swapped in %q, error = %v, want one: %v", wrong, good, err, seen)
		}
	}
}
