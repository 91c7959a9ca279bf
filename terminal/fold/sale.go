package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Sale is what one terminal knows of a sale whose right of return it holds:
// what was sold and earned, what paid, and how much of it all has come back.
type Sale struct {
	Member      member.ID
	Day         lot.Day
	Incarnation ledger.Incarnation // that holds the right of return
	Lines       []SoldLine
	Awards      []SoldAward
	Paid        []Paid
	Refund      lot.Fen // money given back
}

// Fields lists the message's fields.
func (s *Sale) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Member)
	codec.Int(c, 2, &s.Day)
	codec.Fixed64(c, 3, &s.Incarnation)
	codec.List(c, 4, &s.Lines, ledger.LinesMax)
	codec.List(c, 5, &s.Awards, ledger.LinesMax)
	codec.List(c, 6, &s.Paid, lot.HoldingsMax)
	codec.Int(c, 7, &s.Refund)
}

// SoldLine is one line of a sale.
type SoldLine struct {
	Qty      int64
	Returned int64
}

// Fields lists the message's fields.
func (l *SoldLine) Fields(c *codec.Coder) {
	codec.Int(c, 1, &l.Qty)
	codec.Int(c, 2, &l.Returned)
}

// SoldAward is one award of a sale.
type SoldAward struct {
	Amount lot.Amount
	Clawed lot.Amount // taken back or due
}

// Fields lists the message's fields.
func (a *SoldAward) Fields(c *codec.Coder) {
	codec.Int(c, 1, &a.Amount)
	codec.Int(c, 2, &a.Clawed)
}

// Paid is what was taken from a lot to pay for something, and how much of it
// has been given back.
type Paid struct {
	lot.Holding
	Back lot.Amount
}

// Fields lists the message's fields.
func (p *Paid) Fields(c *codec.Coder) {
	p.Holding.Fields(c)
	codec.Int(c, 3, &p.Back)
}

// Sale returns what is known here of a sale; ok is false for one that was not
// made here. Held reports whether its right of return may be used here.
func (s *State) Sale(id lot.Origin) (sale Sale, held, ok bool, err error) {
	p, err := get[Sale](s, saleKey(id))
	if err != nil {
		return Sale{}, false, false, err
	}
	return *p, s.head.usable(p.Incarnation), p.Incarnation != 0, nil
}

// What an entry claims without a right to it. Nothing comes of it but an
// alarm; a till never writes such an entry.
const (
	wrongReturn  = "return without its right"
	wrongLine    = "more returned than was sold"
	wrongClaw    = "more clawed back than was earned"
	wrongBack    = "more given back than was paid"
	wrongVoucher = "voucher is not there to be taken back"
)

// sell keeps what a sale's return needs.
func (s *step) sell(b *ledger.Sale, paid []lot.Holding) error {
	key := saleKey(s.Origin)
	r, err := get[Sale](s.State, key)
	if err != nil {
		return err
	}
	*r = Sale{Member: b.Member, Day: b.Day, Incarnation: s.head.Head.Incarnation, Paid: payments(paid)}
	for _, l := range b.Lines {
		r.Lines = append(r.Lines, SoldLine{Qty: l.Qty})
	}
	for _, a := range b.Awards {
		r.Awards = append(r.Awards, SoldAward{Amount: a.Amount})
	}
	s.touch(key)
	return nil
}

// payments adds up what was taken, lot by lot.
func payments(taken []lot.Holding) []Paid {
	var out []Paid
	for _, h := range taken {
		i := slices.IndexFunc(out, func(p Paid) bool { return p.Lot.ID == h.Lot.ID })
		if i < 0 {
			out = append(out, Paid{Holding: h})
			continue
		}
		out[i].Amount += h.Amount
	}
	return out
}

// goodsBack folds a return: what was earned goes, what points paid comes back,
// and the sale remembers both.
func (s *step) goodsBack(b *ledger.Return) error {
	key := saleKey(b.Of)
	r, err := get[Sale](s.State, key)
	if err != nil {
		return err
	}
	if r.Incarnation == 0 || !s.head.usable(r.Incarnation) || r.Member != b.Member {
		s.wrong(wrongReturn)
		return nil
	}
	s.touch(key)
	r.Refund += b.Refund
	for _, l := range b.Lines {
		if int(l.Line) >= len(r.Lines) || r.Lines[l.Line].Returned+l.Qty > r.Lines[l.Line].Qty {
			s.wrong(wrongLine)
			continue
		}
		r.Lines[l.Line].Returned += l.Qty
	}
	for _, d := range b.Claw {
		if d.Lot.Origin != b.Of || !r.claw(d.Lot.N, d.Amount) {
			s.wrong(wrongClaw)
		}
	}
	for _, d := range b.Due {
		if !r.claw(d.Award, d.Amount) {
			s.wrong(wrongClaw)
		}
		s.Due = append(s.Due, lot.Draw{Lot: lot.ID{Origin: b.Of, N: d.Award}, Amount: d.Amount})
	}
	if _, err := s.draw(b.Member, b.Claw, "", AccountClawed); err != nil {
		return err
	}
	if err := s.giveBack(b.Member, r.Paid, b.Back, b.Anew); err != nil {
		return err
	}
	if b.Sale != nil {
		return s.sale(b.Sale)
	}
	return nil
}

func (r *Sale) claw(award uint32, n lot.Amount) bool {
	if int(award) >= len(r.Awards) || r.Awards[award].Clawed+n > r.Awards[award].Amount {
		return false
	}
	r.Awards[award].Clawed += n
	return true
}

// giveBack gives points back to the lots they came from, or to new ones that
// go on with the terms of those.
func (s *step) giveBack(owner member.ID, paid []Paid, back []lot.Draw, anew []ledger.Anew) error {
	for _, d := range back {
		p := find(paid, d)
		if p == nil {
			s.wrong(wrongBack)
			continue
		}
		p.Back += d.Amount
		here := Account{AccountHeld, s.head.Head.Incarnation}
		s.post(Posting{d.Lot, p.Lot.Asset, Account{Kind: AccountReinstated}, here, d.Amount})
		s.head.total(p.Lot.Asset).Back += d.Amount
		if err := s.change(owner, func(m *Member) { m.add(p.Lot, d.Amount, here.Incarnation) }); err != nil {
			return err
		}
	}
	for n, a := range anew {
		p := find(paid, lot.Draw{Lot: a.From, Amount: a.Amount})
		if p == nil {
			s.wrong(wrongBack)
			continue
		}
		p.Back += a.Amount
		s.post(Posting{a.From, p.Lot.Asset, Account{Kind: AccountReinstated}, Account{Kind: AccountReissued}, a.Amount})
		if err := s.goOn(p.Lot, owner, uint32(ledger.AnewFrom+n), a.Amount, a.Expires); err != nil {
			return err
		}
	}
	return nil
}

// find returns the payment that a draw can be given back to.
func find(paid []Paid, d lot.Draw) *Paid {
	for i := range paid {
		if paid[i].Lot.ID == d.Lot && paid[i].Back+d.Amount <= paid[i].Amount {
			return &paid[i]
		}
	}
	return nil
}

// goOn issues a lot that goes on with another one's terms.
func (s *step) goOn(from lot.Lot, owner member.ID, n uint32, amount lot.Amount, expires lot.Day) error {
	l := from
	l.ID, l.Owner, l.Amount, l.Expires, l.From = lot.ID{Origin: s.Origin, N: n}, owner, amount, expires, from.ID
	return s.bear(l)
}

// voucherBack takes a voucher back and gives back what bought it.
func (s *step) voucherBack(b *ledger.VoucherBack) error {
	key := voucherKey(b.Voucher)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	want := VoucherIssued
	if b.Used {
		want = VoucherUsed
	}
	if v.Status != want || v.Member != b.Member {
		s.wrong(wrongVoucher)
		return nil
	}
	if !b.Used {
		draws := []lot.Draw{{Lot: b.Voucher, Amount: v.Lot.Amount}}
		if _, err := s.draw(b.Member, draws, v.Lot.Asset, AccountClawed); err != nil {
			return err
		}
	}
	v.Status = VoucherReturned
	s.touch(key)
	return s.giveBack(b.Member, v.Paid, b.Back, b.Anew)
}

// transfer ends what is drawn and goes on with it under another owner.
func (s *step) transfer(b *ledger.Transfer) error {
	taken, err := s.draw(b.From, b.Draws, b.Asset, AccountReissued)
	if err != nil {
		return err
	}
	for n, h := range taken {
		if err := s.goOn(h.Lot, b.To, uint32(n), h.Amount, h.Lot.Expires); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) wrong(what string) {
	if s.Wrong == "" {
		s.Wrong = what
	}
}
