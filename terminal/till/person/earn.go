package person

import (
	"bytes"
	"encoding/json"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
	"github.com/jifen-pos/jifen/terminal/till/view"
)

// Attendance is a member at an activity whose signed code was scanned.
type Attendance struct {
	Ref      string
	Member   member.ID
	Proof    member.Proof
	Activity string
	Nonce    []byte
	Asset    lot.Asset
	Amount   lot.Amount
	Funder   string
	Issues   []ledger.Issue `json:"-"` // in place of points, or nil
}

// CheckIn notes that a member attended, and gives what that earns, once for
// each member and activity. Where that cannot be known here it is claimed, and
// HQ grants it (cap M7).
func (c *Care) CheckIn(by clerk.By, a Attendance) (clerk.Done, error) {
	input, err := json.Marshal(a)
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: a.Ref, Kind: ledger.KindCheckIn, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		issues := a.Issues
		if issues == nil {
			var err error
			if issues, err = c.gift(x, a.Asset, a.Amount, a.Funder); err != nil {
				return nil, err
			}
		}
		if a.Activity == "" || !lot.ValidName(a.Activity) || len(a.Nonce) > 16 {
			return nil, view.Refuse("unknown-activity")
		}
		body := &ledger.CheckIn{
			Member: a.Member, Proof: a.Proof, Activity: a.Activity, Nonce: bytes.Clone(a.Nonce), Issues: issues,
			Day: c.o.Clerk.Programme().BusinessDay(x.Now.Wall),
		}
		var err error
		body.Once, err = c.given(x, by, a.Member, Quota{quota.Activity(a.Activity), 1}, issues)
		return body, err
	})
}

// Survey is a member's answers to a set of questions.
type Survey struct {
	Ref     string
	Member  member.ID
	Survey  string
	Version uint32
	Choices []ledger.Choice
	Asset   lot.Asset
	Amount  lot.Amount
	Issues  []ledger.Issue `json:"-"` // in place of points, or nil
}

// Answer keeps a member's answers and gives what they earn, once for each
// survey (cap M8).
func (c *Care) Answer(by clerk.By, s Survey) (clerk.Done, error) {
	input, err := json.Marshal(s)
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: s.Ref, Kind: ledger.KindAnswer, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		issues := s.Issues
		if issues == nil {
			var err error
			if issues, err = c.gift(x, s.Asset, s.Amount, ""); err != nil {
				return nil, err
			}
		}
		if !lot.ValidName(s.Survey) || len(s.Choices) == 0 || len(s.Choices) > ledger.AnswersMax {
			return nil, view.Refuse("unknown-survey")
		}
		body := &ledger.Answer{
			Member: s.Member, Survey: s.Survey, Version: s.Version, Choices: s.Choices, Issues: issues,
			Day: c.o.Clerk.Programme().BusinessDay(x.Now.Wall),
		}
		var err error
		body.Once, err = c.given(x, by, s.Member, Quota{quota.Survey(s.Survey, s.Version), 1}, issues)
		return body, err
	})
}

// Gift is what a member is given once for a reason that HQ has named.
type Gift struct {
	Ref    string
	Member member.ID
	Reason string
	Issues []ledger.Issue
}

// Hand gives a member what is due to them, once for each member and reason. Where
// that cannot be known here it is claimed, and HQ grants it (caps M5 and M9).
func (c *Care) Hand(by clerk.By, g Gift) (clerk.Done, error) {
	input, err := json.Marshal([]any{g.Member, g.Reason})
	if err != nil {
		return clerk.Done{}, err
	}
	return c.o.Do(clerk.Action{By: by, Ref: g.Ref, Kind: ledger.KindGrant, Input: input}, func(x *clerk.Txn) (ledger.Body, error) {
		if !lot.ValidName(g.Reason) || len(g.Issues) == 0 {
			return nil, view.Refuse("nothing-due")
		}
		body := &ledger.Grant{Member: g.Member, Reason: g.Reason, Issues: g.Issues, Day: c.o.Clerk.Programme().BusinessDay(x.Now.Wall)}
		q := quota.Reason(g.Reason, body.Day)
		var err error
		body.Once, err = c.given(x, by, g.Member, Quota{q, 1}, g.Issues)
		return body, err
	})
}

// given uses up what lets something be given once and prints the vouchers that it
// is; what has to be claimed is promised on paper.
func (c *Care) given(x *clerk.Txn, by clerk.By, who member.ID, q Quota, issues []ledger.Issue) (ledger.Once, error) {
	once, err := c.once(x, who, q)
	switch {
	case err != nil:
	case once.Claim:
		c.o.Claim(x, by.Lane)
	default:
		for n, i := range issues {
			if i.Asset.Benefit() != "" || i.Asset.Coupon() != "" {
				c.o.Voucher(x, by.Lane, uint32(n))
			}
		}
	}
	return once, err
}

// gift is the terms of points that no sale earned.
func (c *Care) gift(x *clerk.Txn, asset lot.Asset, n lot.Amount, merchant string) ([]ledger.Issue, error) {
	if n <= 0 || n > lot.AmountMax || !asset.Points() {
		return nil, view.Refuse("bad-amount")
	}
	day := c.o.Clerk.Programme().BusinessDay(x.Now.Wall)
	active, expires := c.o.Clerk.Programme().TermsOf(asset, day)
	funder, _ := c.o.Clerk.Programme().Merchant(merchant)
	return []ledger.Issue{{Asset: asset, Amount: n, Funder: funder.ID, UnitCost: funder.UnitCost, Active: active, Expires: expires}}, nil
}
