//go:build !cheapsigning

package signing

import "crypto/ed25519"

// Real says that signatures are ones.
const Real = true

// Sign signs a text.
func Sign(key ed25519.PrivateKey, text []byte) [Size]byte {
	return [Size]byte(ed25519.Sign(key, text))
}

// Verify reports whether a signature of a text is by the key's owner. What is no key
// signs nothing.
func Verify(key ed25519.PublicKey, text, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, text, signature)
}
