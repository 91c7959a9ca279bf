package sqlbook

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

// bytesText is how bytes are kept that are never compared.
func bytesText(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// keyText is how bytes are kept whose order matters.
func keyText(b []byte) string { return hex.EncodeToString(b) }

// bytesOf reads what bytesText wrote.
func bytesOf(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }

func incarnationText(i ledger.Incarnation) string { return i.String() }

func incarnationOf(s string) (ledger.Incarnation, error) {
	i, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 16 {
		return 0, fmt.Errorf("incarnation %q is not of 16 digits", s)
	}
	return ledger.Incarnation(i), nil
}

func hashText(h ledger.Hash) string { return hex.EncodeToString(h[:]) }

// headColumns are the three columns of a head.
type headColumns struct {
	incarnation, hash string
	seq               int64
}

func columnsOf(h ledger.Head) headColumns {
	return headColumns{incarnationText(h.Incarnation), hashText(h.Hash), int64(h.Seq)}
}

func (c headColumns) head() (ledger.Head, error) {
	i, err := incarnationOf(c.incarnation)
	if err != nil {
		return ledger.Head{}, err
	}
	h := ledger.Head{Incarnation: i, Seq: ledger.Seq(c.seq)}
	if n, err := hex.Decode(h.Hash[:], []byte(c.hash)); err != nil || n != len(h.Hash) {
		return ledger.Head{}, fmt.Errorf("not a hash: %q", c.hash)
	}
	return h, nil
}

// lotText is a lot's id with every number in full width, so that the order of
// the texts is the order of the ids.
func lotText(id lot.ID) string {
	var b [lotTextBytes / 2]byte
	binary.BigEndian.PutUint32(b[0:], id.Terminal)
	binary.BigEndian.PutUint64(b[4:], id.Incarnation)
	binary.BigEndian.PutUint64(b[12:], id.Seq)
	binary.BigEndian.PutUint32(b[20:], id.N)
	return hex.EncodeToString(b[:])
}

// lotTextBytes is the length of what lotText writes.
const lotTextBytes = 48

func lotOf(s string) (lot.ID, error) {
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

// fromText is the id of the lot that one goes on with; "" is none.
func fromText(id lot.ID) string {
	if id == (lot.ID{}) {
		return ""
	}
	return lotText(id)
}

func fromOf(s string) (lot.ID, error) {
	if s == "" {
		return lot.ID{}, nil
	}
	return lotOf(s)
}

// millis are unix milliseconds; 0 stands for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// plain makes a text for people fit for every engine: what is not UTF-8, and
// the zero character, becomes a replacement character.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
