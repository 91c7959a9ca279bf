package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jifen-pos/jifen/terminal/member"
)

// PassSkewMinutes is how far behind HQ's clock the till's may be: so many
// minutes before its issue a pass is good already (rule S11).
const PassSkewMinutes = 2

// Pass proves for some minutes that its bearer is a member (cap M2). HQ signs
// it and the member's phone shows it.
type Pass struct {
	Member       member.ID
	IssuedMinute uint32 // minutes since 1970-01-01 UTC
	Minutes      uint16 // how long it is good from then on
}

// ValidAt reports whether the pass is good in a minute since 1970-01-01 UTC.
func (p Pass) ValidAt(minute uint32) bool {
	age := int64(minute) - int64(p.IssuedMinute)
	return age >= -PassSkewMinutes && age < int64(p.Minutes)
}

// SealPass signs a pass. One for nobody or for no time is ErrForm.
func SealPass(p Pass, key ed25519.PrivateKey) (string, error) {
	if p.Member == 0 || p.Minutes == 0 {
		return "", fmt.Errorf("pass of %s for %d minutes: %w", p.Member, p.Minutes, ErrForm)
	}
	b := binary.AppendUvarint(nil, uint64(p.Member))
	b = binary.AppendUvarint(b, uint64(p.IssuedMinute))
	b = binary.AppendUvarint(b, uint64(p.Minutes))
	return Seal(KindPass, b, key)
}

// OpenPass verifies and reads a pass; whether it is still good, ValidAt says.
// Errors as for Open; another kind of token is ErrForm.
func OpenPass(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Pass, error) {
	body, err := openKind(KindPass, text, keys)
	if err != nil {
		return Pass{}, err
	}
	f := fields{rest: body}
	p := Pass{
		Member:       member.ID(f.number(math.MaxUint64)),
		IssuedMinute: uint32(f.number(math.MaxUint32)),
		Minutes:      uint16(f.number(math.MaxUint16)),
	}
	if !f.done() || p.Member == 0 || p.Minutes == 0 {
		return Pass{}, fmt.Errorf("pass: %w", ErrForm)
	}
	return p, nil
}
