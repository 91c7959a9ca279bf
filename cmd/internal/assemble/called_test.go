package assemble_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

const wangFang = "HM10001001V" // the card of a member who begins with nothing

// buys has a member buy something and leave, and returns what it earned.
func (s *store) buys(card, goods string) (earned lot.Amount) {
	w := s.town
	w.t.Helper()
	w.must("Scan", s.Till.Scan(by, "", card))
	w.must("Scan", s.Till.Scan(by, "", goods))
	v, err := s.Till.View(1)
	w.must("View", err)
	done, err := s.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	w.must("Pay", err)
	for _, a := range done.Entry.Body.(*ledger.Sale).Awards {
		if a.Asset == "points:consumption" {
			earned += a.Amount
		}
	}
	return earned
}

// sees is what a store shows of the consumption points of whoever is at its lane.
func (s *store) sees() lot.Amount {
	v, err := s.Till.View(1)
	s.town.must("View", err)
	for _, p := range v.Member.Points {
		if p.Asset == "points:consumption" {
			return p.Here
		}
	}
	s.town.t.Fatal("no consumption points are shown")
	return 0
}

// TestPointsGoWhereTheirOwnerIs: what one store keeps of a member is called back and
// spent at another within seconds, if HQ hears of both.
func TestPointsGoWhereTheirOwnerIs(t *testing.T) {
	for _, bad := range []bool{false, true} {
		w := newTown(t, 3, 2)
		w.bad = bad
		one, two := w.stores[0], w.stores[1]
		earned := one.buys(wangFang, "6900001000112")
		if earned == 0 {
			t.Fatal("the purchase earns nothing")
		}
		w.run(20 * time.Second)
		for range 6 { // where the first question is lost, the cashier scans once more
			w.must("Scan", two.Till.Scan(by, "", wangFang))
			if w.run(10 * time.Second); two.sees() == earned {
				break
			}
		}
		if got := two.sees(); got != earned {
			t.Errorf("on a bad line %v: the other store may use %d points, want the %d that were earned", bad, got, earned)
		}
		w.bad = false
		w.must("Clear", two.Till.Clear(by))
		w.run(30 * time.Second)
		w.whole()
	}
}

// TestPointsStayWhereTheirOwnerIsServed: nothing is taken from an open basket, and
// who asks gives up.
func TestPointsStayWhereTheirOwnerIsServed(t *testing.T) {
	w := newTown(t, 4, 2)
	one, two := w.stores[0], w.stores[1]
	earned := one.buys(wangFang, "6900001000112")
	w.run(5 * time.Second)
	w.must("Scan", one.Till.Scan(by, "", wangFang))
	w.must("Scan", two.Till.Scan(by, "", wangFang))
	w.run(30 * time.Second)
	if one.sees() != earned || two.sees() != 0 {
		t.Errorf("%d and %d points may be used, want all %d where the member came first", one.sees(), two.sees(), earned)
	}
	asked := len(two.Line.Asked())
	w.run(30 * time.Second)
	if more := len(two.Line.Asked()) - asked; more != 0 {
		t.Errorf("it was asked %d times more, want that it gives up", more)
	}
	w.whole()
}
