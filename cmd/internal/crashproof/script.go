package crashproof

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Codes of the demo's documents.
const (
	rice   = "6900001000112"
	millet = "6900001000228"
)

// Cards are the members that scripts serve, by card.
var Cards = []string{"HM10001001V", "HM10001138Y", "HM10001275G"}

var by = clerk.By{Lane: 1, Actor: "c1"}

// Script plays cashiers and HQ on a bench. Each of its steps prepares what it
// needs, so that they may come in any order.
type Script struct {
	t        testing.TB
	bench    *tilltest.Bench
	recorder *Recorder
	random   *rand.Rand
	down     ledger.DownSeq
	boots    int
	refs     int
	enrolled int        // members who were enrolled
	younger  int        // members who became another one
	voucher  string     // the newest one, to be handed out
	last     clerk.Done // the newest action that was confirmed
	// Again asks for the newest action once more under its reference, as a
	// cashier does who saw no answer; nil before the first.
	Again func() (clerk.Done, error)
}

// NewScript makes a script on a bench that has its journal already. Random
// decides the order of steps and the amounts.
func NewScript(t testing.TB, b *tilltest.Bench, r *Recorder, random *rand.Rand) *Script {
	b.Programme.Rounding = programme.Rounding{ToFen: 10} // the demonstration takes small change
	b.Programme.Games = append(b.Programme.Games, spring)
	return &Script{t: t, bench: b, recorder: r, random: random}
}

// Step is one step of a script.
type Step struct {
	Name string
	Do   func() error
}

// Day is every step once, in an order that Random draws, after the signing in.
func (s *Script) Day() []Step {
	steps := append(s.Shift(), []Step{
		{"mark", s.Mark}, {"stop", s.Stop}, {"reboot", s.Reboot}, {"witnessed", s.Witnessed},
		{"doubted", s.Doubted}, {"print-cut", s.PrintCut}, {"acked", s.Acked}, {"notice", s.Notice}, {"healed", s.Healed},
		{"play", s.Play},
	}...)
	s.random.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	return append([]Step{{"sign-in", s.SignIn}}, steps...)
}

// Shift is the steps of one life of the daemon, in which the file may fail.
func (s *Script) Shift() []Step {
	return []Step{
		{"award", s.Award}, {"redeem", s.Redeem}, {"deduct", s.Deduct}, {"note-in", s.NoteIn}, {"voucher", s.UseVoucher},
		{"decline", s.Decline}, {"ask-given-up", s.AskGivenUp}, {"note-given", s.NoteGiven}, {"print", s.Print},
		{"return", s.Return}, {"voucher-back", s.VoucherBack}, {"adjust", s.Adjust}, {"transfer", s.Transfer},
		{"all-at-once", s.AllAtOnce}, {"check-in", s.CheckIn}, {"answer", s.Answer}, {"enrol", s.Enrol}, {"step-up", s.StepUp}, {"lock", s.Lock},
		{"close-day", s.CloseDay}, {"claim-return", s.ClaimReturn}, {"print-again", s.PrintAgain}, {"recalled", s.Recalled}, {"told", s.Told},
		{"receipt", s.Receipt}, {"by-hand", s.ByHand},
	}
}

// SignIn signs the cashier in.
func (s *Script) SignIn() error { return s.bench.Till.SignIn(by) }

func (s *Script) scan(codes ...string) error {
	for _, c := range codes {
		if err := s.bench.Till.Scan(by, "", c); err != nil {
			return fmt.Errorf("scan %s: %w", c, err)
		}
	}
	return nil
}

// confirm runs an action under the lane's reference, and notes what the
// cashier is told.
func (s *Script) confirm(act func(ref string) (clerk.Done, error)) error {
	v, err := s.bench.Till.View(by.Lane)
	if err != nil {
		return err
	}
	return s.under(v.Ref, act)
}

// alone runs an action that belongs to no basket, under a reference of its own.
func (s *Script) alone(act func(ref string) (clerk.Done, error)) error {
	s.refs++
	return s.under(fmt.Sprintf("ref-%d", s.refs), act)
}

func (s *Script) under(ref string, act func(ref string) (clerk.Done, error)) error {
	s.Again = func() (clerk.Done, error) {
		done, err := act(ref)
		if err == nil {
			s.recorder.Told(done.Head)
			s.last = done
		}
		return done, err
	}
	_, err := s.Again()
	return err
}

// pay pays what is in the basket in cash.
func (s *Script) pay() error {
	v, err := s.bench.Till.View(by.Lane)
	if err != nil {
		return err
	}
	p := till.Payment{Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}}
	if v.Quote.ToPay == 0 {
		p.Tenders = nil
	}
	return s.confirm(func(ref string) (clerk.Done, error) {
		p.Ref = ref
		return s.bench.Till.Pay(by, p)
	})
}

// Award sells rice to a member, who earns.
func (s *Script) Award() error { return s.earn(Cards[s.random.IntN(2)], 1+s.random.Int64N(30)) }

func (s *Script) earn(card string, qty int64) error {
	if err := errors.Join(s.bench.Till.Clear(by), s.scan(card, rice), s.bench.Till.SetQty(by, 0, qty)); err != nil {
		return err
	}
	return s.pay()
}

// points sees to it that the first member can pay with points.
func (s *Script) points() error {
	if err := errors.Join(s.bench.Till.Clear(by), s.scan(Cards[0])); err != nil {
		return err
	}
	v, err := s.bench.Till.View(by.Lane)
	if err != nil || v.Member.Points[0].Here >= 600 {
		return err
	}
	return errors.Join(s.earn(Cards[0], 15), s.scan(Cards[0]))
}

// Deduct sells with points as part of the payment.
func (s *Script) Deduct() error {
	if err := errors.Join(s.points(), s.scan(millet, rice), s.bench.Till.Deduct(by, pricing.DeductMax)); err != nil {
		return err
	}
	return s.pay()
}

// Redeem exchanges points for a voucher.
func (s *Script) Redeem() error {
	if err := s.points(); err != nil {
		return err
	}
	err := s.confirm(func(ref string) (clerk.Done, error) { return s.bench.Till.Redeem(by, ref, "tea-set") })
	if err != nil {
		return err
	}
	s.voucher, err = s.code()
	return err
}

// code reads the voucher's code off the newest paper.
func (s *Script) code() (string, error) {
	jobs, err := s.bench.Till.Jobs()
	if err != nil || len(jobs) == 0 {
		return "", errors.Join(err, errors.New("no paper"))
	}
	for _, l := range jobs[0].Document.Lines {
		if l.Kind == receipt.KindQR {
			return l.QR, nil
		}
	}
	return "", errors.New("the newest paper has no code")
}

// UseVoucher redeems and hands out.
func (s *Script) UseVoucher() error {
	if err := errors.Join(s.Redeem(), s.bench.Till.Clear(by), s.scan(s.voucher)); err != nil {
		return err
	}
	return s.confirm(func(ref string) (clerk.Done, error) { return s.bench.Till.UseVoucher(by, ref) })
}

// Decline asks for more than the member has.
func (s *Script) Decline() error {
	if err := errors.Join(s.bench.Till.Clear(by), s.scan(Cards[2])); err != nil {
		return err
	}
	err := s.confirm(func(ref string) (clerk.Done, error) { return s.bench.Till.Redeem(by, ref, "gift-pack") })
	if !errors.Is(err, clerk.ErrDeclined) {
		return fmt.Errorf("redeem without points: %w", err)
	}
	return nil
}

// ask makes the till ask HQ for the third member's points.
func (s *Script) ask() (clerk.Ask, error) {
	s.bench.Line.Set(true)
	defer s.bench.Line.Set(false)
	before := len(s.bench.Line.Asked())
	if err := errors.Join(s.bench.Till.Clear(by), s.scan(Cards[2])); err != nil {
		return clerk.Ask{}, err
	}
	asked := s.bench.Line.Asked()
	if len(asked) == before {
		return clerk.Ask{}, errors.New("nothing was asked")
	}
	return asked[len(asked)-1], nil
}

// NoteIn takes in a note from HQ.
func (s *Script) NoteIn() error {
	ask, err := s.ask()
	if err != nil {
		return err
	}
	s.down++
	_, err = s.bench.Till.ApplyDown([][]byte{s.bench.Note(s.t, s.down, ask, 5)})
	return err
}

// Mark tells HQ that a note has arrived, when nothing else does.
func (s *Script) Mark() error {
	if err := errors.Join(s.tick(), s.NoteIn()); err != nil { // the tick writes what else there is to say
		return err
	}
	s.bench.Clock.Advance(10 * time.Second)
	return s.tick()
}

func (s *Script) tick() error {
	s.bench.Line.Set(true)
	defer s.bench.Line.Set(false)
	return s.bench.Till.Tick()
}

// AskGivenUp lets an ask pass its deadline.
func (s *Script) AskGivenUp() error {
	if _, err := s.ask(); err != nil {
		return err
	}
	s.bench.Clock.Advance(10 * time.Second)
	return s.bench.Till.Tick()
}

// acked says that HQ has all of the journal.
func (s *Script) acked() error {
	st, err := s.bench.Till.Progress()
	if err == nil && len(st.Streams) > 0 {
		s.bench.Till.Acked(st.Streams[len(st.Streams)-1])
	}
	return err
}

// NoteGiven earns more than may stay here, and gives the rest back to HQ.
func (s *Script) NoteGiven() error {
	if err := errors.Join(s.earn(Cards[1], 150), s.acked()); err != nil {
		return err
	}
	return s.tick()
}

// Acked writes down how far HQ is.
func (s *Script) Acked() error {
	if err := errors.Join(s.earn(Cards[2], 1), s.acked()); err != nil {
		return err
	}
	s.bench.Clock.Advance(10 * time.Second)
	return s.tick()
}

// Stop shuts down in order, and starts again.
func (s *Script) Stop() error {
	if err := errors.Join(s.earn(Cards[2], 1), s.bench.Till.Stop()); err != nil {
		return err
	}
	s.bench.Restart(s.t)
	return s.earn(Cards[2], 1)
}

// Reboot starts after a cold boot.
func (s *Script) Reboot() error {
	s.boots++
	s.bench.Reboot(s.t, fmt.Sprintf("boot-%d", s.boots+1))
	return s.earn(Cards[1], 2)
}

// Witnessed starts after a cold boot, and a slip turns up that proves the journal
// whole.
func (s *Script) Witnessed() error {
	if err := s.earn(Cards[1], 1); err != nil {
		return err
	}
	code, err := s.bench.Till.HeadCode()
	if err != nil {
		return err
	}
	if err := s.Reboot(); err != nil {
		return err
	}
	return s.testify(code, clerk.WitnessFreed)
}

// Doubted starts after a cold boot, and a slip turns up that names an entry which
// is not there.
func (s *Script) Doubted() error {
	if err := s.earn(Cards[1], 1); err != nil {
		return err
	}
	p, err := s.bench.Till.Progress()
	if err != nil {
		return err
	}
	lost := p.Ledger.Head
	lost.Seq++
	code, err := s.bench.Till.SealHead(lost, 0)
	if err != nil {
		return err
	}
	if err := s.Reboot(); err != nil {
		return err
	}
	return s.testify(code, clerk.WitnessLost)
}

func (s *Script) testify(code string, want clerk.Verdict) error {
	got, _, err := s.bench.Till.Testify(by, ledger.SlipWitness, code)
	if err == nil && got != want {
		err = fmt.Errorf("the slip's verdict is %s, want %s", got, want)
	}
	return err
}

// Print prints what waits; the first paper fails and is printed again.
func (s *Script) Print() error {
	if err := s.earn(Cards[0], 1); err != nil {
		return err
	}
	for n := 0; n < 3; n++ {
		j, ok, err := s.bench.Till.NextJob()
		if err != nil || !ok {
			return err
		}
		if n == 0 {
			err = errors.Join(s.bench.Till.EndJob(j.ID, printjob.Failed, "no-paper"), s.bench.Till.Reprint(by, j.ID))
		} else {
			err = s.bench.Till.EndJob(j.ID, printjob.Printed, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// PrintCut ends the daemon while a paper is being sent.
func (s *Script) PrintCut() error {
	if err := s.earn(Cards[0], 1); err != nil {
		return err
	}
	if _, _, err := s.bench.Till.NextJob(); err != nil {
		return err
	}
	s.bench.Restart(s.t)
	return nil
}

// Return sells two kinds of goods and takes one of them back.
func (s *Script) Return() error {
	if err := errors.Join(s.bench.Till.Clear(by), s.scan(Cards[0], rice, millet)); err != nil {
		return err
	}
	if err := s.pay(); err != nil {
		return err
	}
	r := till.Returning{Of: s.last.Origin, Qty: []int64{1, 0}, Tender: "cash"}
	return s.alone(func(ref string) (clerk.Done, error) {
		r.Ref = ref
		return s.bench.Till.Return(by, r)
	})
}

// VoucherBack redeems and takes the voucher back.
func (s *Script) VoucherBack() error {
	if err := s.Redeem(); err != nil {
		return err
	}
	id := lot.ID{Origin: s.last.Origin}
	return s.alone(func(ref string) (clerk.Done, error) { return s.bench.Till.TakeVoucherBack(by, ref, id, false) })
}

// Adjust gives points and takes some of them.
func (s *Script) Adjust() error {
	for _, n := range []lot.Amount{30, -10} {
		a := till.Adjustment{Member: adjusted, Asset: "points:green", Amount: n, Reason: "goodwill"}
		err := s.alone(func(ref string) (clerk.Done, error) {
			a.Ref = ref
			return s.bench.Till.Adjust(by, a)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Members whose points are moved without a basket.
const (
	adjusted member.ID = 1002
	giver    member.ID = 1001
	taker    member.ID = 1002
	stranger member.ID = 1003
)

// Transfer moves points to another member.
func (s *Script) Transfer() error {
	if err := s.earn(Cards[0], 1); err != nil { // what is used on trust alone cannot be passed on
		return err
	}
	if err := s.fromHQ(ledger.Down{Ruling: &ledger.Ruling{Member: giver, Household: []ledger.Relative{{Member: taker}}}}); err != nil {
		return err
	}
	r := till.Transferring{From: giver, To: taker, Proof: member.ByCard, Asset: "points:consumption", Amount: 20}
	return s.alone(func(ref string) (clerk.Done, error) {
		s.bench.Line.Set(true)
		defer s.bench.Line.Set(false)
		r.Ref = ref
		return s.bench.Till.Transfer(by, r)
	})
}

// Notice is what the till notices about itself: what is in force, a clock that
// was set, and that HQ was out of reach.
func (s *Script) Notice() error {
	if err := s.bench.Till.Tick(); err != nil {
		return err
	}
	s.bench.Clock.Step(10 * time.Second)
	s.bench.Clock.Advance(2 * time.Minute)
	return s.tick()
}
