package simworld

import (
	"fmt"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tally"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// truth is what really happened to goods, money and paper, whatever the
// ledgers say of it later: it knows nothing of incarnations, and forgets
// nothing when a disk does.
type truth struct {
	w        *World
	lots     *tally.Tally
	vouchers map[lot.ID]int // handed out
	refs     map[string]lot.Origin
	settled  map[lot.Origin]bool      // claims of goods that came back
	over     map[lot.Asset]lot.Amount // what members got beyond what was issued
	carried  map[lot.Asset]lot.Amount // how much of that boots explain which really proved nothing
	sales    int
	story    []tale.Line
}

func newTruth(w *World) *truth {
	return &truth{
		w: w, lots: tally.New(), vouchers: map[lot.ID]int{}, refs: map[string]lot.Origin{}, settled: map[lot.Origin]bool{},
		over: map[lot.Asset]lot.Amount{}, carried: map[lot.Asset]lot.Amount{},
	}
}

// entry hears of every entry that ever came to a disk: what it gives was
// printed, so that it counts even if the disk forgets it.
func (t *truth) entry(b *board, r journal.Record) {
	e, err := ledger.Decode(r.Raw)
	t.w.Must("decode an entry", err)
	t.w.Mark(fmt.Sprintf("entry-%d", e.Body.Kind()))
	of := ledger.Origin(b.id, r.Head.Incarnation, r.Head.Seq)
	issue := func(n uint32, amount lot.Amount) { t.lots.Issue(lot.ID{Origin: of, N: n}, amount) }
	switch body := e.Body.(type) {
	case *ledger.Open:
		switch {
		case body.Parent.Seq == 0:
		case body.Witness == 0:
			t.w.Mark("unproven-boot")
			t.carry(b, body.Trust)
		default:
			t.w.Mark("proved-boot")
		}
	case *ledger.Sale:
		t.sale(b, body, issue)
	case *ledger.Redeem:
		issue(0, body.Voucher.Amount)
		t.take(b.id, body.Draws)
	case *ledger.Return:
		t.lots.GiveAt(b.id, body.Back)
		t.lots.Renew(of, body.Renewed())
		if body.Sale != nil {
			t.w.Mark("exchanged")
			t.sale(b, body.Sale, issue)
		}
	case *ledger.VoucherBack:
		t.lots.GiveAt(b.id, body.Back)
		t.lots.Renew(of, body.Anew)
	case *ledger.Grant:
		for n, i := range body.Issues {
			issue(uint32(n), i.Amount)
		}
	case *ledger.CheckIn:
		t.once(b, body.Once, body.Issues, issue)
	case *ledger.Answer:
		t.once(b, body.Once, body.Issues, issue)
	case *ledger.QuotaMinted:
		issue(0, body.Quota.Amount)
	case *ledger.WriteOff:
		if e.Actor == "" {
			t.w.Fail("expired-by-a-terminal", "%s ended %d of a member's points by itself", b.id, lot.Sum(body.Draws))
		}
	}
}

func (t *truth) sale(b *board, s *ledger.Sale, issue func(uint32, lot.Amount)) {
	for n, a := range s.Awards {
		issue(uint32(n), a.Amount)
	}
	if s.Deduction == nil {
		return
	}
	t.take(b.id, s.Deduction.Draws)
	for _, p := range s.Deduction.Pool {
		t.w.Mark("pool-used")
		t.take(b.id, p.Draws)
	}
}

func (t *truth) once(b *board, once ledger.Once, issues []ledger.Issue, issue func(uint32, lot.Amount)) {
	if once.Claim {
		return
	}
	t.take(b.id, once.Quota)
	for n, i := range issues {
		issue(uint32(n), i.Amount)
	}
}

// take is a member getting something for points. Nobody can get more for a lot
// than was issued of it.
func (t *truth) take(at ledger.TerminalID, draws []lot.Draw) {
	for _, d := range draws {
		late := t.w.late(d.Lot) // a person may have granted it anew
		if !late && !t.lots.Knows(d.Lot) {
			t.lots.Issue(d.Lot, t.issuedByHQ(d.Lot))
		}
		if got, over := t.lots.Take(d); over > 0 && !late {
			t.beyond(at, points, over, fmt.Sprintf("of lot %s members got things for %d, %d more than was issued", d.Lot, got, over))
		}
	}
}

// swapped hears how much of what was spent of a later lot HQ has booked, in all, to one
// that lapsed: the member has that of the later one again, and nobody what lapsed.
func (t *truth) swapped(of tally.Swap, in lot.Amount) {
	t.take(0, []lot.Draw{t.lots.Swapped(of, in)})
}

// carry hears of a boot that nothing proved: after one on a disk that has really
// forgotten something, so much may be lost at most.
func (t *truth) carry(b *board, bounds []ledger.Bound) {
	if !b.back {
		return
	}
	for _, bound := range bounds {
		t.carried[bound.Asset] += min(bound.Terminal, bound.Member*lot.Amount(len(t.w.people)))
	}
}

// beyond is somebody getting something that was not there. It is explained as
// far as the programme lets that be risked, and no further.
func (t *truth) beyond(at ledger.TerminalID, asset lot.Asset, n lot.Amount, says string) {
	if t.over[asset] += n; t.over[asset] > t.carried[asset] {
		t.w.Fail("spent-twice", "%s: %s; %d in all, %d are carried", at, says, t.over[asset], t.carried[asset])
	}
	t.w.Mark("carried")
}

// again is how much of a lot ended boards gave back, and may have spent once more.
func (t *truth) again(id lot.ID) (n lot.Amount) {
	for _, b := range t.w.boards {
		if b.over {
			n += t.lots.Back(b.id, id)
		}
	}
	return n
}

// gaveBack hears of points that HQ gave back for goods that a store without their
// receipt had taken back: once for each claim, whatever HQ forgets of it.
func (t *truth) gaveBack(claim lot.Origin, draws []lot.Draw) {
	if !t.settled[claim] {
		t.settled[claim] = true
		t.lots.Give(draws)
	}
}

// issuedByHQ is how much HQ issued of a lot.
func (t *truth) issuedByHQ(id lot.ID) lot.Amount {
	for _, h := range t.w.hqs() {
		if n, ok := h.Issued(id); ok {
			return n
		}
	}
	t.w.Fail("spent-from-nothing", "lot %s was never issued", id)
	return 0
}

// did hears of an action that the cashier was told is done.
func (t *truth) did(b *board, ref string, done clerk.Done) {
	if first, again := t.refs[ref]; again && first != done.Origin {
		t.w.Fail("done-twice", "%s: under reference %s both %s and %s were done", b.id, ref, first, done.Origin)
	}
	t.refs[ref] = done.Origin
	t.tell(b, done)
}

// usedUp hears that a voucher is gone. Of an ended board a person may have granted it anew.
func (t *truth) usedUp(b *board, id lot.ID, how string) {
	if t.vouchers[id]++; t.vouchers[id] > 1 && !t.w.late(id) {
		t.beyond(b.id, lot.BenefitAsset(""), 1, fmt.Sprintf("voucher %s was used up before and %s", id, how))
	}
}
