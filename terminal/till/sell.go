package till

import (
	"encoding/json"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
)

// Payment is what a cashier confirms: under which reference, and how the rest
// of the bill is paid.
type Payment struct {
	Ref     string
	Tenders []ledger.Tender
}

// tenders are the ways in which a bill can be paid; they are recorded, not
// processed.
var tenders = map[string]bool{"cash": true, "card": true, "wallet": true}

// Pay sells what is in the basket: one entry with the award and the deduction
// inside it, on the disk before anything is shown as done or printed. The same
// reference again gives the same answer and sells nothing.
func (t *Till) Pay(by By, p Payment) (Done, error) {
	return t.confirm(by, p.Ref, ledger.KindSale, func(l *lane) (confirmation, error) {
		input, err := json.Marshal([]any{p.Tenders, l.Lines, l.Member, l.Proof, l.Deduct})
		if err != nil {
			return confirmation{}, err
		}
		return confirmation{
			input: input,
			next:  basket{Cashier: l.Cashier},
			build: func(x *txn) (ledger.Body, error) { return t.sale(x, l, p) },
			done: func(d Done) {
				sale := d.Entry.Body.(*ledger.Sale)
				t.leave(sale.Member)
				l.last = &Last{Kind: ledger.KindSale, Origin: d.Origin, Paid: sale.Total() - deducted(sale), Change: sale.Change}
				l.say(OK, "sold", plain(sale.Change))
			},
		}, nil
	})
}

// sale makes the entry of what is in the basket, on the holdings that the
// transaction sees, and plans the very lots that pay.
func (t *Till) sale(x *txn, l *lane, p Payment) (*ledger.Sale, error) {
	if len(l.Lines) == 0 {
		return nil, refuse("empty-basket")
	}
	quote, holdings, err := t.quote(x.state, l, x.today)
	if err != nil {
		return nil, err
	}
	sale := &ledger.Sale{
		Receipt: x.state.Receipts() + 1, Day: t.o.Programme.BusinessDay(x.now.Wall), Member: l.Member, Proof: l.Proof,
		Lines: make([]ledger.Line, len(l.Lines)), Tenders: p.Tenders,
	}
	for i, q := range quote.Lines {
		product, _ := t.o.Products.Find(l.Lines[i].GTIN)
		sale.Lines[i] = ledger.Line{Product: product.GTIN, Qty: l.Lines[i].Qty, Fen: q.Fen, Deducted: q.Deducted, Merchant: product.Merchant, Eco: product.Eco}
	}
	for _, a := range quote.Awards {
		sale.Awards = append(sale.Awards, award(a))
	}
	if d := quote.Deduction; d.Fen > 0 {
		draws, err := lot.Plan(holdings, d.Asset, d.Points, x.today)
		if err != nil {
			return nil, err
		}
		if len(draws) > lot.HoldingsMax {
			return nil, refuse("too-many-lots")
		}
		sale.Deduction = &ledger.Deduction{Asset: d.Asset, Fen: d.Fen, Draws: draws}
	}
	if sale.Change, err = change(p.Tenders, quote.ToPay); err != nil {
		return nil, err
	}
	x.print(t.shop().Receipt(x.moment(), t.coming(x), sale, holdings))
	return sale, nil
}

func award(a pricing.Award) ledger.Award {
	out := ledger.Award{
		Issue: ledger.Issue{Asset: a.Asset, Amount: a.Amount, Funder: a.Funder, UnitCost: a.UnitCost, Expires: a.Expires, Active: a.Active},
		Rule:  a.Rule,
	}
	for _, s := range a.Shares {
		out.Shares = append(out.Shares, ledger.Share{Line: uint32(s.Line), Amount: s.Amount})
	}
	return out
}

// quote prices a basket on what this terminal holds of the member's points.
func (t *Till) quote(state *fold.State, l *lane, today lot.Today) (pricing.Quote, []lot.Holding, error) {
	r := pricing.Request{Programme: t.o.Programme, Member: l.Member, Proof: l.Proof, Today: today, DeductFen: l.Deduct}
	for _, i := range l.Lines {
		product, ok := t.o.Products.Find(i.GTIN)
		if !ok {
			return pricing.Quote{}, nil, refuse("unknown-product", plain(i.GTIN))
		}
		r.Lines = append(r.Lines, pricing.Line{Product: product, Qty: i.Qty})
	}
	if l.Member != 0 {
		var err error
		if r.Holdings, err = state.Usable(l.Member); err != nil {
			return pricing.Quote{}, nil, err
		}
	}
	q, err := pricing.Price(r)
	return q, r.Holdings, err
}

// change checks the tenders against what is to be paid and returns what goes
// back in cash.
func change(list []ledger.Tender, toPay lot.Fen) (lot.Fen, error) {
	if len(list) > ledger.TendersMax {
		return 0, refuse("too-many-tenders")
	}
	var paid, cash lot.Fen
	for _, p := range list {
		if !tenders[p.Kind] || p.Fen <= 0 || p.Fen > lot.FenMax {
			return 0, refuse("bad-tender")
		}
		paid += p.Fen
		if p.Kind == "cash" {
			cash += p.Fen
		}
	}
	if paid < toPay {
		return 0, refuse("paid-too-little", plain(toPay-paid))
	}
	if paid-toPay > cash {
		return 0, refuse("paid-too-much")
	}
	return paid - toPay, nil
}

func deducted(s *ledger.Sale) lot.Fen {
	if s.Deduction == nil {
		return 0
	}
	return s.Deduction.Fen
}
