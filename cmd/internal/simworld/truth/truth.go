// Package truth is what really happened to goods, money and paper in a simulated
// world, whatever the ledgers say of it later: it knows nothing of incarnations, and
// forgets nothing when a disk does. It fails the world where somebody got more than
// there was.
package truth

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tally"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Options are what it has to ask of others.
type Options struct {
	*engine.Engine
	People  func() int                      // how many members there are
	Ended   func() []ledger.TerminalID      // boards that HQ has ended
	Lot     func(id lot.ID) (lot.Lot, bool) // what HQ ever issued a lot of, and how much
	Limited func(benefit string) bool       // whether there are only so many of one
}

// Truth is of one world.
type Truth struct {
	Sales int
	Story []tale.Line // what cashiers were told, and what went wrong

	o        Options
	lots     *tally.Tally
	assets   map[lot.ID]lot.Asset
	vouchers map[lot.ID]int // handed out
	refs     map[string]lot.Origin
	pieces   map[lot.ID]int64 // of a line of a sale, that may come back
	settled  map[settlement]lot.Amount
	tickets  map[string]lot.ID        // that were played, each as which play
	over     map[lot.Asset]lot.Amount // what members got beyond what was issued
	brought  map[lot.ID]lot.Amount    // by receipts, whose terminal's disk has lost what became of it there
	carried  map[lot.Asset]lot.Amount // how much of that boots explain which really proved nothing
}

// New is one of a world in which nothing has happened.
func New(o Options) *Truth {
	return &Truth{
		o: o, lots: tally.New(), assets: map[lot.ID]lot.Asset{}, tickets: map[string]lot.ID{}, vouchers: map[lot.ID]int{}, refs: map[string]lot.Origin{}, pieces: map[lot.ID]int64{}, settled: map[settlement]lot.Amount{},
		brought: map[lot.ID]lot.Amount{}, over: map[lot.Asset]lot.Amount{}, carried: map[lot.Asset]lot.Amount{},
	}
}

// Store is a board at which something happens.
type Store struct {
	ID     ledger.TerminalID
	Name   string
	Forgot bool // its disk has forgotten something, once at least
	Twin   bool // another board has or had the same card
}

// Entry hears of every entry that ever came to a disk: what it gives was printed, so
// that it counts even if the disk forgets it.
func (t *Truth) Entry(at Store, r journal.Record) {
	e, err := ledger.Decode(r.Raw)
	t.o.Must("decode an entry", err)
	t.o.Mark(fmt.Sprintf("entry-%d", e.Body.Kind()))
	w := writing{t, at, ledger.Origin(at.ID, r.Head.Incarnation, r.Head.Seq)}
	switch body := e.Body.(type) {
	case *ledger.Open:
		switch {
		case body.Parent.Seq == 0:
		case body.Witness == 0:
			t.o.Mark("unproven-boot")
			t.trusts(at, body.Trust)
		default:
			t.o.Mark("proved-boot")
		}
	case *ledger.Sale:
		w.sale(body)
	case *ledger.Redeem:
		w.redeem(0, &ledger.Redemption{Benefit: body.Benefit, Asset: body.Asset, Draws: body.Draws, Voucher: body.Voucher, Pool: body.Pool, Stock: body.Stock, Quota: body.Quota})
	case *ledger.Play:
		w.play(0, &body.Stake)
	case *ledger.Return:
		w.back(body)
	case *ledger.VoucherBack:
		t.lots.GiveAt(at.ID, body.Back)
		w.renew(body.Anew)
	case *ledger.Grant:
		w.once(body.Once, body.Issues)
	case *ledger.CheckIn:
		w.once(body.Once, body.Issues)
	case *ledger.Answer:
		w.once(body.Once, body.Issues)
	case *ledger.Decline:
		t.o.Mark("declined-" + body.Code)
	case *ledger.QuotaMinted:
		w.issue(0, &ledger.Issue{Asset: body.Quota.Asset, Amount: body.Quota.Amount})
	case *ledger.WriteOff:
		if e.Actor == "" && body.Reason == "owed" {
			t.o.Fail("netted-by-a-terminal", "%s took %d of a member's points for what they owe", at.ID, lot.Sum(body.Draws))
		}
		if e.Actor == "" {
			t.o.Fail("expired-by-a-terminal", "%s ended %d of a member's points by itself", at.ID, lot.Sum(body.Draws))
		}
		t.take(at.ID, body.Draws)
	}
}

// writing is one entry of a board.
type writing struct {
	*Truth
	at Store
	of lot.Origin
}

func (w *writing) issue(n uint32, i *ledger.Issue) {
	id := lot.ID{Origin: w.of, N: n}
	w.lots.Issue(id, i.Amount)
	w.assets[id] = i.Asset
}

func (w *writing) take(draws []lot.Draw) { w.Truth.take(w.at.ID, draws) }

func (w *writing) sale(s *ledger.Sale) {
	for n, l := range s.Lines {
		w.pieces[lot.ID{Origin: w.of, N: uint32(n)}] += l.Qty
	}
	for n := range s.Awards {
		w.issue(uint32(n), &s.Awards[n].Issue)
	}
	if d := s.Deduction; d != nil {
		w.pay(d.Draws, d.Pool)
	}
	for _, c := range s.Coupons {
		w.o.Mark("coupon-used")
		w.take([]lot.Draw{{Lot: c.Lot, Amount: 1}})
	}
	for n := range s.Redemptions {
		w.o.Mark("redeemed-in-a-sale")
		w.redeem(uint32(ledger.VoucherFrom+n), &s.Redemptions[n])
	}
	for n := range s.Plays {
		w.o.Mark("played-with-a-sale")
		w.play(n, &s.Plays[n])
	}
	if len(s.Ceilings) > 0 {
		w.o.Mark("ceiling-used")
	}
	w.take(s.Ceilings)
}

// pay is points that pay for something, some of them of others of the household.
func (w *writing) pay(own []lot.Draw, pool []ledger.PoolPart) {
	w.take(own)
	for _, p := range pool {
		w.o.Mark("pool-used")
		w.take(p.Draws)
		w.take(p.Allowance)
	}
}

// redeem is a benefit promised on paper, whose lot has a number in the entry.
func (w *writing) redeem(n uint32, r *ledger.Redemption) {
	w.issue(n, &r.Voucher)
	w.pay(r.Draws, r.Pool)
	if len(r.Pool) > 0 {
		w.o.Mark("redeemed-by-pool")
	}
	if len(r.Stock) > 0 {
		w.o.Mark("stock-used")
	}
	if w.o.Limited(r.Benefit) && lot.Sum(r.Stock) != r.Voucher.Amount {
		w.o.Fail("over-issued", "%s promised %d of %s for %d of those that there are", w.at.ID, r.Voucher.Amount, r.Benefit, lot.Sum(r.Stock))
	}
	w.take(r.Stock)
	w.take(r.Quota)
}

// play is a ticket played, and what it won.
func (w *writing) play(n int, s *ledger.Stake) {
	for m := range s.Issues {
		w.o.Mark("won")
		w.issue(ledger.PrizeLot(n, m), &s.Issues[m])
	}
	if s.Batch != "" {
		ticket, played := fmt.Sprint(s.Batch, " ", s.Number), lot.ID{Origin: w.of, N: uint32(n)}
		if first, again := w.tickets[ticket]; again {
			w.o.Fail("ticket-twice", "ticket %s of %s was played as %s and as %s", ticket, s.Game, first, played)
		}
		w.tickets[ticket] = played
	}
	w.take(s.Draws)
	w.take(s.Budget)
	w.take(s.Quota)
}

// back is goods that come back: what paid for them goes back, and what they earned is
// the member's no more.
func (w *writing) back(r *ledger.Return) {
	gives := slices.Concat(r.Back, r.Ceilings)
	takes := slices.Clone(r.Claw)
	for _, v := range r.Vouchers {
		w.o.Mark("voucher-back-with-its-sale")
		gives = append(gives, v.Back...)
	}
	for _, p := range r.Plays {
		w.o.Mark("play-undone")
		gives, takes = append(gives, p.Back...), append(takes, p.Claw...)
	}
	w.lots.GiveAt(w.at.ID, gives)
	w.take(takes)
	w.renew(r.Renewed())
	w.goods(r)
	if r.Sale != nil {
		w.o.Mark("exchanged")
		w.sale(r.Sale)
	}
}

// goods counts the pieces that came back where they were sold: never more than were sold.
// Of two boards with one card neither knows what the other took back.
func (w *writing) goods(r *ledger.Return) {
	for _, l := range r.Lines {
		piece := lot.ID{Origin: r.Of, N: l.Line}
		if w.pieces[piece] -= l.Qty; w.pieces[piece] < 0 && !w.at.Twin {
			w.o.Fail("returned-twice", "%s took back %d pieces more of line %d of sale %s than were sold", w.at.ID, -w.pieces[piece], l.Line, r.Of)
		}
	}
}

func (w *writing) once(once ledger.Once, issues []ledger.Issue) {
	if once.Claim {
		return
	}
	w.take(once.Quota)
	for n := range issues {
		w.issue(uint32(n), &issues[n])
	}
}

// renew is what goes on in new lots, since those that it came from have lapsed.
func (w *writing) renew(list []ledger.Anew) {
	w.lots.Renew(w.of, list)
	for n, a := range list {
		w.assets[lot.ID{Origin: w.of, N: uint32(ledger.AnewFrom + n)}] = w.assetOf(a.From)
	}
}

// take is a member getting something for a lot. Nobody can get more for one than was
// issued of it.
func (t *Truth) take(at ledger.TerminalID, draws []lot.Draw) {
	for _, d := range draws {
		late := t.late(d.Lot) // a person may have granted it anew
		if !late && !t.lots.Knows(d.Lot) {
			t.lots.Issue(d.Lot, t.issuedByHQ(d.Lot).Amount)
		}
		got, over := t.lots.Take(d)
		if over > 0 { // what an ended board gave back a person may have granted, though it had spent it again
			over = min(over, t.lots.Beyond(d.Lot)-t.Again(d.Lot)-t.brought[d.Lot])
		}
		if over > 0 && !late {
			t.beyond(at, t.assetOf(d.Lot), over, fmt.Sprintf("of lot %s members got things for %d, %d more than was issued", d.Lot, got, over))
		}
	}
}

// assetOf is what a lot is of.
func (t *Truth) assetOf(id lot.ID) lot.Asset {
	if a, ok := t.assets[id]; ok {
		return a
	}
	return t.issuedByHQ(id).Asset
}

// late reports whether a lot is of a board that was ended: what it awards that HQ had
// not heard of, and spends of that itself, a person may have given to the member too.
func (t *Truth) late(id lot.ID) bool {
	return slices.Contains(t.o.Ended(), ledger.TerminalID(id.Terminal))
}

// Swapped hears how much of what was spent of a later lot HQ has booked, in all, to one
// that lapsed: the member has that of the later one again, and nobody what lapsed.
func (t *Truth) Swapped(of tally.Swap, in lot.Amount) {
	t.take(0, []lot.Draw{t.lots.Swapped(of, in)})
}

// Forgot hears of what HQ, whose book went back, knows still that it booked so.
func (t *Truth) Forgot(known map[tally.Swap]lot.Amount) { t.lots.Forgot(known) }

// trusts hears of a boot that nothing proved: after one on a disk that has really
// forgotten something, so much may be lost at most.
func (t *Truth) trusts(at Store, bounds []ledger.Bound) {
	if !at.Forgot {
		return
	}
	for _, b := range bounds {
		t.Risk(b.Asset, min(b.Terminal, b.Member*lot.Amount(t.o.People())))
	}
}

// Risk lets so much be taken beyond what there is: what a lost board held.
func (t *Truth) Risk(asset lot.Asset, n lot.Amount) { t.carried[Bound(asset)] += n }

// Risked is how much may be taken so.
func (t *Truth) Risked(asset lot.Asset) lot.Amount { return t.carried[Bound(asset)] }

// Bound is under which asset the programme says what may be carried: all vouchers
// together.
func Bound(asset lot.Asset) lot.Asset {
	if asset.Benefit() != "" {
		return lot.BenefitAsset("")
	}
	return asset
}

// beyond is somebody getting something that was not there. It is explained as
// far as the programme lets that be risked, and no further.
func (t *Truth) beyond(at ledger.TerminalID, asset lot.Asset, n lot.Amount, says string) {
	of := Bound(asset)
	if t.over[of] += n; t.over[of] > t.carried[of] {
		t.o.Fail("spent-twice", "%s: %s; %d of %s in all, %d are carried", at, says, t.over[of], of, t.carried[of])
	}
	t.o.Mark("carried")
}

// Again is how much of a lot ended boards gave back, and may have spent once more.
func (t *Truth) Again(id lot.ID) (n lot.Amount) {
	for _, b := range t.o.Ended() {
		n += t.lots.Back(b, id)
	}
	return n
}

// GaveBack hears of points that HQ gave back for goods that a store without their
// receipt had taken back: once for each claim and lot, whatever HQ forgets of it.
func (t *Truth) GaveBack(claim lot.Origin, draws []lot.Draw) {
	gave := map[lot.ID]lot.Amount{}
	for _, d := range draws {
		gave[d.Lot] += d.Amount
		of := settlement{claim, d.Lot}
		if more := gave[d.Lot] - t.settled[of]; more > 0 {
			t.settled[of] = gave[d.Lot]
			t.lots.Give([]lot.Draw{{Lot: d.Lot, Amount: more}})
		}
	}
}

// settlement is a lot that a claim of goods that came back gave back.
type settlement struct {
	claim lot.Origin
	lot   lot.ID
}

// Brought hears of an award that a receipt brought back, and that no terminal knows of
// any more: it may have been spent before the disk was lost, which the paper does not
// say. That is the store's exposure, once.
func (t *Truth) Brought(l lot.Lot) { t.brought[l.ID] = l.Amount }

// issuedByHQ is a lot that HQ issued.
func (t *Truth) issuedByHQ(id lot.ID) lot.Lot {
	l, ok := t.o.Lot(id)
	if !ok {
		t.o.Fail("spent-from-nothing", "lot %s was never issued", id)
	}
	return l
}

// Did hears of an action that the cashier was told is done.
func (t *Truth) Did(at Store, ref string, done clerk.Done) {
	if first, again := t.refs[ref]; again && first != done.Origin {
		t.o.Fail("done-twice", "%s: under reference %s both %s and %s were done", at.ID, ref, first, done.Origin)
	}
	t.refs[ref] = done.Origin
	if l := tale.Of(done.Entry.Body); l.Member != 0 {
		l.Store, l.Entry = at.Name, done.Origin.String()
		t.Tell(l)
	}
}

// Tell adds what happened.
func (t *Truth) Tell(l tale.Line) {
	l.At = t.o.Now
	t.Story = append(t.Story, l)
}

// UsedUp hears that a voucher is gone. Of an ended board a person may have granted it anew.
func (t *Truth) UsedUp(at Store, id lot.ID, how string) {
	if t.vouchers[id]++; t.vouchers[id] > 1 && !t.late(id) {
		t.beyond(at.ID, lot.BenefitAsset(""), 1, fmt.Sprintf("voucher %s was used up before and %s", id, how))
	}
}
