package desk

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// along is what is redeemed together with a basket: it goes into the sale's own
// entry, so that one write of the disk does for both, and goes with the basket
// when that is cleared or its member leaves. It holds no points: the sale does.
type along struct {
	Ref      string    `json:"ref"` // of the basket that it belongs to
	Member   member.ID `json:"member"`
	Benefits []string  `json:"benefits"`
}

func alongNote(lane uint32) string { return fmt.Sprintf("along-%d", lane) }

func readAlong(tx journal.Tx, lane uint32) (a along, err error) {
	b, err := tx.Note(alongNote(lane))
	if err != nil || b == nil {
		return a, err
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("what is redeemed along at lane %d: %w", lane, err)
	}
	return a, nil
}

func (d *Desk) keepAlong(lane uint32, a along) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return d.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(alongNote(lane), b) })
}

// RedeemAlong puts a benefit beside the basket, to be redeemed with the sale, or
// takes it away again.
func (d *Desk) RedeemAlong(by clerk.By, benefit string) error {
	v, err := d.View(by.Lane)
	if err != nil {
		return err
	}
	switch {
	case v.Cashier == "":
		return d.Refuse(by, "sign-in-first")
	case v.Member == nil:
		return d.Refuse(by, "no-member")
	case len(v.Lines) == 0:
		return d.Refuse(by, "empty-basket")
	}
	now := along{Ref: v.Ref, Member: v.Member.ID}
	for _, a := range v.Along {
		now.Benefits = append(now.Benefits, a.ID)
	}
	if at := slices.Index(now.Benefits, benefit); at >= 0 {
		now.Benefits = slices.Delete(now.Benefits, at, at+1)
		if err := d.keepAlong(by.Lane, now); err != nil {
			return err
		}
		return d.Tell(by, till.OK, "along-off", d.benefitName(benefit))
	}
	b, ok := d.Programme().Benefit(benefit)
	switch {
	case !ok:
		return d.Refuse(by, "unknown-benefit")
	case !v.Member.Proof.MaySpend():
		return d.Refuse(by, "not-proved")
	case len(now.Benefits) >= ledger.RedemptionsMax:
		return d.Refuse(by, "too-many-benefits")
	}
	want, left := cost(v, benefit), left(v, b.Cost.Asset, v.Along)
	if want > left {
		return d.Refuse(by, "points-short", view.Plain(want), view.Plain(max(left, 0)))
	}
	now.Benefits = append(now.Benefits, benefit)
	if err := d.keepAlong(by.Lane, now); err != nil {
		return err
	}
	return d.Tell(by, till.OK, "along-on", b.Name)
}

func (d *Desk) benefitName(id string) programme.Text {
	b, _ := d.Programme().Benefit(id)
	return b.Name
}

// cost is what a benefit costs the member on the lane, as it is offered to them.
func cost(v till.View, benefit string) lot.Amount {
	for _, b := range v.Benefits {
		if b.ID == benefit {
			return b.Cost
		}
	}
	return 0
}

// left is what the sale and what is redeemed along leave of the member's points.
func left(v till.View, asset lot.Asset, taken []view.Along) (n lot.Amount) {
	for _, p := range v.Member.Points {
		if p.Asset == asset {
			n = p.Here
		}
	}
	if v.Quote.Deduction.Asset == asset {
		n -= v.Quote.Deduction.Points
	}
	for _, a := range taken {
		n -= a.Cost
	}
	return n
}

// viewAlong lists what is redeemed with the basket, and what of it the points no
// longer reach for, since more of them pay now.
func (d *Desk) viewAlong(tx journal.Tx, v *till.View) error {
	a, err := readAlong(tx, v.Lane)
	if err != nil || a.Ref != v.Ref || v.Member == nil || a.Member != v.Member.ID || len(v.Lines) == 0 {
		return err
	}
	for _, id := range a.Benefits {
		b, ok := d.Programme().Benefit(id)
		if !ok { // no longer offered: the sale refuses it, so that it is seen and taken away
			b.Name = view.Plain(id)
		}
		v.Along = append(v.Along, view.Along{ID: id, Name: b.Name, Asset: d.Programme().PointsName(b.Cost.Asset), Cost: cost(*v, id)})
		v.Along[len(v.Along)-1].Short = left(*v, b.Cost.Asset, v.Along) < 0
	}
	return nil
}

// takeUpAlong puts what was to be redeemed with a basket beside it again.
func (d *Desk) takeUpAlong(by clerk.By, a along) error {
	if len(a.Benefits) == 0 {
		return nil
	}
	v, err := d.Till.View(by.Lane)
	if err != nil {
		return err
	}
	a.Ref = v.Ref
	return d.keepAlong(by.Lane, a)
}

// Pay sells what is in the basket, with what is redeemed along. Under a reference
// that was paid before, it asks for the very same again.
func (d *Desk) Pay(by clerk.By, p till.Payment) (clerk.Done, error) {
	if p.Redeem != nil {
		return d.Till.Pay(by, p)
	}
	var a along
	err := d.o.Journal.View(func(tx journal.Tx) (err error) {
		a, err = readAlong(tx, by.Lane)
		return err
	})
	if err != nil {
		return clerk.Done{}, err
	}
	if a.Ref != p.Ref || len(a.Benefits) == 0 {
		return d.Till.Pay(by, p)
	}
	v, err := d.Till.View(by.Lane)
	if err == nil && v.Ref == a.Ref && (v.Member == nil || v.Member.ID != a.Member) {
		a.Benefits = nil // its member has left
		err = d.keepAlong(by.Lane, a)
	}
	if err != nil {
		return clerk.Done{}, err
	}
	p.Redeem = a.Benefits
	return d.Till.Pay(by, p)
}
