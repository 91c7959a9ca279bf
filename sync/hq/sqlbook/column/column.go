// Package column is how values stand in the columns of HQ's tables: as BIGINT or TEXT, in
// an order that is the same in every engine. It knows no table and no engine.
package column

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Values are kept as BIGINT or TEXT. Unsigned numbers of 64 bits are kept bit
// for bit, as signed ones; where their order matters they stay far below 2^63
// and a CHECK sees to it.

// OfBytes is how bytes are kept that are never compared.
func OfBytes(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// OfKey is how bytes are kept whose order matters.
func OfKey(b []byte) string { return hex.EncodeToString(b) }

// Bytes reads what OfBytes wrote.
func Bytes(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }

// OfIncarnation is an incarnation as 16 hex digits.
func OfIncarnation(i ledger.Incarnation) string { return i.String() }

// Incarnation reads them.
func Incarnation(s string) (ledger.Incarnation, error) {
	i, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 16 {
		return 0, fmt.Errorf("incarnation %q is not of 16 digits", s)
	}
	return ledger.Incarnation(i), nil
}

// OfHash is a hash in hex.
func OfHash(h ledger.Hash) string { return hex.EncodeToString(h[:]) }

// Head are the three columns of a head.
type Head struct {
	Incarnation, Hash string
	Seq               int64
}

// OfHead splits a head.
func OfHead(h ledger.Head) Head {
	return Head{OfIncarnation(h.Incarnation), OfHash(h.Hash), int64(h.Seq)}
}

// Head reads them.
func (c Head) Head() (ledger.Head, error) {
	i, err := Incarnation(c.Incarnation)
	if err != nil {
		return ledger.Head{}, err
	}
	h := ledger.Head{Incarnation: i, Seq: ledger.Seq(c.Seq)}
	if n, err := hex.Decode(h.Hash[:], []byte(c.Hash)); err != nil || n != len(h.Hash) {
		return ledger.Head{}, fmt.Errorf("not a hash: %q", c.Hash)
	}
	return h, nil
}

// OfLot is a lot's id with every number in full width, so that the order of
// the texts is the order of the ids.
func OfLot(id lot.ID) string {
	var b [lotTextBytes / 2]byte
	binary.BigEndian.PutUint32(b[0:], id.Terminal)
	binary.BigEndian.PutUint64(b[4:], id.Incarnation)
	binary.BigEndian.PutUint64(b[12:], id.Seq)
	binary.BigEndian.PutUint32(b[20:], id.N)
	return hex.EncodeToString(b[:])
}

// lotTextBytes is the length of what OfLot writes.
const lotTextBytes = 48

func Lot(s string) (lot.ID, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(s) != lotTextBytes {
		return lot.ID{}, fmt.Errorf("not a lot id: %q", s)
	}
	return lot.ID{
		Origin: lot.Origin{
			Terminal: binary.BigEndian.Uint32(b[0:]), Incarnation: binary.BigEndian.Uint64(b[4:]), Seq: binary.BigEndian.Uint64(b[12:]),
		},
		N: binary.BigEndian.Uint32(b[20:]),
	}, nil
}

// OfFrom is the id of the lot that one goes on with; "" is none.
func OfFrom(id lot.ID) string {
	if id == (lot.ID{}) {
		return ""
	}
	return OfLot(id)
}

func From(s string) (lot.ID, error) {
	if s == "" {
		return lot.ID{}, nil
	}
	return Lot(s)
}

// OfTime are unix milliseconds; 0 stands for the zero time.
func OfTime(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func OfFlag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Plain makes a text for people fit for every engine: what is not UTF-8, and
// the zero character, becomes a replacement character.
func Plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
