package signing_test

import (
	"crypto/ed25519"
	"errors"
	"go/build"
	"testing"

	"github.com/jifen-pos/jifen/terminal/signing"
)

var key, other = ed25519.NewKeyFromSeed(make([]byte, 32)), ed25519.NewKeyFromSeed([]byte("another key of thirty-two bytes!"))

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// TestSignaturesAreEd25519: what programs sign, others can check, and the other way round.
func TestSignaturesAreEd25519(t *testing.T) {
	if !signing.Real {
		t.Fatal("this is not how programs are built")
	}
	text := []byte("text")
	made := signing.Sign(key, text)
	if !ed25519.Verify(public(key), text, made[:]) || !signing.Verify(public(key), text, ed25519.Sign(key, text)) {
		t.Error("signatures are not those of Ed25519")
	}
}

// TestDaemonsCannotBeBuiltWithoutSignatures: nobody runs a shop on hashes by a slip.
func TestDaemonsCannotBeBuiltWithoutSignatures(t *testing.T) {
	cheap := build.Default
	cheap.BuildTags = []string{"cheapsigning"}
	for _, daemon := range []string{"../../cmd/jifend", "../../cmd/jifenhq"} {
		if _, err := build.ImportDir(daemon, 0); err != nil {
			t.Errorf("%s: %v", daemon, err)
		}
		if _, err := cheap.ImportDir(daemon, 0); !errors.As(err, new(*build.NoGoError)) {
			t.Errorf("%s with the tag cheapsigning: %v, want that there is nothing to build", daemon, err)
		}
	}
}

func TestOnlyTheKeysOwnSignatureOfTheTextCounts(t *testing.T) {
	made := signing.Sign(key, []byte("text"))
	for name, ok := range map[string]bool{
		"another-text":  signing.Verify(public(key), []byte("test"), made[:]),
		"another-key":   signing.Verify(public(other), []byte("text"), made[:]),
		"no-key":        signing.Verify(nil, []byte("text"), made[:]),
		"short-key":     signing.Verify(public(key)[1:], []byte("text"), made[:]),
		"cut-signature": signing.Verify(public(key), []byte("text"), made[:63]),
		"no-signature":  signing.Verify(public(key), []byte("text"), nil),
	} {
		if ok {
			t.Errorf("%s: believed", name)
		}
	}
	if !signing.Verify(public(key), []byte("text"), made[:]) {
		t.Error("its own signature is not believed")
	}
}
