package assemble_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/asking"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// challenge is what a lane shows to a phone.
func (s *store) challenge() string {
	s.town.t.Helper()
	s.town.must("Challenge", s.Till.Challenge(by))
	v, err := s.Till.View(1)
	s.town.must("View", err)
	if v.Challenge == "" {
		s.town.t.Fatal("the lane shows no challenge")
	}
	return v.Challenge
}

// fetch is what a member's phone fetches from HQ for a challenge.
func (w *town) fetch(who member.ID, challenge string) (codes []string, err error) {
	var at asking.Carried
	err = w.hq.Decide(func(d *decision.Work) (err error) {
		at, err = asking.ByHand(d, who, challenge)
		return err
	})
	if err != nil {
		return nil, err
	}
	raws, err := w.hq.Down(at.Terminal, at.Seq-1)
	w.must("Down", err)
	codes, err = token.Carry(raws[0])
	w.must("Carry", err)
	return codes, nil
}

// show shows codes to a lane's scanner.
func (s *store) show(codes []string) error {
	for _, code := range codes {
		if err := s.Till.Scan(by, "", code); err != nil {
			return err
		}
	}
	return nil
}

// deduct pays a small bill with all the points there can be, and says how many it took.
func (s *store) deduct() int64 {
	w := s.town
	w.t.Helper()
	w.must("Scan", s.Till.Scan(by, "", "6900001000112"))
	w.must("Deduct", s.Till.Deduct(by, pricing.DeductMax))
	v, err := s.Till.View(1)
	w.must("View", err)
	pay := till.Payment{Ref: v.Ref}
	if v.Quote.ToPay > 0 {
		pay.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
	}
	_, err = s.Till.Pay(by, pay)
	w.must("Pay", err)
	return int64(v.Quote.Deduction.Points)
}

func TestPhoneBringsPointsToATillWithoutALine(t *testing.T) {
	w := newTown(t, 1, 2)
	one := w.stores[0]
	one.cut()
	w.run(time.Second)
	codes, err := w.fetch(sun, one.challenge())
	if err != nil {
		t.Fatalf("HQ's answer to the phone: %v", err)
	}
	if err := one.show(codes); err != nil {
		t.Fatalf("showing the phone: %v", err)
	}
	one.says("note-by-hand")
	if n := one.deduct(); n <= 0 {
		t.Errorf("%d points deducted without a line, want some", n)
	}
	if err := one.show(codes); err == nil || err.Error() != "note-taken" {
		t.Errorf("showing the phone again = %v, want note-taken", err)
	}
	// The same note comes in its turn; nothing is there twice.
	one.switchOn()
	w.run(20 * time.Second)
	w.must("Clear", one.Till.Clear(by))
	w.run(20 * time.Second)
	w.whole()
	if n := w.owned(sun); n > 15000 {
		t.Errorf("%d points in the end, want no more than there were", n)
	}
}

func TestWhatAPhoneBringsIsRefusedInPlainWords(t *testing.T) {
	w := newTown(t, 1, 2)
	one, two := w.stores[0], w.stores[1]
	if err := one.Till.Challenge(by); err == nil || err.Error() != "challenge-online" {
		t.Errorf("Challenge() with a line = %v, want challenge-online", err)
	}
	one.cut()
	two.cut()
	w.run(time.Second)
	text := one.challenge()
	codes, err := w.fetch(sun, text)
	w.must("fetch", err)
	again, err := w.fetch(sun, text)
	if err != nil || again[0] != codes[0] {
		t.Errorf("the same challenge again = %v, want the same note", err)
	}
	if _, err := w.fetch(1009, text); !errors.Is(err, asking.ErrUsed) {
		t.Errorf("the challenge for somebody else = %v, want ErrUsed", err)
	}
	if _, err := w.fetch(1001, two.challenge()); !errors.Is(err, asking.ErrNothing) {
		t.Errorf("for a member without points = %v, want ErrNothing", err)
	}
	forged, err := token.SealChallenge(token.Challenge{Terminal: 1, Incarnation: 5, Ask: 6}, strangersKey)
	w.must("SealChallenge", err)
	if _, err := w.fetch(sun, forged); !errors.Is(err, asking.ErrChallenge) {
		t.Errorf("a forged challenge = %v, want ErrChallenge", err)
	}
	if err := two.show(codes); err == nil || err.Error() != "note-of-another" {
		t.Errorf("at another till = %v, want note-of-another", err)
	}
	changed := append([]string{}, codes...)
	b := []byte(changed[len(changed)-1])
	if b[len(b)-3] = 'A'; string(b) == changed[len(changed)-1] {
		b[len(b)-3] = 'B'
	}
	changed[len(changed)-1] = string(b)
	if err := one.show(changed); err == nil || err.Error() != "token-misread" {
		t.Errorf("a changed code = %v, want token-misread", err)
	}
	w.run(6 * time.Minute) // nobody showed it in time
	if err := one.show(codes); err == nil || err.Error() != "challenge-over" {
		t.Errorf("after the till gave up = %v, want challenge-over", err)
	}
	one.switchOn()
	two.switchOn()
	w.run(20 * time.Second)
	w.whole()
	if n := w.owned(sun); n != 15000 {
		t.Errorf("%d points in the end, want the 15000 that nobody used", n)
	}
}

func TestNoteForAnEarlierStartIsRefusedAndComesBack(t *testing.T) {
	for _, way := range []string{"restart", "reboot"} {
		t.Run(way, func(t *testing.T) {
			w := newTown(t, 1, 2)
			one := w.stores[0]
			one.cut()
			w.run(time.Second)
			codes, err := w.fetch(sun, one.challenge())
			w.must("fetch", err)
			want := "note-other-start"
			if way == "restart" { // of the daemon: the same life goes on
				one.Restart(t)
				want = ""
			} else {
				one.Reboot(t, "boot-2")
			}
			one.start()
			w.must("SignIn", one.Till.SignIn(by))
			got := ""
			if err := one.show(codes); err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("showing the phone after a %s = %q, want %q", way, got, want)
			}
			one.switchOn()
			w.run(20 * time.Second)
			w.must("Clear", one.Till.Clear(by))
			w.run(20 * time.Second)
			w.must("Check", w.hq.Check())
			if n := w.owned(sun); n != 15000 {
				t.Errorf("%d points in the end, want 15000", n)
			}
		})
	}
}
