package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Challenge is what a till without a line shows to a member's phone: for which
// life of it HQ may commit a note, and under which number. The terminal signs it.
type Challenge struct {
	Terminal    ledger.TerminalID
	Incarnation ledger.Incarnation
	Ask         lot.AskID
	Minute      uint32 // minutes since 1970-01-01 UTC, by the terminal's clock
}

// valid reports whether the challenge can be written and would be believed.
func (c Challenge) valid() bool { return c.Terminal != 0 && c.Incarnation != 0 && c.Ask != 0 }

// SealChallenge signs a challenge. One of nobody is ErrForm.
func SealChallenge(c Challenge, key ed25519.PrivateKey) (string, error) {
	if !c.valid() {
		return "", fmt.Errorf("challenge of %s: %w", c.Terminal, ErrForm)
	}
	b := binary.AppendUvarint(nil, uint64(c.Terminal))
	b = binary.BigEndian.AppendUint64(b, uint64(c.Incarnation))
	b = binary.AppendUvarint(b, uint64(c.Ask))
	b = binary.AppendUvarint(b, uint64(c.Minute))
	return Seal(KindChallenge, b, key)
}

// ChallengeOf is what a challenge says. Nothing is verified: it names whose key is
// to be found.
func ChallengeOf(text string) (Challenge, bool) {
	kind, sealed, err := unpack(text)
	if err != nil || kind != KindChallenge {
		return Challenge{}, false
	}
	c, err := readChallenge(sealed[headSize : len(sealed)-ed25519.SignatureSize])
	return c, err == nil
}

// OpenChallenge verifies and reads a challenge. Errors as for Open; another kind of
// token is ErrForm.
func OpenChallenge(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Challenge, error) {
	body, err := openKind(KindChallenge, text, keys)
	if err != nil {
		return Challenge{}, err
	}
	return readChallenge(body)
}

func readChallenge(body []byte) (Challenge, error) {
	f := fields{rest: body}
	c := Challenge{Terminal: ledger.TerminalID(f.number(math.MaxUint32)), Incarnation: ledger.Incarnation(f.fixed())}
	c.Ask, c.Minute = lot.AskID(f.number(math.MaxUint64)), uint32(f.number(math.MaxUint32))
	if !f.done() || !c.valid() {
		return Challenge{}, fmt.Errorf("challenge: %w", ErrForm)
	}
	return c, nil
}

// Limits of what is carried in several codes.
const (
	PartsMax  = 8
	partHead  = 7                    // version, sum, place and count
	partBytes = sealedMax - partHead // of what is carried
)

// Part is one of the codes in which bytes are carried that one code has no room for.
// It is not signed: what is carried is, as a whole.
type Part struct {
	Sum   [4]byte // of all that is carried
	N     int     // from 0
	Count int
	Bytes []byte
}

// Carry writes bytes as so many codes as they need, of which a phone shows one after
// another. What PartsMax codes have no room for is ErrTooLong.
func Carry(b []byte) ([]string, error) {
	count := (len(b) + partBytes - 1) / partBytes
	if count > PartsMax {
		return nil, fmt.Errorf("%d bytes to be carried: %w", len(b), ErrTooLong)
	}
	sum := sha256.Sum256(b)
	var codes []string
	for n := range count {
		head := append([]byte{version}, sum[:4]...)
		head = append(head, byte(n), byte(count))
		part := b[n*partBytes : min((n+1)*partBytes, len(b))]
		codes = append(codes, prefix+string([]byte{KindPart, '.'})+encodeBase45(append(head, part...)))
	}
	return codes, nil
}

// OpenPart reads one code.
func OpenPart(text string) (p Part, err error) {
	kind, ok := KindOf(text)
	if !ok || kind != KindPart || len(text) > TextMax {
		return p, fmt.Errorf("part: %w", ErrForm)
	}
	b, ok := decodeBase45(text[len(prefix)+2:])
	if !ok || len(b) <= partHead || b[0] != version {
		return p, fmt.Errorf("part: %w", ErrForm)
	}
	p = Part{Sum: [4]byte(b[1:5]), N: int(b[5]), Count: int(b[6]), Bytes: b[partHead:]}
	if p.Count == 0 || p.Count > PartsMax || p.N >= p.Count {
		return p, fmt.Errorf("part %d of %d: %w", p.N, p.Count, ErrForm)
	}
	return p, nil
}

// Carried puts parts together, in their order; all of them must be there.
func Carried(parts []Part) (b []byte, err error) {
	for n, p := range parts {
		if p.N != n || p.Count != len(parts) || p.Sum != parts[0].Sum {
			return nil, fmt.Errorf("part %d: %w", n, ErrForm)
		}
		b = append(b, p.Bytes...)
	}
	if sum := sha256.Sum256(b); len(parts) == 0 || [4]byte(sum[:4]) != parts[0].Sum {
		return nil, fmt.Errorf("parts: %w", ErrForm)
	}
	return b, nil
}
