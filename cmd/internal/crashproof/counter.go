package crashproof

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/hqkey"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pins"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Steps at the counter beside selling: people, the day, papers.

// gift is what attending and answering earn.
const gift lot.Amount = 7

// CheckIn notes that two members attended: one whose home is here, so that
// their quota is made and used up, and one for whom HQ is asked.
func (s *Script) CheckIn() error {
	_, err := s.receive(giver, lot.Home)
	return errors.Join(err, s.attend(giver), s.attend(stranger))
}

func (s *Script) attend(who member.ID) error {
	c := till.Attendance{
		Member: who, Proof: member.ByCard, Activity: fmt.Sprintf("visit-%d", s.refs), Nonce: []byte{1}, Asset: "points:green", Amount: gift,
	}
	return s.alone(func(ref string) (clerk.Done, error) {
		c.Ref = ref
		return s.bench.Till.CheckIn(by, c)
	})
}

// Answer keeps a member's answers.
func (s *Script) Answer() error {
	a := till.Survey{
		Member: stranger, Survey: fmt.Sprintf("survey-%d", s.refs), Version: 1, Choices: []ledger.Choice{{Option: 2}},
		Asset: "points:green", Amount: gift,
	}
	return s.alone(func(ref string) (clerk.Done, error) {
		a.Ref = ref
		return s.bench.Till.Answer(by, a)
	})
}

// Enrol makes a member, with their consent; they agree to a second text later.
func (s *Script) Enrol() error {
	e := till.Enrolment{Phone: phone(s.enrolled), Sealed: []byte("sealed"), Text: []byte("terms")}
	s.enrolled++
	err := s.alone(func(ref string) (clerk.Done, error) {
		e.Ref = ref
		return s.bench.Till.Enrol(by, e)
	})
	if err != nil {
		return err
	}
	who := s.last.Entry.Body.(*ledger.Enrol).Member
	return s.bench.Till.Consent(by, ledger.Consent{Member: who, Purpose: "messages", Text: []byte("terms")})
}

// StepUp lends a second person's right.
func (s *Script) StepUp() error {
	return s.bench.Till.StepUp(by, till.StepUp{Action: ledger.KindReturn, Input: []byte("a return"), Second: "c2", Reason: "goodwill"})
}

// Lock keeps the last wrong PIN of somebody, which locks them; a keeper unlocks
// them, and the next time HQ does.
func (s *Script) Lock() error {
	locked := pins.Tried{Person: "c2", Wrong: 10, Locked: true}
	if err := s.bench.Till.KeepTried(locked); err != nil {
		return err
	}
	if _, err := s.bench.Till.UnlockPIN(by, "c2"); err != nil {
		return err
	}
	if err := s.bench.Till.KeepTried(locked); err != nil {
		return err
	}
	return s.fromHQ(ledger.Down{Unlock: &ledger.Unlock{Person: "c2", By: "zhou", Reason: "known"}})
}

// CloseDay closes the business day, and opens it again.
func (s *Script) CloseDay() error {
	if err := s.bench.Till.Clear(by); err != nil {
		return err
	}
	err := s.alone(func(ref string) (clerk.Done, error) { return s.bench.Till.CloseDay(by, ref, 12345) })
	return errors.Join(err, s.OpenDay())
}

// OpenDay opens the business day, unless it is open.
func (s *Script) OpenDay() error {
	d, err := s.bench.Till.Day()
	if err != nil || !d.Closed {
		return err
	}
	return s.alone(func(ref string) (clerk.Done, error) { return s.bench.Till.OpenDay(by, ref, 10000) })
}

// ClaimReturn takes back goods that another terminal sold.
func (s *Script) ClaimReturn() error {
	c := till.ClaimReturn{
		Of: lot.Origin{Terminal: 9, Incarnation: 9, Seq: 9 + uint64(s.refs)}, Lines: []ledger.ReturnLine{{Qty: 1}}, Refund: 100, Tender: "cash",
	}
	return s.alone(func(ref string) (clerk.Done, error) {
		c.Ref = ref
		return s.bench.Till.ClaimReturn(by, c)
	})
}

// PrintAgain prints a paper a second time, which the journal says.
func (s *Script) PrintAgain() error {
	if err := s.earn(Cards[0], 1); err != nil {
		return err
	}
	j, ok, err := s.bench.Till.NextJob()
	if err != nil || !ok {
		return errors.Join(err, errors.New("no paper"))
	}
	return errors.Join(s.bench.Till.EndJob(j.ID, printjob.Printed, ""), s.bench.Till.Reprint(by, j.ID))
}

// AllAtOnce is a sale with all that one can have inside: a coupon, points, a
// benefit, and the small change left out.
func (s *Script) AllAtOnce() error {
	coupon, err := s.receive(giver, lot.CouponAsset("five-per-cent"))
	if err != nil {
		return err
	}
	err = errors.Join(s.points(), s.scan(rice, millet), s.bench.Till.UseCoupon(by, coupon), s.bench.Till.Deduct(by, 100))
	if err != nil {
		return err
	}
	v, err := s.bench.Till.View(by.Lane)
	if err != nil {
		return err
	}
	p := till.Payment{Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}, Redeem: []string{"tea-set"}}
	return s.confirm(func(ref string) (clerk.Done, error) {
		p.Ref = ref
		return s.bench.Till.Pay(by, p)
	})
}

// Recalled earns points that HQ asks back, and gives them.
func (s *Script) Recalled() error {
	if err := s.earn(Cards[1], 2); err != nil {
		return err
	}
	who := s.last.Entry.Body.(*ledger.Sale).Member
	draws := []lot.Draw{{Lot: lot.ID{Origin: s.last.Origin}, Amount: 50}}
	return errors.Join(s.fromHQ(ledger.Down{Recall: &ledger.Recall{Member: who, Draws: draws}}), s.tick())
}

// Told takes in what HQ says of members: which tier they have, that one is
// another, and what became of a claim.
func (s *Script) Told() error {
	if err := s.attend(stranger); err != nil {
		return err
	}
	s.younger++
	return errors.Join(
		s.fromHQ(ledger.Down{Ruling: &ledger.Ruling{Member: taker, Tier: "green-tree"}}),
		s.fromHQ(ledger.Down{Alias: &ledger.Alias{From: member.ID(5000 + s.younger), To: taker}}),
		s.fromHQ(ledger.Down{Settled: &ledger.Settled{Of: s.last.Origin, Granted: true}}),
		s.bench.Till.Obey(1),
		s.newKey(),
	)
}

// newKey has HQ sign with another key, and speak under it.
func (s *Script) newKey() error {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = byte(s.down)
	key := ed25519.NewKeyFromSeed(seed)
	next := &hqkey.Change{}
	copy(next.Key[:], key.Public().(ed25519.PublicKey))
	err := s.fromHQ(ledger.Down{Key: next})
	s.bench.HQKey = key
	return errors.Join(err, s.bench.Till.HQKeyHeard())
}

// fromHQ takes in the next entry of HQ's journal.
func (s *Script) fromHQ(d ledger.Down) error {
	s.down++
	d.Terminal, d.Epoch, d.Seq = tilltest.Terminal, 1, s.down
	_, err := s.bench.Till.ApplyDown([][]byte{ledger.SignDown(d, s.bench.HQKey)})
	return err
}

// receive takes in a note from HQ with one of an asset.
func (s *Script) receive(owner member.ID, asset lot.Asset) (lot.ID, error) {
	if err := s.bench.Till.SettleBoot(); err != nil {
		return lot.ID{}, err
	}
	st, err := s.bench.Till.Progress()
	if err != nil {
		return lot.ID{}, err
	}
	origin := lot.Origin{Incarnation: 1, Seq: uint64(s.down) + 1}
	l := lot.Lot{ID: lot.ID{Origin: origin}, Owner: owner, Asset: asset, Amount: 1, Terms: s.bench.Programme.Version()}
	return l.ID, s.fromHQ(ledger.Down{Note: &lot.Note{
		ID: origin, Terminal: uint32(tilltest.Terminal), Incarnation: uint64(st.Ledger.Head.Incarnation), Holdings: []lot.Holding{{Lot: l, Amount: 1}},
	}})
}

// Healed is told by HQ that the parent of this boot's incarnation had one sale
// more, gets it back, and folds the whole journal again.
func (s *Script) Healed() error {
	if err := s.earn(Cards[1], 1); err != nil {
		return err
	}
	lost := s.last.Entry
	lost.Ref += "-lost"
	raw, err := ledger.Encode(lost)
	if err != nil {
		return err
	}
	before, err := s.bench.Till.Progress()
	if err != nil {
		return err
	}
	if err := errors.Join(s.Reboot(), s.OpenDay()); err != nil {
		return err
	}
	heal := ledger.Heal{Child: s.last.Head.Incarnation, Parent: before.Ledger.Head}
	if err := s.fromHQ(ledger.Down{Heal: &heal}); err != nil {
		return err
	}
	return errors.Join(s.bench.Till.History(clerk.Missing{After: heal.Parent, Before: heal.Child}, heal.Parent.Incarnation, [][]byte{raw}, true), s.tick())
}
