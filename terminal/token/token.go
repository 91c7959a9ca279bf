// Package token makes and opens the signed texts that Jifen prints as QR codes
// and shows on phones: JF1.<kind>.<base45(payload and signature)>. It verifies
// before it reads anything else. It keeps no keys, reads no clock and does not
// know whether a voucher was used: only the ledger knows.
package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/signing"
)

// Kinds of token. They are printed: add, never reuse.
const (
	KindVoucher  = 'V'
	KindPass     = 'M'
	KindRecord   = 'R'
	KindActivity = 'A'

	KindChallenge = 'C'
	KindPart      = 'N' // of a note that is carried
)

// Limits of a token.
const (
	TextMax = 280 // characters: QR version 10 at level M, on 58 mm paper
	BodyMax = sealedMax - headSize - ed25519.SignatureSize

	prefix    = "JF1."
	headSize  = 5                                 // version and key id
	sealedMax = (TextMax - len("JF1.V.")) / 3 * 2 // bytes that base45 fits in
	version   = 1
)

// Errors that callers match.
var (
	ErrForm       = errors.New("not a token of the kind expected")
	ErrTooLong    = errors.New("token too long")
	ErrUnknownKey = errors.New("token signed by an unknown key")
	ErrSignature  = errors.New("token signature does not match")
)

// KeyID names a public key: the first four bytes of its SHA-256.
type KeyID uint32

// KeyIDOf returns the id of a public key.
func KeyIDOf(key ed25519.PublicKey) KeyID {
	sum := sha256.Sum256(key)
	return KeyID(binary.BigEndian.Uint32(sum[:]))
}

// String writes the id as eight hex digits.
func (id KeyID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// Keys holds public keys by their ids.
type Keys map[KeyID]ed25519.PublicKey

// NewKeys collects public keys.
func NewKeys(keys ...ed25519.PublicKey) Keys {
	k := make(Keys, len(keys))
	for _, key := range keys {
		k[KeyIDOf(key)] = key
	}
	return k
}

// Find looks a key up; it is what Open wants to be given.
func (k Keys) Find(id KeyID) (ed25519.PublicKey, bool) {
	key, ok := k[id]
	return key, ok
}

// KindOf reads what kind of token a text says it is. Nothing is verified.
func KindOf(text string) (kind byte, ok bool) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok || len(rest) < 2 || rest[1] != '.' || rest[0] < 'A' || rest[0] > 'Z' {
		return 0, false
	}
	return rest[0], true
}

// Seal signs a body and writes the token. The signature covers the text in
// front, a version byte, the id of the key, and the body. A body of more than
// BodyMax bytes is ErrTooLong; a kind that is not a capital letter, ErrForm.
func Seal(kind byte, body []byte, key ed25519.PrivateKey) (string, error) {
	head := string([]byte{prefix[0], prefix[1], prefix[2], prefix[3], kind, '.'})
	if _, ok := KindOf(head); !ok {
		return "", fmt.Errorf("kind %q: %w", kind, ErrForm)
	}
	if len(body) > BodyMax {
		return "", fmt.Errorf("body of %d bytes: %w", len(body), ErrTooLong)
	}
	payload := binary.BigEndian.AppendUint32([]byte{version}, uint32(KeyIDOf(key.Public().(ed25519.PublicKey))))
	payload = append(payload, body...)
	signature := signing.Sign(key, append([]byte(head), payload...))
	return head + encodeBase45(append(payload, signature[:]...)), nil
}

// Open verifies a token under the key it names and returns its kind and body.
// Only the text in front, the version and the key's id are read before that.
// It fails with ErrTooLong, ErrForm, ErrUnknownKey or ErrSignature.
func Open(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (kind byte, body []byte, err error) {
	kind, sealed, err := unpack(text)
	if err != nil {
		return 0, nil, err
	}
	key, ok := keys(KeyID(binary.BigEndian.Uint32(sealed[1:headSize])))
	if !ok || len(key) != ed25519.PublicKeySize {
		return 0, nil, ErrUnknownKey
	}
	payload, signature := sealed[:len(sealed)-ed25519.SignatureSize], sealed[len(sealed)-ed25519.SignatureSize:]
	if !signing.Verify(key, append([]byte(text[:len(prefix)+2]), payload...), signature) {
		return 0, nil, ErrSignature
	}
	return kind, payload[headSize:], nil
}

// unpack takes a token's text apart; it verifies nothing.
func unpack(text string) (kind byte, sealed []byte, err error) {
	if len(text) > TextMax {
		return 0, nil, fmt.Errorf("%d characters: %w", len(text), ErrTooLong)
	}
	kind, ok := KindOf(text)
	if !ok {
		return 0, nil, ErrForm
	}
	sealed, ok = decodeBase45(text[len(prefix)+2:])
	if !ok || len(sealed) < headSize+ed25519.SignatureSize || sealed[0] != version {
		return 0, nil, ErrForm
	}
	return kind, sealed, nil
}

// openKind is Open for one kind of token; another kind is ErrForm.
func openKind(want byte, text string, keys func(KeyID) (ed25519.PublicKey, bool)) ([]byte, error) {
	kind, body, err := Open(text, keys)
	if err == nil && kind != want {
		err = fmt.Errorf("kind %q, want %q: %w", kind, want, ErrForm)
	}
	return body, err
}
