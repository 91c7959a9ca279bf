package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// BenefitBytesMax bounds the benefit's id in a voucher.
const BenefitBytesMax = 32

// Voucher is the right to a benefit, as printed. What it is worth, and whether
// it was used, stands in the ledger under its lot.
type Voucher struct {
	Lot     lot.ID
	Benefit string
	Expires lot.Day // last day; 0 is never
	Units   lot.Amount
}

// valid reports whether the voucher can be written and would be believed.
func (v Voucher) valid() bool {
	return v.Benefit != "" && len(v.Benefit) <= BenefitBytesMax && utf8.ValidString(v.Benefit) &&
		v.Expires >= 0 && v.Units > 0 && v.Units <= lot.AmountMax
}

// SealVoucher signs a voucher. One that says something impossible is ErrForm.
func SealVoucher(v Voucher, key ed25519.PrivateKey) (string, error) {
	if !v.valid() {
		return "", fmt.Errorf("voucher of lot %s: %w", v.Lot, ErrForm)
	}
	b := appendLot(nil, v.Lot)
	b = binary.AppendUvarint(b, uint64(len(v.Benefit)))
	b = append(b, v.Benefit...)
	b = binary.AppendUvarint(b, uint64(v.Expires))
	b = binary.AppendUvarint(b, uint64(v.Units))
	return Seal(KindVoucher, b, key)
}

// OpenVoucher verifies and reads a voucher. Errors as for Open; another kind
// of token is ErrForm.
func OpenVoucher(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Voucher, error) {
	body, err := openKind(KindVoucher, text, keys)
	if err != nil {
		return Voucher{}, err
	}
	return readVoucher(body)
}

// VoucherOf is what a voucher says. Nothing is verified: whoever goes by it asks
// somebody first who knows the key.
func VoucherOf(text string) (Voucher, bool) {
	kind, sealed, err := unpack(text)
	if err != nil || kind != KindVoucher {
		return Voucher{}, false
	}
	v, err := readVoucher(sealed[headSize : len(sealed)-ed25519.SignatureSize])
	return v, err == nil
}

func readVoucher(body []byte) (Voucher, error) {
	f := fields{rest: body}
	v := Voucher{
		Lot:     readLot(&f),
		Benefit: f.text(BenefitBytesMax),
		Expires: lot.Day(f.number(math.MaxInt32)),
		Units:   lot.Amount(f.number(uint64(lot.AmountMax))),
	}
	if !f.done() || !v.valid() {
		return Voucher{}, fmt.Errorf("voucher: %w", ErrForm)
	}
	return v, nil
}

func appendLot(b []byte, id lot.ID) []byte {
	b = binary.AppendUvarint(b, uint64(id.Terminal))
	b = binary.BigEndian.AppendUint64(b, id.Incarnation)
	b = binary.AppendUvarint(b, id.Seq)
	return binary.AppendUvarint(b, uint64(id.N))
}

func readLot(f *fields) lot.ID {
	var id lot.ID
	id.Terminal = uint32(f.number(math.MaxUint32))
	id.Incarnation = f.fixed()
	id.Seq = f.number(math.MaxUint64)
	id.N = uint32(f.number(math.MaxUint32))
	return id
}

// The alphabet of Crockford's base32: without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ShortCode is the code under a voucher that people read and type, such as
// "7K3M9-Q2XTB": 50 bits of a hash of the lot's id. It finds a voucher and
// proves nothing.
func ShortCode(id lot.ID) string {
	sum := sha256.Sum256(appendLot([]byte("jifen voucher code\x00"), id))
	bits := binary.BigEndian.Uint64(sum[:])
	code := make([]byte, 0, 11)
	for i := range 10 {
		if i == 5 {
			code = append(code, '-')
		}
		code = append(code, crockford[bits>>59])
		bits <<= 5
	}
	return string(code)
}
