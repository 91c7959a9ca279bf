package office

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// SettleClaim decides, once, what an entry of a terminal claimed: an award that
// may be given once only, or the points' side of a return.
type SettleClaim struct {
	Of      lot.Origin
	Owner   member.ID
	Granted bool
	Reason  string     // why not: a word of the catalogue
	Quota   []lot.Draw // that was used up
	Lots    []lot.Lot  // granted
	Back    *Returned
	By
}

// Fields lists the message's fields.
func (s *SettleClaim) Fields(c *codec.Coder) {
	codec.Value(c, 1, &s.Of)
	codec.Uint(c, 2, &s.Owner)
	codec.Bool(c, 3, &s.Granted)
	codec.String(c, 4, &s.Reason, TextBytesMax)
	codec.List(c, 5, &s.Quota, lot.HoldingsMax)
	codec.List(c, 6, &s.Lots, lot.HoldingsMax)
	codec.Sub(c, 7, &s.Back)
	s.By.fields(c)
}

// Kind is settle-claim.
func (*SettleClaim) Kind() string { return "settle-claim" }

// Moves uses the quota up and issues the lots; of a return it takes back what
// was earned and gives back what paid.
func (s *SettleClaim) Moves(at lot.Origin) (m Moves) {
	m.moves(s.Quota, AtHQ, Spent)
	m.born(at, s.Lots)
	if b := s.Back; b != nil {
		m.moves(b.Claw, AtHQ, Clawed)
		m.moves(b.Back, Reinstated, AtHQ)
		m.goOn(at, b.Anew, Reinstated)
	}
	return m
}

// Returned is the points' side of a return that HQ settled.
type Returned struct {
	Of    lot.Origin // the sale
	Lines []ledger.ReturnLine
	Fen   lot.Fen    // as it should have been given back
	Claw  []lot.Draw // out of the sale's own lots, as far as HQ holds them
	Due   []Due      // the rest of it
	Back  []lot.Draw
	Anew  []lot.Lot  // for lots that have lapsed
	Month lot.Day    // last day of the sale's month
	Base  lot.Amount // that counts towards a tier no more
}

// Fields lists the message's fields.
func (r *Returned) Fields(c *codec.Coder) {
	codec.Value(c, 1, &r.Of)
	codec.List(c, 2, &r.Lines, LinesMax)
	codec.Int(c, 3, &r.Fen)
	codec.List(c, 4, &r.Claw, LinesMax)
	codec.List(c, 5, &r.Due, LinesMax)
	codec.List(c, 6, &r.Back, lot.HoldingsMax)
	codec.List(c, 7, &r.Anew, lot.HoldingsMax)
	codec.Int(c, 8, &r.Month)
	codec.Int(c, 9, &r.Base)
}

// yearly are the reasons for which something is given once a year; anything
// else is given once.
var yearly = []string{"birthday"}

// Asked is what a claim for an award asks for.
type Asked struct {
	Owner  member.ID
	Issues []ledger.Issue
	Quota  lot.Asset // that allows it
	Day    lot.Day
	// Expires is the last day of the quota's period, or 0.
	Expires lot.Day
}

// AskedBy reads a claim for an award; ok is false for any other entry.
func AskedBy(b ledger.Body) (a Asked, ok bool) {
	switch b := b.(type) {
	case *ledger.CheckIn:
		return Asked{b.Member, b.Issues, QuotaOf("activity/"+b.Activity, "once"), b.Day, 0}, b.Claim
	case *ledger.Answer:
		rule := "survey/" + strconv.FormatUint(uint64(b.Version), 10) + "/" + b.Survey
		return Asked{b.Member, b.Issues, QuotaOf(rule, "once"), b.Day, 0}, b.Claim
	case *ledger.Grant:
		if !slices.Contains(yearly, b.Reason) {
			return Asked{b.Member, b.Issues, QuotaOf(b.Reason, "once"), b.Day, 0}, b.Claim
		}
		year := b.Day.String()[:4]
		last := b.Day.MonthEnd()
		for last.String()[:4] == year {
			last = (last + 1).MonthEnd()
		}
		return Asked{b.Member, b.Issues, QuotaOf(b.Reason, year), b.Day, last - 31}, b.Claim
	}
	return Asked{}, false
}

// QuotaOf is the asset of a rule's quota for a period. A rule with too long a
// name is named by its hash.
func QuotaOf(rule, period string) lot.Asset {
	if len(QuotaPrefix)+len(rule)+1+len(period) > lot.AssetBytesMax {
		sum := sha256.Sum256([]byte(rule))
		rule = hex.EncodeToString(sum[:16])
	}
	return lot.Asset(QuotaPrefix + rule + ":" + period)
}
