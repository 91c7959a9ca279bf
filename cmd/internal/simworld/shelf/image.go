package shelf

import (
	"cmp"
	"encoding/binary"

	"github.com/tidwall/btree"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Image is the book at one moment. What a row points to is never changed.
type Image struct {
	meta      btree.Map[string, string]
	terminals btree.Map[ledger.TerminalID, *book.Terminal]
	streams   btree.Map[ledger.TerminalID, []ledger.Head]
	entries   btree.Map[string, *book.Entry] // terminal, incarnation, seq
	state     btree.Map[string, []byte]      // terminal, key
	down      btree.Map[string, []byte]      // terminal, seq
	downs     btree.Map[ledger.TerminalID, ledger.DownSeq]
	office    btree.Map[string, *book.OfficeEntry] // epoch, seq
	offices   btree.Map[uint64, uint64]            // epoch: newest seq
	desk      btree.Map[string, []byte]
	grants    btree.Map[uint64, []byte]
	lots      btree.Map[string, *row]
	owners    btree.Map[member.ID, owner]
	lapsing   btree.Map[string, *row] // last day, lot: what HQ holds of
	alarms    btree.Map[uint64, book.Alarm]
	refused   btree.Map[uint64, book.Refusal]
}

// owner is what is somebody's, in order of lots.
type owner struct {
	all, held []*row // held: by HQ or by terminals
}

// row is a lot and its accounts, in order of places.
type row struct {
	lot      lot.Lot
	accounts []account

	free lot.Amount // that HQ holds
}

type account struct {
	place  book.Place
	amount lot.Amount
}

// degree is how wide the tables are: what a transaction changes is copied, so that
// narrow ones cost less.
const degree = 6

func narrow[K cmp.Ordered, V any](m *btree.Map[K, V]) { *m = *btree.NewMap[K, V](degree) }

func newImage() *Image {
	i := &Image{}
	narrow(&i.meta)
	narrow(&i.terminals)
	narrow(&i.streams)
	narrow(&i.entries)
	narrow(&i.state)
	narrow(&i.down)
	narrow(&i.office)
	narrow(&i.desk)
	narrow(&i.grants)
	narrow(&i.lots)
	narrow(&i.owners)
	narrow(&i.lapsing)
	narrow(&i.alarms)
	narrow(&i.refused)
	return i
}

func (i *Image) clone() *Image {
	return &Image{
		meta: *i.meta.Copy(), terminals: *i.terminals.Copy(), streams: *i.streams.Copy(), entries: *i.entries.Copy(),
		state: *i.state.Copy(), down: *i.down.Copy(), downs: *i.downs.Copy(), office: *i.office.Copy(), offices: *i.offices.Copy(),
		desk: *i.desk.Copy(), grants: *i.grants.Copy(), lots: *i.lots.Copy(), owners: *i.owners.Copy(),
		lapsing: *i.lapsing.Copy(), alarms: *i.alarms.Copy(), refused: *i.refused.Copy(),
	}
}

// Down is how much of the journal for a terminal is in the book.
func (i *Image) Down(id ledger.TerminalID) ledger.DownSeq {
	n, _ := i.downs.Get(id)
	return n
}

// DownRaw is an entry of the journal for a terminal, or nil.
func (i *Image) DownRaw(id ledger.TerminalID, seq ledger.DownSeq) []byte {
	raw, _ := i.down.Get(downKey(id, seq))
	return raw
}

// Entry is an entry as received, or nil.
func (i *Image) Entry(id ledger.TerminalID, of ledger.Incarnation, seq ledger.Seq) *book.Entry {
	e, _ := i.entries.Get(entryKey(id, of, seq))
	return e
}

// Streams lists the incarnations of a terminal, oldest first.
func (i *Image) Streams(id ledger.TerminalID) []ledger.Head {
	list, _ := i.streams.Get(id)
	return list
}

// StateRow is one record of a terminal's state, or nil.
func (i *Image) StateRow(id ledger.TerminalID, key string) []byte {
	v, _ := i.state.Get(terminalKey(id) + key)
	return v
}

// StateRows hands out a terminal's state in order of keys.
func (i *Image) StateRows(id ledger.TerminalID, fn func(key string, value []byte) bool) {
	prefixed(&i.state, terminalKey(id), fn)
}

// prefixed hands out what begins with a prefix, without it.
func prefixed[V any](m *btree.Map[string, V], prefix string, fn func(key string, v V) bool) {
	m.Ascend(prefix, func(k string, v V) bool {
		if len(k) < len(prefix) || k[:len(prefix)] != prefix {
			return false
		}
		return fn(k[len(prefix):], v)
	})
}

func terminalKey(id ledger.TerminalID) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(id))
	return string(b[:])
}

func entryKey(id ledger.TerminalID, i ledger.Incarnation, seq ledger.Seq) string {
	var b [20]byte
	binary.BigEndian.PutUint32(b[:], uint32(id))
	binary.BigEndian.PutUint64(b[4:], uint64(i))
	binary.BigEndian.PutUint64(b[12:], uint64(seq))
	return string(b[:])
}

func downKey(id ledger.TerminalID, seq ledger.DownSeq) string {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(id))
	binary.BigEndian.PutUint64(b[4:], uint64(seq))
	return string(b[:])
}

func officeKey(epoch, seq uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], epoch)
	binary.BigEndian.PutUint64(b[8:], seq)
	return string(b[:])
}

func lotKey(id lot.ID) string {
	var b [24]byte
	binary.BigEndian.PutUint32(b[:], id.Terminal)
	binary.BigEndian.PutUint64(b[4:], id.Incarnation)
	binary.BigEndian.PutUint64(b[12:], id.Seq)
	binary.BigEndian.PutUint32(b[20:], id.N)
	return string(b[:])
}

func dayKey(d lot.Day) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(int64(d))^1<<63)
	return string(b[:])
}
