package fold

import (
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/fold/account"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
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
	Exposed  []lot.Draw // used on trust of what waits for a witness: the store's exposure
	Due      []lot.Draw // to be taken back, and not held here: HQ settles it
	Claims   bool       // something is claimed: HQ settles it, once
	Wrong    string     // what the entry claims without a right to it, or ""
	Parked   bool       // of a kind this build does not know
}

// Where amounts can be, by the fold's names.
type (
	Posting     = account.Posting
	Account     = account.Account
	AccountKind = account.Kind
	Total       = account.Total
)

// The accounts.
const (
	AccountIssued     = account.Issued
	AccountHeld       = account.Held
	AccountFlight     = account.Flight
	AccountSpent      = account.Spent
	AccountRisk       = account.Risk
	AccountClawed     = account.Clawed
	AccountReinstated = account.Reinstated
	AccountReissued   = account.Reissued
	AccountWrittenOff = account.WrittenOff
)

// Apply folds the next entry of an incarnation, given as stored. HQ's journal
// must have been applied exactly up to the entry's mark. An error means that
// the entry does not belong here; the state must then be thrown away.
func (s *State) Apply(i ledger.Incarnation, raw []byte) (Effects, error) {
	e, err := ledger.Decode(raw)
	if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
		return Effects{}, err
	}
	return s.ApplyRead(i, raw, e, err != nil)
}

// ApplyRead is Apply of an entry that was decoded before; parked says that its kind
// is not known.
func (s *State) ApplyRead(i ledger.Incarnation, raw []byte, e ledger.Entry, parked bool) (Effects, error) {
	wrong, err := s.place(i, e)
	if err != nil {
		return Effects{}, err
	}
	s.head.Head.Seq++
	s.head.Head.Hash = s.head.Head.Hash.Next(raw)
	s.touch(headKey)
	closed := s.head.Day.Closed
	step := &step{State: s, changed: map[lot.Asset]lot.Amount{}, Effects: Effects{
		Entry: e, Origin: ledger.Origin(s.terminal, i, s.head.Head.Seq), Parked: parked,
	}}
	if wrong != "" {
		step.wrong(wrong)
	}
	if err := step.body(); err != nil {
		return Effects{}, err
	}
	if closed && len(step.Postings) > 0 {
		step.wrong(wrongClosed)
	}
	if len(step.Postings) > 0 || moves(e.Body) {
		s.head.Moved = s.head.Head
	}
	return step.Effects, step.settle()
}

// moves reports whether a kind of entry counts as one that moves a right
// although it posts nothing: a right of return is used, or the day's opening
// makes the slip of its last close worthless.
func moves(b ledger.Body) bool {
	switch b.(type) {
	case *ledger.Return, *ledger.DayOpen:
		return true
	}
	return false
}

// place checks that an entry is the next one, and moves to its incarnation. It
// says what is wrong with an opening's witness.
func (s *State) place(i ledger.Incarnation, e ledger.Entry) (wrong string, err error) {
	h := s.head
	open, opens := e.Body.(*ledger.Open)
	if opens && i != h.Head.Incarnation && open.Parent != h.Head {
		if before, err := s.earlier(open.Parent); err != nil || !before {
			return "", errors.Join(err, fmt.Errorf("incarnation %s names parent %s, newest is %s: %w", i, open.Parent, h.Head, ErrParent))
		}
		h.Behind = i
		s.touch(headKey)
	}
	if e.Mark != h.Mark && !(h.Behind != 0 && e.Mark < h.Mark) {
		return "", fmt.Errorf("entry with mark %d after %d down entries: %w", e.Mark, h.Mark, ErrOrder)
	}
	if i == h.Head.Incarnation {
		if opens || h.Stopped || i == 0 {
			return "", fmt.Errorf("entry %d of incarnation %s: %w", h.Head.Seq+1, i, ErrOrder)
		}
		return "", nil
	}
	if !opens || i == 0 {
		return "", fmt.Errorf("incarnation %s does not start with an opening: %w", i, ErrOrder)
	}
	if wrong, err = s.begin(i, open); err != nil {
		return "", err
	}
	h.Head = ledger.Head{Incarnation: i, Hash: ledger.Genesis(s.terminal, i, open.Parent)}
	h.Stopped, h.Receipts = false, 0
	return wrong, nil
}

// ApplyDown folds the next entry of HQ's journal for this terminal.
func (s *State) ApplyDown(d ledger.Down) (Effects, error) {
	if d.Terminal != s.terminal || d.Seq != s.head.Mark+1 && !s.off.ContiguousDown {
		return Effects{}, fmt.Errorf("down entry %d for %s after %d: %w", d.Seq, d.Terminal, s.head.Mark, ErrOrder)
	}
	s.head.Mark = d.Seq
	s.touch(headKey)
	step := &step{State: s, changed: map[lot.Asset]lot.Amount{}}
	if err := step.down(d); err != nil {
		return Effects{}, err
	}
	if len(step.Postings) > 0 {
		s.head.Moved = s.head.Head
	}
	return step.Effects, step.settle()
}

func (s *step) down(d ledger.Down) error {
	switch {
	case d.Note != nil:
		return s.note(d.Note)
	case d.Recall != nil:
		s.recall(d.Seq, d.Recall)
	case d.Alias != nil:
		return s.alias(d.Alias)
	case d.Settled != nil:
		return s.settled(d.Settled)
	case d.Ruling != nil:
		return s.ruling(d.Ruling)
	case d.Release != nil:
		return s.release(d.Release)
	}
	return nil
}

// step is the folding of one entry: the effects so far and, apart from them,
// what changed in the members' records, to be compared at the end.
type step struct {
	*State
	Effects
	changed map[lot.Asset]lot.Amount
	spoiled error // a record that could not be read on the way
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
		return s.noteGiven(b)
	case *ledger.Return:
		return s.goodsBack(b)
	case *ledger.ReturnClaim:
		return s.returnClaim(b)
	case *ledger.VoucherBack:
		s.figures(b.Day)
		return s.voucherBack(b, ledger.AnewFrom)
	case *ledger.Grant:
		return s.award(b.Member, b.Issues, b.Once, b.Day)
	case *ledger.CheckIn:
		return s.award(b.Member, b.Issues, b.Once, b.Day)
	case *ledger.Answer:
		return s.award(b.Member, b.Issues, b.Once, b.Day)
	case *ledger.WriteOff:
		_, err := s.draw(b.Member, b.Draws, b.Asset, AccountWrittenOff)
		return err
	case *ledger.Transfer:
		return s.transfer(b)
	case *ledger.QuotaMinted:
		return s.mint(b)
	case *ledger.Play:
		_, err := s.play(b.Member, b.Stake, 0, b.Day)
		return err
	case *ledger.Enrol:
		return s.enrol(b)
	case *ledger.PaperClaim:
		return s.claim(b.Member)
	case *ledger.NoteByHand:
		return s.byHand(b)
	}
	return s.about(s.Entry.Body)
}

// about folds what concerns the journal and the terminal itself.
func (s *step) about(b ledger.Body) error {
	switch b := b.(type) {
	case *ledger.AskGivenUp:
		return s.set(askKey(s.head.Head.Incarnation, b.Ask))
	case *ledger.Stop:
		s.head.Stopped = true
	case *ledger.Carry:
		return s.carry(b)
	case *ledger.Doubt:
		s.head.Doubt(b)
	case *ledger.Healed:
		if b.Child == s.head.Behind {
			s.head.Behind = 0
		}
	case *ledger.DayOpen:
		s.openDay(b)
	case *ledger.DayClose:
		s.closeDay(b)
	case *ledger.Open, *ledger.Mark, *ledger.Decline, *ledger.Unknown, *ledger.SignIn, *ledger.InForce, *ledger.ClockStep,
		*ledger.Printed, *ledger.Reprint, *ledger.Outage, *ledger.Consent, *ledger.StepUp, *ledger.Locked:
	}
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
	return errors.Join(s.spoiled, s.unread)
}

func (s *step) post(p Posting) { s.Postings = append(s.Postings, p) }

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
