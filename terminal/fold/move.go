package fold

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/fold/account"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// issue makes a lot with an entry's own terms, owned by a member.
func (s *step) issue(owner member.ID, n uint32, i ledger.Issue, earned lot.Day) (lot.Lot, error) {
	l := lot.Lot{
		ID: lot.ID{Origin: s.Origin, N: n}, Owner: owner, Asset: i.Asset, Amount: i.Amount, Funder: i.Funder,
		UnitCost: i.UnitCost, Earned: earned, Expires: i.Expires, Active: i.Active, Terms: s.Entry.Programme,
	}
	return l, s.bear(l)
}

// bear brings a lot into the world: it is born here and held here.
func (s *step) bear(l lot.Lot) error {
	s.Issued = append(s.Issued, l)
	here := account.At(s.head.Head.Incarnation)
	s.post(Posting{Lot: l.ID, Asset: l.Asset, From: Account{Kind: AccountIssued}, To: here, Amount: l.Amount})
	s.total(l.Asset).Born += l.Amount
	if err := s.change(l.Owner, func(m *Member) { m.add(l, l.Amount, here.Incarnation) }); err != nil {
		return err
	}
	return s.meet(l)
}

// draw takes amounts out of a member's usable holdings into an account, and
// returns what it took. The member's aliases are drawn on alike. What is not
// held is booked to the risk account, under the asset given.
func (s *step) draw(id member.ID, draws []lot.Draw, asset lot.Asset, to AccountKind) (taken []lot.Holding, err error) {
	if len(draws) == 0 {
		return nil, nil
	}
	persons, err := s.persons(id)
	if err != nil {
		return nil, err
	}
	left := slices.Clone(draws)
	for _, p := range persons {
		err := s.change(p, func(m *Member) {
			for n := range left {
				if got := s.take(m, left[n], to); got.Amount > 0 {
					taken = append(taken, got)
					left[n].Amount -= got.Amount
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	if to == AccountSpent {
		more, err := s.drawTrusted(persons, left)
		if err != nil {
			return nil, err
		}
		taken = append(taken, more...)
	}
	if s.head.Behind != 0 {
		more, err := s.drawWaiting(persons, left, to)
		if err != nil {
			return nil, err
		}
		taken = append(taken, more...)
	}
	for _, h := range taken {
		if !covers(asset, h.Lot.Asset) {
			s.wrong(wrongAsset)
		}
	}
	for _, d := range left {
		if d.Amount > 0 {
			s.Risk += d.Amount
			s.total(asset).Risk += d.Amount
			s.post(Posting{Lot: d.Lot, Asset: asset, From: Account{Kind: AccountRisk}, To: Account{Kind: to}, Amount: d.Amount})
		}
	}
	return taken, nil
}

// covers reports whether an asset is of the class meant, where only a class is:
// a quota, stock, a budget.
func covers(meant, asset lot.Asset) bool {
	return !strings.HasSuffix(string(meant), ":") || strings.HasPrefix(string(asset), string(meant))
}

// take draws on what is usable of one lot in one record and returns what it
// took.
func (s *step) take(m *Member, d lot.Draw, to AccountKind) (taken lot.Holding) {
	return s.takeFrom(m, d, to, func(h Held, want lot.Amount) lot.Amount {
		if usable, freed := s.usable(h.Incarnation); !mayUse(h.Lot.Asset, usable, freed) {
			return 0
		}
		return min(want, h.Amount)
	})
}

// takeFrom draws on one lot in one record; may says how much of a holding.
func (s *step) takeFrom(m *Member, d lot.Draw, to AccountKind, may func(h Held, want lot.Amount) lot.Amount) (taken lot.Holding) {
	at, _ := slices.BinarySearchFunc(m.Held, d.Lot, func(h Held, id lot.ID) int { return h.Lot.ID.Compare(id) })
	for at < len(m.Held) && m.Held[at].Lot.ID == d.Lot {
		h := &m.Held[at]
		if n := may(*h, d.Amount-taken.Amount); n > 0 {
			h.Amount -= n
			taken.Lot, taken.Amount = h.Lot, taken.Amount+n
			s.post(Posting{Lot: d.Lot, Asset: h.Lot.Asset, From: account.At(h.Incarnation), To: Account{Kind: to}, Amount: n})
			*s.total(h.Lot.Asset).Of(to) += n
		}
		if h.Amount > 0 {
			at++
		} else {
			m.Held = slices.Delete(m.Held, at, at+1)
		}
	}
	return taken
}

// change edits a member's record and notes by how much what is held changed.
func (s *step) change(id member.ID, edit func(*Member)) error {
	key := memberKey(id)
	m, err := get[Member](s.State, key)
	if err != nil {
		return err
	}
	m.sum(s.changed, -1)
	edit(m)
	m.sum(s.changed, 1)
	if len(m.Held) > heldMax {
		return fmt.Errorf("member %s has more than %d holdings here: %w", id, heldMax, lot.ErrAmount)
	}
	for _, h := range m.Held {
		if h.Amount > lot.AmountMax {
			return fmt.Errorf("member %s holds %d of lot %s: %w", id, h.Amount, h.Lot.ID, lot.ErrAmount)
		}
	}
	s.touch(key)
	return nil
}

func (s *step) set(key []byte) error {
	f, err := get[flag](s.State, key)
	if err != nil {
		return err
	}
	f.Set = true
	s.touch(key)
	return nil
}

// The names under which what a member gives away and redeems in a day is counted:
// no rule of a programme can have them.
const TransferRule, RedeemRule = "/transfer", "/redeem"

// transfer ends what is drawn and goes on with it under another owner: draw n
// in lot number n.
func (s *step) transfer(b *ledger.Transfer) error {
	if err := s.edit(b.From, func(m *Member) { m.Counted = count.Add(m.Counted, TransferRule, b.Day, lot.Sum(b.Draws)) }); err != nil {
		return err
	}
	for n, d := range b.Draws {
		taken, err := s.draw(b.From, []lot.Draw{d}, b.Asset, AccountReissued)
		if err != nil {
			return err
		}
		for _, h := range taken { // a lot is in one record: at most one
			if err := s.goOn(h.Lot, b.To, uint32(n), h.Amount, h.Lot.Expires); err != nil {
				return err
			}
		}
	}
	return nil
}
