package game

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Seen is an entry about one member, and where and when it was written.
type Seen struct {
	Origin lot.Origin
	Store  string
	Tier   string
	At     calendar.Moment
	Body   ledger.Body
	Voice  bool // no entry of a terminal's: a review or an experience that HQ approved
}

// Progress is how far a member is with a task.
type Progress struct {
	Task   string
	Have   int64
	Target int64
}

// Done reports whether the task is done.
func (p Progress) Done() bool { return p.Have >= p.Target }

// Missing is what is to be done still.
func (p Progress) Missing() int64 { return max(p.Target-p.Have, 0) }

// Count works out how far a member is with a task: a predicate over the entries
// about them, in any order. What was returned never counts, so that a return
// takes progress back (cap G2).
func Count(p *programme.Programme, t *programme.Task, seen []Seen) Progress {
	c := counting{p: p, t: t, returned: returns(seen), visits: map[lot.Day]bool{}}
	for i := range seen {
		c.entry(&seen[i])
	}
	have := c.have
	if t.Metric == programme.CountVisits {
		have = int64(len(c.visits))
	}
	return Progress{Task: t.ID, Have: have, Target: t.Target}
}

// returned is what has come back of one sale.
type returned struct {
	qty  map[uint32]int64      // by line
	took map[uint32]lot.Amount // points taken back or due, by award
}

// returns collects what has come back, by sale.
func returns(seen []Seen) map[lot.Origin]*returned {
	all := map[lot.Origin]*returned{}
	of := func(o lot.Origin) *returned {
		if all[o] == nil {
			all[o] = &returned{qty: map[uint32]int64{}, took: map[uint32]lot.Amount{}}
		}
		return all[o]
	}
	for _, s := range seen {
		switch b := s.Body.(type) {
		case *ledger.Return:
			r := of(b.Of)
			for _, l := range b.Lines {
				r.qty[l.Line] += l.Qty
			}
			for _, d := range b.Due {
				r.took[d.Award] += d.Amount
			}
			for _, d := range b.Claw {
				if d.Lot.Origin == b.Of {
					r.took[d.Lot.N] += d.Amount
				}
			}
		case *ledger.ReturnClaim:
			r := of(b.Of)
			for _, l := range b.Lines {
				r.qty[l.Line] += l.Qty
			}
		}
	}
	return all
}

// counting adds up for one task.
type counting struct {
	p        *programme.Programme
	t        *programme.Task
	returned map[lot.Origin]*returned
	visits   map[lot.Day]bool
	have     int64
}

func (c *counting) entry(s *Seen) {
	on := programme.Occasion{At: s.At, Trusted: true, Store: s.Store, Region: c.p.Region(s.Store), Tier: s.Tier, Member: true}
	if s.Voice && c.t.Metric == programme.CountVoices && c.t.Window.Open(s.At) {
		c.have++
	}
	switch b := s.Body.(type) {
	case *ledger.Sale:
		on.Tender = oneTender(b.Tenders)
		if on.Tier == "" {
			on.Tier = b.Tier
		}
		if c.t.Window.Open(s.At) && c.t.Scope.Here(&on) {
			c.sale(s.Origin, b)
		}
	case *ledger.Return:
		if b.Sale != nil { // an exchange: what was bought in the same go
			c.entry(&Seen{Origin: s.Origin, Store: s.Store, Tier: s.Tier, At: s.At, Body: b.Sale})
		}
	case *ledger.CheckIn:
		if c.t.Metric == programme.CountActivity && c.t.Window.Open(s.At) && c.t.Scope.Here(&on) {
			c.have++
		}
	case *ledger.Answer:
		if c.t.Metric == programme.CountSurveys && c.t.Window.Open(s.At) {
			c.have++
		}
	}
}

func oneTender(tenders []ledger.Tender) string {
	if len(tenders) == 1 {
		return tenders[0].Kind
	}
	return ""
}

// sale counts what has stayed of a sale's goods in the scope.
func (c *counting) sale(o lot.Origin, b *ledger.Sale) {
	back := c.returned[o]
	var pieces, fen int64
	for i := range b.Lines {
		l := &b.Lines[i]
		g := programme.Product{GTIN: l.Product, Merchant: l.Merchant, Eco: l.Eco, Category: l.Category, Brand: l.Brand}
		if l.Qty <= 0 || !c.t.Scope.Covers(&g) {
			continue
		}
		stays := l.Qty
		if back != nil {
			stays = max(l.Qty-back.qty[uint32(i)], 0)
		}
		pieces += stays
		if paid, err := (lot.Ratio{Num: stays, Den: l.Qty}).Floor(int64(l.Net())); err == nil && stays > 0 {
			fen += paid
		}
	}
	if pieces == 0 {
		return
	}
	c.visits[b.Day] = true
	switch c.t.Metric {
	case programme.CountFen:
		c.have += fen
	case programme.CountPieces:
		c.have += pieces
	case programme.CountEco:
		c.have += int64(greenLeft(b, back))
	}
}

// greenLeft is the green points that a sale earned and that were not taken back.
func greenLeft(b *ledger.Sale, back *returned) (sum lot.Amount) {
	for i, a := range b.Awards {
		if a.Asset == lot.Green {
			if sum += a.Amount; back != nil {
				sum -= min(back.took[uint32(i)], a.Amount)
			}
		}
	}
	return sum
}

// Set is a set of medals, and how far a member is with it (cap G3).
type Set struct {
	ID      string
	Reward  string // benefit that the whole set redeems, "" for the honour alone
	Have    []string
	Missing []string
}

// Whole reports whether nothing is missing.
func (s *Set) Whole() bool { return len(s.Missing) == 0 }

// Sets is how far a member with some holdings is with each set, in the order of
// the programme.
func Sets(p *programme.Programme, held []lot.Holding) []Set {
	var sets []Set
	for _, m := range p.Medals {
		if m.Set == "" {
			continue
		}
		i := slices.IndexFunc(sets, func(s Set) bool { return s.ID == m.Set })
		if i < 0 {
			i, sets = len(sets), append(sets, Set{ID: m.Set})
		}
		s := &sets[i]
		if m.Reward != "" {
			s.Reward = m.Reward
		}
		if slices.ContainsFunc(held, func(h lot.Holding) bool { return h.Lot.Asset == lot.MedalAsset(m.ID) && h.Amount > 0 }) {
			s.Have = append(s.Have, m.ID)
		} else {
			s.Missing = append(s.Missing, m.ID)
		}
	}
	return sets
}

// Due is what a member has reached and is given once for: HQ alone gives it,
// since it knows all of the member's entries.
type Due struct {
	Reason string // names the quota that it uses up
	Issues []ledger.Issue
}

// Reached lists what is due to a member for tasks that are done and sets that
// are whole. Whether it was given already its quota says.
func Reached(p *programme.Programme, seen []Seen, held []lot.Holding, today lot.Day) []Due {
	var due []Due
	for i := range p.Tasks {
		t := &p.Tasks[i]
		if Count(p, t, seen).Done() {
			due = append(due, Due{Reason: "task-" + t.ID, Issues: Given(p, &t.Gives, today)})
		}
	}
	for _, s := range Sets(p, held) {
		if s.Whole() && s.Reward != "" {
			due = append(due, Due{Reason: "set-" + s.ID, Issues: Given(p, &programme.Gives{Benefit: s.Reward}, today)})
		}
	}
	return due
}
