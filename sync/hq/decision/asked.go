package decision

import (
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/quota"
)

// Asked is what a claim for an award asks for.
type Asked struct {
	Owner  member.ID
	Issues []ledger.Issue
	Quota  quota.Quota // that allows it
	Day    lot.Day
	Times  lot.Amount // that the quota allows in its period
}

// askedOf is what a member claims by what they told HQ: once, or so often in a month.
func askedOf(h *office.Heard) Asked {
	a := Asked{Owner: h.Owner, Issues: h.Issues, Quota: quota.Quota{Asset: h.Quota, Expires: h.Expires}, Day: h.Day, Times: h.Times}
	if h.Expires != 0 {
		a.Quota.Begins = h.Expires.MonthBegin()
	}
	return a
}

// AskedBy reads a claim for an award; ok is false for any other entry. What is asked
// for on a day that has not come is asked for today: a till's clock was ahead, and
// would else have next year's birthday as well.
func AskedBy(b ledger.Body, today lot.Day) (a Asked, ok bool) {
	switch b := b.(type) {
	case *ledger.CheckIn:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	case *ledger.Answer:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	case *ledger.Grant:
		a, ok = Asked{Owner: b.Member, Issues: b.Issues, Day: b.Day}, b.Claim
	}
	if ahead := a.Day - today; ok && ahead > 0 {
		a.Day, a.Issues = today, slices.Clone(a.Issues)
		for n := range a.Issues {
			i := &a.Issues[n]
			i.Active, i.Expires = earlier(i.Active, ahead), earlier(i.Expires, ahead)
		}
	}
	a.Quota, _ = quota.Of(b, a.Day)
	a.Times = 1
	return a, ok
}

// earlier is a day before another, where there is one.
func earlier(day, by lot.Day) lot.Day {
	if day == 0 {
		return 0
	}
	return day - by
}
