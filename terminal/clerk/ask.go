package clerk

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Ask is a question to HQ for a note: points of these kinds, at most so many.
type Ask struct {
	ID          lot.AskID
	Incarnation ledger.Incarnation
	Member      member.ID
	Wants       []Want
	Within      time.Duration
	Voucher     string // in place of member and wants: the text of the code on its paper
}

// Want is how much of one asset is asked for.
type Want struct {
	Asset  lot.Asset
	Amount lot.Amount
}

// Answer is what HQ says to an ask beside the note itself, for the screen.
type Answer struct {
	Ask    lot.AskID
	Member member.ID
	Given  bool // a note follows
	Left   []Balance
	Why    Whereabouts
}

// Whereabouts is why a voucher's right does not come.
type Whereabouts struct {
	Code  string            // a word of the catalogue, or ""
	At    ledger.TerminalID // which has it, used it, or has not told HQ of it
	Store string
	Wall  time.Time // when that was heard last, or when the voucher was used; zero for never
}

// Balance is what HQ says of one kind of a member's points.
type Balance struct {
	Asset     lot.Asset
	HQ        lot.Amount // free at HQ
	Elsewhere lot.Amount // at other terminals or on the way
}

// asking is an ask that has no answer yet.
type asking struct {
	Ask
	lane     uint32
	deadline time.Duration // monotonic
}

// SettleBoot opens the incarnation of this boot if that has not been done:
// only then is it known what of the rights here may be used.
func (c *Clerk) SettleBoot() error {
	c.mu.Lock()
	settled := c.settled
	c.mu.Unlock()
	if settled {
		return nil
	}
	if err := c.Update(c.open); err != nil {
		return fmt.Errorf("open this boot's incarnation: %w", err)
	}
	c.mu.Lock()
	c.settled = true
	c.mu.Unlock()
	return nil
}

// AskFor sends for a member's points as soon as the member is known, so that
// they are here before the cashier needs them, and for what else is wanted of
// theirs. Nobody waits for it.
func (c *Clerk) AskFor(by By, id member.ID, more ...Want) error {
	if !c.o.Asker.Online() || c.Asking(id) {
		return nil
	}
	wants, err := c.missing(id)
	for _, w := range more {
		if w.Amount > 0 {
			wants = append(wants, w)
		}
	}
	if err != nil || len(wants) == 0 {
		return err
	}
	_, err = c.ask(by, Ask{Member: id, Wants: wants, Within: askDeadline})
	return err
}

// AskVoucher sends for the right of a voucher whose paper somebody has in hand.
// The question is named; nothing was asked where that is 0.
func (c *Clerk) AskVoucher(by By, text string) (lot.AskID, error) {
	return c.ask(by, Ask{Voucher: text, Within: askDeadline})
}

func (c *Clerk) ask(by By, q Ask) (lot.AskID, error) {
	a, err := c.Name(by, q)
	if a.ID != 0 {
		c.o.Asker.Ask(a)
	}
	return a.ID, err
}

// Name names a question of this boot's incarnation without sending it: it is given
// up when its time is over. It has no name where nothing was written in this boot.
func (c *Clerk) Name(by By, q Ask) (Ask, error) {
	if err := c.SettleBoot(); err != nil {
		return q, err
	}
	n, err := c.Random()
	left := c.left()
	if err != nil || left == nil {
		return q, err
	}
	q.ID, q.Incarnation = lot.AskID(max(n>>24, 1)), left.Incarnation
	now := c.Now()
	c.mu.Lock()
	c.asks[q.ID] = &asking{lane: by.Lane, deadline: now.Mono + q.Within, Ask: q}
	c.mu.Unlock()
	return q, nil
}

// Pending reports whether a question may still be answered.
func (c *Clerk) Pending(id lot.AskID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asks[id] != nil
}

// Asking reports whether HQ has been asked for a member's points and may
// still answer.
func (c *Clerk) Asking(id member.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.asks {
		if a.Member == id && a.Voucher == "" {
			return true
		}
	}
	return false
}

// missing reads what is worth asking for: of each kind of points, up to what
// one bill may use.
func (c *Clerk) missing(id member.ID) (wants []Want, err error) {
	held, err := c.usable(id)
	if err != nil {
		return nil, err
	}
	today := c.Today(c.Now())
	for _, kind := range c.Programme().Points {
		most, err := kind.Worth.Floor(int64(c.Programme().Allotment.AskFen))
		if missing := lot.Amount(most) - lot.Available(held, kind.Asset, today); err == nil && missing > 0 {
			wants = append(wants, Want{Asset: kind.Asset, Amount: missing})
		}
	}
	return wants, nil
}

// usable reads what may be used here of a member's rights.
func (c *Clerk) usable(id member.ID) (held []lot.Holding, err error) {
	err = c.Inspect(func(state *fold.State) (err error) {
		held, err = state.Usable(id)
		return err
	})
	return held, err
}

// heard is what HQ last said of a member, and when.
type heard struct {
	Answer
	At time.Time
}

// Answered takes in what HQ said beside a note.
func (c *Clerk) Answered(a Answer) {
	now := c.Now().Wall
	c.mu.Lock()
	if len(c.heard) >= heardMax {
		clear(c.heard)
	}
	if a.Left != nil {
		c.heard[a.Member] = heard{a, now}
	}
	if !a.Given {
		delete(c.asks, a.Ask)
	}
	c.mu.Unlock()
	c.changed()
}

// Heard is what HQ last said of a member in this run, and when; it is empty if
// HQ said nothing.
func (c *Clerk) Heard(id member.ID) (said struct {
	Left []Balance
	At   time.Time
}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.heard[id]
	said.Left, said.At = h.Left, h.At
	return said
}

// giveUpAsks gives up asks past their deadline, in the journal first.
func (c *Clerk) giveUpAsks(now Reading) error {
	for _, a := range c.overdue(now) {
		err := c.Update(func(x *Txn) error {
			if c.o.Unguarded.GiveUpFirst {
				return nil
			}
			_, err := c.Append(x, ledger.Entry{Lane: a.lane, Body: &ledger.AskGivenUp{Ask: a.ID}})
			return err
		})
		if err != nil {
			return fmt.Errorf("give up an ask: %w", err)
		}
		c.Forget(a.ID)
	}
	return nil
}

func (c *Clerk) overdue(now Reading) (list []*asking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.asks {
		if now.Mono >= a.deadline {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *asking) int { return cmp.Compare(a.ID, b.ID) }) // the same on every run
	return list
}

// Forget is told that a question needs no answer any more.
func (c *Clerk) Forget(id lot.AskID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.asks, id)
}
