package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/takeback"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// returning is a sale that lies on a lane to be taken back, and how much of each
// line was chosen. It is kept beside the journal, as a basket is.
type returning struct {
	Ref  string     `json:"ref"`
	Of   lot.Origin `json:"of"`
	Qty  []int64    `json:"qty"`
	Void bool       `json:"void,omitempty"`
}

func returningNote(lane uint32) string { return fmt.Sprintf("returning-%d", lane) }

func readReturning(tx journal.Tx, lane uint32) (*returning, error) {
	b, err := tx.Note(returningNote(lane))
	var damaged *journal.Damaged
	if errors.As(err, &damaged) { // the sale is put up again; nothing was done with it
		return nil, nil
	}
	if err != nil || len(b) == 0 {
		return nil, err
	}
	r := &returning{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("sale on lane %d: %w", lane, err)
	}
	return r, nil
}

func putReturning(tx journal.Tx, lane uint32, r *returning) error {
	if r == nil {
		return tx.PutNote(returningNote(lane), []byte{})
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return tx.PutNote(returningNote(lane), b)
}

// receipt is the sale that a receipt's code certifies, if text is one of this
// terminal's.
func (d *Desk) receipt(text string) (lot.Origin, bool) {
	if kind, _ := token.KindOf(text); kind != token.KindRecord {
		return lot.Origin{}, false
	}
	c, err := token.OpenCertificate(text, token.NewKeys(d.o.Key).Find)
	return c.Entry, err == nil
}

// LookUpSale puts a sale up on a lane to take goods of it back. It is named by
// the entry that its receipt shows, or by the receipt's code.
func (d *Desk) LookUpSale(by clerk.By, name string) error {
	name = strings.TrimSpace(name)
	if of, ok := d.receipt(name); ok {
		return d.putSaleUp(by, of)
	}
	if of, ok := d.foreign(name); ok {
		return d.putClaimUp(by, of, name)
	}
	of, err := d.Sale(name)
	switch {
	case err != nil:
		return d.shown(by, err)
	case of.Terminal != uint32(d.Terminal()):
		return d.putClaimUp(by, of, "")
	}
	return d.putSaleUp(by, of)
}

func (d *Desk) putSaleUp(by clerk.By, of lot.Origin) error {
	n, err := d.Random()
	if err != nil {
		return err
	}
	next := &returning{Ref: fmt.Sprintf("back-%016x", n), Of: of}
	err = d.change(by, func(tx journal.Tx, state *fold.State, _ *returning) (*returning, error) {
		look, err := d.look(tx, state, by, next)
		if err != nil {
			return nil, err
		}
		next.Qty = make([]int64, len(look.Sale.Lines))
		return next, nil
	})
	if err != nil {
		return err
	}
	return d.Tell(by, till.Attention, "return-up")
}

// change keeps what becomes of the sale on a lane; a refusal becomes the lane's
// sentence.
func (d *Desk) change(by clerk.By, fn func(journal.Tx, *fold.State, *returning) (*returning, error)) error {
	if d.Cashier(by.Lane) == "" {
		return d.Refuse(by, "sign-in-first")
	}
	defer d.o.Changed()
	return d.shown(by, d.o.Journal.Update(func(tx journal.Tx) error {
		state, err := d.State(tx)
		if err != nil {
			return err
		}
		now, err := readReturning(tx, by.Lane)
		if err != nil {
			return err
		}
		next, err := fn(tx, state, now)
		if err != nil {
			return err
		}
		return putReturning(tx, by.Lane, next)
	}))
}

// shown has a refusal stand at the lane.
func (d *Desk) shown(by clerk.By, err error) error {
	var refusal *view.Refusal
	if errors.As(err, &refusal) {
		return d.Refuse(by, refusal.Code, refusal.Args...)
	}
	return err
}

func (d *Desk) look(tx journal.Tx, state *fold.State, by clerk.By, r *returning) (takeback.Look, error) {
	now := d.Now()
	x := &clerk.Txn{Tx: tx, State: state, Now: now, Today: d.Today(now)}
	return d.Look(x, by, till.Returning{Of: r.Of, Qty: r.Qty, Void: r.Void, Tender: "cash"})
}

// ChooseBack says how much of a line comes back.
func (d *Desk) ChooseBack(by clerk.By, line int, qty int64) error {
	return d.choose(by, func(r *returning, look takeback.Look) error {
		switch {
		case line < 0 || line >= len(r.Qty) || qty < 0:
			return view.Refuse("bad-quantity")
		case qty > look.Left(line):
			return view.Refuse("return-too-much")
		}
		r.Qty[line], r.Void = qty, false
		return nil
	})
}

// ChooseAllBack chooses all that is left of the sale; void undoes it whole, on its
// own day.
func (d *Desk) ChooseAllBack(by clerk.By, void bool) error {
	return d.choose(by, func(r *returning, look takeback.Look) error {
		if void && !look.CanVoid {
			return view.Refuse("void-too-late")
		}
		for i := range r.Qty {
			r.Qty[i] = look.Left(i)
		}
		r.Void = void
		return nil
	})
}

func (d *Desk) choose(by clerk.By, fn func(*returning, takeback.Look) error) error {
	return d.change(by, func(tx journal.Tx, state *fold.State, r *returning) (*returning, error) {
		if r == nil {
			return nil, view.Refuse("return-unknown")
		}
		look, err := d.look(tx, state, by, r)
		if err != nil {
			return nil, err
		}
		return r, fn(r, look)
	})
}

// PutSaleAway takes the sale off the lane; nothing more comes back.
func (d *Desk) PutSaleAway(by clerk.By) error {
	return d.change(by, func(journal.Tx, *fold.State, *returning) (*returning, error) { return nil, nil })
}

// TakeBack takes back what was chosen of the sale on a lane, and puts the sale
// away.
func (d *Desk) TakeBack(by clerk.By, ref, tender string) (clerk.Done, error) {
	var r *returning
	err := d.o.Journal.View(func(tx journal.Tx) (err error) {
		r, err = readReturning(tx, by.Lane)
		return err
	})
	if err != nil {
		return clerk.Done{}, err
	}
	if r == nil || r.Ref != ref {
		return clerk.Done{}, d.Refuse(by, "return-nothing")
	}
	done, err := d.Return(by, till.Returning{Ref: ref, Of: r.Of, Qty: r.Qty, Void: r.Void, Tender: tender})
	if err != nil {
		return done, err
	}
	return done, d.PutSaleAway(by)
}

// Swap takes back what was chosen of the sale on a lane and sells what is in the
// basket, in one entry; money goes one way, by one tender (rule S31).
func (d *Desk) Swap(by clerk.By, ref, tender string) (clerk.Done, error) {
	v, err := d.View(by.Lane)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case v.Return == nil || v.Return.Swap == nil:
		return clerk.Done{}, d.Refuse(by, "swap-nothing")
	}
	p := till.Payment{Ref: ref}
	if pay := v.Return.Swap.Pay; pay > 0 {
		p.Tenders = []ledger.Tender{{Kind: tender, Fen: pay}}
	}
	done, err := d.Exchange(by, chosen(v.Return, tender), p)
	if err != nil {
		return done, err
	}
	return done, d.PutSaleAway(by)
}

// chosen is what comes back of the sale on a lane.
func chosen(r *view.Return, tender string) till.Returning {
	back := till.Returning{Of: r.Of, Void: r.Void, Tender: tender}
	for _, l := range r.Lines {
		back.Qty = append(back.Qty, l.Chosen)
	}
	return back
}

// viewSwap shows what an exchange for the basket's goods would come to.
func (d *Desk) viewSwap(v *till.View) error {
	if v.Return == nil || v.Return.Plan == nil || v.Return.Void || len(v.Lines) == 0 {
		return nil
	}
	s, err := d.Difference(clerk.By{Lane: v.Lane}, chosen(v.Return, "cash"))
	var refusal *view.Refusal
	switch {
	case errors.As(err, &refusal):
		return nil
	case err != nil:
		return fmt.Errorf("look at an exchange at lane %d: %w", v.Lane, err)
	}
	v.Return.Swap = &view.Swap{Pay: s.Pay, Back: s.Back}
	return nil
}

// viewReturning shows the sale on a lane, and what a return would do.
func (d *Desk) viewReturning(tx journal.Tx, state *fold.State, lane uint32) (*view.Return, error) {
	r, err := readReturning(tx, lane)
	if err != nil || r == nil {
		return nil, err
	}
	look, err := d.look(tx, state, clerk.By{Lane: lane}, r)
	if err != nil {
		return nil, err
	}
	v := look.View(d.Documents().Products, r.Qty)
	v.Ref, v.Of, v.Void = r.Ref, r.Of, r.Void
	return v, nil
}
