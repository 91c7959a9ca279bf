package till

import (
	"encoding/json"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// Exchange takes goods of an earlier sale back and sells what is in the basket
// in the same go (rule S31): one entry, in which the return and the sale are each
// worked out by themselves. Only the money is netted. What the return gives back
// may pay in the sale, what it takes back may not. The reference and the tenders
// are the payment's; r says how money goes back where more comes back than is
// bought.
func (t *Till) Exchange(by clerk.By, r Returning, p Payment) (clerk.Done, error) {
	r.Ref = ""
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.exchange(by, l, r, p) })
}

func (t *Till) exchange(by clerk.By, l *lane, r Returning, p Payment) (clerk.Done, error) {
	alike := func(b ledger.Body) bool {
		back := b.(*ledger.Return)
		return back.Sale != nil && back.Of == r.Of && bill.SameTenders(back.Sale.Tenders, p.Tenders)
	}
	return t.confirmAt(by, l, p.Ref, ledger.KindReturn, alike, func(l *lane) (confirmation, error) {
		input, err := json.Marshal([]any{r, p.Tenders, l.Lines, l.Member, l.Proof, l.Deduct, l.Coupons, p.Redeem, l.Pool})
		if err != nil {
			return confirmation{}, err
		}
		return confirmation{
			input: input,
			next:  basket{Cashier: l.Cashier},
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.swap(x, by, l, r, p) },
			done: func(d clerk.Done) {
				back := d.Entry.Body.(*ledger.Return)
				l.last = &Last{Kind: ledger.KindReturn, Origin: d.Origin, Paid: back.Sale.Net(), Change: back.Sale.Change}
				l.say(OK, "exchanged", plain(bill.Given(back)))
			},
		}, nil
	})
}

// Difference is what an exchange of what comes back for the basket would come to.
func (t *Till) Difference(by clerk.By, r Returning) (s pricing.Settlement, err error) {
	l, err := t.at(by.Lane)
	if err != nil {
		return s, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	err = t.Read(func(tx journal.Tx, state *fold.State) error {
		now := t.Now()
		x := &clerk.Txn{Tx: tx, State: state, Now: now, Today: t.Today(now)}
		back, err := t.Taker.Plan(x, by, r)
		if err != nil {
			return err
		}
		_, _, q, err := t.priced(x, by.Lane, l, "", back)
		s = pricing.Exchange(back.Refund, q.ToPay)
		return err
	})
	return s, err
}

// swap makes the entry of an exchange.
func (t *Till) swap(x *clerk.Txn, by clerk.By, l *lane, r Returning, p Payment) (ledger.Body, error) {
	back, err := t.Taker.Plan(x, by, r)
	if err != nil {
		return nil, err
	}
	facts, err := t.Taker.Facts(x, back)
	if err != nil {
		return nil, err
	}
	t.Print(x, by.Lane, slip.OfReturn(back), 0, facts)
	sale, err := t.saleAfter(x, by, l, p, back)
	if err != nil {
		return nil, err
	}
	back.Sale = sale
	return back, nil
}

// bring lets a sale see a member's rights as the return in the same entry leaves
// them: what it gives back to its lots is there, what it takes is gone, and the
// day's caps have room again for what it takes (rule S28).
func (t *Till) bring(x *clerk.Txn, r *pricing.Request, payers *bill.Payers, back *ledger.Return) error {
	if r.Member == 0 || r.Member != back.Member {
		return nil
	}
	known, _, _, err := x.State.Sale(back.Of)
	if err != nil {
		return err
	}
	payers.Own = bill.After(payers.Own, back, known.Paid)
	payers.Stock = bill.CeilingsAfter(r, payers.Stock, back, known.Paid)
	t.together(r, *payers)
	if known.Day != t.Programme().BusinessDay(x.Now.Wall) {
		return nil
	}
	for _, d := range back.Claw {
		r.Counted[known.Awards[d.Lot.N].Rule] -= d.Amount
	}
	for _, d := range back.Due {
		r.Counted[known.Awards[d.Award].Rule] -= d.Amount
	}
	return nil
}
