// Package makegood works out what members are to have for points and vouchers that they could
// not use through no fault of theirs (cap F3, law L05): after an outage of which a
// terminal wrote, and for a benefit that is taken out of the catalogue. It proposes
// by the programme's policy, with the entries that show what happened; a person
// applies a proposal, and then exactly its lots last longer, and exactly its
// members get something.
package makegood

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Errors that callers match.
var (
	ErrNone   = errors.New("no such proposal, or nothing of it is left")
	ErrPerson = errors.New("a named person and a reason are needed")
	ErrWaits  = errors.New("HQ was put back from a backup, and the tills that it has not heard since may show that this was done already: try again once all were heard")
)

// Proposal is what one incident calls for and what has not been done of it.
type Proposal struct {
	ID       string // of the incident
	Terminal ledger.TerminalID
	Benefit  string
	First    lot.Day
	Last     lot.Day
	Hours    int64        // of an outage
	Declined uint64       // wishes, in an outage
	Evidence []lot.Origin // the entry that says so; none of a benefit, whose evidence is the programme
	Lots     []Lasting
	Gifts    []Gift
}

// Lasting is a lot that is to last until a day. What of it was expired already is
// given anew.
type Lasting struct {
	Lot    lot.Lot
	Until  lot.Day
	Lapsed lot.Amount
}

// Gift is points for a member whose wishes were declined, and the entries that
// say so.
type Gift struct {
	Member   member.ID
	Asset    lot.Asset
	Points   lot.Amount
	Evidence []lot.Origin
}

// empty reports whether nothing is left to be done.
func (p *Proposal) empty() bool { return len(p.Lots)+len(p.Gifts) == 0 }

// Proposals lists what is to be done, oldest first.
func Proposals(w *decision.Work) ([]Proposal, error) {
	list, err := withdrawals(w)
	if err != nil {
		return nil, err
	}
	outages, err := heard(w)
	if err != nil {
		return nil, err
	}
	for _, of := range outages {
		p, err := outage(w, of)
		if err != nil {
			return nil, err
		}
		if !p.empty() {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b Proposal) int { return int(a.First - b.First) })
	return list, nil
}

// The newest outages that were heard of, in the book: what has been forgotten
// by a restore comes again with the entries.
const (
	outagesMeta = "outages"
	outagesMax  = 500
)

// Heard notes that an entry tells of an outage.
func Heard(w *decision.Work, of lot.Origin) error {
	text, err := w.Tx.Meta(outagesMeta)
	if err != nil {
		return err
	}
	all := append(strings.Fields(text), of.String())
	return w.Tx.PutMeta(outagesMeta, strings.Join(all[max(len(all)-outagesMax, 0):], " "))
}

func heard(w *decision.Work) (out []lot.Origin, err error) {
	text, err := w.Tx.Meta(outagesMeta)
	if err != nil {
		return nil, err
	}
	for _, s := range strings.Fields(text) {
		of, err := lot.ParseOrigin(s)
		if err != nil {
			return nil, fmt.Errorf("outage: %w", err)
		}
		out = append(out, of)
	}
	return out, nil
}

// heardAll returns an error that matches ErrWaits where HQ may have forgotten what it
// gave anew: terminals have to be heard first.
func heardAll(w *decision.Work) error {
	waits, err := w.Waits()
	if err == nil && waits {
		err = ErrWaits
	}
	return err
}

// Apply does what a proposal calls for, by a person's decision.
func Apply(w *decision.Work, id string, by decision.By) (Proposal, error) {
	if by.Actor == "" || by.Actor == office.Policy || by.Reason == "" {
		return Proposal{}, ErrPerson
	}
	if err := heardAll(w); err != nil {
		return Proposal{}, err
	}
	list, err := Proposals(w)
	if err != nil {
		return Proposal{}, err
	}
	n := slices.IndexFunc(list, func(p Proposal) bool { return p.ID == id })
	if n < 0 {
		return Proposal{}, fmt.Errorf("%s: %w", id, ErrNone)
	}
	p := list[n]
	return p, errors.Join(p.extend(w, by), p.give(w, by))
}

// extend lets the lots last, wherever they lie, and gives anew what was expired.
func (p *Proposal) extend(w *decision.Work, by decision.By) error {
	for part := range slices.Chunk(p.Lots, lot.HoldingsMax) {
		body := &office.Incident{ID: p.ID, First: p.First, Last: p.Last, Entries: p.Evidence, By: w.By(by)}
		for _, l := range part {
			last := ledger.Lasting{Lot: l.Lot.ID, Until: l.Until}
			if voucher(l.Lot) { // its own till must know
				last.Owner = l.Lot.Owner
				w.Touch(last.Owner)
			}
			body.Lots = append(body.Lots, last)
		}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	for _, l := range p.Lots {
		if l.Lapsed == 0 {
			continue
		}
		again := place.GoOn(lot.Holding{Lot: l.Lot, Amount: l.Lapsed}, max(l.Until, w.Today().Day+lot.NoticeDays))
		body := &office.MakeGood{Lots: []lot.Lot{again}, Incident: p.ID, Entries: p.Evidence, By: w.By(by)}
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	return nil
}

// give gives members what they are to have.
func (p *Proposal) give(w *decision.Work, by decision.By) error {
	for _, g := range p.Gifts {
		entries := append(slices.Clone(p.Evidence), g.Evidence...)
		body := &office.MakeGood{Incident: p.ID, Entries: entries[:min(len(entries), lot.HoldingsMax)], By: w.By(by)}
		i := ledger.Issue{Asset: g.Asset, Amount: g.Points}
		i.Active, i.Expires = w.Programme().TermsOf(g.Asset, body.Day)
		if fen, err := w.Programme().Worth(g.Asset).Inverse().Ceil(1000); err == nil { // the programme itself bears it
			i.UnitCost = lot.Fen(fen)
		}
		body.Lots = w.Lots(g.Member, []ledger.Issue{i}, body.Day, w.Programme().Version())
		if _, err := w.Enter(body); err != nil {
			return err
		}
	}
	return nil
}

// outage proposes for one outage of a terminal: what lapsed in it of the members
// who have to do with that terminal, and points for those whose wishes it declined.
func outage(w *decision.Work, of lot.Origin) (p Proposal, err error) {
	id := ledger.TerminalID(of.Terminal)
	said, err := w.EntryOf(of)
	if err != nil {
		return p, err
	}
	o, ok := said.Body.(*ledger.Outage)
	if !ok {
		return p, nil
	}
	rules := w.Programme().Making()
	day := func(ms int64) lot.Day { return w.Programme().Day(time.UnixMilli(ms)) }
	p = Proposal{
		ID: strings.ReplaceAll("outage-"+of.String(), "/", "-"), Terminal: id, First: day(o.From), Last: day(o.To),
		Hours: (o.To - o.From) / time.Hour.Milliseconds(), Declined: o.Declined, Evidence: []lot.Origin{of},
	}
	declined, err := declines(w, of, o)
	if err != nil {
		return p, err
	}
	concerned, err := members(w, id)
	if err != nil {
		return p, err
	}
	p.gifts(rules, declined)
	err = p.lastingOf(w, concerned, rules.OutageDays)
	return p, err
}

// longer is until when a lot lasts that ends in the incident: as long as that was, and
// the policy's days; 0 for any other.
func (p *Proposal) longer(more lot.Day) func(lot.Lot) lot.Day {
	return func(l lot.Lot) lot.Day {
		if l.Expires < p.First || l.Expires > p.Last {
			return 0
		}
		return l.Expires + (p.Last - p.First + 1) + more
	}
}

// gifts are for the longest of the policy's steps that the outage reached.
func (p *Proposal) gifts(rules programme.MakeGood, declined []Gift) {
	var step programme.Goodwill
	for _, g := range rules.Goodwill {
		if p.Hours >= g.Hours && g.Hours > step.Hours {
			step = g
		}
	}
	if step.Points == 0 {
		return
	}
	for _, g := range declined {
		g.Asset, g.Points = step.Asset, step.Points
		p.Gifts = append(p.Gifts, g)
	}
}

// lastingOf adds the lots of some members that are to last so many days longer.
func (p *Proposal) lastingOf(w *decision.Work, concerned []member.ID, days int) error {
	until := p.longer(lot.Day(days))
	for _, who := range concerned {
		owned, err := w.Owned(who)
		if err != nil {
			return err
		}
		if err := p.lasting(w, owned, until); err != nil {
			return err
		}
	}
	return nil
}

// lasting adds the lots among some accounts that are to last longer and were not
// let last so long yet.
func (p *Proposal) lasting(w *decision.Work, owned []book.Account, until func(lot.Lot) lot.Day) error {
	for len(owned) > 0 {
		n := 1
		for n < len(owned) && owned[n].Lot.ID == owned[0].Lot.ID {
			n++
		}
		l, accounts := owned[0].Lot, owned[:n]
		owned = owned[n:]
		day := until(l)
		if day <= l.Expires || l.Expires == 0 || !l.Asset.Points() && !voucher(l) {
			continue
		}
		kept, err := w.Desk.Kept(l.ID)
		if err != nil {
			return err
		}
		if kept.Until >= day {
			continue
		}
		if voucher(l) { // nobody extends it again when that day has come
			day = max(day, w.Today().Day+lot.NoticeDays)
		}
		var held, lapsed lot.Amount
		for _, a := range accounts {
			switch a.Place.Kind {
			case book.AtHQ, book.AtTerminal, book.InFlight:
				held += a.Amount
			case book.Expired:
				lapsed += a.Amount
			}
		}
		if lapsed > 0 {
			if lapsed, err = notAgain(w, l, lapsed); err != nil {
				return err
			}
		}
		if held+lapsed > 0 {
			p.Lots = append(p.Lots, Lasting{Lot: l, Until: day, Lapsed: lapsed})
		}
	}
	return nil
}

// notAgain is how much of what lapsed of a lot was not given anew before: of several
// incidents that it lapsed in, the first one gives it, and no wider one once more.
func notAgain(w *decision.Work, l lot.Lot, lapsed lot.Amount) (lot.Amount, error) {
	owned, err := w.Tx.OwnedOf(l.Owner, l.Asset)
	for _, a := range owned {
		if a.Place.Kind == book.Issued && a.Lot.From == l.ID && a.Lot.ID.Terminal == 0 {
			lapsed += a.Amount // what was issued is negative
		}
	}
	return max(lapsed, 0), err
}

// voucher reports whether a lot is one that a paper names: it goes on in no other
// lot, and lasts longer as it is.
func voucher(l lot.Lot) bool {
	return l.Owner != 0 && (l.Asset.Benefit() != "" || l.Asset.Coupon() != "")
}

// members have to do with a terminal: they were served there.
func members(w *decision.Work, id ledger.TerminalID) (out []member.ID, err error) {
	keys, _, err := w.Tx.DeskRows(office.VisitRows(id))
	for _, key := range keys {
		persons, failed := w.Desk.Persons(office.VisitorOf(key))
		if failed != nil {
			return nil, failed
		}
		if !slices.Contains(out, persons[0]) {
			out = append(out, persons[0])
		}
	}
	return out, err
}

// atOnce is how many entries are read at a time.
const atOnce = 500

// declines are the members whose wishes a terminal declined in an outage, with the
// entries that say so and were not made good yet. They stand before the entry that
// tells of the outage, in the same life.
func declines(w *decision.Work, of lot.Origin, o *ledger.Outage) (out []Gift, err error) {
	id, i := ledger.TerminalID(of.Terminal), ledger.Incarnation(of.Incarnation)
	for top := ledger.Seq(of.Seq); top > 1; {
		from := ledger.Seq(0)
		if top > atOnce {
			from = top - atOnce
		}
		rows, err := w.Tx.Entries(id, i, from, int(top-from-1))
		if err != nil || len(rows) == 0 {
			return out, err
		}
		earlier := false
		for _, r := range rows {
			e, err := ledger.Decode(r.Raw)
			if err != nil && !errors.Is(err, ledger.ErrUnknownKind) {
				return nil, err
			}
			d, ok := e.Body.(*ledger.Decline)
			if earlier = earlier || e.Wall < o.From; !ok || e.Wall < o.From || e.Wall > o.To || d.Member == 0 {
				continue
			}
			at := ledger.Origin(id, i, r.Head.Seq)
			if sold, err := w.Desk.Sold(at); err != nil {
				return nil, err
			} else if sold.MadeGood {
				continue
			}
			persons, err := w.Desk.Persons(d.Member)
			if err != nil {
				return nil, err
			}
			out = evidence(out, persons[0], at)
		}
		if top = from + 1; earlier {
			break
		}
	}
	return out, nil
}

func evidence(list []Gift, who member.ID, at lot.Origin) []Gift {
	n := slices.IndexFunc(list, func(g Gift) bool { return g.Member == who })
	if n < 0 {
		return append(list, Gift{Member: who, Evidence: []lot.Origin{at}})
	}
	list[n].Evidence = append(list[n].Evidence, at)
	return list
}
