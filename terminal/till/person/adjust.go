package person

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// adjustAlone is how many points one person may give or take without a second
// one.
const adjustAlone lot.Amount = 1000

// Adjustment gives a member points that no sale earned, or takes some that
// were given by mistake.
type Adjustment struct {
	Ref    string
	Member member.ID
	Asset  lot.Asset
	Amount lot.Amount // below zero takes
	Reason string     // a word of the catalogue
	Second string     // the second person, needed above a limit; never the first
	Funder string     // merchant that pays for what is given, or "" for the programme
}

// Adjust writes an adjustment. It takes no more than is held here
// and no other basket holds.
func (c *Care) Adjust(by clerk.By, a Adjustment) (clerk.Done, error) {
	input, err := json.Marshal(a)
	if err != nil {
		return clerk.Done{}, err
	}
	kind := ledger.KindGrant
	if a.Amount < 0 {
		kind = ledger.KindWriteOff
	}
	return c.o.Do(clerk.Action{By: by, Ref: a.Ref, Kind: kind, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		n := max(a.Amount, -a.Amount)
		switch _, ok := c.o.Members().ByID(a.Member); {
		case !ok:
			return nil, view.Refuse("unknown-member")
		case n == 0 || n > lot.AmountMax || !a.Asset.Points():
			return nil, view.Refuse("bad-amount")
		case a.Reason == "":
			return nil, view.Refuse("reason-missing")
		case n > adjustAlone && (a.Second == "" || a.Second == by.Actor):
			return nil, view.Refuse("second-person")
		}
		if a.Amount > 0 {
			return c.grant(x, a), nil
		}
		return c.writeOff(x, by, a, n)
	})
}

func (c *Care) grant(x *clerk.Txn, a Adjustment) *ledger.Grant {
	day := c.o.Clerk.Programme().BusinessDay(x.Now.Wall)
	funder, _ := c.o.Clerk.Programme().Merchant(a.Funder)
	return &ledger.Grant{
		Member: a.Member, Reason: a.Reason, Second: a.Second, Day: day,
		Issues: []ledger.Issue{{
			Asset: a.Asset, Amount: a.Amount, Funder: funder.ID, UnitCost: funder.UnitCost, Expires: c.o.Clerk.Programme().ExpiryOf(a.Asset, day),
		}},
	}
}

func (c *Care) writeOff(x *clerk.Txn, by clerk.By, a Adjustment, n lot.Amount) (ledger.Body, error) {
	held, err := c.o.Usable(x.State, by.Lane, a.Member)
	if err != nil {
		return nil, err
	}
	draws, err := lot.Plan(held, a.Asset, n, x.Today)
	if err != nil {
		return nil, view.Short(err, "points-short", a.Member)
	}
	if len(draws) > lot.HoldingsMax {
		return nil, view.Refuse("too-many-lots")
	}
	return &ledger.WriteOff{Member: a.Member, Reason: a.Reason, Second: a.Second, Asset: a.Asset, Draws: draws}, nil
}

// Transferring moves points to another member.
type Transferring struct {
	Ref      string
	From, To member.ID
	Proof    member.Proof
	Asset    lot.Asset
	Amount   lot.Amount
}

// Transfer moves points between members. Their expiry, funder and day go with
// them, and what was transferred is not transferred on (rule S13). It is for
// HQ to say who belongs to one family, and the line must be up.
func (c *Care) Transfer(by clerk.By, r Transferring) (clerk.Done, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: r.Ref, Kind: ledger.KindTransfer, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		switch _, ok := c.o.Members().ByID(r.To); {
		case !ok || r.To == r.From:
			return nil, view.Refuse("unknown-member")
		case !r.Proof.MaySpend():
			return nil, view.Refuse("not-proved")
		case !c.o.Online():
			return nil, view.Refuse("needs-hq")
		case r.Amount <= 0 || !r.Asset.Points():
			return nil, view.Refuse("bad-amount")
		}
		day := c.o.Clerk.Programme().BusinessDay(x.Now.Wall)
		giver, err := c.giver(x, by, r.From, day)
		if err != nil {
			return nil, err
		}
		if ok, err := family(x.State, r.From, r.To); err != nil || !ok {
			return nil, cmp.Or(err, view.Refuse("not-family"))
		}
		draws, err := lot.PlanTransfer(giver, r.Asset, r.Amount, x.Today)
		switch {
		case errors.Is(err, lot.ErrOwes):
			return nil, view.Refuse("transfer-owes")
		case errors.Is(err, lot.ErrTransferCap):
			return nil, view.Refuse("transfer-too-much", view.Plain(cmp.Or(giver.DayMax, lot.TransferDayMax)))
		case err != nil:
			return nil, view.Short(err, "points-short", r.From)
		case len(draws) > lot.HoldingsMax:
			return nil, view.Refuse("too-many-lots")
		}
		return &ledger.Transfer{From: r.From, Proof: r.Proof, To: r.To, Asset: r.Asset, Draws: draws, Day: day}, nil
	})
}

// family reports whether HQ said that two members are of one household.
func family(state *fold.State, from, to member.ID) (bool, error) {
	about, err := state.About(from)
	if err != nil {
		return false, err
	}
	to, err = state.Canonical(to)
	return slices.ContainsFunc(about.Ruling.Household, func(r ledger.Relative) bool { return r.Member == to }), err
}

// giver is what bounds what a member may give away now, as far as it is known
// here; what other baskets hold stays with them.
func (c *Care) giver(x *clerk.Txn, by clerk.By, id member.ID, day lot.Day) (g lot.Giver, err error) {
	if g.Holdings, err = c.o.Usable(x.State, by.Lane, id); err != nil {
		return g, err
	}
	about, err := x.State.About(id)
	if err != nil {
		return g, err
	}
	if about.Ruling.Blocked {
		return g, view.Refuse("member-blocked")
	}
	for _, o := range about.Ruling.Owed {
		g.Owed += o.Owed
	}
	g.DayMax = c.o.Clerk.Programme().Limits.TransferPoints
	g.Given, err = x.State.Counted(id, fold.TransferRule, day)
	return g, err
}
