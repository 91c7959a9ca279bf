package hq_test

import (
	"slices"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const teaSet = lot.Asset("benefit:tea-set")

// A sale in which points paid for goods and for a voucher: the voucher is handed out
// at another till and its goods come back there, then those of the sale. Each gives
// back what paid for it, once; a second claim of the voucher gives nothing.
func TestVoucherBackElsewhereGivesItsPriceOnce(t *testing.T) {
	b := newBench(t)
	one, two := b.terminals[0], b.terminals[1]
	earned := one.sell(1000)
	sold := one.do(&ledger.Sale{
		Member: wang, Day: start, Lines: []ledger.Line{{Product: "06900001000112", Qty: 1, Fen: 4990, Deducted: 300}},
		Deduction: &ledger.Deduction{Asset: points, Fen: 300, Draws: []lot.Draw{{Lot: earned, Amount: 300}}},
		Redemptions: []ledger.Redemption{{
			Benefit: "tea-set", Asset: points, Draws: []lot.Draw{{Lot: earned, Amount: 500}},
			Voucher: ledger.Issue{Asset: teaSet, Amount: 1, Expires: start + 300},
		}},
	})
	id := lot.ID{Origin: sold.Origin, N: ledger.VoucherFrom}
	one.do(&ledger.NoteGiven{Member: wang, Draws: []lot.Draw{{Lot: id, Amount: 1}}})
	one.sync()
	b.ok("Note", b.Decide(func(w *decision.Work) error {
		l, err := w.Tx.Lot(id)
		if err != nil {
			return err
		}
		return w.Note(2, lot.Note{Incarnation: uint64(two.state.Head().Incarnation), Holdings: []lot.Holding{{Lot: l, Amount: 1}}}, person)
	}))
	two.hear()
	two.do(&ledger.VoucherUse{Member: wang, Voucher: id, Benefit: "tea-set", Day: start})
	body := &ledger.VoucherBack{Member: wang, Voucher: id, Benefit: "tea-set", Used: true, Day: start}
	back := two.do(body)
	if !back.Claims || back.Wrong != "" {
		t.Fatalf("the voucher's return: %+v, want a claim", back)
	}
	two.sync()
	two.settled("the voucher's goods", back.Origin, fold.ClaimGranted, "")
	b.sums("after the voucher's goods", hq.TotalView{Issued: 1000, HQ: 500, Terminals: 200, Spent: 800, Back: 500})

	again := two.do(&ledger.Mark{}).Origin // as a card that went back claims it under another number
	two.sync()
	b.ok("Settle", b.Decide(func(w *decision.Work) error {
		if err := w.Desk.OpenClaim(again, wang, id.Origin); err != nil {
			return err
		}
		_, err := paper.Settle(w, again, body)
		return err
	}))
	if !slices.Contains(b.alarms(), "alarm-returned-twice") {
		t.Errorf("alarms %v, want alarm-returned-twice", b.alarms())
	}
	b.sums("after the second claim", hq.TotalView{Issued: 1000, HQ: 500, Terminals: 200, Spent: 800, Back: 500})
	two.claims("the goods of the sale", sold.Origin, 1)
	b.sums("after the goods", hq.TotalView{Issued: 1000, HQ: 800, Terminals: 200, Spent: 800, Back: 800})
	if twice := two.do(body); twice.Wrong == "" || twice.Claims {
		t.Errorf("the same voucher once more: %+v, want it said to be wrong, and no claim", twice)
	}
	two.sync()
	b.ok("Check", b.Check())
}
