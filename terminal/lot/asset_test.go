package lot_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/lot"
)

func TestAssets(t *testing.T) {
	long := strings.Repeat("a", lot.NameBytesMax)
	tests := map[string]struct {
		asset lot.Asset
		text  string
		want  lot.Parts
	}{
		"points":       {lot.PointsAsset("green"), "points:green", lot.Parts{Class: lot.ClassPoints, ID: "green"}},
		"consumption":  {lot.Consumption, "points:consumption", lot.Parts{Class: lot.ClassPoints, ID: "consumption"}},
		"goodwill":     {lot.Goodwill, "points:goodwill", lot.Parts{Class: lot.ClassPoints, ID: "goodwill"}},
		"stamp":        {lot.StampAsset("tea-10"), "stamp:tea-10", lot.Parts{Class: lot.ClassStamp, ID: "tea-10"}},
		"benefit":      {lot.BenefitAsset("tea-set"), "benefit:tea-set", lot.Parts{Class: lot.ClassBenefit, ID: "tea-set"}},
		"coupon":       {lot.CouponAsset("off-5"), "coupon:off-5", lot.Parts{Class: lot.ClassCoupon, ID: "off-5"}},
		"medal":        {lot.MedalAsset("spring"), "medal:spring", lot.Parts{Class: lot.ClassMedal, ID: "spring"}},
		"ticket":       {lot.TicketAsset("wheel"), "ticket:wheel", lot.Parts{Class: lot.ClassTicket, ID: "wheel"}},
		"stock":        {lot.StockAsset("tea-set"), "stock:tea-set", lot.Parts{Class: lot.ClassStock, ID: "tea-set"}},
		"budget":       {lot.BudgetAsset("wheel", "first"), "budget:wheel.first", lot.Parts{Class: lot.ClassBudget, ID: "wheel", Sub: "first"}},
		"quota":        {lot.QuotaAsset("birthday", "2026"), "quota:birthday:2026", lot.Parts{Class: lot.ClassQuota, ID: "birthday", Sub: "2026"}},
		"quota-day":    {lot.QuotaAsset("check-in", "2026-11-22"), "quota:check-in:2026-11-22", lot.Parts{Class: lot.ClassQuota, ID: "check-in", Sub: "2026-11-22"}},
		"home":         {lot.Home, "home", lot.Parts{Class: lot.ClassHome}},
		"longest-name": {lot.PointsAsset(long), "points:" + long, lot.Parts{Class: lot.ClassPoints, ID: long}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := lot.ParseAsset(test.asset)
			if err != nil || got != test.want || string(test.asset) != test.text {
				t.Errorf("ParseAsset(%s): got %+v, %v; want %+v of %s", test.asset, got, err, test.want, test.text)
			}
			if got := test.asset.Points(); got != (test.want.Class == lot.ClassPoints) {
				t.Errorf("%s.Points(): got %v", test.asset, got)
			}
			if got := test.asset.Benefit(); (got != "") != (test.want.Class == lot.ClassBenefit) {
				t.Errorf("%s.Benefit(): got %q", test.asset, got)
			}
			if got := test.asset.Coupon(); (got != "") != (test.want.Class == lot.ClassCoupon) {
				t.Errorf("%s.Coupon(): got %q", test.asset, got)
			}
		})
	}
}

func TestWhatIsNoAsset(t *testing.T) {
	long := strings.Repeat("a", lot.NameBytesMax)
	for _, text := range []string{
		"", ":", "points", "points:", "points:Green", "points:1st", "points:-a", "points:a b", "points:绿", "points:a:b",
		"gold:bar", "home:", "home:here", "Home", "budget:wheel", "budget:wheel.", "budget:.first", "budget:wheel.first.second",
		"quota:birthday", "quota:birthday:", "quota::2026", "quota:birthday:2026:11", "quota:1st:2026", "quota:birthday:-1",
		"points:" + long + "a", "quota:" + long + ":" + long, "budget:" + long + "." + long,
	} {
		if got, err := lot.ParseAsset(lot.Asset(text)); !errors.Is(err, lot.ErrAsset) {
			t.Errorf("ParseAsset(%q): got %+v, %v; want ErrAsset", text, got, err)
		}
	}
}
