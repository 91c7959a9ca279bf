// Package counter is what stands on the counter beside the till: the printer
// that gets its papers, and what the customer is shown. It decides nothing about
// a sale and opens no device.
package counter

import (
	"fmt"

	"github.com/jifen-pos/jifen/devices/display"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Shown makes of what the cashier sees what the customer is to see: the last
// line and the total; after the sale the change; else a greeting.
func Shown(v till.View) display.Show {
	var s display.Show
	switch {
	case len(v.Lines) > 0:
		last := v.Lines[len(v.Lines)-1]
		s.Upper = display.Pair{Left: last.Name.In("zh"), Plain: last.Name.EN, Right: last.Fen.String()}
		s.Lower = pair("display-to-pay", v.Quote.ToPay.String())
	case v.Last != nil && v.Last.Kind == ledger.KindSale:
		s.Upper = pair("display-thanks", "")
		if v.Last.Change > 0 {
			s.Upper = pair("display-change", v.Last.Change.String())
		}
		s.Lower = pair("display-total", v.Last.Paid.String())
	default:
		s.Upper = pair("display-welcome", "")
		s.Lower = display.Pair{Left: v.Store.In("zh"), Plain: v.Store.EN}
	}
	if v.Member != nil && len(v.Lines) == 0 && len(v.Member.Points) > 0 {
		s.Lower = pair("display-points", fmt.Sprint(sumHere(v.Member.Points)))
	}
	return s
}

func sumHere(points []till.PointsView) (n lot.Amount) {
	for _, p := range points {
		n += p.Here
	}
	return n
}

func pair(code, amount string) display.Pair {
	return display.Pair{Left: words.In("zh", code), Plain: words.In("en", code), Right: amount}
}
