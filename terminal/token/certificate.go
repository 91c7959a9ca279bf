package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of a certificate.
const (
	AwardsMax    = 16 // on one code; those of real names fill it before
	HashBytes    = 16 // of the entry's hash
	funderBytes  = ledger.TextBytesMax
	pointsPrefix = "points:"
)

// Certificate is the bookkeeping certificate of points that an entry awarded
// (cap P2): which entry, to whom, and each award whole, so that the paper alone
// can bring them back. An entry with many awards has several, which say how
// many awards there are in all.
type Certificate struct {
	Entry  lot.Origin
	Hash   [HashBytes]byte // the first bytes of the entry's hash
	Member member.ID
	Minute uint32  // minutes since 1970-01-01 UTC, by the terminal's clock
	EcoFen lot.Fen // really paid for goods marked eco-friendly
	Awards []Awarded
	InAll  uint32 // awards of the entry
}

// Awarded is one award: lot N of the entry.
type Awarded struct {
	N uint32
	ledger.Issue
}

// SealCertificates signs the certificates of an entry: as few codes as hold all
// of c's awards. What no code has room for is ErrTooLong, and what says
// something impossible ErrForm.
func SealCertificates(c Certificate, key ed25519.PrivateKey) ([]string, error) {
	c.InAll = uint32(len(c.Awards))
	if !c.valid() {
		return nil, fmt.Errorf("certificate of %s: %w", c.Entry, ErrForm)
	}
	var codes []string
	for rest := c.Awards; len(rest) > 0; {
		part := c
		for part.Awards = rest[:min(len(rest), AwardsMax)]; len(part.Awards) > 0 && len(part.body()) > BodyMax; {
			part.Awards = part.Awards[:len(part.Awards)-1]
		}
		if len(part.Awards) == 0 {
			return nil, fmt.Errorf("certificate of lot %d of %s: %w", rest[0].N, c.Entry, ErrTooLong)
		}
		code, err := Seal(KindRecord, part.body(), key)
		if err != nil {
			return nil, err
		}
		codes, rest = append(codes, code), rest[len(part.Awards):]
	}
	return codes, nil
}

func (c Certificate) body() []byte {
	b := binary.AppendUvarint([]byte{recordAward}, uint64(c.Entry.Terminal))
	b = binary.BigEndian.AppendUint64(b, c.Entry.Incarnation)
	b = binary.AppendUvarint(b, c.Entry.Seq)
	b = append(b, c.Hash[:]...)
	for _, n := range []uint64{uint64(c.Member), uint64(c.Minute), uint64(c.EcoFen), uint64(c.InAll), uint64(len(c.Awards))} {
		b = binary.AppendUvarint(b, n)
	}
	for _, a := range c.Awards {
		b = binary.AppendUvarint(b, uint64(a.N))
		for _, s := range []string{strings.TrimPrefix(string(a.Asset), pointsPrefix), a.Funder} {
			b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
		for _, n := range []uint64{uint64(a.Amount), uint64(a.UnitCost), uint64(a.Expires), uint64(a.Active)} {
			b = binary.AppendUvarint(b, n)
		}
	}
	return b
}

// OpenCertificate verifies and reads one certificate. Errors as for Open;
// another kind of token or of record is ErrForm.
func OpenCertificate(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Certificate, error) {
	body, err := openKind(KindRecord, text, keys)
	if err != nil {
		return Certificate{}, err
	}
	return readCertificate(body)
}

// CertificateOf is what a certificate says. Nothing is verified: HQ is to be asked.
func CertificateOf(text string) (Certificate, bool) {
	kind, sealed, err := unpack(text)
	if err != nil || kind != KindRecord {
		return Certificate{}, false
	}
	c, err := readCertificate(sealed[headSize : len(sealed)-ed25519.SignatureSize])
	return c, err == nil
}

// EntryOf is which entry a certificate names. Nothing is verified: it is for goods
// that come back to another till than sold them, where HQ checks what was claimed.
func EntryOf(text string) (lot.Origin, bool) {
	c, ok := CertificateOf(text)
	return c.Entry, ok
}

func readCertificate(body []byte) (Certificate, error) {
	f := fields{rest: body}
	form := f.number(math.MaxUint8)
	var c Certificate
	c.Entry.Terminal = uint32(f.number(math.MaxUint32))
	c.Entry.Incarnation = f.fixed()
	c.Entry.Seq = f.number(math.MaxUint64)
	f.bytes(c.Hash[:])
	c.Member = member.ID(f.number(math.MaxUint64))
	c.Minute = uint32(f.number(math.MaxUint32))
	c.EcoFen = lot.Fen(f.number(uint64(lot.FenMax)))
	c.InAll = uint32(f.number(math.MaxUint32))
	for range f.number(AwardsMax) {
		a := Awarded{N: uint32(f.number(math.MaxUint32))}
		a.Asset = lot.Asset(pointsPrefix + f.text(lot.AssetBytesMax-len(pointsPrefix)))
		a.Funder = f.text(funderBytes)
		a.Amount = lot.Amount(f.number(uint64(lot.AmountMax)))
		a.UnitCost = lot.Fen(f.number(uint64(lot.FenMax)))
		a.Expires, a.Active = lot.Day(f.number(math.MaxInt32)), lot.Day(f.number(math.MaxInt32))
		c.Awards = append(c.Awards, a)
	}
	if !f.done() || form != recordAward || !c.valid() {
		return Certificate{}, fmt.Errorf("certificate: %w", ErrForm)
	}
	return c, nil
}

// valid reports whether the certificate can be written and would be believed.
func (c Certificate) valid() bool {
	if c.Entry.Terminal == 0 || c.Entry.Incarnation == 0 || c.Entry.Seq == 0 || c.Member == 0 || len(c.Awards) == 0 ||
		uint64(c.InAll) < uint64(len(c.Awards)) || c.EcoFen < 0 || c.EcoFen > lot.FenMax {
		return false
	}
	for _, a := range c.Awards {
		if !a.Asset.Points() || len(a.Asset) > lot.AssetBytesMax || !utf8.ValidString(string(a.Asset)) || len(a.Funder) > funderBytes || !utf8.ValidString(a.Funder) ||
			a.Amount <= 0 || a.Amount > lot.AmountMax || a.UnitCost < 0 || a.UnitCost > lot.FenMax || a.Expires < 0 || a.Active < 0 {
			return false
		}
	}
	return true
}
