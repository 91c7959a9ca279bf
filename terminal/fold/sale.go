package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/fold/sold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// What is remembered of a sale, by the fold's names.
type (
	Sale      = sold.Sale
	SoldLine  = sold.Line
	SoldAward = sold.Award
	SoldPlay  = sold.Play
)

// Sale returns what is known here of a sale; ok is false for one that was not
// made here. Held reports whether its right of return may be used here.
func (s *State) Sale(id lot.Origin) (sale Sale, held, ok bool, err error) {
	p, err := get[Sale](s, saleKey(id))
	if err != nil {
		return Sale{}, false, false, err
	}
	sale = *p
	sale.Lines, sale.Awards, sale.Paid = slices.Clone(p.Lines), slices.Clone(p.Awards), slices.Clone(p.Paid)
	sale.Claimed, sale.Plays = slices.Clone(p.Claimed), slices.Clone(p.Plays)
	for n, play := range sale.Plays {
		sale.Plays[n] = SoldPlay{Prizes: slices.Clone(play.Prizes), Paid: slices.Clone(play.Paid)}
	}
	return sale, s.proven(p.Incarnation), p.Incarnation != 0, s.unread
}

// What an entry claims without a right to it. Nothing comes of it but an
// alarm; a till never writes such an entry.
const (
	wrongReturn  = "return without its right"
	wrongLine    = "more returned than was sold"
	wrongClaw    = "more clawed back than was earned"
	wrongBack    = "more given back than was paid"
	wrongVoucher = "voucher is not there to be taken back"
	wrongMint    = "quota minted without its right, or twice"
	wrongOnce    = "claim of what a quota allows"
	wrongAlias   = "alias of an alias"
	wrongByHand  = "no note of HQ for this terminal was carried here"
	wrongClaim   = "settlement of no open claim"
	wrongWitness = "opening proven by a witness that proves nothing"
	wrongCarry   = "rights carried without a parent that waits or a witness"
	wrongClosed  = "right moved after the day's close"
	wrongFigures = "day's figures are not what the journal gives"
	wrongAsset   = "lot of another asset"
	wrongFull    = "note beyond what a member's record holds"
)

func (s *step) wrong(what string) {
	if s.Wrong == "" {
		s.Wrong = what
	}
}

// sale folds one receipt.
func (s *step) sale(b *ledger.Sale) error {
	s.head.Receipts++
	s.countSale(b)
	paid, err := s.paid(b)
	if err != nil {
		return err
	}
	for n, a := range b.Awards {
		if _, err := s.issue(b.Member, uint32(n), a.Issue, b.Day); err != nil {
			return err
		}
	}
	for n, r := range b.Redemptions {
		if err := s.exchange(b.Member, uint32(ledger.VoucherFrom+n), b.Day, r); err != nil {
			return err
		}
	}
	var plays []SoldPlay
	for n, p := range b.Plays {
		played, err := s.play(b.Member, p, n, b.Day)
		if err != nil {
			return err
		}
		plays = append(plays, played)
	}
	if err := s.qualify(b); err != nil {
		return err
	}
	return s.sell(b, paid, plays)
}

// paid takes what lots pay of a bill: points, the household's, coupons; and what
// merchants concede of strict ceilings.
func (s *step) paid(b *ledger.Sale) (paid []lot.Holding, err error) {
	if d := b.Deduction; d != nil {
		if paid, err = s.pay(b.Member, d.Asset, d.Draws, d.Pool, b.Day); err != nil {
			return nil, err
		}
	}
	for _, u := range b.Coupons {
		used, err := s.draw(b.Member, []lot.Draw{{Lot: u.Lot, Amount: 1}}, u.Asset, AccountSpent)
		if err != nil {
			return nil, err
		}
		paid = append(paid, used...)
		if err := s.couponUsed(u.Lot); err != nil {
			return nil, err
		}
	}
	conceded, err := s.draw(programmeOwner, b.Ceilings, budgetAsset, AccountSpent)
	return append(paid, conceded...), err
}

// sell keeps what a sale's return needs.
func (s *step) sell(b *ledger.Sale, paid []lot.Holding, plays []SoldPlay) error {
	payments, err := count.Payments(paid)
	if err != nil {
		return err
	}
	r := Sale{Member: b.Member, Day: b.Day, Incarnation: s.head.Head.Incarnation, Paid: payments, Plays: plays}
	for _, l := range b.Lines {
		r.Lines = append(r.Lines, SoldLine{Qty: l.Qty})
	}
	for _, a := range b.Awards {
		r.Awards = append(r.Awards, SoldAward{Amount: a.Amount, Rule: a.Rule, Base: a.Base})
	}
	put(s.State, saleKey(s.Origin), &r)
	return nil
}
