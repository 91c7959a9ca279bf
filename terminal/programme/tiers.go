package programme

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/document"
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

// Grade looks up a step of the green ladder.
func (p *Programme) Grade(id string) (Tier, bool) {
	return lookUp(p.Grades.Ladder, func(t Tier) bool { return t.ID == id })
}

// readGrades reads the ladder of green points: what was earned of them and not
// taken back, whatever became of them since.
func (d *draft) readGrades(o document.Object) Tiers {
	if !o.Given() {
		return Tiers{}
	}
	t := Tiers{Metric: BasePoints, NoticeDays: int(o.IntegerOr("notice_days", document.Days, noticeDays, noticeDays, lot.PendingDaysMax))}
	which, _ := o.Choice("window", true, notWindow, "rolling-year", "calendar-year")
	t.Window = Window(which)
	o.Each("ladder", TiersMax, func(step document.Object) {
		f := step.Field("threshold_points")
		g := Tier{
			ID: d.newID(step, "id", d.grades), Name: step.Text("name", NameBytesMax),
			Threshold: step.Integer("threshold_points", document.Points, 0, sumMax), MultiplierBP: basisPoints,
		}
		t.rises(step, f, g)
		t.Ladder = append(t.Ladder, g)
	})
	o.Done()
	return t
}

// rises wants each step above the one before it, and the first at 0.
func (t *Tiers) rises(o document.Object, f document.Field, step Tier) {
	switch below := t.Ladder; {
	case !f.Given():
	case len(below) == 0 && step.Threshold != 0:
		o.Fault(f, firstAtZero)
	case len(below) > 0 && step.Threshold <= below[len(below)-1].Threshold:
		o.Fault(f, tiersRise)
	}
}

// What can be wrong with tiers.
var (
	notMetricTier = Text{ZH: "%q 必须是 net-spend 或 base-points", EN: "%q must be net-spend or base-points"}
	notWindow     = Text{ZH: "%q 必须是 rolling-year 或 calendar-year", EN: "%q must be rolling-year or calendar-year"}
	firstAtZero   = Text{ZH: "第一级必须从 0 开始", EN: "the first tier must begin at 0"}
	tiersRise     = Text{ZH: "每一级都必须高于前一级", EN: "a tier must begin above the one before it"}
)

func (d *draft) readTiers(o document.Object) Tiers {
	if !o.Given() {
		return Tiers{}
	}
	t := Tiers{NoticeDays: int(o.IntegerOr("notice_days", document.Days, noticeDays, noticeDays, lot.PendingDaysMax))}
	which, _ := o.Choice("metric", true, notMetricTier, "net-spend", "base-points")
	t.Metric = Metric(which)
	which, _ = o.Choice("window", true, notWindow, "rolling-year", "calendar-year")
	t.Window = Window(which)
	o.Each("ladder", TiersMax, func(step document.Object) { t.Ladder = append(t.Ladder, d.readTier(step, t)) })
	o.Done()
	return t
}

// readTier wants each step above the one before it, and the first at 0.
func (d *draft) readTier(o document.Object, above Tiers) Tier {
	t := Tier{
		ID:           d.newID(o, "id", d.tiers),
		Name:         o.Text("name", NameBytesMax),
		MultiplierBP: o.Integer("multiplier_bp", document.Share, basisPoints, multiplierMax),
	}
	fen := document.Case{Key: "threshold_fen", Read: func() { t.Threshold = o.Integer("threshold_fen", document.Fen, 0, sumMax) }}
	points := document.Case{Key: "threshold_points", Read: func() { t.Threshold = o.Integer("threshold_points", document.Points, 0, sumMax) }}
	f := o.Field(fen.Key)
	switch {
	case !o.Reading():
		o.OneOf(points, fen)
	case above.Metric == BasePoints:
		f = o.Field(points.Key)
		points.Read()
	default:
		fen.Read()
	}
	above.rises(o, f, t)
	return t
}
