package fold

import (
	"math"
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold/account"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// goodsBack folds a return and what was bought in the same go: goods that went
// over the counter are sold, whatever becomes of the return.
func (s *step) goodsBack(b *ledger.Return) error {
	s.countReturn(b.Day, b.Refund, b.Tenders)
	if err := s.undo(b); err != nil {
		return err
	}
	if b.Sale != nil {
		return s.sale(b.Sale)
	}
	return nil
}

// undo takes back what was earned and gives back what points paid; the sale
// remembers both.
func (s *step) undo(b *ledger.Return) error {
	key := saleKey(b.Of)
	r, err := get[Sale](s.State, key)
	if err != nil {
		return err
	}
	if r.Incarnation == 0 || !s.proven(r.Incarnation) && s.head.Behind == 0 || r.Member != b.Member {
		s.wrong(wrongReturn)
		return nil
	}
	s.touch(key)
	r.Refund += b.Refund
	s.linesBack(r, b)
	if err := s.clawBack(r, b); err != nil {
		return err
	}
	if err := s.giveBack(r.Paid, append(b.Back[:len(b.Back):len(b.Back)], b.Ceilings...), b.Anew, ledger.AnewFrom); err != nil {
		return err
	}
	from, err := s.vouchersBack(b)
	if err != nil {
		return err
	}
	return s.playsBack(r, b, from)
}

// returnClaim counts goods and money; the points' side is claimed.
func (s *step) returnClaim(b *ledger.ReturnClaim) error {
	s.countReturn(b.Day, b.Refund, b.Tenders)
	if err := s.claimed(b); err != nil {
		return err
	}
	return s.claim(b.Member)
}

// claimed remembers which goods were claimed, so that the same are not claimed
// twice here. Of too many lines the newest are forgotten: HQ knows them all.
func (s *step) claimed(b *ledger.ReturnClaim) error {
	key := saleKey(b.Of)
	r, err := get[Sale](s.State, key)
	if err != nil {
		return err
	}
	for _, l := range b.Lines {
		at := slices.IndexFunc(r.Claimed, func(c ledger.ReturnLine) bool { return c.Line == l.Line })
		switch {
		case at >= 0:
			r.Claimed[at].Qty += min(l.Qty, math.MaxInt64-r.Claimed[at].Qty)
		case len(r.Claimed) < ledger.LinesMax:
			r.Claimed = append(r.Claimed, l)
		}
	}
	s.touch(key)
	return nil
}

func (s *step) linesBack(r *Sale, b *ledger.Return) {
	for _, l := range b.Lines {
		if int(l.Line) >= len(r.Lines) || l.Qty > r.Lines[l.Line].Qty-r.Lines[l.Line].Returned {
			s.wrong(wrongLine)
			continue
		}
		r.Lines[l.Line].Returned += l.Qty
	}
}

// clawBack takes what the goods had earned, or says that it is due, and takes
// it out of what counts towards tier and caps.
func (s *step) clawBack(r *Sale, b *ledger.Return) error {
	var points lot.Amount
	var gone []Counted
	take := func(award uint32, n lot.Amount) bool {
		if int(award) >= len(r.Awards) || r.Awards[award].Clawed+n > r.Awards[award].Amount {
			return false
		}
		a := &r.Awards[award]
		before := a.Unqualified()
		a.Clawed += n
		points += a.Unqualified() - before
		gone = append(gone, Counted{Rule: a.Rule, Day: r.Day, Amount: n})
		return true
	}
	if err := s.clawLots(b, b.Claw, b.Due, take); err != nil {
		return err
	}
	return s.unqualify(r, b.Member, b.Refund, points, gone)
}

// clawLots takes lots that the sale gave, or says that they are due; take counts
// what goes of one, and is false for more than it gave.
func (s *step) clawLots(b *ledger.Return, claw []lot.Draw, due []ledger.Due, take func(number uint32, n lot.Amount) bool) error {
	var draws []lot.Draw
	for _, d := range claw {
		if d.Lot.Origin != b.Of || !take(d.Lot.N, d.Amount) { // it takes from the receipt's lots and from no other
			s.wrong(wrongClaw)
			continue
		}
		draws = append(draws, d)
	}
	for _, d := range due {
		if !take(d.Award, d.Amount) {
			s.wrong(wrongClaw)
			continue
		}
		s.Due = append(s.Due, lot.Draw{Lot: lot.ID{Origin: b.Of, N: d.Award}, Amount: d.Amount})
	}
	taken, err := s.draw(b.Member, draws, "", AccountClawed)
	if err != nil {
		return err
	}
	for _, h := range taken {
		if h.Lot.Asset.Points() {
			s.pointsOf(s.figures(b.Day), h.Lot.Asset).Clawed += h.Amount
			continue
		}
		if err := s.prizeGone(h.Lot.ID); err != nil {
			return err
		}
	}
	return nil
}

// vouchersBack takes back vouchers that were redeemed inside the sale, and says
// which number the next new lot has.
func (s *step) vouchersBack(b *ledger.Return) (from int, err error) {
	from = ledger.AnewFrom + len(b.Anew)
	for n := range b.Vouchers {
		v := &b.Vouchers[n]
		if v.Voucher.Origin != b.Of {
			s.wrong(wrongVoucher)
			continue
		}
		if err := s.voucherBack(v, from); err != nil {
			return from, err
		}
		from += len(v.Anew)
	}
	return from, nil
}

// giveBack gives back what paid, to the lots it came from, or to new ones that
// go on with the terms of those and are numbered from from on. What belonged to
// another of the household goes back to them.
func (s *step) giveBack(paid []Paid, back []lot.Draw, anew []ledger.Anew, from int) error {
	for _, d := range back {
		p := count.PaymentOf(paid, d)
		if p == nil {
			s.wrong(wrongBack)
			continue
		}
		p.Back += d.Amount
		here := account.At(s.head.Head.Incarnation)
		s.post(Posting{Lot: d.Lot, Asset: p.Lot.Asset, From: Account{Kind: AccountReinstated}, To: here, Amount: d.Amount})
		s.total(p.Lot.Asset).Back += d.Amount
		s.countBack(p.Lot.Asset, d.Amount)
		if p.Lot.Asset.Coupon() != "" {
			if err := s.couponBack(d.Lot); err != nil {
				return err
			}
		}
		if err := s.change(p.Lot.Owner, func(m *Member) { m.add(p.Lot, d.Amount, here.Incarnation) }); err != nil {
			return err
		}
	}
	for n, a := range anew {
		p := count.PaymentOf(paid, lot.Draw{Lot: a.From, Amount: a.Amount})
		if p == nil {
			s.wrong(wrongBack)
			continue
		}
		p.Back += a.Amount
		s.countBack(p.Lot.Asset, a.Amount)
		s.post(Posting{Lot: a.From, Asset: p.Lot.Asset, From: Account{Kind: AccountReinstated}, To: Account{Kind: AccountReissued}, Amount: a.Amount})
		if err := s.goOn(p.Lot, p.Lot.Owner, uint32(from+n), a.Amount, a.Expires); err != nil {
			return err
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
