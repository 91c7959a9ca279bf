package programme

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Metric says what counts towards tiers.
type Metric uint8

// The metrics. Bonuses, transfers and goodwill never count (rule S12).
const (
	NetSpend   Metric = iota // fen paid, less returns
	BasePoints               // points earned, without what tier and rule multiplied
)

// Window says over what time it counts.
type Window uint8

// The windows.
const (
	RollingYear  Window = iota // the month and the eleven before it
	CalendarYear               // from January on
)

// Tiers is the ladder of tiers (cap M3); without a step there are none.
type Tiers struct {
	Metric     Metric
	Window     Window
	NoticeDays int    // between telling a member and a step down
	Ladder     []Tier // upwards; the first begins at 0
}

// Tier is one step of the ladder.
type Tier struct {
	ID           string
	Name         Text
	Threshold    int64 // fen or points, by the metric, from which it is reached
	MultiplierBP int64 // of what rules give, in 1/10,000
}

// noticeDays is the least notice before a step down (rule S12).
const noticeDays = 30

// Tier looks up a tier.
func (p *Programme) Tier(id string) (Tier, bool) {
	return lookUp(p.Tiers.Ladder, func(t Tier) bool { return t.ID == id })
}

// TierMultiplier is what a tier multiplies by, in 1/10,000. A tier that the
// programme does not know multiplies by one.
func (p *Programme) TierMultiplier(id string) int64 {
	if t, ok := p.Tier(id); ok {
		return t.MultiplierBP
	}
	return basisPoints
}

// Place is a tier's step on the ladder, from 0; one that is not known counts as
// the lowest.
func (t Tiers) Place(id string) int {
	return max(slices.IndexFunc(t.Ladder, func(x Tier) bool { return x.ID == id }), 0)
}

// Multiplier is what a rule and a tier multiply by together on a sum of the
// rule's lines, as one exact ratio, bounded by the programme (rule S26).
func (p *Programme) Multiplier(r Rule, tier string, base lot.Fen) lot.Ratio {
	const one = basisPoints * basisPoints
	product := r.Multiplier(base) * p.TierMultiplier(tier)
	if most := p.MaxMultiplierBP * basisPoints; most > 0 {
		product = min(product, most)
	}
	return lot.Ratio{Num: product, Den: one}
}

func (d *draft) readTiers(o object) Tiers {
	if !o.given() {
		return Tiers{}
	}
	t := Tiers{NoticeDays: int(o.integerOr("notice_days", noticeDays, noticeDays, lot.PendingDaysMax))}
	if o.choice("metric", "net-spend", "base-points") {
		t.Metric = BasePoints
	}
	if o.choice("window", "rolling-year", "calendar-year") {
		t.Window = CalendarYear
	}
	key := map[Metric]string{NetSpend: "threshold_fen", BasePoints: "threshold_points"}[t.Metric]
	o.each("ladder", TiersMax, func(step object) { t.Ladder = append(t.Ladder, d.readTier(step, key, t.Ladder)) })
	o.done()
	return t
}

// readTier wants each step above the one before it, and the first at 0.
func (d *draft) readTier(o object, key string, below []Tier) Tier {
	f := o.fields[key]
	t := Tier{
		ID:           o.newID("id", d.tiers),
		Name:         o.text("name", NameBytesMax),
		Threshold:    o.integer(key, 0, sumMax),
		MultiplierBP: o.integer("multiplier_bp", basisPoints, multiplierMax),
	}
	switch {
	case f.value == nil:
	case len(below) == 0 && t.Threshold != 0:
		o.fault(f, "the first tier must begin at 0")
	case len(below) > 0 && t.Threshold <= below[len(below)-1].Threshold:
		o.fault(f, "a tier must begin above the one before it")
	}
	return t
}

// choice takes one of two words and reports whether it is the second.
func (o object) choice(key, first, second string) bool {
	text, f := o.word(key, IDBytesMax)
	if text != "" && text != first && text != second {
		o.fault(f, "%q must be %s or %s", key, first, second)
	}
	return text == second
}
