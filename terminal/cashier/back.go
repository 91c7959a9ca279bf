package cashier

import (
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
)

// returning is the right that taking back what was chosen asks for.
func returning(x call) (role.Act, bool) {
	v, err := x.till.View(x.by.Lane)
	switch {
	case err != nil || v.Return == nil || v.Return.Plan == nil:
		return role.Return, false
	case v.Return.Void:
		return role.Void, false
	case v.Return.Plan.Refund > returnAlone:
		return role.ReturnLarge, false
	}
	return role.Return, false
}

var backCommands = map[string]command{
	"return/look": {fields: []string{"sale"}, act: role.Return, do: func(x call) error { return x.till.LookUpSale(x.by, x.f["sale"]) }},
	"return/choose": {fields: []string{"line", "qty"}, act: role.Return, do: func(x call) error {
		line, qty, err := x.line()
		if err != nil {
			return err
		}
		return x.till.ChooseBack(x.by, line, qty)
	}},
	"return/all":  {fields: []string{"void"}, act: role.Return, do: func(x call) error { return x.till.ChooseAllBack(x.by, x.f["void"] == "true") }},
	"return/away": simple(role.Return, Till.PutSaleAway),
	"return": {fields: []string{"ref", "tender"}, kind: ledger.KindReturn,
		which: returning,
		do: func(x call) error {
			_, err := x.till.TakeBack(x.by, x.f["ref"], x.f["tender"])
			return err
		}},
	"return/swap": {fields: []string{"ref", "tender"}, kind: ledger.KindReturn,
		which: returning,
		do: func(x call) error {
			_, err := x.till.Swap(x.by, x.f["ref"], x.f["tender"])
			return err
		}},
	"claim": {fields: []string{"ref", "line", "qty", "refund", "tender"}, kind: ledger.KindReturnClaim,
		which: func(x call) (role.Act, bool) {
			act := role.Return
			if fen, err := fenOf(x.f["refund"]); err == nil && fen > returnAlone {
				act = role.ReturnLarge
			}
			return act, x.f["second"] != ""
		},
		do: func(x call) error {
			line, qty, err := x.line()
			if err != nil {
				return err
			}
			if line < 1 || line > ledger.LinesMax {
				return wrong("bad-line")
			}
			fen, err := fenOf(x.f["refund"])
			if err != nil {
				return err
			}
			_, err = x.till.ClaimBack(x.by, till.ClaimReturn{
				Ref: x.f["ref"], Lines: []ledger.ReturnLine{{Line: uint32(line - 1), Qty: qty}}, Refund: fen, Tender: x.f["tender"], Second: x.second,
			})
			return err
		}},
	"claim/points": simple(role.Sell, Till.ClaimPoints),
	"claim/away":   simple(role.Sell, Till.PutClaimAway),
	"voucher/back": {fields: []string{"ref", "voucher"}, act: role.VoucherBack, kind: ledger.KindVoucherBack, do: func(x call) error {
		id, err := lot.ParseID(x.f["voucher"])
		if err != nil {
			return wrong("voucher-unknown")
		}
		if _, err := x.till.TakeVoucherBack(x.by, x.f["ref"], id, false); err != nil {
			return err
		}
		return x.till.PutVoucherAway(x.by)
	}},
	"voucher/goods": {fields: []string{"ref", "voucher"}, act: role.VoucherBack, kind: ledger.KindVoucherBack, do: func(x call) error {
		id, err := lot.ParseID(x.f["voucher"])
		if err != nil {
			return wrong("voucher-unknown")
		}
		_, err = x.till.TakeVoucherBack(x.by, x.f["ref"], id, true)
		return err
	}},
}
