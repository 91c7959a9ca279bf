package pricing

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Promotion is what a campaign took off the bill.
type Promotion struct {
	Campaign string
	Kind     programme.EffectKind
	Fen      lot.Fen
	Shares   []FenShare // add up to Fen; no zero shares
}

// deal is a campaign that is open for a sale, with the lines it is about.
type deal struct {
	*programme.Campaign
	order int32
	lines []int
	told  int // place of its promotion, from 1
}

// work is a quote that is being worked out.
type work struct {
	*Quote
	r     Request
	on    programme.Occasion
	facts *condition.Facts // made when the first condition is met
	deals []deal           // in the order in which they act
	gaps  []StepGap        // of steps, before they took anything off
	room  []int            // where short lists of lines lie side by side
}

// shortList is how many lines most campaigns are about at most.
const shortList = 4

// about notes that a deal is about a line.
func (w *work) about(d *deal, line int) {
	if d.lines == nil {
		if cap(w.room)-len(w.room) < shortList {
			w.room = make([]int, 0, 64*shortList)
		}
		n := len(w.room)
		w.room = w.room[:n+shortList]
		d.lines = w.room[n : n : n+shortList]
	}
	d.lines = append(d.lines, line)
}

// What is known of a campaign in a sale.
const (
	unknown int32 = iota
	closed
	opened // and above: the place of its deal
)

// gather finds the campaigns that are open for the sale and what each is about.
// It looks at those alone that the index finds by the goods and by the day.
func (w *work) gather() {
	x := w.r.Programme.Index()
	if x.Len() == 0 || len(w.r.Lines) == 0 {
		return
	}
	seen := make([]int32, x.Len())
	w.deals = make([]deal, 0, min(x.Len(), 4*len(w.r.Lines)))
	for i := range w.r.Lines {
		p := &w.r.Lines[i].Product
		x.About(p, func(n int32) {
			if c := x.At(n); c.Scope.Covers(p) && w.covers(c, p.GTIN) && w.open(x, n, seen) {
				w.about(&w.deals[seen[n]-opened], i)
			}
		})
	}
	var all []int
	x.Everywhere(w.on.At.Day, w.on.Tier, func(n int32) {
		if !w.open(x, n, seen) {
			return
		}
		d := &w.deals[seen[n]-opened]
		if d.Scope.AllGoods() && (d.Kind > programme.BillOff || w.r.Programme.Excluded.Discount == nil) {
			if all == nil {
				all = everyLine(len(w.r.Lines))
			}
			d.lines = all
			return
		}
		for i := range w.r.Lines {
			if p := &w.r.Lines[i].Product; d.Scope.Covers(p) && w.covers(d.Campaign, p.GTIN) {
				w.about(d, i)
			}
		}
	})
	slices.SortFunc(w.deals, func(a, b deal) int { return cmp.Compare(a.order, b.order) })
}

func everyLine(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// covers reports whether a campaign may be about goods that no discount is for.
func (w *work) covers(c *programme.Campaign, gtin string) bool {
	return c.Kind > programme.BillOff || !w.r.Programme.Excluded.Discount[gtin]
}

// open reports whether a campaign is open for the sale, and looks only once.
func (w *work) open(x *programme.Index, n int32, seen []int32) bool {
	if seen[n] != unknown {
		return seen[n] != closed
	}
	seen[n] = closed
	c := x.At(n)
	switch {
	case c.Kind == programme.MemberPrice && w.r.Member == 0:
	case c.Open(&w.on):
		if w.holds(c.When) {
			seen[n] = opened + int32(len(w.deals))
			w.deals = append(w.deals, deal{Campaign: c, order: n})
		}
	case c.Waits(&w.on):
		w.ToConfirm = append(w.ToConfirm, c.ID)
	}
	return seen[n] != closed
}

func (w *work) holds(c condition.Condition) bool {
	if c.Text() == "" {
		return true
	}
	if w.facts == nil {
		w.facts = w.makeFacts()
	}
	return c.Holds(w.facts)
}

// onLines is the second step: member prices and discounts of single lines, one
// campaign after the other on what the ones before it left, of a group only the
// best of those that go first (rule S26).
func (w *work) onLines() {
	var byLine [][]*deal
	for i := range w.deals {
		d := &w.deals[i]
		if d.Kind > programme.LineOff {
			break
		}
		if byLine == nil {
			byLine = make([][]*deal, len(w.Lines))
		}
		for _, line := range d.lines {
			byLine[line] = append(byLine[line], d)
		}
	}
	for line, deals := range byLine {
		w.onLine(line, deals)
	}
}

func (w *work) onLine(line int, deals []*deal) {
	var done []string
	for i, d := range deals {
		if d.Group != "" && slices.Contains(done, d.Group) {
			continue
		}
		off := w.pieceOff(d, line)
		rivals := deals[i+1:]
		if d.Group == "" {
			rivals = nil
		}
		for _, other := range rivals {
			if other.Group != d.Group || other.Priority != d.Priority {
				continue
			}
			if more := w.pieceOff(other, line); more > off {
				d, off = other, more
			}
		}
		if off == 0 {
			continue
		}
		if d.Group != "" {
			done = append(done, d.Group)
		}
		w.promote(d, off, []FenShare{{line, off}})
	}
}

// pieceOff is what a campaign takes off a line as it stands. A share that is
// no whole number of fen is rounded to the member's good.
func (w *work) pieceOff(d *deal, line int) lot.Fen {
	qty, net := w.r.Lines[line].Qty, w.Lines[line].Net
	n := qty
	if d.Every > 0 {
		n = qty / d.Every
	}
	of, err := part(net, n, qty)
	if err != nil {
		return 0
	}
	switch {
	case d.PriceFen > 0:
		return max(of-d.PriceFen*lot.Fen(n), 0)
	case d.OffFen > 0:
		return min(d.OffFen*lot.Fen(n), of)
	}
	off, err := lot.Ratio{Num: d.OffBP, Den: 10_000}.Ceil(int64(of))
	if err != nil {
		return 0
	}
	return min(lot.Fen(off), of)
}

// onBill is the third step: what comes off the bill from a sum on, likewise.
func (w *work) onBill() {
	var done []string
	for i := range w.deals {
		d := &w.deals[i]
		if d.Kind != programme.BillOff || d.Group != "" && slices.Contains(done, d.Group) {
			continue
		}
		off := w.billOff(d)
		for j := i + 1; j < len(w.deals) && d.Group != ""; j++ {
			other := &w.deals[j]
			if other.Group != d.Group || other.Priority != d.Priority {
				continue
			}
			if more := w.billOff(other); more > off {
				d, off = other, more
			}
		}
		if off == 0 {
			continue
		}
		if d.Group != "" {
			done = append(done, d.Group)
		}
		w.promote(d, off, w.share(d.lines, off))
	}
}

func (w *work) billOff(d *deal) lot.Fen {
	var base lot.Fen
	for _, line := range d.lines {
		base += w.Lines[line].Net
	}
	var off lot.Fen
	for _, s := range d.Steps {
		switch {
		case base < s.FromFen:
		case d.Each:
			off = s.OffFen * (base / s.FromFen)
		default:
			off = max(off, s.OffFen)
		}
	}
	if d.MaxFen > 0 {
		off = min(off, d.MaxFen)
	}
	return min(off, base)
}

// share divides what comes off over lines by what is left of them.
func (w *work) share(lines []int, off lot.Fen) []FenShare {
	weights := make([]int64, len(lines))
	for i, line := range lines {
		weights[i] = int64(w.Lines[line].Net)
	}
	var shares []FenShare
	for i, part := range lot.Split(int64(off), weights) {
		if part > 0 {
			shares = append(shares, FenShare{lines[i], lot.Fen(part)})
		}
	}
	return shares
}

// promote takes off what a campaign does.
func (w *work) promote(d *deal, off lot.Fen, shares []FenShare) {
	for _, s := range shares {
		w.Lines[s.Line].Off += s.Fen
		w.Lines[s.Line].Net -= s.Fen
	}
	w.Off += off
	w.ToPay -= off
	if d.told == 0 {
		w.Promotions = append(w.Promotions, Promotion{Campaign: d.ID, Kind: d.Kind})
		d.told = len(w.Promotions)
	}
	p := &w.Promotions[d.told-1]
	p.Fen += off
	p.Shares = append(p.Shares, shares...)
}
