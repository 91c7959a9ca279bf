package token_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/terminal/token"
)

func TestChallengeIsBelievedUnderItsTerminalsKeyOnly(t *testing.T) {
	key := ours
	c := token.Challenge{Terminal: 7, Incarnation: 0x0123456789abcdef, Ask: 1 << 39, Minute: 29_916_000}
	text, err := token.SealChallenge(c, key)
	if err != nil || len(text) > token.TextMax {
		t.Fatalf("SealChallenge() = %d characters, %v", len(text), err)
	}
	if got, err := token.OpenChallenge(text, keys); err != nil || got != c {
		t.Errorf("OpenChallenge() = %+v, %v, want %+v", got, err, c)
	}
	if got, ok := token.ChallengeOf(text); !ok || got != c {
		t.Errorf("ChallengeOf() = %+v, %v, want %+v", got, ok, c)
	}
	changed := []byte(text)
	changed[20]++
	if _, err := token.OpenChallenge(string(changed), keys); err == nil {
		t.Error("OpenChallenge(changed) = nil, want an error")
	}
	if _, err := token.SealChallenge(token.Challenge{Terminal: 7}, key); !errors.Is(err, token.ErrForm) {
		t.Errorf("SealChallenge(of no life) = %v, want ErrForm", err)
	}
}

func TestWhatIsCarriedComesWholeOrNotAtAll(t *testing.T) {
	for _, size := range []int{1, 174, 175, 600, 175*token.PartsMax - token.PartsMax} {
		b := bytes.Repeat([]byte("note "), size)[:size]
		codes, err := token.Carry(b)
		if err != nil {
			t.Errorf("Carry(%d bytes) = %v", size, err)
			continue
		}
		var parts []token.Part
		for _, code := range codes {
			if len(code) > token.TextMax {
				t.Errorf("%d bytes: a code of %d characters, want at most %d", size, len(code), token.TextMax)
			}
			p, err := token.OpenPart(code)
			if err != nil {
				t.Fatalf("OpenPart() = %v", err)
			}
			parts = append(parts, p)
		}
		if got, err := token.Carried(parts); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes in %d codes: Carried() = %d bytes, %v", size, len(codes), len(got), err)
		}
		parts[0].Bytes[0]++
		if _, err := token.Carried(parts); !errors.Is(err, token.ErrForm) {
			t.Errorf("Carried(changed) = %v, want ErrForm", err)
		}
		if _, err := token.Carried(parts[1:]); !errors.Is(err, token.ErrForm) {
			t.Errorf("Carried(without the first) = %v, want ErrForm", err)
		}
	}
	if _, err := token.Carry(make([]byte, 2000)); !errors.Is(err, token.ErrTooLong) {
		t.Errorf("Carry(2,000 bytes) = %v, want ErrTooLong", err)
	}
	for _, text := range []string{"", "JF1.N.", "JF1.N.00", "JF1.V.00"} {
		if _, err := token.OpenPart(text); !errors.Is(err, token.ErrForm) {
			t.Errorf("OpenPart(%q) = %v, want ErrForm", text, err)
		}
	}
}
