// Package desk is what is done at a lane's counter beside its basket: the best
// use of what a member has, sales put aside and taken up, goods that come back,
// members who join, games that are offered, and how the day stands. It decides
// with the till, which writes all entries, and keeps its own notes beside the
// journal; it starts no goroutine and waits for nothing else.
package desk

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Options are the parts a desk is made of.
type Options struct {
	Till     *till.Till
	Journal  journal.Journal
	Codes    *barcode.Shop     // codes that the shop's own scales print; nil is none
	PhoneKey []byte            // for looking up phone numbers (sec E1)
	Key      ed25519.PublicKey // that the receipts of this terminal are signed with
	Changed  func()            // something that a screen shows has changed

	// Seal seals for the holder of HQ's key alone, and returns nothing where there
	// is no key yet. Nil: nothing is sealed, and no name and no birthday taken.
	Seal func(hq ed25519.PublicKey, plain []byte) ([]byte, error)
}

// Desk is a till with all that is done at its counter.
type Desk struct {
	*till.Till
	o Options

	mu    sync.Mutex
	cards map[uint32]string // by lane, a card that was scanned last and is nobody's
	// handed are by lane a voucher that was scanned last and was handed out here.
	handed map[uint32]lot.ID
}

// New makes one; it starts nothing.
func New(o Options) *Desk {
	return &Desk{Till: o.Till, o: o, cards: map[uint32]string{}, handed: map[uint32]lot.ID{}}
}

// View shows a lane, with what lies beside its basket.
func (d *Desk) View(lane uint32) (till.View, error) {
	v, err := d.Till.View(lane)
	if err != nil {
		return v, err
	}
	d.mu.Lock()
	v.NewCard = d.cards[lane]
	d.mu.Unlock()
	if v.Best, err = d.best(v); err != nil {
		return v, err
	}
	err = d.o.Journal.View(func(tx journal.Tx) error {
		state, err := d.State(tx)
		if err != nil {
			return err
		}
		if v.Return, err = d.viewReturning(tx, state, lane); err != nil {
			return err
		}
		if v.Claim, err = d.viewClaim(tx, lane); err != nil {
			return err
		}
		if v.Handed, err = d.viewHanded(state, lane); err != nil {
			return err
		}
		if v.Survey, err = d.viewSurvey(tx, &v); err != nil {
			return err
		}
		if v.Parked, err = d.viewParked(tx); err != nil {
			return err
		}
		if err = d.viewAlong(tx, &v); err != nil {
			return err
		}
		if err = d.viewPlay(tx, &v); err != nil {
			return err
		}
		v.Day.Day, v.Day.Closed, v.Day.Figures, err = state.Day()
		return err
	})
	if err != nil {
		return v, fmt.Errorf("look at the counter of lane %d: %w", lane, err)
	}
	return v, d.viewSwap(&v)
}

// Scan takes a code. That of a receipt puts its sale up to be taken back, unless
// the end of the journal with it is lost; that of an activity checks the member in;
// all others are the till's.
func (d *Desk) Scan(by clerk.By, aim, text string) error {
	if of, ok := d.receipt(text); ok {
		var refusal *till.Refusal
		if err := d.putSaleUp(by, of); !errors.As(err, &refusal) || refusal.Code != "return-unknown" {
			return err
		}
	} else if of, ok := d.foreign(text); ok {
		return d.putClaimUp(by, of, text)
	}
	if kind, _ := token.KindOf(text); kind == token.KindActivity {
		_, err := d.scanActivity(by, text)
		return err
	}
	if err := d.heldUp(by.Lane, text); err != nil {
		return err
	}
	err := d.Till.Scan(by, aim, text)
	d.waits(by.Lane, aim, text, err)
	return err
}

// waits keeps a card that nobody has yet, so that whoever gets it next is
// enrolled with it and it need not be scanned again. What is scanned after it
// takes its place.
func (d *Desk) waits(lane uint32, aim, text string, err error) {
	var refusal *till.Refusal
	code, wrong := d.o.Codes.Classify(aim, text)
	nobodys := wrong == nil && code.Kind == barcode.Card && errors.As(err, &refusal) && refusal.Code == "unknown-member"
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.cards, lane)
	if nobodys {
		d.cards[lane] = code.Card()
	}
}
