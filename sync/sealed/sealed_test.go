package sealed_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/jifen-pos/jifen/sync/sealed"
)

func TestOneKeyAloneOpensWhatIsSealedForIt(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	public, key, err := ed25519.GenerateKey(random)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := ed25519.GenerateKey(random)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 64 {
		plain := bytes.Repeat([]byte{byte(n)}, n*37)
		b, err := sealed.For(public, plain, random)
		if err != nil {
			t.Fatalf("For: %v", err)
		}
		if got, err := sealed.Open(key, b); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("Open of %d bytes: got %d, %v", len(plain), len(got), err)
		}
		if _, err := sealed.Open(other, b); !errors.Is(err, sealed.ErrSealed) {
			t.Errorf("Open with another key: got %v, want ErrSealed", err)
		}
		b[len(b)/2] ^= 1
		if _, err := sealed.Open(key, b); !errors.Is(err, sealed.ErrSealed) {
			t.Errorf("Open of changed bytes: got %v, want ErrSealed", err)
		}
		if n > 2 && bytes.Contains(b, plain[:8]) {
			t.Error("what is sealed can be read")
		}
	}
	if _, err := sealed.For(make([]byte, 31), nil, random); err == nil {
		t.Error("For half a key: no error")
	}
}
