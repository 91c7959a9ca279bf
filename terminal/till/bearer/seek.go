package bearer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Times of looking for a voucher.
const (
	patience = 20 * time.Second // while it is called back from another store
	askAgain = time.Second
)

// sought is a voucher whose right was asked for at a lane.
type sought struct {
	by      clerk.By
	text    string
	voucher token.Voucher
	ask     lot.AskID     // 0 while it waits to be asked for again
	next    time.Duration // when that is due; monotonic
	until   time.Duration
	last    clerk.Whereabouts
	quiet   bool // for a program that asks again, and no screen
}

// answer is why a voucher did not come, for a program that asks again.
type answer struct {
	refusal error
	until   time.Duration
}

// Seek asks HQ for the right of a voucher that is not held here, or that somebody
// else signed. What comes of it is said at the lane, or to a quiet caller when it
// asks again.
func (b *Bearer) Seek(by clerk.By, text string, v token.Voucher, quiet bool) error {
	if done, err := b.before(by.Lane, text, quiet); done {
		return err
	}
	if !b.o.Online() {
		made := ledger.TerminalID(v.Lot.Terminal)
		switch made {
		case b.o.Terminal:
			return view.Refuse("voucher-gone-offline")
		case 0:
			return view.Refuse("voucher-hq-offline")
		}
		return view.Refuse("voucher-made-offline", view.Plain(made))
	}
	ask, err := b.o.Clerk.AskVoucher(by, text)
	if err != nil || ask == 0 {
		return errors.Join(err, view.Refuse("voucher-no-answer"))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sought[by.Lane] = &sought{by: by, text: text, voucher: v, ask: ask, until: b.o.Clerk.Now().Mono + patience, quiet: quiet}
	return nil
}

// before reports what is known already to somebody who asks again.
func (b *Bearer) before(lane uint32, text string, quiet bool) (done bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a, ok := b.answers[text]; ok && quiet {
		delete(b.answers, text)
		if b.o.Clerk.Now().Mono < a.until {
			return true, a.refusal
		}
	}
	s := b.sought[lane]
	return quiet && s != nil && s.text == text, nil
}

// tell says something of what was sought, at its lane or to whoever asks again.
func (b *Bearer) tell(lane uint32, s *sought, level view.Level, code string, args ...programme.Text) error {
	if !s.quiet {
		return b.o.Tell(lane, level, code, args...)
	}
	if level != view.Refused {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.answers) >= knownMax {
		clear(b.answers)
	}
	b.answers[s.text] = answer{view.Refuse(code, args...), b.o.Clerk.Now().Mono + patience}
	return nil
}

// Drop forgets the voucher that was asked for at a lane. What comes all the same
// stays here until another store asks for it.
func (b *Bearer) Drop(lane uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sought, lane)
}

// Leave forgets a lane's challenge and what was asked for there: its customer has
// gone.
func (b *Bearer) Leave(lane uint32) {
	b.Drop(lane)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.shown, lane)
}

// Knows reports whether HQ has verified a text that this till cannot.
func (b *Bearer) Knows(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known[text]
}

// Answered takes in what HQ says of a voucher beside its note.
func (b *Bearer) Answered(a clerk.Answer) error {
	if a.Member != 0 && a.Left != nil {
		b.call(a)
	}
	lane, s, ok := b.of(a.Ask)
	if !ok || a.Given {
		return nil
	}
	now := b.o.Clerk.Now().Mono
	if a.Why.Code == "voucher-waits" && now < s.until {
		b.mu.Lock()
		first := s.last.Code == ""
		s.ask, s.next, s.last = 0, now+askAgain, a.Why
		b.mu.Unlock()
		if !first {
			return nil
		}
		return b.tell(lane, s, view.Attention, a.Why.Code, b.store(a.Why))
	}
	b.Drop(lane)
	return b.refuse(lane, s, a.Why)
}

// of finds what a question was about.
func (b *Bearer) of(ask lot.AskID) (lane uint32, s *sought, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for lane, s := range b.sought {
		if ask != 0 && s.ask == ask {
			return lane, s, true
		}
	}
	return 0, nil, false
}

// Look shows vouchers that have come, asks again for those that wait, says of the
// others that nobody answered, and what became of receipts.
func (b *Bearer) Look() error {
	b.mu.Lock()
	lanes := slices.Sorted(maps.Keys(b.sought))
	b.mu.Unlock()
	for _, lane := range lanes {
		if err := b.look(lane); err != nil {
			return fmt.Errorf("look for a voucher at lane %d: %w", lane, err)
		}
	}
	return b.settled()
}

func (b *Bearer) look(lane uint32) error {
	b.mu.Lock()
	s := b.sought[lane]
	b.mu.Unlock()
	if s == nil {
		return nil
	}
	come, err := b.come(s.voucher.Lot)
	if err != nil {
		return err
	}
	now := b.o.Clerk.Now().Mono
	switch {
	case come:
		b.Drop(lane)
		b.remember(s.text)
		if s.quiet {
			return nil
		}
		return b.o.Show(lane, s.voucher.Lot)
	case s.ask != 0 && b.o.Clerk.Pending(s.ask), s.ask == 0 && now < s.next:
		return nil
	case s.ask == 0 && now < s.until:
		ask, err := b.o.Clerk.AskVoucher(s.by, s.text)
		b.mu.Lock()
		s.ask = ask
		b.mu.Unlock()
		if err != nil || ask != 0 {
			return err
		}
	}
	b.Drop(lane)
	if s.last.Code != "" && s.ask == 0 {
		return b.tell(lane, s, view.Refused, "voucher-not-released", b.store(s.last))
	}
	return b.tell(lane, s, view.Refused, "voucher-no-answer")
}

// come reports whether a voucher is held here now.
func (b *Bearer) come(id lot.ID) (come bool, err error) {
	err = b.o.Journal.View(func(tx journal.Tx) error {
		state, err := b.o.Clerk.State(tx)
		if err != nil {
			return err
		}
		v, ok, err := state.Voucher(id)
		if err != nil || !ok {
			return err
		}
		held, err := state.Usable(v.Member)
		come = has(held, id)
		return err
	})
	return come, err
}

func (b *Bearer) remember(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) >= knownMax {
		clear(b.known)
	}
	b.known[text] = true
}

// refuse says why a voucher's right does not come, and what to do.
func (b *Bearer) refuse(lane uint32, s *sought, why clerk.Whereabouts) error {
	since := view.Plain(b.o.Stamp(why.Wall))
	switch why.Code {
	case "voucher-held", "voucher-used-at":
		return b.tell(lane, s, view.Refused, why.Code, b.store(why), since)
	case "voucher-unheard":
		if why.Wall.IsZero() {
			return b.tell(lane, s, view.Refused, "voucher-never-heard", b.store(why))
		}
		return b.tell(lane, s, view.Refused, why.Code, b.store(why), since)
	case "voucher-checked":
		return b.tell(lane, s, view.Refused, why.Code, b.store(why))
	case "voucher-waits":
		return b.tell(lane, s, view.Refused, "voucher-not-released", b.store(why))
	case "voucher-frozen", "voucher-returned", "voucher-lapsed", "token-forged", "member-blocked":
		return b.tell(lane, s, view.Refused, why.Code)
	}
	return b.tell(lane, s, view.Refused, "voucher-not-now")
}

// store is what people call the place that an answer is about.
func (b *Bearer) store(why clerk.Whereabouts) programme.Text {
	for _, s := range b.o.Clerk.Programme().Stores {
		if s.ID == why.Store && s.Name != (programme.Text{}) {
			return s.Name
		}
	}
	if why.Store == "" {
		return view.Plain(why.At)
	}
	return view.Plain(why.Store)
}
