package fold

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of one terminal's state.
const (
	lineageMax = 4096
	assetsMax  = 1024
)

// The keys of the table, by their first byte.
var headKey = []byte("h")

func memberKey(id member.ID) []byte {
	return binary.BigEndian.AppendUint64([]byte("m"), uint64(id))
}

func voucherKey(id lot.ID) []byte {
	return binary.BigEndian.AppendUint32(originKey('v', id.Origin), id.N)
}

func saleKey(id lot.Origin) []byte { return originKey('s', id) }

func noteKey(id lot.Origin) []byte { return originKey('n', id) }

func askKey(i ledger.Incarnation, ask lot.AskID) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64([]byte("a"), uint64(i)), uint64(ask))
}

func originKey(prefix byte, o lot.Origin) []byte {
	b := binary.BigEndian.AppendUint32([]byte{prefix}, o.Terminal)
	b = binary.BigEndian.AppendUint64(b, o.Incarnation)
	return binary.BigEndian.AppendUint64(b, o.Seq)
}

// Head is the record of the journal as a whole.
type Head struct {
	Head     ledger.Head
	Stopped  bool
	Mark     ledger.DownSeq
	Receipts uint64
	Lineage  []link // incarnations whose holdings may be used
	Totals   []Total
}

// Fields lists the message's fields.
func (h *Head) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Head)
	codec.Bool(c, 2, &h.Stopped)
	codec.Uint(c, 3, &h.Mark)
	codec.Uint(c, 4, &h.Receipts)
	codec.List(c, 5, &h.Lineage, lineageMax)
	codec.List(c, 6, &h.Totals, assetsMax)
}

func (h *Head) usable(i ledger.Incarnation) bool {
	return slices.Contains(h.Lineage, link{i})
}

type link struct{ Incarnation ledger.Incarnation }

func (l *link) Fields(c *codec.Coder) { codec.Fixed64(c, 1, &l.Incarnation) }

// Total is what happened here to one asset. What is held here is
// Born + In + Back − Spent − Out − Clawed − Moved − WrittenOff.
type Total struct {
	Asset      lot.Asset
	Born       lot.Amount
	In         lot.Amount // by notes from HQ
	Spent      lot.Amount
	Out        lot.Amount // by notes to HQ
	Risk       lot.Amount // taken beyond what was held
	Back       lot.Amount // given back to the lots it was spent from
	Clawed     lot.Amount
	Moved      lot.Amount // ended here to go on in another lot
	WrittenOff lot.Amount
}

// Fields lists the message's fields.
func (t *Total) Fields(c *codec.Coder) {
	codec.String(c, 1, &t.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &t.Born)
	codec.Int(c, 3, &t.In)
	codec.Int(c, 4, &t.Spent)
	codec.Int(c, 5, &t.Out)
	codec.Int(c, 6, &t.Risk)
	codec.Int(c, 7, &t.Back)
	codec.Int(c, 8, &t.Clawed)
	codec.Int(c, 9, &t.Moved)
	codec.Int(c, 10, &t.WrittenOff)
}

// Held is what is held here.
func (t Total) Held() lot.Amount {
	return t.Born + t.In + t.Back - t.Spent - t.Out - t.Clawed - t.Moved - t.WrittenOff
}

// of is the figure that grows when something is taken into an account.
func (t *Total) of(to AccountKind) *lot.Amount {
	switch to {
	case AccountFlight:
		return &t.Out
	case AccountClawed:
		return &t.Clawed
	case AccountReissued:
		return &t.Moved
	case AccountWrittenOff:
		return &t.WrittenOff
	case AccountSpent, AccountIssued, AccountHeld, AccountRisk, AccountReinstated:
	}
	return &t.Spent
}

func (h *Head) total(asset lot.Asset) *Total {
	i, found := slices.BinarySearchFunc(h.Totals, asset, func(t Total, a lot.Asset) int { return cmp.Compare(t.Asset, a) })
	if !found {
		h.Totals = slices.Insert(h.Totals, i, Total{Asset: asset})
	}
	return &h.Totals[i]
}

// Member is the record of what is held here of one member's rights.
type Member struct {
	Held []Held // in order of lot and incarnation
}

// Fields lists the message's fields.
func (m *Member) Fields(c *codec.Coder) { codec.List(c, 1, &m.Held, lot.MemberLotsMax) }

// Held is a holding and the incarnation that came by it.
type Held struct {
	lot.Holding
	Incarnation ledger.Incarnation
}

// Fields lists the message's fields.
func (h *Held) Fields(c *codec.Coder) {
	h.Holding.Fields(c)
	codec.Fixed64(c, 3, &h.Incarnation)
}

func (m *Member) add(l lot.Lot, n lot.Amount, i ledger.Incarnation) {
	at, found := slices.BinarySearchFunc(m.Held, Held{lot.Holding{Lot: l}, i}, func(a, b Held) int {
		return cmp.Or(a.Lot.ID.Compare(b.Lot.ID), cmp.Compare(a.Incarnation, b.Incarnation))
	})
	if !found {
		m.Held = slices.Insert(m.Held, at, Held{lot.Holding{Lot: l}, i})
	}
	m.Held[at].Amount += n
}

// sum adds up what is held of each asset.
func (m *Member) sum(add map[lot.Asset]lot.Amount, sign lot.Amount) {
	for _, h := range m.Held {
		add[h.Lot.Asset] += sign * h.Amount
	}
}

// VoucherStatus says where a voucher stands. Stored.
type VoucherStatus uint8

// The states of a voucher at one terminal.
const (
	VoucherUnknown VoucherStatus = iota
	VoucherIssued
	VoucherUsed
	VoucherReturned
)

// Voucher is what one terminal knows of a voucher.
type Voucher struct {
	Status VoucherStatus
	Member member.ID
	Lot    lot.Lot
	Used   lot.Origin // the entry that used it
	Wall   int64      // when, unix milliseconds
	Lane   uint32     // where
	Actor  string     // who took it
	Paid   []Paid     // what bought it
}

// Fields lists the message's fields.
func (v *Voucher) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &v.Status)
	codec.Uint(c, 2, &v.Member)
	codec.Value(c, 3, &v.Lot)
	codec.Value(c, 4, &v.Used)
	codec.Int(c, 5, &v.Wall)
	codec.Uint(c, 6, &v.Lane)
	codec.String(c, 7, &v.Actor, ledger.TextBytesMax)
	codec.List(c, 8, &v.Paid, lot.HoldingsMax)
}

// flag is a record that only has to exist.
type flag struct{ Set bool }

func (f *flag) Fields(c *codec.Coder) { codec.Bool(c, 1, &f.Set) }

// AddHeld adds up what a stored record holds of each asset, if it is a
// member's; other records hold nothing.
func AddHeld(key, value []byte, held map[lot.Asset]lot.Amount) error {
	if len(key) == 0 || key[0] != 'm' {
		return nil
	}
	var m Member
	if err := codec.Unmarshal(value, &m); err != nil {
		return err
	}
	m.sum(held, 1)
	return nil
}
