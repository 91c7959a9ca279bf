package till_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Exchanges: goods come back and others go out in one entry (rule S31).

func tryExchange(t *testing.T, b *tilltest.Bench, of lot.Origin, tenders ...ledger.Tender) (clerk.Done, error) {
	t.Helper()
	r := till.Returning{Of: of, Qty: []int64{1}, Tender: "cash"}
	return b.Till.Exchange(by, r, till.Payment{Ref: view(t, b).Ref, Tenders: tenders})
}

func exchange(t *testing.T, b *tilltest.Bench, of lot.Origin, tenders ...ledger.Tender) (clerk.Done, *ledger.Return) {
	t.Helper()
	done, err := tryExchange(t, b, of, tenders...)
	must(t, err)
	return done, done.Entry.Body.(*ledger.Return)
}

func TestExchangeNetsTheMoneyAndNothingElse(t *testing.T) {
	cash := func(fen lot.Fen) ledger.Tender { return ledger.Tender{Kind: "cash", Fen: fen} }
	netted := func(fen lot.Fen) ledger.Tender { return ledger.Tender{Kind: "exchange", Fen: fen} }
	for name, c := range map[string]struct {
		back, out  string
		pays       []ledger.Tender
		given      []ledger.Tender // by the return
		taken      []ledger.Tender // by the sale
		points     lot.Amount      // afterwards
		green      lot.Amount
		cashInTill lot.Fen
	}{
		"for-the-same":    {rice, rice, nil, []ledger.Tender{netted(4990)}, []ledger.Tender{netted(4990)}, 49, 0, 4990},
		"for-less":        {rice, millet, nil, []ledger.Tender{netted(2680), cash(2310)}, []ledger.Tender{netted(2680)}, 26, 26, 2680},
		"for-more":        {millet, rice, []ledger.Tender{cash(2310)}, []ledger.Tender{netted(2680)}, []ledger.Tender{netted(2680), cash(2310)}, 49, 0, 4990},
		"more-and-change": {millet, rice, []ledger.Tender{cash(3000)}, []ledger.Tender{netted(2680)}, []ledger.Tender{netted(2680), cash(3000)}, 49, 0, 4990},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			of := sell(t, b, c.back)
			scan(t, b, wang, c.out)
			_, back := exchange(t, b, of, c.pays...)
			if diff := cmp.Diff(c.given, back.Tenders) + cmp.Diff(c.taken, back.Sale.Tenders); diff != "" {
				t.Errorf("tenders (-want +got):\n%s", diff)
			}
			if got := here(t, b, consumption); got != c.points {
				t.Errorf("%d points afterwards, want %d as if only the new goods had been bought", got, c.points)
			}
			if got := here(t, b, green); got != c.green {
				t.Errorf("%d green points afterwards, want %d", got, c.green)
			}
			must(t, b.Till.Clear(by))
			day := closeDay(t, b, c.cashInTill)
			var left lot.Fen
			for _, s := range day.Figures.Tenders {
				if left += s.Taken - s.Given; s.Kind == "exchange" && s.Taken != s.Given {
					t.Errorf("the day has %s taken and %s given by exchange", s.Taken, s.Given)
				}
			}
			if left != c.cashInTill || day.Figures.Sales != 2 || day.Figures.Returns != 1 {
				t.Errorf("the day leaves %s in the till after %d sales and %d returns, want %s, 2, 1", left, day.Figures.Sales, day.Figures.Returns, c.cashInTill)
			}
			b.Verify(t)
		})
	}
}

// What the return gives back pays in the sale; what it takes back does not.
func TestExchangePlansOnWhatTheReturnLeaves(t *testing.T) {
	b := newBench(t)
	give(t, b, consumption, 2000)
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, 2000))
	of, sale := payAt(t, b, by)
	if lot.Sum(sale.Deduction.Draws) != 2000 {
		t.Fatalf("paid with %d points, want 2000", lot.Sum(sale.Deduction.Draws))
	}
	if got := here(t, b, consumption); got != 29 { // earned on ¥29.90
		t.Fatalf("%d points before the exchange, want 29", got)
	}
	scan(t, b, wang, rice)
	must(t, b.Till.Deduct(by, pricing.DeductMax))
	_, back := exchange(t, b, of)
	if d := back.Sale.Deduction; d == nil || lot.Sum(d.Draws) != 2000 {
		t.Errorf("the sale is paid with %+v, want the 2,000 points that the return gave back", d)
	}
	if got := here(t, b, consumption); got != 29 || back.Refund != 2990 || back.Sale.Net() != 2990 {
		t.Errorf("%d points, %s back, %s paid; want 29, 29.90 both ways", got, back.Refund, back.Sale.Net())
	}
	b.Verify(t)
}

func TestExchangeUnderOneReferenceIsOneExchange(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	scan(t, b, wang, millet)
	r := till.Returning{Of: of, Qty: []int64{1}, Tender: "cash"}
	p := till.Payment{Ref: view(t, b).Ref}
	first, err := b.Till.Exchange(by, r, p)
	must(t, err)
	again, err := b.Till.Exchange(by, r, p)
	if err != nil || again.Origin != first.Origin || !again.Again {
		t.Errorf("the same again: %+v, %v; want %s once more", again, err, first.Origin)
	}
	p.Tenders = []ledger.Tender{{Kind: "cash", Fen: 1}}
	if _, err = b.Till.Exchange(by, r, p); !errors.Is(err, clerk.ErrReference) {
		t.Errorf("the same reference with another payment: %v, want ErrReference", err)
	}
	other := till.Returning{Of: first.Origin, Qty: []int64{1}, Tender: "cash"}
	if _, err = b.Till.Exchange(by, other, till.Payment{Ref: p.Ref}); !errors.Is(err, clerk.ErrReference) {
		t.Errorf("the same reference for another sale: %v, want ErrReference", err)
	}
}

// What was bought in an exchange can come back like anything else.
func TestGoodsOfAnExchangeComeBack(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	scan(t, b, wang, millet)
	done, _ := exchange(t, b, of)
	giveBack(t, b, done.Origin, 1)
	for _, asset := range []lot.Asset{consumption, green} {
		if got := here(t, b, asset); got != 0 {
			t.Errorf("%d of %s left when everything is back, want 0", got, asset)
		}
	}
	if _, err := b.Till.Return(by, till.Returning{Ref: ref(), Of: of, Qty: []int64{1}, Tender: "cash"}); refusal(t, err) != "return-too-much" {
		t.Error("the goods that were exchanged came back twice")
	}
	b.Verify(t)
}

func TestExchangeIsRefused(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, millet)
	_, err := tryExchange(t, b, of)
	refused(t, "Exchange for an empty basket", err, "empty-basket")
	scan(t, b, wang, rice)
	_, err = tryExchange(t, b, of, ledger.Tender{Kind: "cash", Fen: 2309})
	refused(t, "Exchange paid a fen too little", err, "paid-too-little")
	_, err = tryExchange(t, b, of, ledger.Tender{Kind: "exchange", Fen: 2310})
	refused(t, "Exchange paid with a tender of its own", err, "bad-tender")
	_, err = tryExchange(t, b, lot.Origin{Terminal: 9, Incarnation: 1, Seq: 1})
	refused(t, "Exchange of another till's sale", err, "return-elsewhere")
	if got := len(written[*ledger.Return](t, b)); got != 0 {
		t.Errorf("%d returns written, want none", got)
	}
}

// The papers of an exchange say what came back and what was bought.
func TestExchangePrintsBothPapers(t *testing.T) {
	b := newBench(t)
	of := sell(t, b, rice)
	scan(t, b, wang, millet)
	exchange(t, b, of)
	texts := papers(t, b)
	if len(texts) != 3 {
		t.Fatalf("%d papers, want the first receipt and two", len(texts))
	}
	all := strings.ReplaceAll(texts[0]+texts[1], " ", "")
	for _, want := range []string{"退货抵付￥26.80", "退款￥49.90", "现金￥23.10", "实付￥26.80"} {
		if !strings.Contains(all, want) {
			t.Errorf("the papers lack %q:\n%s", want, all)
		}
	}
}

// The points that an exchange takes back make room again under a day's cap (rule
// S28).
func TestExchangeMakesRoomUnderTheDaysCap(t *testing.T) {
	b := newBench(t)
	b.UseRules(t, rules(t, "rate: {points: 1, fen: 100}}\n  - {id: eco", "rate: {points: 1, fen: 100}, cap: {per_member_day: 49}}\n  - {id: eco"))
	of := sell(t, b, rice)
	if got := here(t, b, consumption); got != 49 {
		t.Fatalf("%d points, want 49", got)
	}
	scan(t, b, wang, rice)
	exchange(t, b, of)
	if got := here(t, b, consumption); got != 49 {
		t.Errorf("%d points after the exchange, want 49 again", got)
	}
}
