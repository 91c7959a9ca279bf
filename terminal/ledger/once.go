package ledger

import (
	"fmt"
	"strings"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Quota names a quota and the last day of its period; 0 is for ever.
type Quota struct {
	Asset   lot.Asset
	Expires lot.Day
}

// yearly reports whether a reason gives something once a year: a member's
// birthday, or that of a child of theirs, such as birthday-c1. For any other it
// is given once.
func yearly(reason string) bool {
	return reason == "birthday" || strings.HasPrefix(reason, "birthday-")
}

// ActivityQuota is what attending an activity uses up: once for each member.
func ActivityQuota(activity string) Quota {
	return Quota{Asset: lot.QuotaAsset("activity-"+activity, "once")}
}

// SurveyQuota is what answering a version of a survey uses up.
func SurveyQuota(survey string, version uint32) Quota {
	return Quota{Asset: lot.QuotaAsset(fmt.Sprintf("survey-%s-%d", survey, version), "once")}
}

// ReasonQuota is what a grant for a reason uses up on a day: of the year for a
// birthday, else once.
func ReasonQuota(reason string, day lot.Day) Quota {
	if !yearly(reason) {
		return Quota{Asset: lot.QuotaAsset(reason, "once")}
	}
	end := day.YearEnd()
	year, _, _ := end.Date()
	return Quota{Asset: lot.QuotaAsset(reason, fmt.Sprintf("%04d", year)), Expires: end}
}

// BenefitQuota is how often a benefit may be had in the month of a day.
func BenefitQuota(benefit string, day lot.Day) Quota {
	end := day.MonthEnd()
	year, month, _ := end.Date()
	return Quota{Asset: lot.QuotaAsset(benefit, fmt.Sprintf("%04d-%02d", year, int(month))), Expires: end}
}

// PoolQuota is what a household may spend of one member's points in the month of a
// day: a lot of so many, owned by that member (rule S13).
func PoolQuota(day lot.Day) Quota { return BenefitQuota("pool", day) }

// PlayQuota is how often a member may play a game on a day.
func PlayQuota(game string, day lot.Day) Quota {
	return Quota{Asset: lot.QuotaAsset(game, day.String()), Expires: day}
}

// QuotaOf is the quota that an award uses up, given once by its rule; ok is
// false for an entry that gives no such award.
func QuotaOf(b Body) (q Quota, ok bool) {
	switch b := b.(type) {
	case *CheckIn:
		return ActivityQuota(b.Activity), true
	case *Answer:
		return SurveyQuota(b.Survey, b.Version), true
	case *Grant:
		return ReasonQuota(b.Reason, b.Day), true
	}
	return Quota{}, false
}
