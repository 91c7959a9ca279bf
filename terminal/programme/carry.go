package programme

import (
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Carry says how much a terminal lets be used on trust after a boot that
// nothing proves, in worth: the store's exposure. All 0 is strict. Stock,
// tickets, budgets and quotas are never used on trust.
type Carry struct {
	MemberFen   lot.Fen // of each kind of points, for one member
	TerminalFen lot.Fen // of each kind of points, in all
	VoucherFen  lot.Fen // what one voucher may have cost
	Vouchers    int     // how many vouchers, in all
}

// defaultCarry is what a document without the table means.
var defaultCarry = Carry{MemberFen: 5000, TerminalFen: 50_000, VoucherFen: 5000, Vouchers: 10}

func readCarry(o document.Object) Carry {
	if !o.Given() {
		return defaultCarry
	}
	c := Carry{
		MemberFen:   lot.Fen(o.Integer("member_fen", document.Fen, 0, sumMax)),
		TerminalFen: lot.Fen(o.Integer("terminal_fen", document.Fen, 0, sumMax)),
		VoucherFen:  lot.Fen(o.Integer("voucher_fen", document.Fen, 0, sumMax)),
		Vouchers:    int(o.Integer("vouchers", document.Times, 0, 1000)),
	}
	o.Done()
	return c
}

// Bounds are the bounds of each asset, in its own units, as an opening states
// them: what is 0 is left out.
func (p *Programme) Bounds() []ledger.Bound { return p.BoundsOf(p.Carry) }

// BoundsOf are the bounds that another table comes to.
func (p *Programme) BoundsOf(c Carry) (out []ledger.Bound) {
	for _, kind := range p.Points {
		member, err := kind.Worth.Floor(int64(c.MemberFen))
		all, err2 := kind.Worth.Floor(int64(c.TerminalFen))
		if err == nil && err2 == nil && member > 0 && all > 0 {
			out = append(out, ledger.Bound{Asset: kind.Asset, Member: lot.Amount(member), Terminal: lot.Amount(all)})
		}
	}
	if n := lot.Amount(c.Vouchers); n > 0 && c.VoucherFen > 0 {
		out = append(out, ledger.Bound{Asset: lot.BenefitAsset(""), Each: c.VoucherFen, Member: n, Terminal: n})
	}
	return out
}
