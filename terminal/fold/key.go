package fold

import (
	"encoding/binary"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// The first bytes of the table's keys. They are stored: append, never reuse.
const (
	headPrefix    = 'h'
	memberPrefix  = 'm'
	voucherPrefix = 'v'
	salePrefix    = 's'
	notePrefix    = 'n'
	askPrefix     = 'a'
	totalPrefix   = 't'
	claimPrefix   = 'c'
	dayPrefix     = 'd'
	linePrefix    = 'i'
)

var headKey, dayKey = []byte{headPrefix}, []byte{dayPrefix}

// Hot reports whether a record is one that nearly every entry changes: the
// head, the day, the accounts of assets. A store keeps them close together.
func Hot(key []byte) bool {
	return len(key) == 1 || len(key) > 0 && key[0] == totalPrefix
}

// keyOf begins a key of which so many bytes are to follow.
func keyOf(prefix byte, more int) []byte { return append(make([]byte, 0, 1+more), prefix) }

func memberKey(id member.ID) []byte {
	return binary.BigEndian.AppendUint64(keyOf(memberPrefix, 8), uint64(id))
}

func voucherKey(id lot.ID) []byte {
	return binary.BigEndian.AppendUint32(originKey(voucherPrefix, id.Origin), id.N)
}

func saleKey(id lot.Origin) []byte  { return originKey(salePrefix, id) }
func noteKey(id lot.Origin) []byte  { return originKey(notePrefix, id) }
func claimKey(id lot.Origin) []byte { return originKey(claimPrefix, id) }
func totalKey(a lot.Asset) []byte   { return append(keyOf(totalPrefix, len(a)), a...) }

func lineKey(i ledger.Incarnation) []byte {
	return binary.BigEndian.AppendUint64(keyOf(linePrefix, 8), uint64(i))
}

func askKey(i ledger.Incarnation, ask lot.AskID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(keyOf(askPrefix, 16), uint64(i)), uint64(ask))
}

func originKey(prefix byte, o lot.Origin) []byte {
	b := binary.BigEndian.AppendUint32(keyOf(prefix, 24), o.Terminal)
	b = binary.BigEndian.AppendUint64(b, o.Incarnation)
	return binary.BigEndian.AppendUint64(b, o.Seq)
}
