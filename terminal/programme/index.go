package programme

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Index finds the campaigns that may apply to goods without looking at all of
// them. It is made once, when the document is read.
type Index struct {
	ordered []*Campaign // by step, priority, id: the order in which they act
	goods   map[key][]int32
	always  []int32           // whatever the goods and the day
	months  map[int32][]int32 // whatever the goods, in a month of some campaigns' dates
	redeem  []*Campaign       // that are about what benefits cost
}

// key is what goods are found by.
type key struct {
	by   byte // i item, b brand, c category, m merchant; t the member's tier
	name string
}

// monthsMax is how long a campaign's dates may be for it to be found by month.
const monthsMax = 36

// bucket is a stretch of 32 days.
func bucket(d lot.Day) int32 { return int32(d) >> 5 }

func newIndex(campaigns []Campaign) *Index {
	x := &Index{goods: map[key][]int32{}, months: map[int32][]int32{}}
	for i := range campaigns {
		if c := &campaigns[i]; c.Kind == RedeemOff {
			x.redeem = append(x.redeem, c)
		} else {
			x.ordered = append(x.ordered, c)
		}
	}
	slices.SortFunc(x.redeem, byTurn)
	slices.SortFunc(x.ordered, byTurn)
	for i, c := range x.ordered {
		x.enter(int32(i), c)
	}
	return x
}

func byTurn(a, b *Campaign) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.ID, b.ID))
}

// enter puts a campaign where the narrowest of its lists of goods leads.
func (x *Index) enter(i int32, c *Campaign) {
	by, names := byte('i'), c.Scope.Items
	switch {
	case names != nil:
	case c.Scope.Brands != nil:
		by, names = 'b', c.Scope.Brands
	case c.Scope.Categories != nil:
		by, names = 'c', c.Scope.Categories
	case c.Scope.Merchants != nil:
		by, names = 'm', c.Scope.Merchants
	case c.Scope.Tiers != nil: // whatever the goods
		by, names = 't', c.Scope.Tiers
	default:
		x.enterByMonth(i, c)
		return
	}
	for _, n := range names {
		x.goods[key{by, n}] = append(x.goods[key{by, n}], i)
	}
}

func (x *Index) enterByMonth(i int32, c *Campaign) {
	from, until := bucket(c.Window.From), bucket(c.Window.Until)
	if c.Window.From == 0 || c.Window.Until == 0 || until-from > monthsMax {
		x.always = append(x.always, i)
		return
	}
	for b := from; b <= until+1; b++ { // the night after the last day is still its own
		x.months[b] = append(x.months[b], i)
	}
}

// Len is how many campaigns there are that act on a basket.
func (x *Index) Len() int { return len(x.ordered) }

// At is the campaign in a place of the order.
func (x *Index) At(i int32) *Campaign { return x.ordered[i] }

// Everywhere calls for each campaign that is not about certain goods and may
// be open on a day for who is in a tier, or in none.
func (x *Index) Everywhere(day lot.Day, tier string, each func(int32)) {
	for _, i := range x.goods[key{'t', tier}] {
		each(i)
	}
	for _, i := range x.always {
		each(i)
	}
	for _, i := range x.months[bucket(day)] {
		each(i)
	}
}

// About calls for each campaign that is about certain goods, of which these
// may be.
func (x *Index) About(p *Product, each func(int32)) {
	for _, k := range [...]key{{'i', p.GTIN}, {'b', p.Brand}, {'c', p.Category}, {'m', p.Merchant}} {
		if k.name == "" {
			continue
		}
		for _, i := range x.goods[k] {
			each(i)
		}
	}
}

// Index is the programme's, made when it was read; a Programme made by hand has
// an empty one.
func (p *Programme) Index() *Index {
	if p.index == nil {
		return &Index{}
	}
	return p.index
}

// Reindex makes the index anew.
func (p *Programme) Reindex() { p.index = newIndex(p.Campaigns) }

// Price is what a benefit costs on an occasion: the campaigns that make it
// cheaper do so one after the other, but of a group only the best of those that
// go first (rule S26). By lists them.
func (p *Programme) Price(b Benefit, o *Occasion) (cost lot.Amount, by []string) {
	cost = b.Cost.Amount
	if len(p.Index().redeem) == 0 {
		return cost, nil
	}
	done := map[string]bool{}
	open := slices.DeleteFunc(slices.Clone(p.Index().redeem), func(c *Campaign) bool {
		return !slices.Contains(c.Benefits, b.ID) || !c.Open(o)
	})
	for i, c := range open {
		if c.Group != "" && done[c.Group] {
			continue
		}
		done[c.Group] = true
		for _, other := range open[i:] {
			if c.Group != "" && other.Group == c.Group && other.Priority == c.Priority && other.cheaper(cost) < c.cheaper(cost) {
				c = other
			}
		}
		if cheaper := c.cheaper(cost); cheaper < cost {
			cost, by = cheaper, append(by, c.ID)
		}
	}
	return cost, by
}

func (c *Campaign) cheaper(cost lot.Amount) lot.Amount {
	off := c.OffPoints
	if c.OffBP > 0 {
		part, err := lot.Ratio{Num: c.OffBP, Den: basisPoints}.Ceil(int64(cost))
		if err != nil {
			return cost
		}
		off = lot.Amount(part)
	}
	return max(cost-off, 1) // never for nothing: a gift is another thing
}

// Open reports whether a campaign's time has come and it is for this sale,
// whatever is sold. Without a clock that can be trusted only what knows no time
// is open (rule S11).
func (c *Campaign) Open(o *Occasion) bool {
	return c.Scope.Here(o) && (o.Trusted || c.Window.Always()) && c.Window.Open(o.At)
}

// Waits reports whether a campaign would be open if the clock could be trusted.
func (c *Campaign) Waits(o *Occasion) bool {
	return !o.Trusted && !c.Window.Always() && c.Scope.Here(o) && c.Window.Open(o.At)
}
