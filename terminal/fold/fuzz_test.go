package fold_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// FuzzApply reads its input as a list of things to do, right and wrong ones.
// What is refused must leave the table alone (tryRaw and tryDown look), what
// is taken must be readable again and add up (flush looks).
func FuzzApply(f *testing.F) {
	f.Add([]byte{0, 1, 1, 9, 200, 2, 5, 3, 4, 1, 5, 2, 6, 3, 7, 0, 8, 1})
	f.Add([]byte{0, 0, 1, 255, 1, 255, 5, 255, 5, 255, 10, 4, 1, 2, 3, 4})
	f.Add([]byte{0, 2, 9, 0, 5, 1, 0, 3, 5, 1, 2, 2, 2, 2, 4, 7})
	f.Fuzz(func(t *testing.T, program []byte) {
		b := newBench(t)
		p := &reader{program}
		for range 60 {
			if len(p.b) == 0 {
				break
			}
			b.step(p)
		}
		if diff := alike(b.table, b.replay(1<<30)); diff != "" {
			t.Errorf("folded again: %s", diff)
		}
	})
}

// reader hands out numbers; it gives zeros when there is nothing left.
type reader struct{ b []byte }

func (r *reader) next() uint64 {
	if len(r.b) == 0 {
		return 0
	}
	n := r.b[0]
	r.b = r.b[1:]
	return uint64(n)
}

// amount is small, or the most there may be.
func (r *reader) amount() lot.Amount {
	if n := r.next(); n != 255 {
		return lot.Amount(n) + 1
	}
	return lot.AmountMax
}

func (r *reader) member() member.ID { return member.ID(r.next() % 3) }

func (r *reader) lot() lot.ID {
	n := r.next()
	return lot.ID{Origin: lot.Origin{Terminal: uint32(here) * uint32(n&1), Incarnation: 1 + n>>1&1, Seq: n >> 2 & 7}, N: uint32(n >> 5)}
}

func (r *reader) draws() []lot.Draw {
	var out []lot.Draw
	for range r.next() % 4 {
		out = append(out, lot.Draw{Lot: r.lot(), Amount: r.amount()})
	}
	return out
}

func (b *bench) step(p *reader) {
	b.t.Helper()
	i := b.state.Head().Incarnation
	switch p.next() % 12 {
	case 0:
		parent := b.state.Head()
		if p.next()%5 == 0 {
			parent.Seq++
		}
		_, _ = b.try(ledger.Incarnation(p.next()%4), &ledger.Open{Parent: parent, Witness: ledger.Witness(p.next() % 2)})
	case 1:
		issue := ledger.Issue{Asset: []lot.Asset{points, green, ""}[p.next()%3], Amount: p.amount()}
		_, _ = b.try(i, &ledger.Sale{Member: p.member(), Awards: []ledger.Award{{Issue: issue}, {Issue: issue}}})
	case 2:
		_, _ = b.try(i, &ledger.Sale{Member: p.member(), Deduction: &ledger.Deduction{Asset: points, Draws: p.draws()}})
	case 3:
		body := redeem(p.draws())
		body.Member, body.Voucher.Amount = p.member(), p.amount()
		_, _ = b.try(i, body)
	case 4:
		_, _ = b.try(i, &ledger.VoucherUse{Member: p.member(), Voucher: p.lot(), Benefit: "tea-set"})
	case 5:
		id := p.lot()
		n := &lot.Note{ID: id.Origin, Terminal: uint32(here), Incarnation: 1 + p.next()%2, Ask: lot.AskID(p.next() % 3)}
		for range p.next() % 3 {
			l := lot.Lot{ID: id, Owner: p.member(), Asset: points}
			n.Holdings = append(n.Holdings, lot.Holding{Lot: l, Amount: p.amount() - 1})
		}
		_, _ = b.tryDown(ledger.Down{Terminal: here, Seq: b.state.Mark() + 1, Note: n})
	case 6:
		_, _ = b.try(i, &ledger.NoteGiven{Member: p.member(), Draws: p.draws()})
	case 7:
		_, _ = b.try(i, &ledger.AskGivenUp{Ask: lot.AskID(p.next() % 3)})
	case 8:
		_, _ = b.try(i, &ledger.Stop{})
	case 9:
		_, _ = b.tryDown(ledger.Down{Terminal: ledger.TerminalID(p.next()), Seq: ledger.DownSeq(p.next())})
	case 10:
		n := min(int(p.next()), len(p.b))
		_, _ = b.tryRaw(ledger.Incarnation(p.next()%4), p.b[:n])
	case 11:
		_, _ = b.try(ledger.Incarnation(p.next()%4), &ledger.Mark{})
	}
}
