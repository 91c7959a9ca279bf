package till

import (
	"encoding/json"
	"errors"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
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

// Adjust writes an adjustment. It takes no more than is held here.
func (t *Till) Adjust(by By, a Adjustment) (Done, error) {
	input, err := json.Marshal(a)
	if err != nil {
		return Done{}, err
	}
	kind := ledger.KindGrant
	if a.Amount < 0 {
		kind = ledger.KindWriteOff
	}
	return t.do(action{by: by, ref: a.Ref, kind: kind, input: input}, func(x *txn) (ledger.Body, error) {
		n := max(a.Amount, -a.Amount)
		switch _, ok := t.o.Members.ByID(a.Member); {
		case !ok:
			return nil, refuse("unknown-member")
		case n == 0 || n > lot.AmountMax || !a.Asset.Points():
			return nil, refuse("bad-amount")
		case a.Reason == "":
			return nil, refuse("reason-missing")
		case n > adjustAlone && (a.Second == "" || a.Second == by.Actor):
			return nil, refuse("second-person")
		}
		if a.Amount > 0 {
			return t.grant(x, a), nil
		}
		return t.writeOff(x, a, n)
	})
}

func (t *Till) grant(x *txn, a Adjustment) *ledger.Grant {
	day := t.o.Programme.BusinessDay(x.now.Wall)
	funder, _ := t.o.Programme.Merchant(a.Funder)
	return &ledger.Grant{
		Member: a.Member, Reason: a.Reason, Second: a.Second, Day: day,
		Issues: []ledger.Issue{{
			Asset: a.Asset, Amount: a.Amount, Funder: funder.ID, UnitCost: funder.UnitCost, Expires: t.o.Programme.ExpiryOf(a.Asset, day),
		}},
	}
}

func (t *Till) writeOff(x *txn, a Adjustment, n lot.Amount) (ledger.Body, error) {
	held, err := x.state.Usable(a.Member)
	if err != nil {
		return nil, err
	}
	draws, err := lot.Plan(held, a.Asset, n, x.today)
	var short *lot.ShortError
	if errors.As(err, &short) {
		return nil, &Declined{Code: "points-short", Member: a.Member, Asset: a.Asset, Want: short.Want, Has: short.Has}
	}
	if err != nil {
		return nil, err
	}
	if len(draws) > lot.HoldingsMax {
		return nil, refuse("too-many-lots")
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
// HQ to say who belongs to one family, so the line must be up.
func (t *Till) Transfer(by By, r Transferring) (Done, error) {
	input, err := json.Marshal(r)
	if err != nil {
		return Done{}, err
	}
	return t.do(action{by: by, ref: r.Ref, kind: ledger.KindTransfer, input: input}, func(x *txn) (ledger.Body, error) {
		switch _, ok := t.o.Members.ByID(r.To); {
		case !ok || r.To == r.From:
			return nil, refuse("unknown-member")
		case !r.Proof.MaySpend():
			return nil, refuse("not-proved")
		case !t.o.Asker.Online():
			return nil, refuse("needs-hq")
		case r.Amount <= 0 || !r.Asset.Points():
			return nil, refuse("bad-amount")
		}
		held, err := x.state.Usable(r.From)
		if err != nil {
			return nil, err
		}
		first := held[:0:0]
		for _, h := range held {
			if h.Lot.From == (lot.ID{}) {
				first = append(first, h)
			}
		}
		draws, err := lot.Plan(first, r.Asset, r.Amount, x.today)
		var short *lot.ShortError
		if errors.As(err, &short) {
			return nil, &Declined{Code: "points-short", Member: r.From, Asset: r.Asset, Want: short.Want, Has: short.Has}
		}
		if err != nil {
			return nil, err
		}
		if len(draws) > lot.HoldingsMax {
			return nil, refuse("too-many-lots")
		}
		return &ledger.Transfer{From: r.From, Proof: r.Proof, To: r.To, Asset: r.Asset, Draws: draws}, nil
	})
}
