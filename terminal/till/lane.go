package till

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/piece"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// lane is one place where a cashier works. What is in its basket is kept
// beside the journal, so that a restart in mid-sale loses nothing.
type lane struct {
	mu sync.Mutex // held while somebody changes what is below
	basket
	kept     []byte // the basket as last written
	beside   bool   // not the lane's own basket, but one action's: it is written nowhere
	answered bool   // an order under a reference that was answered before: it is compared, not done
	message  Message
	last     *Last
}

// basket is what is stored of a lane.
type basket struct {
	Cashier string       `json:"cashier,omitempty"`
	Ref     string       `json:"ref"` // reference of the action in hand
	Lines   []piece.Item `json:"lines,omitempty"`
	Member  member.ID    `json:"member,omitempty"`
	Proof   member.Proof `json:"proof,omitempty"`
	Deduct  lot.Fen      `json:"deduct,omitempty"`  // as wished: pricing.Request.DeductFen
	Voucher *lot.ID      `json:"voucher,omitempty"` // scanned, to be handed out
	Coupons []lot.ID     `json:"coupons,omitempty"` // to be used, by lot
	Hold    *hold        `json:"hold,omitempty"`    // kept from other baskets
	Pool    bool         `json:"pool,omitempty"`    // the household's points pay too
}

// errNoLane says that a lane does not exist.
var errNoLane = errors.New("no such lane")

func laneNote(n uint32) string { return fmt.Sprintf("lane-%d", n) }

// loadLanes reads what lay in the baskets. A basket that cannot be read is no
// reason not to sell: its lane starts empty and says so.
func (t *Till) loadLanes() error {
	for n := uint32(1); n <= LanesMax; n++ {
		l := &lane{}
		damaged, err := journal.ReadOrSetAside(t.o.Journal, laneNote(n), t.Now().Wall.UnixMilli(), func(b []byte) error {
			l.kept = b
			return json.Unmarshal(b, &l.basket)
		})
		if err != nil {
			return err
		}
		if damaged != nil {
			*l = lane{}
			l.say(Attention, "basket-damaged")
			t.o.Log.Error("a basket cannot be read: its lane starts empty, its bytes are kept", "lane", n, "error", damaged)
		}
		t.lanes[n] = l
		t.show(n, l)
	}
	return nil
}

// at returns a lane.
func (t *Till) at(n uint32) (*lane, error) {
	l, ok := t.lanes[n]
	if !ok {
		return nil, fmt.Errorf("lane %d: %w", n, errNoLane)
	}
	return l, nil
}

// edit changes a lane's basket and keeps it. A refusal becomes the lane's
// message; other errors are returned.
func (t *Till) edit(by clerk.By, change func(*lane) error) error {
	l, err := t.at(by.Lane)
	if err != nil {
		return err
	}
	defer t.changed()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := t.renew(l); err != nil {
		return err
	}
	if err = change(l); err == nil {
		err = t.keepHold(by.Lane, l)
	}
	t.show(by.Lane, l)
	return t.outcome(by, l, err)
}

// outcome keeps the basket and turns a refusal into a message.
func (t *Till) outcome(by clerk.By, l *lane, err error) error {
	var refusal *Refusal
	var declined *clerk.Declined
	switch {
	case errors.As(err, &refusal):
		l.say(refusal.Level(), refusal.Code, refusal.Args...)
		return err
	case errors.Is(err, clerk.ErrStopped):
		l.say(Refused, "stopped")
		return err
	case errors.As(err, &declined):
		l.say(Refused, declined.Code, plain(declined.Want), plain(declined.Has))
		return err
	case errors.Is(err, clerk.ErrReference):
		l.say(Refused, "reference-used")
		return err
	case errors.Is(err, journal.ErrFull):
		l.say(Refused, "ledger-full")
		return err
	case errors.Is(err, journal.ErrUnknownResult):
		l.say(Refused, "result-unknown")
		return err
	case err != nil:
		t.o.Log.Error("action failed", "lane", by.Lane, "error", err)
		l.say(Refused, "internal-fault")
		return err
	}
	if raw, err := json.Marshal(l.basket); err != nil || bytes.Equal(raw, l.kept) {
		return err // an Update that writes nothing would still wait for the disk
	}
	if err := t.o.Journal.Update(func(tx journal.Tx) error { return l.keep(tx, by.Lane, l.basket) }); err != nil {
		return fmt.Errorf("keep basket: %w", err)
	}
	return nil
}

// keep writes a basket, unless it is what was written last.
func (l *lane) keep(tx journal.Tx, n uint32, b basket) error {
	raw, err := json.Marshal(b)
	if err != nil || bytes.Equal(raw, l.kept) {
		return err
	}
	if err := tx.PutNote(laneNote(n), raw); err != nil {
		return err
	}
	l.kept = raw
	return nil
}

// after writes the basket that follows an action with the action's entry, so
// that no restart offers the same thing again. It returns what it wrote.
func (t *Till) after(x *clerk.Txn, by clerk.By, next *basket) (raw []byte, err error) {
	if next.Ref, err = t.reference(); err != nil {
		return nil, err
	}
	if raw, err = json.Marshal(next); err != nil {
		return nil, err
	}
	return raw, x.PutNote(laneNote(by.Lane), raw)
}

// renew gives a basket without one a reference for the action to come.
func (t *Till) renew(l *lane) error {
	if l.Ref != "" {
		return nil
	}
	ref, err := t.reference()
	l.Ref = ref
	return err
}

// reference draws one: of a million in 400 days, two are alike once in 10^7
// shops.
func (t *Till) reference() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(t.o.Rand, b[:]); err != nil {
		return "", fmt.Errorf("draw a reference: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func (l *lane) say(level Level, code string, args ...programme.Text) {
	l.message = Message{Level: level, Code: code, Args: args, N: l.message.N + 1}
}

// clear empties a basket; the cashier stays.
func (l *lane) clear() { l.basket = basket{Cashier: l.Cashier} }

func refuse(code string, args ...programme.Text) error { return view.Refuse(code, args...) }

// short turns rights that do not cover what is wanted into a decline.
func short(err error, code string, who member.ID) error { return view.Short(err, code, who) }

// plain is a value that reads the same in every language.
func plain(v any) programme.Text { return view.Plain(v) }

// SignIn says who works at a lane. From then on it is known what of the rights
// here waits for a witness.
func (t *Till) SignIn(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		if err := t.SettleBoot(); err != nil { // a full disk keeps nobody from the screen
			t.o.Log.Warn("not known yet what waits for a witness", "error", err)
		}
		if l.Cashier != by.Actor {
			if err := t.Record(by, &ledger.SignIn{}); err != nil {
				return err
			}
		}
		l.Cashier = by.Actor
		l.say(OK, "signed-in")
		return nil
	})
}

// SignOut leaves a lane without anybody; its basket stays.
func (t *Till) SignOut(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		if l.Cashier == "" {
			return nil
		}
		if err := t.Record(by, &ledger.SignIn{Out: true}); err != nil {
			return err
		}
		l.Cashier = ""
		return nil
	})
}

// Cashier returns who works at a lane, or "".
func (t *Till) Cashier(n uint32) string {
	l, ok := t.lanes[n]
	if !ok {
		return ""
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Cashier
}

// Clear empties the basket; the member's points may go back to HQ.
func (t *Till) Clear(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		l.clear()
		t.bearer.Leave(by.Lane)
		l.say(OK, "cleared")
		return nil
	})
}

// SetQty sets how many pieces a line has; none removes it.
func (t *Till) SetQty(by clerk.By, line int, qty int64) error {
	return t.edit(by, func(l *lane) error {
		if line < 0 || line >= len(l.Lines) || qty < 0 || qty > pricing.QtyMax {
			return refuse("bad-quantity")
		}
		if qty == 0 {
			l.Lines = append(l.Lines[:line], l.Lines[line+1:]...)
			return nil
		}
		l.Lines[line].Qty = qty
		return nil
	})
}

// Deduct says how much of the bill points are to pay: 0 for nothing,
// pricing.DeductMax for all there can be, else fen.
func (t *Till) Deduct(by clerk.By, fen lot.Fen) error {
	return t.edit(by, func(l *lane) error { return l.wish(fen) })
}

// wish says how much of the basket points are to pay.
func (l *lane) wish(fen lot.Fen) error {
	if fen < pricing.DeductMax || fen > lot.FenMax {
		return refuse("bad-amount")
	}
	if l.Member == 0 && fen != 0 {
		return refuse("no-member")
	}
	l.Deduct = fen
	return nil
}

// DropMember takes the member off the sale.
func (t *Till) DropMember(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		l.Member, l.Proof, l.Deduct, l.Coupons, l.Pool = 0, member.Unproved, 0, nil, false
		return nil
	})
}
