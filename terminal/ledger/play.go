package ledger

import (
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Play is one play of a game by a member: stake and prize in one entry (rule
// S20).
type Play struct {
	Member member.ID
	Proof  member.Proof
	Day    lot.Day
	Stake  Stake
}

// Fields lists the message's fields.
func (p *Play) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &p.Member)
	codec.Uint(c, 2, &p.Proof)
	codec.Int(c, 3, &p.Day)
	codec.Value(c, 4, &p.Stake)
}

// Kind is KindPlay.
func (*Play) Kind() Kind { return KindPlay }

// Critical is true: it spends and issues.
func (*Play) Critical() bool { return true }

// Stake is what a play took and what it gave. The number in the sealed batch
// decides the prize, whatever was bought; issue n of play i is lot number
// PrizeLot(i, n).
type Stake struct {
	Game   string
	Batch  string
	Number uint64     // of the ticket in its batch, from 0
	Asset  lot.Asset  // staked: points, or a ticket of the game
	Draws  []lot.Draw // none for a free play
	Prize  string     // id in the game's table, "" for none
	Issues []Issue
	Budget []lot.Draw // of what the programme set aside for the prize
	Quota  []lot.Draw // of plays a day
}

// Fields lists the message's fields.
func (s *Stake) Fields(c *codec.Coder) {
	codec.String(c, 1, &s.Game, TextBytesMax)
	codec.String(c, 2, &s.Batch, TextBytesMax)
	codec.Uint(c, 3, &s.Number)
	codec.String(c, 4, &s.Asset, lot.AssetBytesMax)
	codec.List(c, 5, &s.Draws, lot.HoldingsMax)
	codec.String(c, 6, &s.Prize, TextBytesMax)
	codec.List(c, 7, &s.Issues, PrizesMax)
	codec.List(c, 8, &s.Budget, lot.HoldingsMax)
	codec.List(c, 9, &s.Quota, lot.HoldingsMax)
}
