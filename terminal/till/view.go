package till

import (
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/token"
)

// jobsShown is how many of the newest papers a screen shows.
const jobsShown = 8

// View is all that a lane's screen shows. It is worked out anew from the
// journal each time: a page is a projection, never a place where state lives.
type View struct {
	Lane      uint32
	Terminal  ledger.TerminalID
	Store     programme.Text
	Programme programme.Text
	Cashier   string // id, or "" when nobody is signed in
	Ref       string // to be sent back with the next Pay, Redeem or UseVoucher

	Lines  []LineView
	Quote  pricing.Quote
	Wish   lot.Fen // as given to Deduct
	Member *MemberView

	Benefits []BenefitView
	Voucher  *VoucherView // scanned, to be handed out
	Message  Message
	Last     *Last
	Jobs     []printjob.Job // newest first
	Ledger   clerk.LedgerView
	Now      time.Time // in the programme's zone
	Clock    ledger.Clock
}

// LineView is one line of the basket.
type LineView struct {
	GTIN     string
	Name     programme.Text
	Merchant programme.Text
	Eco      bool
	Unit     lot.Fen
	Qty      int64
	Fen      lot.Fen
	Deducted lot.Fen
}

// MemberView is the member on the sale, masked.
type MemberView struct {
	ID       member.ID
	Name     string
	Card     string
	Phone    string
	Proof    member.Proof
	Points   []PointsView
	Next     lot.Amount // points that expire next, 0 for none
	NextDay  lot.Day
	Vouchers []VoucherView
	Tier     string
	Blocked  bool          // earns, and spends nothing
	Owed     []ledger.Owed // shown, and never collected here
	Asking   bool          // HQ has been asked and may still answer
	AsOf     time.Time     // when HQ last said something of this member, or zero
}

// PointsView is one kind of a member's points.
type PointsView struct {
	Asset     lot.Asset
	Name      programme.Text
	Here      lot.Amount // usable now, online or not
	Worth     lot.Fen    // what Here deducts
	Frozen    lot.Amount // here, being checked
	HQ        lot.Amount // free at HQ, as of AsOf
	Elsewhere lot.Amount // at other terminals, as of AsOf
}

// BenefitView is a catalogue entry as the member on the sale sees it.
type BenefitView struct {
	ID      string
	Name    programme.Text
	Asset   programme.Text
	Cost    lot.Amount
	Missing lot.Amount // 0 when the points here pay for it
}

// VoucherView is a voucher held here.
type VoucherView struct {
	Lot     lot.ID
	Code    string
	Benefit programme.Text
	Expires lot.Day
}

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
	now := t.o.Now()
	v := View{
		Lane: n, Terminal: t.o.Terminal, Store: t.o.Place.Name, Programme: t.Programme().Name, Cashier: l.Cashier,
		Ref: l.Ref, Wish: l.Deduct, Message: l.message, Last: l.last, Now: now.Wall.In(t.Programme().Location()), Clock: now.Quality,
	}
	err = t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.State(tx)
		if err != nil {
			return err
		}
		if err := t.viewBasket(&v, l, state, t.Today(now)); err != nil {
			return err
		}
		if v.Jobs, err = printjob.Newest(tx, jobsShown); err != nil {
			return err
		}
		v.Ledger, err = t.Against(tx, state)
		return err
	})
	return v, err
}

func (t *Till) viewBasket(v *View, l *lane, state *fold.State, today lot.Today) error {
	quote, r, err := t.quote(state, v.Lane, l, today)
	if err != nil && len(l.Lines) > 0 {
		return err
	}
	v.Quote = quote
	for i, item := range l.Lines {
		product, _ := t.documents().Products.Find(item.GTIN)
		merchant, _ := t.Programme().Merchant(product.Merchant)
		v.Lines = append(v.Lines, LineView{
			GTIN: item.GTIN, Name: product.Name, Merchant: merchant.Name, Eco: product.Eco, Unit: product.Fen,
			Qty: item.Qty, Fen: quote.Lines[i].Fen, Deducted: quote.Lines[i].Deducted,
		})
	}
	if l.Member != 0 {
		if v.Member, err = t.viewMember(l, state, r.Holdings, today); err != nil {
			return err
		}
	}
	for _, b := range t.Programme().Benefits {
		missing := max(b.Cost.Amount-lot.Available(r.Holdings, b.Cost.Asset, today), 0)
		v.Benefits = append(v.Benefits, BenefitView{
			ID: b.ID, Name: b.Name, Asset: t.Programme().PointsName(b.Cost.Asset), Cost: b.Cost.Amount, Missing: missing,
		})
	}
	if l.Voucher != nil {
		voucher, ok, err := state.Voucher(*l.Voucher)
		if err != nil || !ok {
			return err
		}
		shown := t.viewVoucher(voucher.Lot)
		v.Voucher = &shown
	}
	return nil
}

func (t *Till) viewMember(l *lane, state *fold.State, held []lot.Holding, today lot.Today) (*MemberView, error) {
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
	m.Tier, m.Blocked, m.Owed = about.Ruling.Tier, about.Ruling.Blocked, about.Ruling.Owed
	said := t.Heard(l.Member)
	m.AsOf = said.At
	for _, kind := range t.Programme().Points {
		p := PointsView{Asset: kind.Asset, Name: kind.Name, Here: lot.Available(held, kind.Asset, today), Frozen: lot.Available(frozen, kind.Asset, today)}
		if worth, err := kind.Worth.Inverse().Floor(int64(p.Here)); err == nil {
			p.Worth = lot.Fen(worth)
		}
		for _, b := range said.Left {
			if b.Asset == kind.Asset {
				p.HQ, p.Elsewhere = b.HQ, b.Elsewhere
			}
		}
		m.Points = append(m.Points, p)
	}
	if next, ok := lot.NextExpiry(held, today); ok {
		m.Next, m.NextDay = next.Amount, next.Day
	}
	for _, h := range held {
		if h.Lot.Asset.Benefit() != "" {
			m.Vouchers = append(m.Vouchers, t.viewVoucher(h.Lot))
		}
	}
	m.Asking = t.Asking(l.Member)
	return m, nil
}

func (t *Till) viewVoucher(l lot.Lot) VoucherView {
	b, _ := t.Programme().Benefit(l.Asset.Benefit())
	return VoucherView{Lot: l.ID, Code: token.ShortCode(l.ID), Benefit: b.Name, Expires: l.Expires}
}
