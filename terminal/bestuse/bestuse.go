// Package bestuse finds what a member's points and coupons save at most on one
// basket (cap P8): which coupons, in which order, which bought with points on
// the way, and how much is deducted. It looks at every combination that can be
// better than the best found, up to a bound on its work; when the bound is hit
// it gives the best found and says so. It decides nothing: the cashier asks the
// member.
package bestuse

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// WorkMax bounds the search: lines priced anew, over all combinations tried.
// Beyond it the answer is the best found. It is a count and no time, so that
// every machine gives the same answer.
const WorkMax = 20_000

// Choice is one way to pay with what a member has.
type Choice struct {
	Coupons []pricing.CouponUse // held, in the order in which they are used
	Buy     []string            // benefits to be redeemed first; each gives the coupon that is then used
	Order   []string            // of all coupons by id, held and bought
	Deduct  lot.Fen             // by points
}

// Plan is the best use of what a member has for a basket.
type Plan struct {
	Choice
	Saved    lot.Fen    // against paying with neither coupons nor points
	ToPay    lot.Fen    // then
	Points   lot.Amount // deducted; what is bought costs its own
	Complete bool       // nothing can be better; else the bound on the work was hit
	Next     *Gap       // what is nearest to saving more, or nil
}

// Gap is a coupon or a step of a campaign that the basket nearly reaches.
type Gap struct {
	Coupon   string // or
	Campaign string
	Missing  lot.Fen // of goods that it is about
}

// kind is a coupon that can be used, held or bought.
type kind struct {
	programme.Coupon
	held []pricing.CouponUse
	buy  *pricing.Offer
}

type search struct {
	r        pricing.Request
	kinds    []kind
	asset    lot.Asset // that deducts
	points   lot.Amount
	left     map[lot.Asset]lot.Amount // of what coupons are bought with
	work     int
	complete bool
	best     found
}

// found is a combination and what it comes to.
type found struct {
	toPay lot.Fen
	spent lot.Amount // points in all
	steps []step
	by    pricing.MaxDeduction
}

// step is a coupon used: of a kind, held or bought.
type step struct {
	kind   int
	bought bool
}

// Best finds the best use. The request's own coupons and deduction are not
// looked at.
func Best(r pricing.Request) (Plan, error) {
	r.Coupons, r.DeductFen = nil, 0
	d, err := pricing.Begin(r)
	if err != nil {
		return Plan{}, err
	}
	s := search{r: r, asset: r.Programme.Deduction.Asset, complete: true, left: map[lot.Asset]lot.Amount{}}
	s.points = lot.Available(r.Holdings, s.asset, r.Today)
	s.kinds = s.usable(d)
	nothing, _, err := d.Least(0)
	if err != nil {
		return Plan{}, err
	}
	s.best = found{toPay: nothing}
	if err := s.singles(d); err != nil {
		return Plan{}, err
	}
	if err := s.from(d, nil, nil); err != nil {
		return Plan{}, err
	}
	return s.plan(d, nothing), nil
}

// usable lists the coupons that could be used, the one that could take most off
// first, so that good combinations are found early.
func (s *search) usable(d *pricing.Draft) []kind {
	if s.r.Member == 0 || !s.r.Proof.MaySpend() {
		return nil
	}
	held := map[string][]lot.Holding{}
	for _, h := range s.r.Holdings {
		if id := h.Lot.Asset.Coupon(); id != "" && h.Lot.Owner == s.r.Member && h.Amount > 0 && s.r.Today.Spendable(h.Lot) {
			held[id] = append(held[id], h)
		}
	}
	offers := map[string]*pricing.Offer{}
	for _, o := range pricing.Offers(s.r, pricing.Deduction{}) {
		b, _ := s.r.Programme.Benefit(o.Benefit)
		if old := offers[b.Coupon]; b.Coupon != "" && !b.Limited && o.Missing == 0 && (old == nil || o.Cost < old.Cost) {
			offers[b.Coupon] = &o
			s.left[o.Asset] = lot.Available(s.r.Holdings, o.Asset, s.r.Today)
		}
	}
	var kinds []kind
	for _, c := range s.r.Programme.Coupons {
		k := kind{Coupon: c, held: uses(held[c.ID]), buy: offers[c.ID]}
		if (k.held != nil || k.buy != nil) && d.Base(&c) > 0 {
			kinds = append(kinds, k)
		}
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return cmp.Compare(s.most(d, &b), s.most(d, &a)) })
	return kinds
}

// uses are the coupons of holdings one by one, those that lapse first before
// the others.
func uses(holdings []lot.Holding) []pricing.CouponUse {
	slices.SortFunc(holdings, func(a, b lot.Holding) int {
		return cmp.Or(cmp.Compare(never(a.Lot.Expires), never(b.Lot.Expires)), a.Lot.ID.Compare(b.Lot.ID))
	})
	var list []pricing.CouponUse
	for _, h := range holdings {
		for range min(h.Amount, pricing.CouponsMax) {
			list = append(list, pricing.CouponUse{Lot: h.Lot.ID, Asset: h.Lot.Asset})
		}
	}
	return list[:min(len(list), pricing.CouponsMax)]
}

func never(d lot.Day) lot.Day {
	if d == 0 {
		return 1 << 30
	}
	return d
}

// most is the most that one coupon of a kind can take off the bill as it
// stands, whatever comes before it.
func (s *search) most(d *pricing.Draft, k *kind) lot.Fen {
	off, err := k.Off(d.Base(&k.Coupon))
	if k.MinFen > d.Base(&k.Coupon) || err != nil {
		return 0
	}
	return off
}

// singles tries each coupon alone, so that the answer is never worse than any
// single choice, even where the bound on the work is hit.
func (s *search) singles(d *pricing.Draft) error {
	if err := s.look(d, nil); err != nil {
		return err
	}
	for i := range s.kinds {
		for _, st := range s.ways(nil, i) {
			next, off, err := d.With(&s.kinds[i].Coupon)
			if err != nil {
				return err
			}
			if off > 0 {
				if err := s.look(next, []step{st}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// look compares what a combination comes to with the best found: less to pay,
// then fewer points, then fewer coupons.
func (s *search) look(d *pricing.Draft, steps []step) error {
	spent := s.spent(steps)
	toPay, by, err := d.Least(max(s.points-spent[s.asset], 0))
	if err != nil {
		return err
	}
	f := found{toPay: toPay, spent: by.Points, steps: steps, by: by}
	for _, n := range spent {
		f.spent += n
	}
	b := s.best
	if cmp.Or(cmp.Compare(f.toPay, b.toPay), cmp.Compare(f.spent, b.spent), cmp.Compare(len(f.steps), len(b.steps))) < 0 {
		f.steps = slices.Clone(steps)
		s.best = f
	}
	return nil
}

// spent is what the coupons bought on the way cost.
func (s *search) spent(steps []step) map[lot.Asset]lot.Amount {
	spent := map[lot.Asset]lot.Amount{}
	for _, st := range steps {
		if st.bought {
			o := s.kinds[st.kind].buy
			spent[o.Asset] += o.Cost
		}
	}
	return spent
}

// from tries every coupon after those used already, deepest first.
func (s *search) from(d *pricing.Draft, steps []step, used []int) error {
	if len(steps) >= pricing.CouponsMax || s.alone(steps) {
		return nil
	}
	if used == nil {
		used = make([]int, len(s.kinds))
	}
	if s.hopeless(d, used) {
		return nil
	}
	for i := range s.kinds {
		if len(steps) > 0 && s.kinds[i].Exclusive {
			continue
		}
		for _, st := range s.ways(steps, i) {
			if s.work += len(s.r.Lines) + 1; s.work > WorkMax {
				s.complete = false
				return nil
			}
			next, off, err := d.With(&s.kinds[i].Coupon)
			if err != nil {
				return err
			}
			if off == 0 {
				break
			}
			path := append(slices.Clone(steps), st)
			if err := s.look(next, path); err != nil {
				return err
			}
			used[i]++
			err = s.from(next, path, used)
			used[i]--
			if err != nil || !s.complete {
				return err
			}
		}
	}
	return nil
}

func (s *search) alone(steps []step) bool {
	return slices.ContainsFunc(steps, func(st step) bool { return s.kinds[st.kind].Exclusive })
}

// ways are how one more coupon of a kind can be had: a held one first, else one
// that is bought, once.
func (s *search) ways(steps []step, i int) []step {
	held, bought := 0, false
	for _, st := range steps {
		if st.kind == i {
			if st.bought {
				bought = true
			} else {
				held++
			}
		}
	}
	k := &s.kinds[i]
	if held < len(k.held) {
		return []step{{kind: i}}
	}
	if k.buy == nil || bought || s.spent(steps)[k.buy.Asset]+k.buy.Cost > s.left[k.buy.Asset] {
		return nil
	}
	return []step{{kind: i, bought: true}}
}

// hopeless reports whether nothing that can still be done pays less than the
// best found: as if every coupon left took off the most it ever can, and all
// points paid as much as the rules let them. Coupons only take off, so that no
// base grows on the way. Equal is not hopeless: it may cost fewer points.
func (s *search) hopeless(d *pricing.Draft, used []int) bool {
	left := d.ToPay()
	for i := range s.kinds {
		k := &s.kinds[i]
		n := len(k.held) - used[i]
		if k.buy != nil {
			n++
		}
		if n > 0 {
			left -= s.most(d, k) * lot.Fen(min(n, pricing.CouponsMax))
		}
	}
	if left <= 0 {
		return s.best.toPay == 0 && s.best.spent == 0
	}
	rules := s.r.Programme.Deduction
	deduct := min(rules.MaxFen, left)
	if share, err := (lot.Ratio{Num: rules.MaxShareBP, Den: 10_000}).Ceil(int64(left)); err == nil {
		deduct = min(deduct, lot.Fen(share))
	}
	if worth, err := s.r.Programme.Worth(rules.Asset).Inverse().Ceil(int64(s.points)); err == nil {
		deduct = min(deduct, lot.Fen(worth))
	}
	return left-deduct-max(s.r.Programme.Rounding.ToFen-1, 0) > s.best.toPay
}

func (s *search) plan(d *pricing.Draft, nothing lot.Fen) Plan {
	p := Plan{
		Saved: nothing - s.best.toPay, ToPay: s.best.toPay, Points: s.best.by.Points, Complete: s.complete,
		Choice: Choice{Deduct: s.best.by.Fen}, Next: s.next(d),
	}
	taken := make([]int, len(s.kinds))
	for _, st := range s.best.steps {
		k := &s.kinds[st.kind]
		p.Order = append(p.Order, k.ID)
		if st.bought {
			p.Buy = append(p.Buy, k.buy.Benefit)
			continue
		}
		p.Coupons = append(p.Coupons, k.held[taken[st.kind]])
		taken[st.kind]++
	}
	return p
}

// next is what misses least: a coupon held whose least is not met, or the next
// step of a campaign.
func (s *search) next(d *pricing.Draft) *Gap {
	var nearest *Gap
	nearer := func(g Gap) {
		if g.Missing > 0 && (nearest == nil || g.Missing < nearest.Missing) {
			nearest = &g
		}
	}
	for _, k := range s.kinds {
		if k.held != nil {
			nearer(Gap{Coupon: k.ID, Missing: k.MinFen - d.Base(&k.Coupon)})
		}
	}
	for _, g := range d.Gaps() {
		nearer(Gap{Campaign: g.Campaign, Missing: g.Missing})
	}
	return nearest
}
