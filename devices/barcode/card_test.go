package barcode_test

import (
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/barcode"
)

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// verifies is a second reading of ISO 7064 MOD 37,36, from the verifier's side:
// the running product over the whole text, check character included, ends at 1.
func verifies(s string) bool {
	p := 36
	for i, r := range s {
		v := p + strings.IndexRune(letters, r)
		if i == len(s)-1 {
			return v%36 == 1
		}
		if v%36 == 0 {
			p = 72 % 37
		} else {
			p = v % 36 * 2 % 37
		}
	}
	return false
}

// The example of the Global Release Identifier, which uses the same scheme,
// shows that verifies itself is right.
func TestVerifierKnowsThePublishedExample(t *testing.T) {
	if !verifies("A12425GABC1234002M") || verifies("A12425GABC1234003M") {
		t.Error("the test's own verifier does not agree with the published example")
	}
}

func TestCardNumber(t *testing.T) {
	for n := uint32(0); n <= barcode.MaxCard; n += 99_991 {
		s := barcode.CardNumber(n)
		if !verifies(s) || !barcode.ValidCard(s) || !barcode.ValidCard(strings.ToLower(s)) {
			t.Fatalf("CardNumber(%d) = %q: by the standard %v, by ValidCard %v and in lower case %v, want true three times",
				n, s, verifies(s), barcode.ValidCard(s), barcode.ValidCard(strings.ToLower(s)))
		}
	}
	if got := barcode.CardNumber(barcode.MaxCard + 1); got != "" {
		t.Errorf("CardNumber(%d) = %q, want none", barcode.MaxCard+1, got)
	}
}

// Cards are printed for years, so their numbers are frozen here.
func TestCardNumberIsFrozen(t *testing.T) {
	for n, want := range map[uint32]string{0: "HM000000009", 1: "HM000000017", 12345678: "HM123456784", 99999999: "HM999999999"} {
		if got := barcode.CardNumber(n); got != want {
			t.Errorf("CardNumber(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestEverySingleWrongCharacterIsCaught(t *testing.T) {
	for n := uint32(0); n <= barcode.MaxCard; n += 999_983 {
		good := barcode.CardNumber(n)
		for i := range len(good) {
			for _, r := range letters {
				wrong := good[:i] + string(r) + good[i+1:]
				if wrong != good && barcode.ValidCard(wrong) {
					t.Errorf("ValidCard(%q), misread from %q, = true, want false", wrong, good)
				}
			}
		}
	}
}

// Swapped neighbours are caught whenever the standard's own verifier catches
// them, and that is nearly always.
func TestSwappedNeighboursAreCaught(t *testing.T) {
	swaps, missed := 0, 0
	for n := uint32(7); n <= barcode.MaxCard; n += 9_973 {
		good := barcode.CardNumber(n)
		for i := range len(good) - 1 {
			if good[i] == good[i+1] {
				continue
			}
			wrong := good[:i] + string(good[i+1]) + string(good[i]) + good[i+2:]
			swaps++
			if !barcode.ValidCard(wrong) {
				continue
			}
			missed++
			if !verifies(wrong) {
				t.Errorf("ValidCard(%q), swapped in %q, = true, want false as by the standard", wrong, good)
			}
		}
	}
	if missed*200 > swaps {
		t.Errorf("%d of %d swapped neighbours pass, want fewer than one in 200", missed, swaps)
	}
}

func TestNoOtherNumberPassesForACard(t *testing.T) {
	for _, s := range []string{"", "HM", "6901234567892", "13800138000", "HM1234567", "XM123456780", "HM1234567８", "HM12345678 "} {
		if barcode.ValidCard(s) {
			t.Errorf("ValidCard(%q) = true, want false", s)
		}
	}
}
