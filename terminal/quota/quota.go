// Package quota names the quotas of what may be given so often only: by which rule,
// for which period, and until when that lasts. It makes none and uses none.
package quota

import (
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Quota names a quota and the first and the last day of its period; both are 0 for ever.
type Quota struct {
	Asset   lot.Asset
	Begins  lot.Day
	Expires lot.Day
}

// yearly reports whether a reason gives something once a year: a member's
// birthday, or that of a child of theirs, such as birthday-c1. For any other it
// is given once.
func yearly(reason string) bool {
	return reason == "birthday" || strings.HasPrefix(reason, "birthday-")
}

// Activity is what attending an activity uses up: once for each member.
func Activity(activity string) Quota {
	return Quota{Asset: lot.QuotaAsset("activity-"+activity, "once")}
}

// Survey is what answering a version of a survey uses up.
func Survey(survey string, version uint32) Quota {
	return Quota{Asset: lot.QuotaAsset(fmt.Sprintf("survey-%s-%d", survey, version), "once")}
}

// Reason is what a grant for a reason uses up on a day: of the year for a
// birthday, else once.
func Reason(reason string, day lot.Day) Quota {
	if !yearly(reason) {
		return Quota{Asset: lot.QuotaAsset(reason, "once")}
	}
	end := day.YearEnd()
	year, _, _ := end.Date()
	return Quota{Asset: lot.QuotaAsset(reason, fmt.Sprintf("%04d", year)), Begins: day.YearBegin(), Expires: end}
}

// Benefit is how often a benefit may be had in the month of a day.
func Benefit(benefit string, day lot.Day) Quota {
	end := day.MonthEnd()
	year, month, _ := end.Date()
	return Quota{Asset: lot.QuotaAsset(benefit, fmt.Sprintf("%04d-%02d", year, int(month))), Begins: day.MonthBegin(), Expires: end}
}

// Pool is what a household may spend of one member's points in the month of a
// day: a lot of so many, owned by that member (rule S13).
func Pool(day lot.Day) Quota { return Benefit("pool", day) }

// Play is how often a member may play a game on a day.
func Play(game string, day lot.Day) Quota {
	return Quota{Asset: lot.QuotaAsset(game, day.String()), Begins: day, Expires: day}
}

// Of is the quota that an award of a day uses up, given once by its rule; ok is
// false for an entry that gives no such award.
func Of(b ledger.Body, day lot.Day) (q Quota, ok bool) {
	switch b := b.(type) {
	case *ledger.CheckIn:
		return Activity(b.Activity), true
	case *ledger.Answer:
		return Survey(b.Survey, b.Version), true
	case *ledger.Grant:
		return Reason(b.Reason, day), true
	}
	return Quota{}, false
}
