package plan

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/refund"
)

// Together is what has come back of a sale, at its terminal and by claims.
func Together(known fold.Sale, sold *office.Sold) fold.Sale {
	known.Refund += sold.Fen
	for _, l := range sold.Lines {
		if int(l.Line) < len(known.Lines) { // a person granted it before HQ had the sale
			known.Lines[l.Line].Returned += l.Qty
		}
	}
	for _, t := range sold.Taken {
		if play := ledger.PlayOf(t.Award); play >= 0 && play < len(known.Plays) {
			known.Plays[play].Take(play, t.Award, t.Amount)
		} else if int(t.Award) < len(known.Awards) {
			known.Awards[t.Award].Clawed += t.Amount
		}
	}
	for _, g := range sold.Given {
		for _, paid := range payments(known) {
			if n := min(g.Amount, paid.Amount-paid.Back); paid.Lot.ID == g.Lot {
				paid.Back, g.Amount = paid.Back+n, g.Amount-n
			}
		}
	}
	return known
}

// payments are all that lots paid in a sale: for the goods, and for its plays.
func payments(known fold.Sale) (list []*fold.Paid) {
	for n := range known.Paid {
		list = append(list, &known.Paid[n])
	}
	for n := range known.Plays {
		for m := range known.Plays[n].Paid {
			list = append(list, &known.Plays[n].Paid[m])
		}
	}
	return list
}

// Quantities are what comes back of each line, or nil if more does than is left.
func Quantities(known fold.Sale, lines []ledger.ReturnLine) []int64 {
	qty := make([]int64, len(known.Lines))
	for _, l := range lines {
		if int(l.Line) >= len(qty) {
			return nil
		}
		qty[l.Line] += l.Qty
		if qty[l.Line] > known.Lines[l.Line].Qty-known.Lines[l.Line].Returned {
			return nil
		}
	}
	return qty
}

// Returned is what a return gives and takes, as HQ books it.
func Returned(r refund.Request, back *ledger.Return) *office.Returned {
	out := &office.Returned{Of: r.Of, Lines: back.Lines, Claw: back.Claw, Back: back.Back, Month: r.Sale.Day.MonthEnd()}
	out.Back = append(slices.Clone(out.Back), back.Ceilings...)
	due := slices.Clone(back.Due)
	for _, p := range back.Plays {
		out.Claw, due, out.Back = append(out.Claw, p.Claw...), append(due, p.Due...), append(out.Back, p.Back...)
	}
	after := slices.Clone(r.Known.Awards)
	take := func(number uint32, n lot.Amount) {
		if int(number) < len(after) {
			after[number].Clawed += n
		}
	}
	for _, d := range out.Claw {
		take(d.Lot.N, d.Amount)
	}
	for _, d := range due {
		take(d.Award, d.Amount)
		out.Due = append(out.Due, office.Due{Lot: lot.ID{Origin: r.Of, N: d.Award}, Asset: asset(r, d.Award), Amount: d.Amount})
	}
	for n, a := range r.Known.Awards {
		out.Base += after[n].Unqualified() - a.Unqualified()
	}
	for _, a := range back.Renewed() {
		for _, p := range payments(r.Known) {
			if p.Lot.ID == a.From {
				out.Anew = append(out.Anew, place.GoOn(lot.Holding{Lot: p.Lot, Amount: a.Amount}, a.Expires))
				break
			}
		}
	}
	return out
}

// asset is what a sale gave under a number: an award's or a prize's.
func asset(r refund.Request, number uint32) lot.Asset {
	if play := ledger.PlayOf(number); play >= 0 {
		return r.Known.Plays[play].Prizes[(number-ledger.PrizeFrom)%ledger.PrizesMax].Asset
	}
	return r.Sale.Awards[number].Asset
}
