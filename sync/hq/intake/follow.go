package intake

import (
	"errors"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/gifts"
	"github.com/jifen-pos/jifen/sync/hq/late"
	"github.com/jifen-pos/jifen/sync/hq/makegood"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/paper"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/hq/referral"
	"github.com/jifen-pos/jifen/sync/hq/standing"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
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
	sales   []sale
	visits  []visit
	missed  []*ledger.Decline
	outages []lot.Origin
	enrols  []*ledger.Enrol
	gifts   bool      // something was told that gifts are given for, or one was given
	late    []lateOne // entries of a decommissioned terminal that award something
	twice   []brought // of them, what receipts had brought before
	again   []brought // and of what a living terminal told
}

// lateOne is an entry of a decommissioned terminal that awards something.
type lateOne struct {
	of   lot.Origin
	body ledger.Body
}

// award is what a rule gave a member on a business day.
type award struct {
	of     lot.Origin
	member member.ID
	rule   string
	day    lot.Day
	amount lot.Amount
	lot    lot.ID
	asset  lot.Asset
	active lot.Day

	version string // of the rules
}

// sale is a receipt and the version of the rules that were in force for it.
type sale struct {
	*ledger.Sale
	of      lot.Origin
	version string
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

// brought is what of an entry's awards receipts had brought before it was heard of.
type brought struct {
	of    lot.Origin
	draws []lot.Draw
}

type spending struct {
	lot.Draw
	wall int64 // 0 where the clock cannot be believed
}

func (r *heard) add(e fold.Effects) {
	r.due = append(r.due, place.DuesOf(e)...)
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
		r.sold(e, b)
	case *ledger.Redeem:
		r.visit(b.Member, b.Day)
	case *ledger.Decline:
		r.missed = append(r.missed, b)
	case *ledger.Return:
		r.returns = append(r.returns, b.Of)
		if b.Sale != nil {
			r.sold(e, b.Sale)
		}
	case *ledger.Enrol:
		r.enrols, r.gifts = append(r.enrols, b), true
	case *ledger.Consent, *ledger.Grant:
		r.gifts = true
	case *ledger.Outage:
		r.outages = append(r.outages, e.Origin)
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

func (r *heard) sold(e fold.Effects, b *ledger.Sale) {
	of := e.Origin
	r.visit(b.Member, b.Day)
	r.sales = append(r.sales, sale{b, of, e.Entry.Programme})
	for n, a := range b.Awards {
		r.awards = append(r.awards, award{of, b.Member, a.Rule, b.Day, a.Amount, lot.ID{Origin: of, N: uint32(n)}, a.Asset, a.Active, e.Entry.Programme})
	}
}

// addLate takes in what is heard of a decommissioned terminal: nothing of it is
// anybody's debt, and what it claims a person decides.
func (r *heard) addLate(e fold.Effects, before []lot.Draw) {
	if len(e.Issued) > len(before) {
		r.late = append(r.late, lateOne{e.Origin, e.Entry.Body})
	}
	if len(before) > 0 {
		r.twice = append(r.twice, brought{e.Origin, before})
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
	in.Know(in.state)
	if err := errors.Join(in.answered(), in.ahead()); err != nil { // before anything of the same lots is asked for
		return err
	}
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
	if err := in.tiers(); err != nil {
		return err
	}
	if err := errors.Join(in.healing(), in.TakeBacks(in.id)); err != nil {
		return err
	}
	for _, x := range in.heard.twice {
		if err := paper.Twice(in.Work, x.of, x.draws); err != nil {
			return err
		}
	}
	for _, x := range in.heard.again {
		if err := paper.Again(in.Work, x.of, x.draws); err != nil {
			return err
		}
	}
	if err := in.lateOnes(); err != nil {
		return err
	}
	if in.heard.gifts { // all else waits for the terminal's next report
		if err := gifts.Follow(in.Work, in.id); err != nil {
			return err
		}
	}
	return in.claims(owners)
}

// lateOnes ends what HQ gave once meanwhile, and tells a person of the rest.
func (in *Batch) lateOnes() error {
	for _, x := range in.heard.late {
		if err := late.Once(in.Work, x.of, x.body); err != nil {
			return err
		}
	}
	if len(in.heard.late) == 0 {
		return nil
	}
	return in.Alarm(in.id, "alarm-late", in.heard.late[0].of.String())
}

// ahead reads what is remembered of those whom the batch is about at once.
func (in *Batch) ahead() error {
	var keys [][]byte
	for _, id := range in.heard.members {
		keys = append(keys, office.PersonKey(id), office.VisitKey(in.id, id))
	}
	return in.Tx.DeskAhead(keys)
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
		if err := in.Desk.Spend(s.Draw, in.Programme().Day(at)); err != nil {
			return err
		}
	}
	for _, of := range in.heard.outages {
		if err := makegood.Heard(in.Work, of); err != nil {
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
		l, err := in.Tx.Lot(a.lot) // what was awaited at HQ may be all that there was
		if err != nil {
			return nil, err
		}
		out = append(out, l)
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
			in.Quiet(d.Recall.Member)
		}
	}
	return nil
}

// tiers gives what receipts missed that were made under a lower tier than HQ knew
// of, and then works out which tier their members are in: it holds from the next
// receipt on (rule S12).
func (in *Batch) tiers() error {
	var members []member.ID
	for _, e := range in.heard.enrols {
		if err := referral.Enrolled(in.Work, e); err != nil {
			return err
		}
	}
	for _, s := range in.heard.sales {
		if err := referral.Bought(in.Work, s.of, s.Sale); err != nil {
			return err
		}
		rules, err := in.terms.Rules(in.Tx, s.version)
		if err != nil {
			return err
		}
		if rules != nil {
			if err := standing.Missed(in.Work, rules, s.of, s.Sale); err != nil {
				return err
			}
		}
		if !slices.Contains(members, s.Member) {
			members = append(members, s.Member)
		}
	}
	return standing.Evaluate(in.Work, in.Programme(), members...)
}

// caps deals with what a rule gave a member on a day, at all terminals together,
// beyond what it may (rule S28): of what is still pending it is taken back, and
// what is not, the member keeps, since the receipts promised it; a person is told.
func (in *Batch) caps() error {
	for n, a := range in.heard.awards {
		most, err := in.cap(&a)
		if err != nil {
			return err
		}
		same := func(b award) bool { return b.member == a.member && b.rule == a.rule && b.day == a.day }
		if most <= 0 || a.member == 0 || slices.ContainsFunc(in.heard.awards[:n], same) {
			continue
		}
		var fresh []award
		var given, pending lot.Amount
		for _, b := range in.heard.awards {
			if !same(b) {
				continue
			}
			given += b.amount
			if fresh = append(fresh, b); b.active > in.Today().Day {
				pending += b.amount
			}
		}
		total, err := in.Counted(a.member, a.rule, a.day)
		if err != nil {
			return err
		}
		before := max(total-given, most) // what was more than it may was dealt with when it was heard
		taken, flagged := pricing.Overrun(before, max(total, before), pending)
		if err := in.uncap(fresh, taken); err != nil {
			return err
		}
		if flagged == 0 || total-given > most { // said before
			continue
		}
		if err := in.Alarm(in.id, "alarm-cap", a.of.String()+": "+a.rule); err != nil {
			return err
		}
	}
	return nil
}

// uncap has so much taken back of awards, the newest first, of what is pending of
// them.
func (in *Batch) uncap(awards []award, n lot.Amount) error {
	var lots []lot.ID
	for _, a := range slices.Backward(awards) {
		m := min(n, a.amount)
		if m <= 0 || a.active <= in.Today().Day {
			continue
		}
		if err := in.Desk.AddDue(a.member, office.Due{Lot: a.lot, Asset: a.asset, Amount: m, Cap: true}); err != nil {
			return err
		}
		n, lots = n-m, append(lots, a.lot)
	}
	if len(lots) == 0 {
		return nil
	}
	about := func(a book.Account) bool { return slices.Contains(lots, a.Lot.ID) }
	if _, err := in.RecallAll(awards[0].member, about, decision.ByPolicy("cap")); err != nil {
		return err
	}
	return in.Collect(awards[0].member)
}
