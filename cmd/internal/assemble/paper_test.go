package assemble_test

import (
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// sun is who buys: they have points enough.
const sun member.ID = 1012

// sell sells to a member and returns the code on the receipt.
func (s *store) sell() (code string, awarded lot.Amount) {
	w := s.town
	w.t.Helper()
	w.must("Scan", s.Till.Scan(by, "", "HM10002508X"))
	for range 3 {
		w.must("Scan", s.Till.Scan(by, "", "6900001000112"))
	}
	v, err := s.Till.View(1)
	w.must("View", err)
	done, err := s.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	w.must("Pay", err)
	sale := done.Entry.Body.(*ledger.Sale)
	c := token.Certificate{Entry: done.Origin, Member: sale.Member, Minute: uint32(s.Clock.Now().Wall.Unix() / 60)}
	copy(c.Hash[:], done.Head.Hash[:])
	for n, a := range sale.Awards {
		c.Awards = append(c.Awards, token.Awarded{N: uint32(n), Issue: a.Issue})
		awarded += a.Amount
	}
	codes, err := token.SealCertificates(c, s.Key)
	w.must("SealCertificates", err)
	return codes[0], awarded
}

// owned adds up what is a member's of consumption points, wherever it lies.
func (w *town) owned(id member.ID) (n lot.Amount) {
	w.must("View", w.book.View(func(tx book.Tx) error {
		list, err := tx.Owned(id)
		for _, a := range list {
			if k := a.Place.Kind; a.Lot.Asset.Points() && (k == book.AtHQ || k == book.AtTerminal || k == book.InFlight) {
				n += a.Amount
			}
		}
		return err
	}))
	return n
}

// balanced is whole without looking at alarms: a terminal is gone.
func (w *town) balanced() {
	w.t.Helper()
	w.must("Check", w.hq.Check())
	overview, err := w.hq.Overview()
	w.must("Overview", err)
	for _, a := range overview.Totals {
		if a.Off() != 0 {
			w.t.Errorf("%s: %+v, want a balance", a.Asset, a)
		}
	}
}

var byZhou = hq.By{Actor: "zhou", Reason: "burnt"}

func TestReceiptOfALostTillIsCreditedOnce(t *testing.T) {
	for _, turnsUp := range []string{"never", "afterwards", "before"} {
		t.Run(turnsUp, func(t *testing.T) {
			w := newTown(t, 1, 3)
			one, two, three := w.stores[0], w.stores[1], w.stores[2]
			before := w.owned(sun)
			one.cut()
			code, awarded := one.sell()
			w.must("Decommission", w.hq.Decommission(one.ID, byZhou))
			if turnsUp == "before" {
				one.switchOn()
				w.run(10 * time.Second)
				if n := w.owned(sun); n != before {
					t.Errorf("%d points before anything dates the late award, want %d", n, before)
				}
			}
			two.cut()
			two.scan(code)
			two.says("paper-claimed")
			two.scan(code)
			two.says("paper-waits")
			two.switchOn()
			w.run(8 * time.Second)
			two.says("paper-granted")
			if n := w.owned(sun); n != before+awarded {
				t.Errorf("%d points after the receipt, want %d and %d", n, before, awarded)
			}
			three.scan(code)
			three.says("claim-booked")
			if turnsUp == "afterwards" {
				one.switchOn()
			}
			w.run(10 * time.Second)
			if n := w.owned(sun); n != before+awarded {
				t.Errorf("%d points in the end, want %d and %d", n, before, awarded)
			}
			late, err := w.hq.Late()
			w.must("Late", err)
			if len(late) != 0 {
				t.Errorf("%+v waits for a person, want nothing", late)
			}
			w.balanced()
		})
	}
}

func TestReceiptOfALivingTillWaitsForIt(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	before := w.owned(sun)
	one.cut()
	code, awarded := one.sell()
	two.scan(code)
	two.says("paper-claimed")
	w.run(20 * time.Second)
	if n := w.owned(sun); n != before {
		t.Errorf("%d points while the till may tell of them itself, want %d", n, before)
	}
	one.switchOn()
	w.run(8 * time.Second)
	two.says("claim-booked")
	if n := w.owned(sun); n != before+awarded {
		t.Errorf("%d points in the end, want %d and %d", n, before, awarded)
	}
	w.whole()
}

func TestChangedReceiptIsRefused(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	before := w.owned(sun)
	one.cut()
	code, _ := one.sell()
	c, _ := token.CertificateOf(code)
	c.Awards[0].Amount *= 100
	w.must("Decommission", w.hq.Decommission(one.ID, byZhou))
	forged, err := token.SealCertificates(c, strangersKey)
	w.must("SealCertificates", err)
	two.scan(forged[0])
	w.run(8 * time.Second)
	two.says("claim-forged")
	late := c
	late.Minute += 3 * 24 * 60
	after, err := token.SealCertificates(late, one.Key)
	w.must("SealCertificates", err)
	two.scan(after[0])
	w.run(8 * time.Second)
	two.says("paper-claimed")
	conflicts, err := w.hq.Conflicts()
	w.must("Conflicts", err)
	if len(conflicts) != 1 || conflicts[0].Code != "claim-after-loss" {
		t.Errorf("conflicts %+v, want the receipt that is dated after the loss", conflicts)
	}
	if n := w.owned(sun); n != before {
		t.Errorf("%d points, want %d", n, before)
	}
	w.balanced()
}
