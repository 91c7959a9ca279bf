package sold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

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
	Paid   []count.Paid
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
