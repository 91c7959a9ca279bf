package desk

import (
	"encoding/json"
	"fmt"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/view"
	"github.com/jifen-pos/jifen/terminal/token"
)

// claiming is a sale of another till that lies on a lane to be taken back.
type claiming struct {
	Ref  string     `json:"ref"`
	Of   lot.Origin `json:"of"`
	Code string     `json:"code,omitempty"` // of its receipt, where that was scanned
}

func claimingNote(lane uint32) string { return fmt.Sprintf("claiming-%d", lane) }

func readClaiming(tx journal.Tx, lane uint32) (*claiming, error) {
	b, err := tx.Note(claimingNote(lane))
	if err != nil || len(b) == 0 {
		return nil, err
	}
	c := &claiming{}
	if err := json.Unmarshal(b, c); err != nil {
		return nil, fmt.Errorf("another till's sale on lane %d: %w", lane, err)
	}
	return c, nil
}

// foreign is the sale of another terminal that a receipt's code names. Its
// signature cannot be checked here: HQ does.
func (d *Desk) foreign(text string) (lot.Origin, bool) {
	of, ok := token.EntryOf(text)
	return of, ok && of.Terminal != uint32(d.Terminal())
}

// putClaimUp puts another till's sale up on a lane, with its receipt's code or "".
func (d *Desk) putClaimUp(by clerk.By, of lot.Origin, code string) error {
	n, err := d.Random()
	if err != nil {
		return err
	}
	if err := d.keepClaim(by, &claiming{Ref: fmt.Sprintf("claim-%016x", n), Of: of, Code: code}); err != nil {
		return err
	}
	return d.Tell(by, till.Attention, "claim-up")
}

// PutClaimAway takes another till's sale off the lane.
func (d *Desk) PutClaimAway(by clerk.By) error { return d.keepClaim(by, nil) }

func (d *Desk) keepClaim(by clerk.By, c *claiming) error {
	if d.Cashier(by.Lane) == "" {
		return d.Refuse(by, "sign-in-first")
	}
	raw := []byte{}
	if c != nil {
		var err error
		if raw, err = json.Marshal(c); err != nil {
			return err
		}
	}
	defer d.o.Changed()
	return d.o.Journal.Update(func(tx journal.Tx) error { return tx.PutNote(claimingNote(by.Lane), raw) })
}

// claiming is what lies on a lane, or nil.
func (d *Desk) claiming(lane uint32) (up *claiming, err error) {
	err = d.o.Journal.View(func(tx journal.Tx) (err error) {
		up, err = readClaiming(tx, lane)
		return err
	})
	return up, err
}

// ClaimBack takes back goods of the sale that another till made and that lies on
// the lane: goods and money at once, the points by HQ. The cashier says what the
// receipt says was paid.
func (d *Desk) ClaimBack(by clerk.By, c till.ClaimReturn) (clerk.Done, error) {
	up, err := d.claiming(by.Lane)
	switch {
	case err != nil:
		return clerk.Done{}, err
	case up == nil || up.Ref != c.Ref:
		return clerk.Done{}, d.Refuse(by, "return-nothing")
	}
	c.Of = up.Of
	done, err := d.ClaimReturn(by, c)
	if err != nil {
		return done, err
	}
	return done, d.PutClaimAway(by)
}

// ClaimPoints claims what the receipt that lies on the lane awarded: only the paper
// may remember it, where its till is lost. HQ credits it once.
func (d *Desk) ClaimPoints(by clerk.By) error {
	up, err := d.claiming(by.Lane)
	switch {
	case err != nil:
		return err
	case up == nil || up.Code == "":
		return d.Refuse(by, "claim-no-receipt")
	}
	if err := d.PutClaimAway(by); err != nil {
		return err
	}
	return d.Till.Scan(by, "", up.Code)
}

func (d *Desk) viewClaim(tx journal.Tx, lane uint32) (*view.Claim, error) {
	c, err := readClaiming(tx, lane)
	if err != nil || c == nil {
		return nil, err
	}
	return &view.Claim{Ref: c.Ref, Sale: c.Of.String(), Points: c.Code != ""}, nil
}
