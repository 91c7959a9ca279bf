package till

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Payment is what a cashier confirms: under which reference, and how the rest
// of the bill is paid.
type Payment struct {
	Ref     string
	Tenders []ledger.Tender
	Redeem  []string // benefits to be redeemed in the same go
}

// Pay sells what is in the basket: one entry with the award and the deduction
// inside it, on the disk before anything is shown as done or printed. The same
// reference again gives the same answer and sells nothing.
func (t *Till) Pay(by clerk.By, p Payment) (clerk.Done, error) {
	return t.act(by, func(l *lane) (clerk.Done, error) { return t.pay(by, l, p) })
}

func (t *Till) pay(by clerk.By, l *lane, p Payment) (clerk.Done, error) {
	alike := func(b ledger.Body) bool {
		s := b.(*ledger.Sale)
		redeemed := slices.EqualFunc(s.Redemptions, p.Redeem, func(r ledger.Redemption, id string) bool { return r.Benefit == id })
		return redeemed && slices.Equal(s.Tenders, p.Tenders)
	}
	return t.confirmAt(by, l, p.Ref, ledger.KindSale, alike, func(l *lane) (confirmation, error) {
		input, err := json.Marshal([]any{p.Tenders, l.Lines, l.Member, l.Proof, l.Deduct, l.Coupons, p.Redeem, l.Pool})
		if err != nil {
			return confirmation{}, err
		}
		return confirmation{
			input: input,
			next:  basket{Cashier: l.Cashier},
			build: func(x *clerk.Txn) (ledger.Body, error) { return t.sale(x, by, l, p) },
			done: func(d clerk.Done) {
				sale := d.Entry.Body.(*ledger.Sale)
				l.last = &Last{Kind: ledger.KindSale, Origin: d.Origin, Paid: sale.Net(), Change: sale.Change}
				l.say(OK, "sold", plain(sale.Change))
			},
		}, nil
	})
}

// sale makes the entry of what is in the basket, on the holdings that the
// transaction sees less what other baskets hold, and plans the very lots that
// pay.
func (t *Till) sale(x *clerk.Txn, by clerk.By, l *lane, p Payment) (*ledger.Sale, error) {
	return t.saleAfter(x, by, l, p, nil)
}

// saleAfter is sale, in the same entry as a return before it, or nil.
func (t *Till) saleAfter(x *clerk.Txn, by clerk.By, l *lane, p Payment, back *ledger.Return) (*ledger.Sale, error) {
	if len(l.Lines) == 0 {
		return nil, refuse("empty-basket")
	}
	r, payers, quote, err := t.priced(x, by.Lane, l, bill.OneTender(p.Tenders), back)
	if err != nil {
		return nil, err
	}
	sale, err := bill.Make(r, quote, payers)
	if errors.Is(err, bill.ErrLots) {
		return nil, refuse("too-many-lots")
	}
	if err != nil {
		return nil, err
	}
	sale.Receipt, sale.Day, sale.Proof, sale.Tenders = x.State.Receipts()+1, t.Programme().BusinessDay(x.Now.Wall), l.Proof, p.Tenders
	var wrong *bill.TenderError
	if err := bill.Pay(sale, back, quote.ToPay); errors.As(err, &wrong) {
		return nil, refuse(wrong.Code, plain(wrong.Missing))
	}
	if err := t.redeemWith(x, l, sale, payers, p.Redeem); err != nil {
		return nil, err
	}
	if err := t.dealer.Enter(x, sale, r); err != nil {
		return nil, err
	}
	t.Print(x, by.Lane, slip.Receipt, 0, t.afterSale(sale, payers.Own, x.Today))
	for n := range sale.Redemptions {
		t.Print(x, by.Lane, slip.Voucher, uint32(ledger.VoucherFrom+n), slip.Facts{})
	}
	t.honour(x, by.Lane, sale.Member, sale.Plays)
	return sale, nil
}

// priced is what a basket comes to after a return in the same entry, or nil.
func (t *Till) priced(
	x *clerk.Txn, n uint32, l *lane, tender string, back *ledger.Return,
) (r pricing.Request, payers bill.Payers, q pricing.Quote, err error) {
	r, payers, err = t.request(x.State, n, l, x.Today, tender)
	if err == nil && back != nil {
		err = t.bring(x, &r, &payers, back)
	}
	if err != nil {
		return r, payers, q, err
	}
	if n, from := pricing.TooEarly(r); n >= 0 {
		return r, payers, q, refuse("not-on-sale-yet", r.Lines[n].Product.Name, plain(from))
	}
	q, err = pricing.Price(r)
	return r, payers, q, err
}

// afterSale is what a receipt says of the member's points: what is here, and
// what HQ last told of the rest.
func (t *Till) afterSale(sale *ledger.Sale, held []lot.Holding, today lot.Today) slip.Facts {
	f := t.shop().AfterSale(sale, held, today)
	said := t.Heard(sale.Member)
	for _, b := range said.Left {
		f.Told(b.Asset, b.HQ+b.Elsewhere, said.At)
	}
	return f
}

// redeemWith redeems benefits in the same entry as the sale, out of what the
// deduction leaves.
func (t *Till) redeemWith(x *clerk.Txn, l *lane, sale *ledger.Sale, payers bill.Payers, benefits []string) error {
	switch {
	case len(benefits) == 0:
		return nil
	case len(benefits) > ledger.RedemptionsMax:
		return refuse("too-many-benefits")
	case l.Member == 0:
		return refuse("no-member")
	case !l.Proof.MaySpend():
		return refuse("not-proved")
	}
	if d := sale.Deduction; d != nil {
		payers = payers.Less(d.Draws, bill.Parts(d.Pool))
	}
	for _, id := range benefits {
		b, ok := t.Programme().Benefit(id)
		if !ok {
			return refuse("unknown-benefit")
		}
		r, err := t.redemption(x, l, payers, b, sale.Redemptions)
		if err != nil {
			return err
		}
		payers = payers.Less(r.Draws, bill.Parts(r.Pool))
		sale.Redemptions = append(sale.Redemptions, r)
	}
	return nil
}

// quote prices a basket on what this lane may use of the member's rights; the tender may be unknown.
func (t *Till) quote(state *fold.State, n uint32, l *lane, today lot.Today, tender string) (q pricing.Quote, r pricing.Request, payers bill.Payers, err error) {
	if r, payers, err = t.request(state, n, l, today, tender); err != nil {
		return q, r, payers, err
	}
	q, err = pricing.Price(r)
	return q, r, payers, err
}

// request is what is asked of pricing for a basket, and whose lots would pay.
func (t *Till) request(
	state *fold.State, n uint32, l *lane, today lot.Today, tender string,
) (r pricing.Request, payers bill.Payers, err error) {
	r = pricing.Request{Programme: t.Programme(), Member: l.Member, Proof: l.Proof, Today: today, DeductFen: l.Deduct}
	r.At, r.Store, r.Tender = t.Programme().Moment(t.Now().Wall), t.o.Place.Store, tender
	for _, i := range l.Lines {
		product, ok := t.documents().Products.Find(i.GTIN)
		if !ok {
			return r, payers, refuse("unknown-product", plain(i.GTIN))
		}
		r.Lines = append(r.Lines, pricing.Line{Product: i.At(product), Qty: i.Qty})
	}
	if l.Member == 0 {
		return r, payers, nil
	}
	if err := t.askState(&r, state, n, l); err != nil {
		return r, payers, err
	}
	if payers.Stock, err = bill.Ceilings(&r, state.Usable); err != nil {
		return r, payers, err
	}
	if payers.Own = r.Holdings; l.Pool {
		payers.Sharers, err = t.sharers(state, n, l.Member)
	}
	t.together(&r, payers)
	return r, payers, err
}

// together lets pricing see what pays of the bill, the household's part of it too.
func (t *Till) together(r *pricing.Request, payers bill.Payers) {
	r.Holdings = lot.Pooled(payers.Own, payers.Sharers, t.Programme().Deduction.Asset, r.Today)
}

// askState adds to a request what the journal knows of the member.
func (t *Till) askState(r *pricing.Request, state *fold.State, n uint32, l *lane) (err error) {
	if r.Holdings, err = t.spendable(state, n, l.Member); err != nil {
		return err
	}
	about, err := state.About(l.Member)
	if err != nil {
		return err
	}
	r.Grade, r.Birthday = about.Ruling.Grade, slices.Contains(view.Reasons(t.documents().Members, about.Ruling, l.Member), gift.Birthday)
	if r.Tier = about.Ruling.Tier; about.Ruling.Blocked {
		r.Proof = member.ByPhone // earns, and spends nothing
	}
	for _, id := range l.Coupons {
		for _, h := range r.Holdings {
			if h.Lot.ID == id {
				r.Coupons = append(r.Coupons, pricing.CouponUse{Lot: id, Asset: h.Lot.Asset})
			}
		}
	}
	day := t.Programme().BusinessDay(t.Now().Wall)
	r.Counted = map[string]lot.Amount{}
	for _, rule := range t.Programme().Rules {
		if r.Counted[rule.ID], err = state.Counted(l.Member, rule.ID, day); err != nil {
			return err
		}
	}
	return nil
}
