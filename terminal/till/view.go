package till

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/bill"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// jobsShown is how many of the newest papers a screen shows.
const jobsShown = 8

// What a lane shows, by the till's names.
type (
	View        = view.Lane
	LineView    = view.Line
	MemberView  = view.Member
	PointsView  = view.Points
	BenefitView = view.Benefit
	VoucherView = view.Voucher
	Message     = view.Message
	Level       = view.Level
	Last        = view.Last
	Refusal     = view.Refusal
	PoolView    = view.Pool
)

// The levels of a message.
const (
	OK        = view.OK
	Attention = view.Attention
	Refused   = view.Refused
)

// View shows a lane.
func (t *Till) View(n uint32) (View, error) {
	l, err := t.at(n)
	if err != nil {
		return View{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := t.renew(l); err != nil {
		return View{}, err
	}
	now := t.Now()
	v := t.viewOf(n, l, now)
	err = t.Read(func(tx journal.Tx, state *fold.State) error {
		if err := t.viewBasket(&v, l, state, t.Today(now)); err != nil {
			return err
		}
		if v.Jobs, err = printjob.Newest(tx, jobsShown); err != nil {
			return err
		}
		if err := t.dealer.Show(tx, &v, t.documents().Members); err != nil {
			return err
		}
		v.Ledger, err = t.Against(tx, state)
		return err
	})
	return v, err
}

// viewOf is what a lane shows without looking into the journal.
func (t *Till) viewOf(n uint32, l *lane, now clerk.Reading) View {
	return View{
		Lane: n, Terminal: t.o.Terminal, Store: t.o.Place.Name, Programme: t.Programme().Name, Games: view.Games(t.Programme()), Cashier: l.Cashier,
		Ref: l.Ref, Wish: l.Deduct, Message: l.message, Last: l.last, Challenge: t.bearer.Shown(n), Now: now.Wall.In(t.Programme().Location()), Clock: now.Quality,
	}
}

func (t *Till) viewBasket(v *View, l *lane, state *fold.State, today lot.Today) error {
	quote, r, payers, err := t.quote(state, v.Lane, l, today, "")
	if err != nil && len(l.Lines) > 0 {
		return err
	}
	v.Quote = quote
	for i, item := range l.Lines {
		product, _ := t.documents().Products.Find(item.GTIN)
		merchant, _ := t.Programme().Merchant(product.Merchant)
		v.Lines = append(v.Lines, LineView{
			GTIN: item.GTIN, Name: product.Name, Merchant: merchant.Name, Eco: product.Eco, Unit: item.At(product).Fen,
			Qty: item.Qty, Fen: quote.Lines[i].Fen, Deducted: quote.Lines[i].Deducted,
		})
	}
	if l.Member != 0 {
		if v.Member, err = t.viewMember(v.Lane, l, state, payers, today); err != nil {
			return err
		}
	}
	v.Used = l.Coupons
	for _, o := range pricing.Offers(r, pricing.Deduction{}) {
		b, _ := t.Programme().Benefit(o.Benefit)
		v.Benefits = append(v.Benefits, BenefitView{
			ID: b.ID, Name: b.Name, Asset: t.Programme().PointsName(o.Asset), Cost: o.Cost, Missing: o.Missing,
		})
	}
	if l.Voucher != nil {
		voucher, ok, err := state.Voucher(*l.Voucher)
		if err != nil || !ok {
			return err
		}
		shown := view.VoucherOf(t.Programme(), voucher.Lot)
		shown.Choices = view.ChoicesOf(t.Programme(), voucher.Lot, today.Day)
		v.Voucher = &shown
	}
	return nil
}

func (t *Till) viewMember(n uint32, l *lane, state *fold.State, payers bill.Payers, today lot.Today) (*MemberView, error) {
	held := payers.Own
	m := &MemberView{ID: l.Member, Proof: l.Proof, Name: l.Member.String()}
	if p, ok := t.documents().Members.ByID(l.Member); ok {
		m.Name, m.Card, m.Phone = p.Name, p.Card, p.Phone
	}
	frozen, err := state.Checked(l.Member)
	if err != nil {
		return nil, err
	}
	about, err := state.About(l.Member)
	if err != nil {
		return nil, err
	}
	reasons := view.Reasons(t.documents().Members, about.Ruling, l.Member)
	m.Birthday, m.Gifts = slices.Contains(reasons, gift.Birthday), view.GiftsOf(t.Programme(), reasons, t.Programme().Moment(t.Now().Wall))
	m.Grade, m.Schemes = about.Ruling.Grade, view.SchemesOf(t.Programme(), l.Member, t.Programme().Moment(t.Now().Wall))
	m.Tier, m.Blocked, m.Owed = about.Ruling.Tier, about.Ruling.Blocked, about.Ruling.Owed
	said := t.Heard(l.Member)
	m.AsOf = said.At
	m.Show(t.Programme(), held, frozen, said.Left, today)
	m.Asking = t.Asking(l.Member)
	m.Pool, err = t.viewPool(n, l, state, about.Ruling.Household, today)
	return m, err
}
