//go:build cheapsigning

package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
)

// Real says that signatures are ones.
const Real = false

// Sign makes something of the length of a signature, which another key does not make.
func Sign(key ed25519.PrivateKey, text []byte) [Size]byte {
	return cheap(ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]), text)
}

// Verify reports whether a signature of a text was made with the key.
func Verify(key ed25519.PublicKey, text, signature []byte) bool {
	want := cheap(key, text)
	return len(key) == ed25519.PublicKeySize && bytes.Equal(want[:], signature)
}

func cheap(key ed25519.PublicKey, text []byte) (out [Size]byte) {
	sum := sha256.New()
	sum.Write(key)
	sum.Write(text)
	sum.Sum(out[:0])
	copy(out[sha256.Size:], out[:])
	return out
}
