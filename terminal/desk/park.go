package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// parkedMax is how many baskets may wait at one terminal.
const parkedMax = 20

// parkedNote keeps the baskets that wait for their customers.
const parkedNote = "parked"

// parked is a basket that waits. It holds nothing of the member's: what it
// wished for is looked at anew when it is taken up.
type parked struct {
	N      uint64          `json:"n"`
	Wall   int64           `json:"wall"` // milliseconds
	By     string          `json:"by"`
	Lane   uint32          `json:"lane"`
	Basket json.RawMessage `json:"basket"`
	Along  along           `json:"along,omitzero"` // redeemed with it
}

func readParked(tx journal.Tx) (list []parked, err error) {
	b, err := tx.Note(parkedNote)
	if err != nil || b == nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("parked baskets: %w", err)
	}
	return list, nil
}

func putParked(tx journal.Tx, list []parked) error {
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return tx.PutNote(parkedNote, b)
}

// Park puts a lane's basket aside, so that the next customer can be served; any
// lane can take it up again. It survives a restart, and moves no points.
func (d *Desk) Park(by clerk.By) error {
	v, err := d.Till.View(by.Lane)
	if err != nil {
		return err
	}
	ref := v.Ref
	err = d.Lift(by, func(tx journal.Tx, raw []byte) error {
		list, err := readParked(tx)
		switch {
		case err != nil:
			return err
		case len(list) >= parkedMax:
			return view.Refuse("too-many-parked")
		}
		n := uint64(1)
		if len(list) > 0 {
			n = list[len(list)-1].N + 1
		}
		p := parked{N: n, Wall: d.Now().Wall.UnixMilli(), By: by.Actor, Lane: by.Lane, Basket: raw}
		if p.Along, err = readAlong(tx, by.Lane); err != nil {
			return err
		}
		if p.Along.Ref != ref {
			p.Along = along{}
		}
		return putParked(tx, append(list, p))
	})
	if err != nil {
		return err
	}
	return d.Tell(by, till.OK, "basket-parked")
}

// TakeUp goes on with a basket that was put aside, in an empty lane.
func (d *Desk) TakeUp(by clerk.By, n uint64) error {
	var with along
	err := d.PutDown(by, func(tx journal.Tx) ([]byte, error) {
		list, err := readParked(tx)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(p parked) bool { return p.N == n })
		if at < 0 {
			return nil, view.Refuse("not-parked")
		}
		raw := list[at].Basket
		with = list[at].Along
		return raw, putParked(tx, slices.Delete(list, at, at+1))
	})
	if err != nil {
		return err
	}
	if err := d.takeUpAlong(by, with); err != nil {
		return err
	}
	return d.Tell(by, till.OK, "taken-up")
}

// viewParked lists the baskets that wait.
func (d *Desk) viewParked(tx journal.Tx) ([]view.Parked, error) {
	list, err := readParked(tx)
	if err != nil {
		return nil, err
	}
	out := make([]view.Parked, len(list))
	for i, p := range list {
		if out[i], err = d.Lifted(p.Basket); err != nil {
			return nil, err
		}
		out[i].N, out[i].At, out[i].By, out[i].Lane = p.N, time.UnixMilli(p.Wall).In(d.Programme().Location()), p.By, p.Lane
	}
	return out, nil
}
