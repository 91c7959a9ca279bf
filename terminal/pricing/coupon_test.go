package pricing_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// coupons of the tests, by what they do.
var coupons = []programme.Coupon{
	{ID: "five", OffFen: 500},
	{ID: "five-of-20", OffFen: 500, MinFen: 2000},
	{ID: "tenth", OffBP: 1000},
	{ID: "tenth-most", OffBP: 1000, MaxFen: 50},
	{ID: "alone", OffFen: 100, Exclusive: true},
	{ID: "m2", OffFen: 700, Merchant: "m2"},
	{ID: "bulb", OffFen: 100, Products: map[string]bool{"04006381333931": true}},
}

// withCoupons is a request of a member who holds one of each coupon, and uses
// those named.
func withCoupons(p *programme.Programme, basket []pricing.Line, points lot.Amount, deduct lot.Fen, ids ...string) pricing.Request {
	priced := *p
	priced.Coupons = coupons
	r := card(&priced, basket, points, deduct)
	for i, c := range coupons {
		r.Holdings = append(r.Holdings, holding(uint32(100+i), lot.CouponAsset(c.ID), 1, 0))
	}
	for _, id := range ids {
		i := slices.IndexFunc(coupons, func(c programme.Coupon) bool { return c.ID == id })
		r.Coupons = append(r.Coupons, pricing.CouponUse{Lot: lot.ID{N: uint32(100 + i)}, Asset: lot.CouponAsset(id)})
	}
	return r
}

// Rule S03: coupons, then points, then small change, then earning on what is
// paid. The numbers of each line add up.
func TestPipelineInItsOrder(t *testing.T) {
	p := open.with(func(x *terms) { x.share = 5000 }).parse(t)
	p.Rounding.ToFen = 10
	q := price(t, withCoupons(p, lines(goods("m1", 1500), ecoGoods("m2", 999)), 5000, pricing.DeductMax, "tenth-most", "m2"))
	want := []pricing.LineQuote{
		{Fen: 1500, Off: 30, Deducted: 735, Rounded: 4, Net: 731},
		{Fen: 999, Off: 20 + 700, Deducted: 139, Rounded: 1, Net: 139},
	}
	if diff := cmp.Diff(want, q.Lines); diff != "" {
		t.Errorf("Price: lines -want +got\n%s", diff)
	}
	if q.Total != 2499 || q.Off != 750 || q.Deduction.Fen != 874 || q.Rounding != 5 || q.ToPay != 870 {
		t.Errorf("Price: got %s - %s - %s - %s = %s, want 24.99 - 7.50 - 8.74 - 0.05 = 8.70", q.Total, q.Off, q.Deduction.Fen, q.Rounding, q.ToPay)
	}
	if diff := cmp.Diff([]pricing.Earning{{Asset: consumption, Amount: 8}, {Asset: green, Amount: 1}}, q.WouldEarn); diff != "" {
		t.Errorf("Price: would earn -want +got\n%s", diff)
	}
}

// What each coupon takes off, in the order given, or why it does not.
func TestCoupons(t *testing.T) {
	two := lines(goods("m1", 1000), goods("m2", 999))
	tests := map[string]struct {
		basket []pricing.Line
		use    []string
		fen    []lot.Fen
		why    []pricing.CouponWhy
	}{
		"off":                   {two, []string{"five"}, []lot.Fen{500}, []pricing.CouponWhy{""}},
		"least-one-below":       {two, []string{"five-of-20"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponMinimum}},
		"least-met":             {lines(goods("m1", 2000)), []string{"five-of-20"}, []lot.Fen{500}, []pricing.CouponWhy{""}},
		"least-passed":          {lines(goods("m1", 2001)), []string{"five-of-20"}, []lot.Fen{500}, []pricing.CouponWhy{""}},
		"least-after-the-first": {lines(goods("m1", 2499)), []string{"five", "five-of-20"}, []lot.Fen{500, 0}, []pricing.CouponWhy{"", pricing.CouponMinimum}},
		"both":                  {lines(goods("m1", 2500)), []string{"five", "five-of-20"}, []lot.Fen{500, 500}, []pricing.CouponWhy{"", ""}},
		"to-the-last-fen":       {lines(goods("m1", 499)), []string{"five"}, []lot.Fen{499}, []pricing.CouponWhy{""}},
		"nothing-left":          {lines(goods("m1", 500)), []string{"five", "tenth"}, []lot.Fen{500, 0}, []pricing.CouponWhy{"", pricing.CouponNothing}},
		"share-of-the-rest":     {two, []string{"five", "tenth"}, []lot.Fen{500, 149}, []pricing.CouponWhy{"", ""}},
		"less-than-a-fen":       {lines(goods("m1", 9)), []string{"tenth"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponNothing}},
		"alone-comes-second":    {two, []string{"five", "alone"}, []lot.Fen{500, 0}, []pricing.CouponWhy{"", pricing.CouponExclusive}},
		"alone":                 {two, []string{"alone"}, []lot.Fen{100}, []pricing.CouponWhy{""}},
		"after-alone":           {two, []string{"alone", "five"}, []lot.Fen{100, 0}, []pricing.CouponWhy{"", pricing.CouponExclusive}},
		"alone-after-no-use":    {two, []string{"five-of-20", "alone"}, []lot.Fen{0, 100}, []pricing.CouponWhy{pricing.CouponMinimum, ""}},
		"one-merchant":          {two, []string{"m2"}, []lot.Fen{700}, []pricing.CouponWhy{""}},
		"no-goods-of-it":        {lines(goods("m1", 1000)), []string{"m2"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponScope}},
		"other-products":        {two, []string{"bulb"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponScope}},
		"empty-basket":          {nil, []string{"five"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponScope}},
		"free-goods":            {lines(goods("m1", 0)), []string{"five"}, []lot.Fen{0}, []pricing.CouponWhy{pricing.CouponNothing}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := price(t, withCoupons(open.parse(t), test.basket, 0, 0, test.use...))
			var fen []lot.Fen
			var why []pricing.CouponWhy
			for _, c := range q.Coupons {
				fen, why = append(fen, c.Fen), append(why, c.Why)
			}
			if diff := cmp.Diff(test.fen, fen) + cmp.Diff(test.why, why); diff != "" {
				t.Errorf("Price with %v: -want +got\n%s", test.use, diff)
			}
		})
	}
}

// Only who holds a coupon and has shown a card uses it, and each once.
func TestWhoUsesACoupon(t *testing.T) {
	p := open.parse(t)
	tests := map[string]struct {
		edit func(*pricing.Request)
		want pricing.CouponWhy
	}{
		"holder":         {func(*pricing.Request) {}, pricing.CouponApplies},
		"nobody":         {func(r *pricing.Request) { r.Member = 0 }, pricing.CouponNoMember},
		"phone-alone":    {func(r *pricing.Request) { r.Proof = member.ByPhone }, pricing.CouponProof},
		"unknown":        {func(r *pricing.Request) { r.Coupons[0].Asset = "coupon:six" }, pricing.CouponUnknown},
		"no-coupon":      {func(r *pricing.Request) { r.Coupons[0].Asset = "benefit:five" }, pricing.CouponUnknown},
		"other-lot":      {func(r *pricing.Request) { r.Coupons[0].Lot.N = 101 }, pricing.CouponNotHeld},
		"of-another":     {func(r *pricing.Request) { r.Holdings[1].Lot.Owner = 1018 }, pricing.CouponNotHeld},
		"used-up":        {func(r *pricing.Request) { r.Holdings[1].Amount = 0 }, pricing.CouponNotHeld},
		"last-day":       {func(r *pricing.Request) { r.Holdings[1].Lot.Expires = today.Day }, pricing.CouponApplies},
		"lapsed":         {func(r *pricing.Request) { r.Holdings[1].Lot.Expires = today.Day - 1 }, pricing.CouponNotHeld},
		"pending":        {func(r *pricing.Request) { r.Holdings[1].Lot.Active = today.Day + 1 }, pricing.CouponNotHeld},
		"clock-in-doubt": {func(r *pricing.Request) { r.Holdings[1].Lot.Expires, r.Today.Trusted = today.Day-1, false }, pricing.CouponApplies},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := withCoupons(p, lines(goods("m1", 2000)), 0, 0, "five")
			test.edit(&r)
			if got := price(t, r).Coupons[0].Why; got != test.want {
				t.Errorf("Price: got %q, want %q", got, test.want)
			}
		})
	}
	r := withCoupons(p, lines(goods("m1", 2000)), 0, 0, "five")
	r.Coupons = append(r.Coupons, r.Coupons[0])
	if q := price(t, r); q.Off != 500 || q.Coupons[1].Why != pricing.CouponNotHeld {
		t.Errorf("Price with one coupon twice: got %s off and %+v, want 5.00 and not held", q.Off, q.Coupons)
	}
	r.Holdings[1].Amount = 2
	if q := price(t, r); q.Off != 1000 {
		t.Errorf("Price with two of a coupon: got %s off, want 10.00", q.Off)
	}
	r.Coupons = make([]pricing.CouponUse, pricing.CouponsMax)
	price(t, r)
	r.Coupons = make([]pricing.CouponUse, pricing.CouponsMax+1)
	if _, err := pricing.Price(r); !errors.Is(err, pricing.ErrLimit) {
		t.Errorf("Price with %d coupons: got %v, want ErrLimit", len(r.Coupons), err)
	}
}

// A coupon is shared over its lines by largest remainder, and the shares say how.
func TestCouponIsSharedByAmounts(t *testing.T) {
	q := price(t, withCoupons(open.parse(t), lines(goods("m1", 1000), goods("m1", 0), goods("m2", 1000), goods("m1", 999)), 0, 0, "five"))
	want := []pricing.FenShare{{Line: 0, Fen: 167}, {Line: 2, Fen: 167}, {Line: 3, Fen: 166}}
	if diff := cmp.Diff(want, q.Coupons[0].Shares); diff != "" {
		t.Errorf("Price: shares -want +got\n%s", diff)
	}
}

// Rule S04: the caps of the deduction look at the bill after coupons, and at the
// goods that points may pay.
func TestDeductionAfterCoupons(t *testing.T) {
	half := open.with(func(x *terms) { x.share = 5000 })
	tests := map[string]struct {
		terms    terms
		use      []string
		excluded bool // the second line, of 10.00
		want     pricing.MaxDeduction
	}{
		"whole-bill":            {open, nil, false, pricing.MaxDeduction{Fen: 1999, Points: 1999, Limit: pricing.LimitNone}},
		"after-a-coupon":        {open, []string{"five"}, false, pricing.MaxDeduction{Fen: 1499, Points: 1499, Limit: pricing.LimitNone}},
		"share-after-a-coupon":  {half, []string{"five"}, false, pricing.MaxDeduction{Fen: 749, Points: 749, Limit: pricing.LimitShare}},
		"excluded-goods":        {open, nil, true, pricing.MaxDeduction{Fen: 999, Points: 999, Limit: pricing.LimitExcluded}},
		"excluded-and-share":    {half, nil, true, pricing.MaxDeduction{Fen: 999, Points: 999, Limit: pricing.LimitExcluded}},
		"excluded-and-a-coupon": {half, []string{"five"}, true, pricing.MaxDeduction{Fen: 749, Points: 749, Limit: pricing.LimitExcluded}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := test.terms.parse(t)
			bag := goods("m1", 1000)
			bag.GTIN = "06900001000228"
			if test.excluded {
				p.Excluded.Deduct = map[string]bool{bag.GTIN: true}
			}
			q := price(t, withCoupons(p, lines(goods("m1", 999), bag), 5000, pricing.DeductMax, test.use...))
			if q.MaxDeduction != test.want || test.excluded && q.Lines[1].Deducted != 0 {
				t.Errorf("Price: got %+v and lines %+v, want %+v", q.MaxDeduction, q.Lines, test.want)
			}
		})
	}
}

// Rule S30: the bill goes down to a multiple of the small coin, and earning sees
// what is paid.
func TestRounding(t *testing.T) {
	tests := map[string]struct {
		to             lot.Fen
		bill           lot.Fen
		deduct         lot.Fen
		rounded, toPay lot.Fen
		earn           lot.Amount
	}{
		"off":                {0, 999, 0, 0, 999, 9},
		"to-one-fen":         {1, 999, 0, 0, 999, 9},
		"nine-fen":           {10, 1009, 0, 9, 1000, 10},
		"nothing-to-round":   {10, 1010, 0, 0, 1010, 10},
		"one-fen":            {10, 1001, 0, 1, 1000, 10},
		"to-yuan":            {100, 1099, 0, 99, 1000, 10},
		"all-of-it":          {10, 9, 0, 9, 0, 0},
		"no-bill":            {10, 0, 0, 0, 0, 0},
		"after-points":       {10, 1099, 94, 5, 1000, 10},
		"points-to-the-last": {10, 1099, 1099, 0, 0, 0},
		"a-point-is-lost":    {10, 1000, 1, 9, 990, 9},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := open.parse(t)
			p.Rounding.ToFen = test.to
			q := price(t, card(p, lines(goods("m1", test.bill)), 5000, test.deduct))
			var earn lot.Amount
			for _, e := range q.WouldEarn {
				earn += e.Amount
			}
			if q.Rounding != test.rounded || q.ToPay != test.toPay || earn != test.earn {
				t.Errorf("Price(%s): got %s left out, %s to pay, %d earned; want %s, %s, %d", test.bill, q.Rounding, q.ToPay, earn, test.rounded, test.toPay, test.earn)
			}
		})
	}
	p := open.parse(t)
	p.Rounding.ToFen = 10
	q := price(t, card(p, lines(goods("m1", 333), goods("m1", 333), goods("m1", 333)), 0, 0))
	if got := []lot.Fen{q.Lines[0].Rounded, q.Lines[1].Rounded, q.Lines[2].Rounded}; !cmp.Equal(got, []lot.Fen{3, 3, 3}) {
		t.Errorf("Price: got small change %v on the lines, want 3 fen on each", got)
	}
}
