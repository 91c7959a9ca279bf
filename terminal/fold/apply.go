package fold

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Effects is what an entry did, for books that keep accounts by lot.
type Effects struct {
	Entry    ledger.Entry
	Origin   lot.Origin
	Issued   []lot.Lot
	Postings []Posting
	Accepted *lot.Note // a note from HQ that is now held here
	Refused  *lot.Note // a note from HQ that goes back
	Left     *lot.Note // a note from HQ that stays on its way
	Risk     lot.Amount
	Due      []lot.Draw // to be taken back, and not held here: HQ settles it
	Wrong    string     // what the entry claims without a right to it, or ""
	Parked   bool       // of a kind this build does not know
}

// Posting moves an amount of a lot between two accounts.
type Posting struct {
	Lot    lot.ID
	Asset  lot.Asset
	From   Account
	To     Account
	Amount lot.Amount
}

// Account names where an amount of a lot can be.
type Account struct {
	Kind        AccountKind
	Incarnation ledger.Incarnation // of the holder; 0 otherwise
}

// AccountKind is one of the closed list of the design page. Stored.
type AccountKind uint8

// The accounts. A lot's amounts over all of them add up to zero.
const (
	AccountIssued AccountKind = 1 // where a lot comes from
	AccountHeld   AccountKind = 2 // at a terminal's incarnation; at HQ when that is 0
	AccountFlight AccountKind = 3 // in a note on its way
	AccountSpent  AccountKind = 4
	AccountRisk   AccountKind = 5 // taken beyond what was held: the store's loss

	AccountClawed     AccountKind = 6
	AccountReinstated AccountKind = 7 // where what is given back comes from
	AccountReissued   AccountKind = 8 // goes on in another lot
	AccountWrittenOff AccountKind = 9
)

// Apply folds the next entry of an incarnation, given as stored. HQ's journal
// must have been applied exactly up to the entry's mark. An error means that
// the entry does not belong here; the state must then be thrown away.
func (s *State) Apply(i ledger.Incarnation, raw []byte) (Effects, error) {
	e, err := ledger.Decode(raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return Effects{}, err
	}
	if err := s.place(i, e); err != nil {
		return Effects{}, err
	}
	s.head.Head.Seq++
	s.head.Head.Hash = s.head.Head.Hash.Next(raw)
	s.touch(headKey)
	step := &step{State: s, Effects: Effects{
		Entry: e, Origin: ledger.Origin(s.terminal, i, s.head.Head.Seq), Parked: err != nil,
	}}
	if err := step.body(); err != nil {
		return Effects{}, err
	}
	return step.Effects, step.settle()
}

// place checks that an entry is the next one, and moves to its incarnation.
func (s *State) place(i ledger.Incarnation, e ledger.Entry) error {
	h := s.head
	if e.Mark != h.Mark {
		return fmt.Errorf("entry with mark %d after %d down entries: %w", e.Mark, h.Mark, ErrOrder)
	}
	open, opens := e.Body.(*ledger.Open)
	if i == h.Head.Incarnation {
		if opens || h.Stopped || i == 0 {
			return fmt.Errorf("entry %d of incarnation %s: %w", h.Head.Seq+1, i, ErrOrder)
		}
		return nil
	}
	if !opens || i == 0 {
		return fmt.Errorf("incarnation %s does not start with an opening: %w", i, ErrOrder)
	}
	if open.Parent != h.Head {
		return fmt.Errorf("incarnation %s names parent %s, newest is %s: %w", i, open.Parent, h.Head, ErrParent)
	}
	if open.Witness == ledger.NoWitness && open.Parent.Seq > 0 {
		h.Lineage = nil
	}
	h.Lineage = append(h.Lineage, link{i})
	if len(h.Lineage) > lineageMax {
		return fmt.Errorf("more than %d incarnations: %w", lineageMax, ErrOrder)
	}
	h.Head = ledger.Head{Incarnation: i, Hash: ledger.Genesis(s.terminal, i, open.Parent)}
	h.Stopped, h.Receipts = false, 0
	return nil
}

// ApplyDown folds the next entry of HQ's journal for this terminal.
func (s *State) ApplyDown(d ledger.Down) (Effects, error) {
	if d.Terminal != s.terminal || d.Seq != s.head.Mark+1 {
		return Effects{}, fmt.Errorf("down entry %d for %s after %d: %w", d.Seq, d.Terminal, s.head.Mark, ErrOrder)
	}
	s.head.Mark = d.Seq
	s.touch(headKey)
	step := &step{State: s}
	if d.Note != nil {
		if err := step.note(d.Note); err != nil {
			return Effects{}, err
		}
	}
	return step.Effects, step.settle()
}

// step is the folding of one entry: the effects so far and, apart from them,
// what changed in the members' records, to be compared at the end.
type step struct {
	*State
	Effects
	changed map[lot.Asset]lot.Amount
}

func (s *step) body() error {
	switch b := s.Entry.Body.(type) {
	case *ledger.Sale:
		return s.sale(b)
	case *ledger.Redeem:
		return s.redeem(b)
	case *ledger.VoucherUse:
		return s.use(b)
	case *ledger.NoteGiven:
		_, err := s.draw(b.Member, b.Draws, "", AccountFlight)
		return err
	case *ledger.Return:
		return s.goodsBack(b)
	case *ledger.VoucherBack:
		return s.voucherBack(b)
	case *ledger.Grant:
		return s.grant(b)
	case *ledger.WriteOff:
		_, err := s.draw(b.Member, b.Draws, b.Asset, AccountWrittenOff)
		return err
	case *ledger.Transfer:
		return s.transfer(b)
	case *ledger.AskGivenUp:
		return s.set(askKey(s.head.Head.Incarnation, b.Ask))
	case *ledger.Stop:
		s.head.Stopped = true
	case *ledger.Open, *ledger.Mark, *ledger.Decline, *ledger.Unknown, *ledger.SignIn, *ledger.InForce, *ledger.ClockStep,
		*ledger.Printed, *ledger.Outage:
	}
	return nil
}

func (s *step) sale(b *ledger.Sale) error {
	s.head.Receipts++
	var paid []lot.Holding
	if d := b.Deduction; d != nil {
		var err error
		if paid, err = s.draw(b.Member, d.Draws, d.Asset, AccountSpent); err != nil {
			return err
		}
	}
	for n, a := range b.Awards {
		if _, err := s.issue(b.Member, uint32(n), a.Issue, b.Day); err != nil {
			return err
		}
	}
	return s.sell(b, paid)
}

func (s *step) grant(b *ledger.Grant) error {
	for n, i := range b.Issues {
		if _, err := s.issue(b.Member, uint32(n), i, b.Day); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) redeem(b *ledger.Redeem) error {
	paid, err := s.draw(b.Member, b.Draws, b.Asset, AccountSpent)
	if err != nil {
		return err
	}
	l, err := s.issue(b.Member, 0, b.Voucher, b.Day)
	if err != nil {
		return err
	}
	key := voucherKey(l.ID)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	*v = Voucher{Status: VoucherIssued, Member: b.Member, Lot: l, Paid: payments(paid)}
	s.touch(key)
	return nil
}

func (s *step) use(b *ledger.VoucherUse) error {
	key := voucherKey(b.Voucher)
	v, err := get[Voucher](s.State, key)
	if err != nil {
		return err
	}
	draws := []lot.Draw{{Lot: b.Voucher, Amount: max(v.Lot.Amount, 1)}}
	if _, err := s.draw(b.Member, draws, lot.BenefitAsset(b.Benefit), AccountSpent); err != nil {
		return err
	}
	if v.Status != VoucherUsed && v.Status != VoucherReturned {
		v.Status, v.Used, v.Wall, v.Lane, v.Actor = VoucherUsed, s.Origin, s.Entry.Wall, s.Entry.Lane, s.Entry.Actor
		s.touch(key)
	}
	return nil
}

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
	here := Account{AccountHeld, s.head.Head.Incarnation}
	s.post(Posting{l.ID, l.Asset, Account{Kind: AccountIssued}, here, l.Amount})
	s.head.total(l.Asset).Born += l.Amount
	return s.change(l.Owner, func(m *Member) { m.add(l, l.Amount, here.Incarnation) })
}

// draw takes amounts out of a member's usable holdings into an account, and
// returns what it took. What is not held is booked to the risk account.
func (s *step) draw(id member.ID, draws []lot.Draw, asset lot.Asset, to AccountKind) (taken []lot.Holding, err error) {
	err = s.change(id, func(m *Member) {
		for _, d := range draws {
			got, left := s.take(m, d, to)
			if got.Amount > 0 {
				taken = append(taken, got)
			}
			if left > 0 {
				s.Risk += left
				s.head.total(asset).Risk += left
				s.post(Posting{d.Lot, asset, Account{Kind: AccountRisk}, Account{Kind: to}, left})
			}
		}
	})
	return taken, err
}

// take draws on one lot and returns what it took and what was not there.
func (s *step) take(m *Member, d lot.Draw, to AccountKind) (taken lot.Holding, left lot.Amount) {
	left = d.Amount
	kept := m.Held[:0:0]
	for _, h := range m.Held {
		if h.Lot.ID == d.Lot && left > 0 && s.head.usable(h.Incarnation) {
			n := min(left, h.Amount)
			left -= n
			h.Amount -= n
			taken.Lot, taken.Amount = h.Lot, taken.Amount+n
			s.post(Posting{d.Lot, h.Lot.Asset, Account{AccountHeld, h.Incarnation}, Account{Kind: to}, n})
			*s.head.total(h.Lot.Asset).of(to) += n
		}
		if h.Amount > 0 {
			kept = append(kept, h)
		}
	}
	m.Held = kept
	return taken, left
}

// note takes in what HQ gave: a note is accepted once, by the one incarnation
// of the one terminal it names. It goes back if its ask was given up, or if it
// names an incarnation that this one continues: that one is over. Any other
// stays on its way, since its taker may live elsewhere; only the end of that
// incarnation gives it back.
func (s *step) note(n *lot.Note) error {
	i := s.head.Head.Incarnation
	taken, err := get[flag](s.State, noteKey(n.ID))
	if err != nil {
		return err
	}
	if taken.Set {
		return nil
	}
	given, err := get[flag](s.State, askKey(i, n.Ask))
	if err != nil {
		return err
	}
	if err := s.set(noteKey(n.ID)); err != nil {
		return err
	}
	named := ledger.Incarnation(n.Incarnation)
	switch {
	case n.Terminal != uint32(s.terminal), s.head.Stopped, !s.head.usable(named):
		s.Left = n
		return nil
	case named != i, n.Ask != 0 && given.Set:
		s.Refused = n
		return nil
	}
	s.Accepted = n
	for _, h := range n.Holdings {
		s.post(Posting{h.Lot.ID, h.Lot.Asset, Account{Kind: AccountFlight}, Account{AccountHeld, i}, h.Amount})
		s.head.total(h.Lot.Asset).In += h.Amount
		if err := s.change(h.Lot.Owner, func(m *Member) { m.add(h.Lot, h.Amount, i) }); err != nil {
			return err
		}
	}
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

func (s *step) post(p Posting) { s.Postings = append(s.Postings, p) }

// change edits a member's record and notes by how much what is held changed.
func (s *step) change(id member.ID, edit func(*Member)) error {
	key := memberKey(id)
	m, err := get[Member](s.State, key)
	if err != nil {
		return err
	}
	if s.changed == nil {
		s.changed = map[lot.Asset]lot.Amount{}
	}
	m.sum(s.changed, -1)
	edit(m)
	m.sum(s.changed, 1)
	if len(m.Held) > lot.MemberLotsMax {
		return fmt.Errorf("member %s has more than %d holdings here: %w", id, lot.MemberLotsMax, lot.ErrAmount)
	}
	for _, h := range m.Held {
		if h.Amount > lot.AmountMax {
			return fmt.Errorf("member %s holds %d of lot %s: %w", id, h.Amount, h.Lot.ID, lot.ErrAmount)
		}
	}
	s.touch(key)
	return nil
}

// settle compares what the records gained with what the postings say they
// gained, on every entry, in production too.
func (s *step) settle() error {
	for _, p := range s.Postings {
		if p.From.Kind == AccountHeld {
			s.changed[p.Asset] += p.Amount
		}
		if p.To.Kind == AccountHeld {
			s.changed[p.Asset] -= p.Amount
		}
	}
	for asset, rest := range s.changed {
		if rest != 0 {
			return fmt.Errorf("%s off by %d at %s: %w", asset, rest, s.Origin, ErrInvariant)
		}
	}
	if len(s.head.Totals) > assetsMax {
		return fmt.Errorf("more than %d assets: %w", assetsMax, lot.ErrAmount)
	}
	return nil
}

// Notes are the notes from HQ that the entry met, whatever became of them.
func (e Effects) Notes() []*lot.Note {
	var out []*lot.Note
	for _, n := range []*lot.Note{e.Accepted, e.Refused, e.Left} {
		if n != nil {
			out = append(out, n)
		}
	}
	return out
}
