package sqlbook

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
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
	var i uint64
	if _, err := fmt.Sscanf(s, "%016x", &i); err != nil {
		return 0, fmt.Errorf("incarnation %q: %w", s, err)
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
	return fmt.Sprintf("%08x%016x%016x%08x", id.Terminal, id.Incarnation, id.Seq, id.N)
}

// lotTextBytes is the length of what lotText writes.
const lotTextBytes = 48

func lotOf(s string) (lot.ID, error) {
	var id lot.ID
	if len(s) != lotTextBytes {
		return id, fmt.Errorf("not a lot id: %q", s)
	}
	if _, err := fmt.Sscanf(s, "%08x%016x%016x%08x", &id.Terminal, &id.Incarnation, &id.Seq, &id.N); err != nil {
		return lot.ID{}, fmt.Errorf("lot id %q: %w", s, err)
	}
	return id, nil
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
