package simworld

import (
	"fmt"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
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
	lots     map[lot.ID]lot.Amount // as issued, on paper that somebody has
	spent    map[lot.ID]lot.Amount // what members really got for it, less what they brought back
	vouchers map[lot.ID]int        // handed out
	back     map[given]lot.Amount
	refs     map[string]lot.Origin
	settled  map[lot.Origin]bool      // claims of goods that came back
	over     map[lot.Asset]lot.Amount // what members got beyond what was issued
	carried  map[lot.Asset]lot.Amount // how much of that boots explain which really proved nothing
	sales    int
	story    []tale.Line
}

// given is a lot of which a board gave some back.
type given struct {
	at ledger.TerminalID
	of lot.ID
}

func newTruth(w *World) *truth {
	return &truth{
		w: w, lots: map[lot.ID]lot.Amount{}, spent: map[lot.ID]lot.Amount{}, vouchers: map[lot.ID]int{}, refs: map[string]lot.Origin{}, settled: map[lot.Origin]bool{},
		over: map[lot.Asset]lot.Amount{}, carried: map[lot.Asset]lot.Amount{}, back: map[given]lot.Amount{},
	}
}

// entry hears of every entry that ever came to a disk: what it gives was
// printed, so that it counts even if the disk forgets it.
func (t *truth) entry(b *board, r journal.Record) {
	e, err := ledger.Decode(r.Raw)
	t.w.Must("decode an entry", err)
	t.w.Mark(fmt.Sprintf("entry-%d", e.Body.Kind()))
	of := ledger.Origin(b.id, r.Head.Incarnation, r.Head.Seq)
	issue := func(n uint32, amount lot.Amount) { t.lots[lot.ID{Origin: of, N: n}] += amount }
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
		t.take(b, body.Draws)
	case *ledger.Return:
		t.gave(b, body.Back)
		for n, a := range body.Anew {
			t.spent[a.From] -= a.Amount
			issue(uint32(ledger.AnewFrom+n), a.Amount)
			t.lots[a.From] -= a.Amount
		}
		if body.Sale != nil {
			t.w.Mark("exchanged")
			t.sale(b, body.Sale, issue)
		}
	case *ledger.VoucherBack:
		t.gave(b, body.Back)
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
	t.take(b, s.Deduction.Draws)
	for _, p := range s.Deduction.Pool {
		t.w.Mark("pool-used")
		t.take(b, p.Draws)
	}
}

func (t *truth) once(b *board, once ledger.Once, issues []ledger.Issue, issue func(uint32, lot.Amount)) {
	if once.Claim {
		return
	}
	t.take(b, once.Quota)
	for n, i := range issues {
		issue(uint32(n), i.Amount)
	}
}

// take is a member getting something for points. Nobody can get more for a lot
// than was issued of it.
func (t *truth) take(b *board, draws []lot.Draw) {
	for _, d := range draws {
		if t.spent[d.Lot] += d.Amount; t.w.late(d.Lot) { // a person may have granted it anew
			continue
		}
		issued, known := t.lots[d.Lot]
		if !known {
			issued = t.issuedByHQ(d.Lot)
			t.lots[d.Lot] = issued
		}
		if over := min(t.spent[d.Lot]-issued, d.Amount); over > 0 {
			t.beyond(b, points, over, fmt.Sprintf("of lot %s members got things for %d, %d more than was issued", d.Lot, t.spent[d.Lot], over))
		}
	}
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
func (t *truth) beyond(b *board, asset lot.Asset, n lot.Amount, says string) {
	if t.over[asset] += n; t.over[asset] > t.carried[asset] {
		t.w.Fail("spent-twice", "%s: %s; %d in all, %d are carried", b.id, says, t.over[asset], t.carried[asset])
	}
	t.w.Mark("carried")
}

// gave hears of what a board gave back.
func (t *truth) gave(b *board, draws []lot.Draw) {
	t.give(draws)
	for _, d := range draws {
		t.back[given{b.id, d.Lot}] += d.Amount
	}
}

// again is how much of a lot ended boards gave back, and may have spent once more.
func (t *truth) again(id lot.ID) (n lot.Amount) {
	for _, b := range t.w.boards {
		if b.over {
			n += t.back[given{b.id, id}]
		}
	}
	return n
}

func (t *truth) give(draws []lot.Draw) {
	for _, d := range draws {
		t.spent[d.Lot] -= d.Amount
	}
}

// gaveBack hears of points that HQ gave back for goods that a store without their
// receipt had taken back: once for each claim, whatever HQ forgets of it.
func (t *truth) gaveBack(claim lot.Origin, draws []lot.Draw) {
	if !t.settled[claim] {
		t.settled[claim] = true
		t.give(draws)
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
		t.beyond(b, lot.BenefitAsset(""), 1, fmt.Sprintf("voucher %s was used up before and %s", id, how))
	}
}
