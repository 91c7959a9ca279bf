package takeback

import (
	"encoding/json"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// qtyMax bounds what one line of a claim may say.
const qtyMax = 1_000_000_000

// ClaimReturn takes back goods of a sale whose right of return is not here:
// goods and money are settled at once, the points' side by HQ. The cashier says
// what was really paid for the goods, as the receipt has it.
type ClaimReturn struct {
	Ref    string
	Of     lot.Origin
	Lines  []ledger.ReturnLine
	Refund lot.Fen
	Tender string
	Second string // another person, who agrees to a line that was claimed here before
}

// ClaimReturn writes the claim. A sale of this terminal whose right is here is
// returned the ordinary way.
func (t *Taker) ClaimReturn(by clerk.By, r ClaimReturn) (clerk.Done, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return clerk.Done{}, err
	}
	return t.o.Do(clerk.Action{By: by, Ref: r.Ref, Kind: ledger.KindReturnClaim, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		sale, held, known, err := x.State.Sale(r.Of)
		switch {
		case err != nil:
			return nil, err
		case known && held:
			return nil, view.Refuse("return-here")
		case !bill.Tender(r.Tender):
			return nil, view.Refuse("bad-tender")
		case r.Refund < 0 || r.Refund > lot.FenMax:
			return nil, view.Refuse("bad-amount")
		case len(r.Lines) == 0 || len(r.Lines) > ledger.LinesMax:
			return nil, view.Refuse("return-nothing")
		}
		if err := claimable(by, r, sale, known); err != nil {
			return nil, err
		}
		body := &ledger.ReturnClaim{Of: r.Of, Day: t.o.Clerk.Programme().BusinessDay(x.Now.Wall), Member: sale.Member, Lines: r.Lines, Refund: r.Refund, Second: r.Second}
		if r.Refund > 0 {
			body.Tenders = []ledger.Tender{{Kind: r.Tender, Fen: r.Refund}}
		}
		t.o.Press.Print(x, by.Lane, slip.Return, 0, slip.Facts{})
		return body, nil
	})
}

// claimable refuses lines that cannot be claimed: of a sale that is known here,
// more than was sold and has not come back; of any other, a line that was claimed
// here before, unless a second person agrees. HQ settles a line once in any case.
func claimable(by clerk.By, r ClaimReturn, sale fold.Sale, known bool) error {
	want := map[uint32]int64{}
	for _, l := range r.Lines {
		if l.Qty <= 0 || l.Qty > qtyMax {
			return view.Refuse("bad-quantity")
		}
		want[l.Line] += l.Qty
	}
	for line, n := range want {
		before := sale.ClaimedOf(line)
		switch {
		case known && (int(line) >= len(sale.Lines) || n > sale.Lines[line].Qty-sale.Lines[line].Returned-before):
			return view.Refuse("return-too-much")
		case !known && before > 0 && (r.Second == "" || r.Second == by.Actor):
			return view.Refuse("return-claimed", view.Plain(before))
		}
	}
	return nil
}
