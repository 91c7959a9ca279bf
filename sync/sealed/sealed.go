// Package sealed writes what one terminal alone may read, although everybody can
// have the bytes: libsodium's sealed box (X25519, XSalsa20 and Poly1305) to the
// key that the board enrolled with, whose form for signatures has one for
// agreements. Who sealed it, the signed head of the document says.
package sealed

import (
	"crypto/ed25519"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"

	"filippo.io/edwards25519"
	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/box"
)

// ErrSealed says that bytes are sealed for another key, or are not whole.
var ErrSealed = errors.New("not sealed for this key")

// For seals bytes for the holder of a key.
func For(public ed25519.PublicKey, plain []byte, random io.Reader) ([]byte, error) {
	point, err := new(edwards25519.Point).SetBytes(public)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return box.SealAnonymous(nil, plain, (*[32]byte)(point.BytesMontgomery()), random)
}

// Open reads what was sealed for a key.
func Open(key ed25519.PrivateKey, b []byte) ([]byte, error) {
	sum := sha512.Sum512(key.Seed())
	secret := [32]byte(sum[:32]) // the scalar of the signatures: clamped where it is used
	public, err := curve25519.X25519(secret[:], curve25519.Basepoint)
	if err != nil {
		return nil, fmt.Errorf("open what is sealed: %w", err)
	}
	plain, ok := box.OpenAnonymous(nil, b, (*[32]byte)(public), &secret)
	if !ok {
		return nil, ErrSealed
	}
	return plain, nil
}
