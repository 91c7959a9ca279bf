package intake

import (
	"errors"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// heard is what of a batch HQ has to follow up, in the same transaction.
type heard struct {
	members []member.ID
	due     []lot.Draw
	claims  []claimed
	spent   []spending
	back    []lot.Draw
	returns []lot.Origin     // sales of which goods came back
	answers []ledger.DownSeq // recalls that were answered
	awards  []award
	visits  []visit
	missed  []*ledger.Decline
	late    []lot.Origin // entries of a decommissioned terminal that award something
}

// award is what a rule gave a member on a business day.
type award struct {
	of     lot.Origin
	member member.ID
	rule   string
	day    lot.Day
	amount lot.Amount
}

// visit is that a member was served on a business day.
type visit struct {
	member member.ID
	day    lot.Day
}

type claimed struct {
	of    lot.Origin
	owner member.ID
	sale  lot.Origin
}

type spending struct {
	lot.Draw
	wall int64 // 0 where the clock cannot be believed
}

func (r *heard) add(e fold.Effects) {
	r.due = append(r.due, office.DuesOf(e)...)
	wall := e.Entry.Wall
	if e.Entry.Clock == ledger.ClockUnset {
		wall = 0
	}
	spent, back := spentBy(e)
	for _, d := range spent {
		r.spent = append(r.spent, spending{d, wall})
	}
	r.back = append(r.back, back...)
	if e.Accepted != nil {
		for _, h := range e.Accepted.Holdings {
			r.about(h.Lot.Owner)
		}
	}
	if e.Entry.Body == nil { // of HQ's own journal
		return
	}
	for _, id := range ledger.MembersOf(e.Entry.Body) {
		r.about(id)
	}
	switch b := e.Entry.Body.(type) {
	case *ledger.Sale:
		r.sold(e.Origin, b)
	case *ledger.Redeem:
		r.visit(b.Member, b.Day)
	case *ledger.Decline:
		r.missed = append(r.missed, b)
	case *ledger.Return:
		r.returns = append(r.returns, b.Of)
		if b.Sale != nil {
			r.sold(e.Origin, b.Sale)
		}
	case *ledger.NoteGiven:
		if b.Recall > 0 {
			r.answers = append(r.answers, b.Recall)
		}
	}
	if e.Claims {
		owner, sale := claimBy(e.Entry.Body)
		r.claims = append(r.claims, claimed{e.Origin, owner, sale})
	}
}

func (r *heard) sold(of lot.Origin, b *ledger.Sale) {
	r.visit(b.Member, b.Day)
	for _, a := range b.Awards {
		r.awards = append(r.awards, award{of, b.Member, a.Rule, b.Day, a.Amount})
	}
}

// addLate takes in what is heard of a decommissioned terminal: nothing of it is
// anybody's debt, and what it claims a person decides.
func (r *heard) addLate(e fold.Effects) {
	if len(e.Issued) > 0 {
		r.late = append(r.late, e.Origin)
	}
	if e.Claims && e.Entry.Body != nil {
		owner, sale := claimBy(e.Entry.Body)
		r.claims = append(r.claims, claimed{e.Origin, owner, sale})
	}
}

func (r *heard) visit(who member.ID, day lot.Day) {
	if who != 0 && day > 0 {
		r.visits = append(r.visits, visit{who, day})
	}
}

func (r *heard) about(id member.ID) {
	if id != 0 && !slices.Contains(r.members, id) {
		r.members = append(r.members, id)
	}
}

// follow does what HQ has to do about a batch that it took in.
func (in *Batch) follow() error {
	for _, id := range in.heard.members {
		if err := in.Meet(id, in.id); err != nil {
			return err
		}
	}
	if err := errors.Join(in.remember(), in.placement()); err != nil {
		return err
	}
	if err := in.returnedTwice(); err != nil {
		return err
	}
	arrived, err := in.arrived()
	if err != nil {
		return err
	}
	owners := slices.Clone(in.heard.members)
	for _, l := range arrived {
		owners = append(owners, l.Owner)
	}
	for _, id := range owners {
		if err := in.Collect(id); err != nil {
			return err
		}
	}
	for _, l := range arrived {
		if l.ID.Terminal == 0 { // what HQ issued was looked at then
			continue
		}
		if err := in.Net(l.Owner, []lot.Lot{l}); err != nil {
			return err
		}
	}
	if err := in.caps(); err != nil {
		return err
	}
	if err := in.answered(); err != nil {
		return err
	}
	if err := errors.Join(in.healing(), in.TakeBacks(in.id)); err != nil {
		return err
	}
	if len(in.heard.late) > 0 {
		if err := in.Alarm(in.id, "alarm-late", in.heard.late[0].String()); err != nil {
			return err
		}
	}
	return in.claims(owners)
}

// healing tells the terminal what it has to get back.
func (in *Batch) healing() error {
	for _, heal := range in.heals {
		if err := in.Alarm(in.id, "alarm-went-back", heal.Parent.String()); err != nil {
			return err
		}
		if _, err := in.Send(in.id, ledger.Down{Heal: &heal}); err != nil {
			return err
		}
	}
	return nil
}

// placement remembers where members are seen, and logs what was declined only
// because their points lay elsewhere.
func (in *Batch) placement() error {
	for _, v := range in.heard.visits {
		if err := in.Desk.Visited(in.id, v.member, v.day); err != nil {
			return err
		}
	}
	for _, d := range in.heard.missed {
		missed, err := in.Misplaced(d)
		if err != nil {
			return err
		}
		if missed {
			in.terms.Log.Info("declined for want of points that lie elsewhere", "terminal", in.id.String(),
				"member", d.Member.String(), "asset", string(d.Asset), "want", int64(d.Want), "has", int64(d.Has))
		}
	}
	return nil
}

// remember writes down what is due, and what was spent on which day.
func (in *Batch) remember() error {
	for _, s := range in.heard.spent {
		at := in.terms.Now()
		if s.wall > 0 {
			at = time.UnixMilli(s.wall)
		}
		if err := in.Desk.Spend(s.Draw, in.terms.Programme.Day(at)); err != nil {
			return err
		}
	}
	for _, b := range in.heard.back {
		if err := in.Desk.GiveBack(b); err != nil {
			return err
		}
	}
	for _, d := range in.heard.due {
		l, err := in.Tx.Lot(d.Lot)
		if errors.Is(err, book.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := in.Desk.AddDue(l.Owner, office.Due{Lot: d.Lot, Asset: l.Asset, Amount: d.Amount}); err != nil {
			return err
		}
		in.Touch(l.Owner)
	}
	return nil
}

// arrived lists the lots of which HQ got something by the batch.
func (in *Batch) arrived() ([]lot.Lot, error) {
	var out []lot.Lot
	for _, a := range in.order {
		n := in.posts[a]
		if a.place.Kind != book.AtHQ || n <= 0 {
			continue
		}
		accounts, err := in.Tx.AccountsOf(a.lot)
		if err != nil {
			return nil, err
		}
		if decision.At(accounts, book.AtHQ) == n { // HQ held nothing of it before
			if err := in.Desk.Arrive(a.lot, in.Today().Day); err != nil {
				return nil, err
			}
		}
		out = append(out, accounts[0].Lot)
	}
	return out, nil
}

// answered notes what the terminal was asked for and has answered: what it
// keeps of it, it keeps for now.
func (in *Batch) answered() error {
	for _, seq := range in.heard.answers {
		raws, err := in.Tx.Down(in.id, seq-1, 1)
		if err != nil {
			return err
		}
		for _, raw := range raws {
			d, err := ledger.OpenDown(raw, nil)
			if err != nil {
				return err
			}
			if d.Recall == nil {
				continue
			}
			for _, draw := range d.Recall.Draws {
				in.Quiet(draw.Lot)
			}
		}
	}
	return nil
}

// caps raises an alarm when what a rule gave a member on a day, at all terminals
// together, is more than it may (rule S28). What a receipt promised stays.
func (in *Batch) caps() error {
	if in.terms.Cap == nil {
		return nil
	}
	for n, a := range in.heard.awards {
		most := in.terms.Cap(a.rule)
		same := func(b award) bool { return b.member == a.member && b.rule == a.rule && b.day == a.day }
		if most <= 0 || a.member == 0 || slices.ContainsFunc(in.heard.awards[:n], same) {
			continue
		}
		var fresh lot.Amount
		for _, b := range in.heard.awards {
			if same(b) {
				fresh += b.amount
			}
		}
		total, err := in.Counted(a.member, a.rule, a.day)
		if err != nil {
			return err
		}
		if total <= most || total-fresh > most { // no more than it may, or said before
			continue
		}
		if err := in.Alarm(in.id, "alarm-cap", a.of.String()+": "+a.rule); err != nil {
			return err
		}
	}
	return nil
}
