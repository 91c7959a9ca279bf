package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// The records that an R code can be. They are printed: add, never reuse.
const (
	recordHead  = 1
	recordAward = 2
)

// Head says which entry of a terminal moved a right last, and when that was
// said: on the slip of a day's close, in a head file, to a till that calls. The
// terminal signs it for itself: after a boot it proves that nothing is missing.
type Head struct {
	Terminal ledger.TerminalID
	Head     ledger.Head
	Day      lot.Day // the business day that was closed, or 0
	Minute   uint32  // minutes since 1970-01-01 UTC, by the terminal's clock
}

// SealHead signs a head. One that names no entry is ErrForm.
func SealHead(h Head, key ed25519.PrivateKey) (string, error) {
	if h.Terminal == 0 || h.Head.Incarnation == 0 || h.Head.Seq == 0 || h.Day < 0 {
		return "", fmt.Errorf("head %s of %s: %w", h.Head, h.Terminal, ErrForm)
	}
	b := binary.AppendUvarint([]byte{recordHead}, uint64(h.Terminal))
	b = binary.BigEndian.AppendUint64(b, uint64(h.Head.Incarnation))
	b = binary.AppendUvarint(b, uint64(h.Head.Seq))
	b = append(b, h.Head.Hash[:]...)
	b = binary.AppendUvarint(b, uint64(h.Day))
	b = binary.AppendUvarint(b, uint64(h.Minute))
	return Seal(KindRecord, b, key)
}

// OpenHead verifies and reads a head. Errors as for Open; another kind of token
// or of record is ErrForm.
func OpenHead(text string, keys func(KeyID) (ed25519.PublicKey, bool)) (Head, error) {
	body, err := openKind(KindRecord, text, keys)
	if err != nil {
		return Head{}, err
	}
	f := fields{rest: body}
	form := f.number(math.MaxUint8)
	h := Head{Terminal: ledger.TerminalID(f.number(math.MaxUint32))}
	h.Head.Incarnation = ledger.Incarnation(f.fixed())
	h.Head.Seq = ledger.Seq(f.number(math.MaxUint64))
	f.bytes(h.Head.Hash[:])
	h.Day = lot.Day(f.number(math.MaxInt32))
	h.Minute = uint32(f.number(math.MaxUint32))
	if !f.done() || form != recordHead || h.Terminal == 0 || h.Head.Incarnation == 0 || h.Head.Seq == 0 {
		return Head{}, fmt.Errorf("head: %w", ErrForm)
	}
	return h, nil
}
