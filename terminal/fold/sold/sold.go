// Package sold is what a terminal remembers of a sale for its returns, and of a
// voucher: what was sold, earned, won and paid, and how much of each has come back. It counts, and
// decides nothing.
package sold

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Sale is what one terminal knows of a sale whose right of return it holds:
// what was sold and earned, what paid, and how much of it all has come back.
type Sale struct {
	Member      member.ID
	Day         lot.Day
	Incarnation ledger.Incarnation // that holds the right of return
	Lines       []Line
	Awards      []Award
	Paid        []count.Paid
	Refund      lot.Fen // money given back
	// Claimed is what was taken back of it here without its right of return.
	Claimed []ledger.ReturnLine
	Plays   []Play
}

// Fields lists the message's fields.
func (s *Sale) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Member)
	codec.Int(c, 2, &s.Day)
	codec.Fixed64(c, 3, &s.Incarnation)
	codec.List(c, 4, &s.Lines, ledger.LinesMax)
	codec.List(c, 5, &s.Awards, ledger.LinesMax)
	codec.List(c, 6, &s.Paid, lot.HoldingsMax)
	codec.Int(c, 7, &s.Refund)
	codec.List(c, 8, &s.Claimed, ledger.LinesMax)
	codec.List(c, 9, &s.Plays, ledger.PlaysMax)
}

// ClaimedOf is how much of a line was taken back here without its right of return.
func (s *Sale) ClaimedOf(line uint32) (n int64) {
	for _, l := range s.Claimed {
		if l.Line == line {
			n += l.Qty
		}
	}
	return n
}

// Line is one line of a sale.
type Line struct {
	Qty      int64
	Returned int64
}

// Fields lists the message's fields.
func (l *Line) Fields(c *codec.Coder) {
	codec.Int(c, 1, &l.Qty)
	codec.Int(c, 2, &l.Returned)
}

// Award is one award of a sale.
type Award struct {
	Amount lot.Amount
	Clawed lot.Amount // taken back or due
	Rule   string
	Base   lot.Amount // of Amount, what counts towards a tier
}

// Fields lists the message's fields.
func (a *Award) Fields(c *codec.Coder) {
	codec.Int(c, 1, &a.Amount)
	codec.Int(c, 2, &a.Clawed)
	codec.String(c, 3, &a.Rule, ledger.TextBytesMax)
	codec.Int(c, 4, &a.Base)
}

// Unqualified is how much of an award's base counts no more: in proportion, and
// all of it when all was taken back.
func (a Award) Unqualified() lot.Amount {
	n, err := lot.Ratio{Num: int64(a.Clawed), Den: int64(max(a.Amount, 1))}.Floor(int64(a.Base))
	if err != nil {
		return 0
	}
	return lot.Amount(n)
}

// Play is one play of a sale: what it gave and what it took of the member's.
// Prize m of play n is the lot with number ledger.PrizeLot(n, m).
type Play struct {
	Prizes []Prize
	Paid   []count.Paid
}

// Fields lists the message's fields.
func (p *Play) Fields(c *codec.Coder) {
	codec.List(c, 1, &p.Prizes, ledger.PrizesMax)
	codec.List(c, 2, &p.Paid, lot.HoldingsMax)
}

// Prize is one lot that a play gave.
type Prize struct {
	Asset  lot.Asset
	Amount lot.Amount
	Clawed lot.Amount // taken back or due
}

// Fields lists the message's fields.
func (p *Prize) Fields(c *codec.Coder) {
	codec.String(c, 1, &p.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &p.Amount)
	codec.Int(c, 3, &p.Clawed)
}

// Take counts so much of the lot with a number as taken back or due; play is the
// play's place in the sale. It is false if the play did not give as much.
func (p *Play) Take(play int, number uint32, n lot.Amount) bool {
	at := int64(number) - int64(ledger.PrizeLot(play, 0))
	if at < 0 || at >= int64(len(p.Prizes)) || n > p.Prizes[at].Amount-p.Prizes[at].Clawed {
		return false
	}
	p.Prizes[at].Clawed += n
	return true
}
