package hq_test

import (
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func TestYearlyQuotaLastsToTheYearsEnd(t *testing.T) {
	b := &ledger.Grant{Member: 1, Reason: "birthday", Day: 20_779, Once: ledger.Once{Claim: true}}
	a, ok := decision.AskedBy(b, 20_779)
	if !ok || a.Quota.Asset != "quota:birthday:2026" || a.Quota.Expires.String() != "2026-12-31" {
		t.Errorf("AskedBy() = %+v, %v, want the quota of 2026 until its last day", a, ok)
	}
	b.Day += 365 // the till's clock is a year ahead
	b.Issues = []ledger.Issue{{Asset: "benefit:pack", Amount: 1, Expires: b.Day + 60}}
	a, _ = decision.AskedBy(b, 20_779)
	if a.Quota.Asset != "quota:birthday:2026" || a.Issues[0].Expires != 20_779+60 || b.Issues[0].Expires != b.Day+60 {
		t.Errorf("AskedBy(of next year) = %+v, want the quota of this year, and the pack good for 60 days from today", a)
	}
	b.Claim = false
	if _, ok := decision.AskedBy(b, 20_779); ok {
		t.Error("AskedBy(no claim) = true, want false")
	}
}
